"""Patterns of people: regular expressions that cannot keep a server busy.

Python's engine goes back and forth, and may take exponential time. So only what cannot is let in:
no repetition inside a repetition, no look-around, no references back; at most two repetitions
without a small bound, and few small ones or choices. With a text of at most 300 characters that
is some ten million steps at worst.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from backoffice_api.domain.kernel.errors import Invalid

PATTERN_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 300
_BOUND_MAX = 20
# As many as two repetitions without a small bound come to, and a choice of two.
_WAYS_MAX = 200_000
_PLAIN = frozenset(
    {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT, codes.CATEGORY}
)
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})


@dataclass(eq=False)
class UnsafePattern(Invalid):
    """A pattern is no regular expression, or one that could take too long."""

    reason: str
    message = "The pattern cannot be used: {reason}."


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that could take long, whatever it is held against.

    Raises:
        UnsafePattern.
    """
    if len(pattern) > PATTERN_LENGTH_MAX:
        raise UnsafePattern(f"it has more than {PATTERN_LENGTH_MAX} characters")
    try:
        tree = parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise UnsafePattern("it is no regular expression") from None
    if _ways(tree, is_repeated=False) > _WAYS_MAX:
        raise UnsafePattern("its repetitions and choices can be tried in too many ways")


def matches(pattern: str, text: str) -> bool:
    """Whether a checked pattern occurs in the first characters of a text, capitals or not."""
    return _compiled(pattern).search(text[:TEXT_LENGTH_MAX]) is not None


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _ways(tree: Any, *, is_repeated: bool) -> int:
    """In how many ways a pattern can be tried at one place, at most.

    Raises:
        UnsafePattern: there is something that may take long.
    """
    found = 1
    for code, value in tree:
        if code in _PLAIN:
            continue
        if code in _REPEATS:
            if is_repeated:
                raise UnsafePattern("it repeats what is repeated")
            least, most, inner = value
            times = TEXT_LENGTH_MAX if most > _BOUND_MAX else most - least
            inside = _ways(inner, is_repeated=most > 1)
            found *= times * inside + (inside if least == most else 1)
        elif code is codes.SUBPATTERN:
            found *= _ways(value[-1], is_repeated=is_repeated)
        elif code is codes.BRANCH:
            if is_repeated:
                raise UnsafePattern("it repeats a choice")
            found *= sum(_ways(each, is_repeated=False) for each in value[1])
        else:
            raise UnsafePattern("it looks around or back")
    return found
