"""The cost of one operation: before it runs, by its variables, and after it, by its answer.

`pricing` says what is counted, and makes this of a document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits

ASSUMED_ITEMS = 10

# The position of the empty selection set, which leaves have.
NOTHING = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where one argument that sizes a field gets its value from."""

    argument: str
    field: str
    constant: int | None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """The items of the lists in an input: those in the document, and the variables with more."""

    written: int = 0
    variables: tuple[str, ...] = ()

    def count(self, variables: Mapping[str, Any]) -> int:
        """How many there are with these coerced variables."""
        return self.written + sum(items_in(variables.get(name)) for name in self.variables)


NO_LINES = Lines()


@dataclass(frozen=True, slots=True)
class Item:
    """One field that may cost something. `inner` is the position of its selection set."""

    name: str  # in the answer
    weight: int
    inner: int
    is_list: bool
    sources: tuple[Source, ...] = ()
    size: int | None = None  # where the sources give none; None: left to the enclosing page
    lines: Lines = NO_LINES


@dataclass(slots=True)
class Selection:
    """One selection set. What it spreads or contains lies at earlier positions."""

    items: list[Item]
    spreads: list[int]


@dataclass(frozen=True, slots=True)
class FieldPrice:
    """What one field of an operation costs: `count` times `weight`, and `lines` of its input.

    `path` has the names in the answer from the root. `total` is with all below the field.
    """

    path: tuple[str, ...]
    weight: int
    count: int
    lines: int
    total: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """`fixed`, and the cost of unsized lists: for one item each, and for the assumed number."""

    fixed: int
    per_item: int
    assumed: int


# What to look for in an object of an answer: name, weight, and the same of what is below.
_Looks = tuple[tuple[str, int, Any], ...]


class Cost:
    """The cost of an operation as a function of its coerced variables."""

    def __init__(self, selections: Sequence[Selection], root: int, limits: Limits) -> None:
        self._selections = selections
        self._root = root
        self._page = limits.page
        items = [item for selection in selections for item in selection.items]
        self._lines = tuple(item.lines for item in items if item.lines is not NO_LINES)
        varies = any(source.variable for item in items for source in item.sources)
        varies = varies or any(each.variables for each in self._lines)
        self._known = None if varies else self._try()

    def __call__(self, variables: Mapping[str, Any]) -> int:
        """The cost with these coerced variables.

        Raises RequestError BAD_USER_INPUT where a page size is negative or above the limit.
        """
        if isinstance(self._known, int):
            return self._known
        if self._known is not None:
            raise self._known.with_traceback(None)
        return self._count(variables)

    def of_answer(self, data: Mapping[str, Any], variables: Mapping[str, Any]) -> int:
        """What an answer really holds, counted as the price counts: sizes are those of its lists.

        Only what has a price is looked at, so that this costs little beside making the answer.
        """
        lines = sum(each.count(variables) for each in self._lines) if self._lines else 0
        return lines + _held(data, self._looks)

    def fields(self, variables: Mapping[str, Any]) -> Iterator[FieldPrice]:
        """The cost of each field that has one, in the order of the document. They add up to it."""
        return self._fields((), self._root, 1, None, variables)

    def _fields(
        self,
        path: tuple[str, ...],
        position: int,
        times: int,
        page: int | None,
        variables: Mapping[str, Any],
    ) -> Iterator[FieldPrice]:
        for item in self._selections[position].items:
            here, count = (*path, item.name), times
            size = self._size(item, variables)
            if item.is_list:
                sizes = (size, page, ASSUMED_ITEMS)
                count *= next(each for each in sizes if each is not None)
                size = None
            lines = item.lines.count(variables)
            below = list(self._fields(here, item.inner, count, size, variables))
            own = item.weight * count + lines
            inner = sum(each.total for each in below if len(each.path) == len(here) + 1)
            yield FieldPrice(here, item.weight, count, lines, own + inner)
            yield from below
        for spread in self._selections[position].spreads:
            yield from self._fields(path, spread, times, page, variables)

    @cached_property
    def _looks(self) -> _Looks:
        return self._look([self._root])

    def _look(self, positions: Iterable[int]) -> _Looks:
        """What several selection sets of one object look for, merged by name as answers are."""
        waiting, seen = list(positions), set[int]()
        found: dict[str, tuple[int, list[int]]] = {}
        while waiting:
            position = waiting.pop()
            if position in seen:
                continue
            seen.add(position)
            waiting += self._selections[position].spreads
            for item in self._selections[position].items:
                weight, inner = found.get(item.name, (0, []))
                found[item.name] = (max(weight, item.weight), [*inner, item.inner])
        looks = ((name, weight, self._look(inner)) for name, (weight, inner) in found.items())
        return tuple(each for each in looks if each[1] or each[2])

    def _try(self) -> int | RequestError:
        try:
            return self._count({})
        except RequestError as error:
            return error

    def _count(self, variables: Mapping[str, Any]) -> int:
        sums: list[_Sum] = []
        for selection in self._selections:
            sums.append(self._sum(selection, sums, variables))
        root = sums[self._root]
        return root.fixed + root.assumed

    def _sum(
        self, selection: Selection, sums: Sequence[_Sum], variables: Mapping[str, Any]
    ) -> _Sum:
        fixed, per_item, assumed = 0, 0, 0
        for position in selection.spreads:
            fixed += sums[position].fixed
            per_item += sums[position].per_item
            assumed += sums[position].assumed
        for item in selection.items:
            inner = sums[item.inner]
            size = self._size(item, variables)
            fixed += item.lines.count(variables)
            if not item.is_list:
                lists = inner.assumed if size is None else size * inner.per_item
                fixed += item.weight + inner.fixed + lists
                continue
            one = item.weight + inner.fixed + inner.assumed
            if size is None:
                per_item += one
                assumed += ASSUMED_ITEMS * one
            else:
                fixed += size * one
        return _Sum(fixed, per_item, assumed)

    def _size(self, item: Item, variables: Mapping[str, Any]) -> int | None:
        sizes = [size for source in item.sources for size in self._read(source, variables)]
        return max(sizes, default=item.size)

    def _read(self, source: Source, variables: Mapping[str, Any]) -> Iterator[int]:
        value: Any = source.constant
        if source.variable is not None:
            value = variables.get(source.variable, source.constant)
        if isinstance(value, list | tuple):
            value = len(value)
        if not isinstance(value, int):
            return
        if not 0 <= value <= self._page:
            raise RequestError(
                ErrorCode.BAD_USER_INPUT,
                f"Argument '{source.argument}' of '{source.field}' must be from 0 to {self._page}.",
                extensions={
                    "argument": source.argument,
                    "limit": {"name": "page", "value": self._page},
                },
            )
        yield value


def items_in(value: Any) -> int:
    """How many items the lists in an input have, those within others too."""
    if isinstance(value, list | tuple):
        return len(value) + sum(map(items_in, value))
    if isinstance(value, dict):
        return sum(map(items_in, value.values()))
    return 0


def _held(answer: Mapping[str, Any], looks: _Looks) -> int:
    held = 0
    for name, weight, below in looks:
        value = answer.get(name)
        if isinstance(value, list):
            held += weight * len(value)
            if below:
                held += sum(_held(each, below) for each in value if isinstance(each, dict))
        elif value is not None:
            held += weight
            if below:
                held += _held(value, below)
    return held
