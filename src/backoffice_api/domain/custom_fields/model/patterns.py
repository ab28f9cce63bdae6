"""Patterns that texts must match: regular expressions that cannot be made to take for ever.

Python's `re` goes back and tries again, so that `(a+)+b` takes time exponential in the length of
the text, and the pattern comes from outside. Here a pattern becomes a machine with a bounded
number of states, all of which are walked at once (K. Thompson, CACM 11:6, 1968): the time is at
most states times characters. What needs going back (groups that are referred to, looking ahead
or behind) cannot be written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from backoffice_api.domain.kernel.errors import Invalid

PATTERN_LENGTH_MAX = 200
STATES_MAX = 500
_NESTING_MAX = 20
_LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]

_DIGITS: Ranges = ((0x30, 0x39),)
_WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES: Ranges = ((0x09, 0x0D), (0x20, 0x20))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_CONTROLS = {"n": "\n", "t": "\t"}
_SPECIAL = frozenset("\\^$.|?*+()[]{}-/")


@dataclass(eq=False)
class InvalidPattern(Invalid):
    """A pattern cannot be read, or would need more states than are allowed."""

    reason: str
    message = "This is no pattern that can be used: {reason}."


@dataclass(frozen=True, slots=True)
class _One:
    """One character out of ranges of code points."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class _Series:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Either:
    ways: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Repeated:
    """`least` to `most` times; None: without end."""

    part: "_Node"
    least: int
    most: int | None


_Node = _One | _Series | _Either | _Repeated


