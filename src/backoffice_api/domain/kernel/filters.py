"""Filters as values: what a caller asks for, and how each context turns its words into SQL.

A filter is a small tree of tests. Which words there are, and on which column each one works, is
declared by the listing that is filtered; anything else cannot be asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, true

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money

PARTS_MAX = 50


class Operator(StrEnum):
    EQ = "eq"
    IN = "in"
    STARTS_WITH = "starts_with"
    GTE = "gte"
    GT = "gt"
    LTE = "lte"
    LT = "lt"
    IS_NULL = "is_null"


@dataclass(frozen=True, slots=True)
class Test:
    """One word of the filter, compared with one value (a tuple of values for IN)."""

    __test__ = False  # not a test of pytest

    word: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Filter"


Filter = Test | All | AnyOf | Not


@dataclass(eq=False)
class FilterTooLarge(Invalid):
    """A filter has more parts than can be answered at once."""

    maximum: int
    message = "A filter may have at most {maximum} parts."


class Word(Protocol):
    """How one word of a filter becomes a condition."""

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]: ...


@dataclass(frozen=True, slots=True, eq=False)
class On:
    """A word that tests a column of the listed table itself."""

    column: ColumnElement[Any]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        return _compare(self.column, operator, value)


@dataclass(frozen=True, slots=True, eq=False)
class OnMoney:
    """A word that tests an amount; it matches only rows in the currency of the value."""

    minor: ColumnElement[Any]
    currency: ColumnElement[Any]

    def __call__(self, operator: Operator, value: Money) -> ColumnElement[bool]:
        return and_(self.currency == value.currency, _compare(self.minor, operator, value.minor))


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """A word that holds if some row of another table passes: `id IN (SELECT owner …)`."""

    id: ColumnElement[Any]
    owner: ColumnElement[Any]
    column: ColumnElement[Any]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        return self.id.in_(select(self.owner).where(_compare(self.column, operator, value)))


@dataclass(frozen=True, slots=True, eq=False)
class Has:
    """A yes-or-no word: whether another table has a row for it that passes `where`."""

    id: ColumnElement[Any]
    owner: ColumnElement[Any]
    where: ColumnElement[bool]

    def __call__(self, operator: Operator, value: bool) -> ColumnElement[bool]:
        present = self.id.in_(select(self.owner).where(self.where))
        return present if value else not_(present)


def condition(filter: Filter, words: Mapping[str, Word]) -> ColumnElement[bool]:
    """The WHERE clause that `filter` stands for.

    Raises:
        FilterTooLarge: it has more than `PARTS_MAX` parts.
    """
    if sum(1 for _ in _parts(filter)) > PARTS_MAX:
        raise FilterTooLarge(PARTS_MAX)
    return _condition(filter, words)


def _condition(filter: Filter, words: Mapping[str, Word]) -> ColumnElement[bool]:
    match filter:
        case Test(word, operator, value):
            return words[word](operator, value)
        case All(parts):
            return and_(true(), *[_condition(part, words) for part in parts])
        case AnyOf(parts):
            return or_(false(), *[_condition(part, words) for part in parts])
        case Not(part):
            # A row without the value is not one that has it: NULL counts as "no" before NOT.
            return not_(func.coalesce(_condition(part, words), false()))


def _parts(filter: Filter) -> Iterator[Filter]:
    todo = [filter]
    while todo:
        part = todo.pop()
        yield part
        match part:
            case All(parts) | AnyOf(parts):
                todo += parts
            case Not(inner):
                todo.append(inner)


def _compare(column: ColumnElement[Any], operator: Operator, value: Any) -> ColumnElement[bool]:
    match operator:
        case Operator.EQ:
            return column == value
        case Operator.IN:
            return column.in_(value)
        case Operator.STARTS_WITH:
            return _starts_with(column, value)
        case Operator.GTE:
            return column >= value
        case Operator.GT:
            return column > value
        case Operator.LTE:
            return column <= value
        case Operator.LT:
            return column < value
        case Operator.IS_NULL:
            return column.is_(None) if value else column.is_not(None)


def _starts_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """As a range, which an index answers on both databases; LIKE would not on SQLite."""
    if not prefix:
        return column.is_not(None)
    last = ord(prefix[-1])
    if last >= 0x10FFFF:
        return column >= prefix
    # The surrogates are no characters: the next one after U+D7FF is U+E000.
    following = chr(0xE000 if last == 0xD7FF else last + 1)
    return and_(column >= prefix, column < prefix[:-1] + following)
