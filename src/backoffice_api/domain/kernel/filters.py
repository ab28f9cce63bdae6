"""Filters as values: what a caller asks for, and how each context turns its words into SQL.

A filter is a small tree of tests. Which words there are, and on which column each one works, is
declared by the listing that is filtered; anything else cannot be asked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, and_, false, func, literal, not_, or_, select, true

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money

PARTS_MAX = 50
VALUES_MAX = 250


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
class Keyed:
    """The value of a test on one of many things of a kind: which one, compared with what."""

    key: str
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


@dataclass(eq=False)
class TooManyValues(Invalid):
    """A filter compares one word with more values than can be answered at once."""

    maximum: int
    message = "A filter may compare with at most {maximum} values."


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
class OnKey:
    """A word that tests a column of keys: `key` makes of a value what is compared with them."""

    column: ColumnElement[Any]
    key: Callable[[str], str]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        match value:
            case str():
                value = self.key(value)
            case tuple():
                value = tuple(self.key(each) for each in value)
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
    """A word that holds if some row of another table passes: `id IN (SELECT owner …)`.

    "Is null" holds if there is no row with a value. `key` makes of a value what is compared with
    a column of keys.
    """

    id: Column[Any]
    owner: ColumnElement[Any]
    column: ColumnElement[Any]
    key: Callable[[str], str] | None = None

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        if operator is not Operator.IS_NULL:
            if self.key:
                passes = OnKey(self.column, self.key)(operator, value)
                return self.id.in_(select(self.owner).where(passes))
            return self.id.in_(select(self.owner).where(_compare(self.column, operator, value)))
        rows = select(literal(1)).where(self.owner == self.id, self.column.is_not(None))
        has_value = rows.correlate(self.id.table).exists()
        return not_(has_value) if value else has_value


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """A yes-or-no word: whether a column has a value."""

    column: ColumnElement[Any]

    def __call__(self, operator: Operator, value: bool) -> ColumnElement[bool]:
        return self.column.is_not(None) if value else self.column.is_(None)


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
        TooManyValues: a word is compared with more than `VALUES_MAX` values.
    """
    for number, part in enumerate(_parts(filter), start=1):
        if number > PARTS_MAX:
            raise FilterTooLarge(PARTS_MAX)
        values = part.value if isinstance(part, Test) else ()
        values = values.value if isinstance(values, Keyed) else values
        if isinstance(values, tuple) and len(values) > VALUES_MAX:
            raise TooManyValues(VALUES_MAX)
    return _condition(filter, words)


def words_in(filter: Filter) -> frozenset[str]:
    """The words that `filter` tests, however deep."""
    return frozenset(part.word for part in _parts(filter) if isinstance(part, Test))


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
    return _COMPARISONS[operator](column, value)


def _starts_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """As a range, which an index answers on both databases; LIKE would not on SQLite."""
    # Nothing follows the last character there is; what follows the one before it does.
    raised = prefix.rstrip("\U0010ffff")
    if not raised:
        return column >= prefix
    last = ord(raised[-1])
    # The surrogates are no characters: the next one after U+D7FF is U+E000.
    following = chr(0xE000 if last == 0xD7FF else last + 1)
    return and_(column >= prefix, column < raised[:-1] + following)


_COMPARISONS: Mapping[Operator, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    Operator.EQ: lambda column, value: column == value,
    Operator.IN: lambda column, value: column.in_(value),
    Operator.STARTS_WITH: _starts_with,
    Operator.GTE: lambda column, value: column >= value,
    Operator.GT: lambda column, value: column > value,
    Operator.LTE: lambda column, value: column <= value,
    Operator.LT: lambda column, value: column < value,
    Operator.IS_NULL: lambda column, value: column.is_(None) if value else column.is_not(None),
}