class Pattern:
    """A pattern that whole texts match or do not.

    Raises:
        InvalidPattern: it cannot be read, or needs more than `STATES_MAX` states.
    """

    def __init__(self, text: str) -> None:
        # A state takes a character and leads on, or takes none and leads to two others.
        self._takes: list[Ranges | None] = []
        self._leads: list[tuple[int, ...]] = []
        self._end = self._state(None, ())
        self._start = self._build(_Reader(text).read(), self._end)

    def matches(self, text: str) -> bool:
        """Whether all of `text` is such a text. At most `STATES_MAX` steps a character."""
        present = self._closure({self._start})
        for character in map(ord, text):
            following = {
                self._leads[state][0]
                for state in present
                if (ranges := self._takes[state]) is not None
                and any(low <= character <= high for low, high in ranges)
            }
            if not following:
                return False
            present = self._closure(following)
        return self._end in present

    def _closure(self, states: set[int]) -> set[int]:
        """These states and all that are reached from them without a character."""
        seen, waiting = set(states), list(states)
        while waiting:
            state = waiting.pop()
            if self._takes[state] is None:
                fresh = [each for each in self._leads[state] if each not in seen]
                seen.update(fresh)
                waiting += fresh
        return seen

    def _state(self, takes: Ranges | None, leads: tuple[int, ...]) -> int:
        if len(self._takes) >= STATES_MAX:
            raise InvalidPattern(f"it needs more than {STATES_MAX} states")
        self._takes.append(takes)
        self._leads.append(leads)
        return len(self._takes) - 1

    def _build(self, node: _Node, then: int) -> int:
        """The state in which a machine for `node` begins that goes on with `then`."""
        match node:
            case _One(ranges):
                return self._state(ranges, (then,))
            case _Series(parts):
                for part in reversed(parts):
                    then = self._build(part, then)
                return then
            case _Either(ways):
                return self._state(None, tuple(self._build(way, then) for way in ways))
            case _Repeated(part, least, most):
                return self._repeat(part, least, most, then)

    def _repeat(self, part: _Node, least: int, most: int | None, then: int) -> int:
        if most is None:
            again = self._state(None, ())
            self._leads[again] = (self._build(part, again), then)
            start = again
        else:
            start = then
            for _ in range(most - least):
                start = self._state(None, (self._build(part, start), then))
        for _ in range(least):
            start = self._build(part, start)
        return start


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > PATTERN_LENGTH_MAX:
            raise InvalidPattern(f"it has more than {PATTERN_LENGTH_MAX} characters")
        # Whole texts are matched, so what says so adds nothing.
        self._text = text.removeprefix("^")
        if self._text.endswith("$") and not self._text.endswith("\\$"):
            self._text = self._text[:-1]
        self._place = 0
        self._depth = 0

    def read(self) -> _Node:
        node = self._either()
        if self._next():
            raise InvalidPattern("a bracket is closed that was not opened")
        return node

    def _next(self) -> str:
        """The next character, which is not taken. Empty: the end."""
        return self._text[self._place : self._place + 1]

    def _take(self) -> str:
        if not (found := self._next()):
            raise InvalidPattern("it ends too early")
        self._place += 1
        return found

    def _skip(self, text: str) -> bool:
        """Take `text` if it comes next. Whether it did."""
        found = self._text.startswith(text, self._place)
        self._place += len(text) if found else 0
        return found

    def _either(self) -> _Node:
        ways = [self._series()]
        while self._skip("|"):
            ways.append(self._series())
        return ways[0] if len(ways) == 1 else _Either(tuple(ways))

    def _series(self) -> _Node:
        parts: list[_Node] = []
        while (following := self._next()) and following not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Series(tuple(parts))

    def _repeated(self, part: _Node) -> _Node:
        for sign, least, most in (("?", 0, 1), ("*", 0, None), ("+", 1, None)):
            if self._skip(sign):
                return self._once_only(_Repeated(part, least, most))
        if not self._skip("{"):
            return part
        least = self._number()
        most = least
        if self._skip(","):
            most = self._number() if self._next() != "}" else None
        if not self._skip("}") or (most is not None and most < least):
            raise InvalidPattern("a repetition is written {2}, {2,} or {2,5}")
        return self._once_only(_Repeated(part, least, most))

    def _once_only(self, node: _Node) -> _Node:
        if self._next() and self._next() in "?*+{":
            raise InvalidPattern("two repetitions follow one another")
        return node

    def _number(self) -> int:
        digits = ""
        while self._next() and self._next() in "0123456789":
            digits += self._take()
        if not digits or len(digits) > 3:
            raise InvalidPattern("a repetition has one to three digits")
        return int(digits)

    def _atom(self) -> _Node:
        match self._take():
            case "(":
                return self._group()
            case "[":
                return _One(self._class())
            case ".":
                return _One(_others(((0x0A, 0x0A),)))
            case "\\":
                return _One(self._escaped())
            case "?" | "*" | "+" | "{":
                raise InvalidPattern("there is nothing to repeat")
            case "^" | "$" | "]" | "}" as sign:
                raise InvalidPattern(f"{sign} stands for itself only as \\{sign}")
            case character:
                return _One(_just(character))

    def _group(self) -> _Node:
        if not self._skip("?:") and self._next() == "?":
            raise InvalidPattern("looking ahead or behind and named groups are not possible")
        self._depth += 1
        if self._depth > _NESTING_MAX:
            raise InvalidPattern(f"brackets are nested more than {_NESTING_MAX} deep")
        node = self._either()
        if not self._skip(")"):
            raise InvalidPattern("a bracket is not closed")
        self._depth -= 1
        return node

    def _class(self) -> Ranges:
        is_negated = self._skip("^")
        ranges: list[tuple[int, int]] = []
        while not self._skip("]"):
            ranges += self._members()
        if not ranges:
            raise InvalidPattern("a class has no members")
        return _others(tuple(ranges)) if is_negated else tuple(ranges)

    def _members(self) -> Iterator[tuple[int, int]]:
        first = self._escaped() if (sign := self._take()) == "\\" else _just(sign)
        following = self._text[self._place : self._place + 2]
        if not following.startswith("-") or following == "-]":
            yield from first
            return
        self._take()
        last = self._escaped() if (sign := self._take()) == "\\" else _just(sign)
        low, high = first[0][0], last[-1][1]
        if len(first) > 1 or len(last) > 1 or low > high:
            raise InvalidPattern("a range goes from a character to a later one")
        yield low, high

    def _escaped(self) -> Ranges:
        sign = self._take()
        if sign.lower() in _CLASSES:
            ranges = _CLASSES[sign.lower()]
            return ranges if sign.islower() else _others(ranges)
        if sign in _CONTROLS:
            return _just(_CONTROLS[sign])
        if sign not in _SPECIAL:
            raise InvalidPattern(f"\\{sign} means nothing here")
        return _just(sign)


def _just(character: str) -> Ranges:
    return ((ord(character), ord(character)),)


def _others(ranges: Ranges) -> Ranges:
    """All code points but these."""
    found, start = [], 0
    for low, high in sorted(ranges):
        if start < low:
            found.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        found.append((start, _LAST))
    return tuple(found)


@cache
def _known(text: str) -> Pattern:
    return Pattern(text)


def matches(pattern: str, text: str) -> bool:
    """Whether all of `text` matches `pattern`.

    Raises:
        InvalidPattern: the pattern cannot be read.
    """
    return _known(pattern).matches(text)
