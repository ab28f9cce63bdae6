"""Lists by name: what a filter asks of one of them, and why it cannot be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.texts import storable

# So large may what is kept as JSON be: values in all, and levels of lists and objects.
VALUES_MAX = 5_000
DEPTH_MAX = 30


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked of the list `target`, in the words of its own arguments in the schema.

    It is kept as it was given, so that it can be given to the list again.
    """

    target: str
    filter: Mapping[str, Any] | None = None
    search: str | None = None
    sort: Mapping[str, Any] | None = None


@dataclass(eq=False)
class UnknownList(Invalid):
    """There is no list of this name. `known` names those that there are."""

    target: str
    known: tuple[str, ...]
    message = "There is no list {target!r:.60}."


@dataclass(eq=False)
class UnfitFilter(Invalid):
    """The filter, the search or the order is none that the list has."""

    target: str
    reason: str
    message = "This does not fit the list {target}: {reason}"


@dataclass(eq=False)
class UnfitJson(Invalid):
    """A value is too large to be kept, too deep, or holds a text that cannot be stored."""

    values: int
    levels: int
    message = "This holds at most {values} values in {levels} levels, and only storable texts."


def check_json(given: Any) -> None:
    """Refuse what cannot be kept as JSON, or would take too long to look at.

    Raises:
        UnfitJson
    """
    todo, seen = [(given, 1)], 0
    while todo:
        value, depth = todo.pop()
        seen += 1
        is_text = isinstance(value, str)
        if seen > VALUES_MAX or depth > DEPTH_MAX or (is_text and storable(value) != value):
            raise UnfitJson(VALUES_MAX, DEPTH_MAX)
        if isinstance(value, Mapping):
            todo += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list | tuple):
            todo += [(each, depth + 1) for each in value]
