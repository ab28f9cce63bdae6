"""Whether all answer the same: a figure for another answer says nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from bench.compare.contenders import POSTGRAPHILE, Contender

# Each server makes its own.
_OPAQUE = "endCursor"


class DifferentAnswersError(Exception):
    """A server answers something else than the product; the message says what."""


def check_equal(contender: Contender, workload: str, ours: Any, theirs: Any) -> None:
    """Compare two answers: but for cursors alike, or, by PostGraphile, about the same rows.

    Raises:
        DifferentAnswersError: they are not.
    """
    if contender is POSTGRAPHILE:
        left, right = Counter(_ids(ours)), Counter(_ids(theirs))
        difference: Any = (left - right) + (right - left)
    else:
        difference = list(_differences(ours, theirs, ""))
    if difference:
        raise DifferentAnswersError(f"{contender.title}, {workload}: {str(difference)[:500]}")


def _ids(value: Any) -> Iterator[UUID]:
    """Every id in an answer, as often as it is there."""
    if isinstance(value, dict):
        if id := value.get("id"):
            yield UUID(id.rpartition("_")[2])
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)


def _differences(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for name, value in ours.items():
            if name != _OPAQUE:
                yield from _differences(value, theirs[name], f"{path}.{name}")
    elif _are_lists(ours, theirs) and len(ours) == len(theirs):
        for position, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(*pair, f"{path}[{position}]")
    elif ours != theirs:
        yield f"{path}: {str(ours)[:80]} and {str(theirs)[:80]}"


def _are_lists(*values: Any) -> bool:
    types: Sequence[type] = [type(each) for each in values]
    return all(each is list for each in types)
