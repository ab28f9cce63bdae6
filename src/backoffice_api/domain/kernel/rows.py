"""From statements to frozen rows: the one place where the database's answers become values.

A batch query is declared, not written: which shape, keyed by which column, in which order. Its
fields name the columns that are read, so nothing is fetched that the shape does not hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Select, UnaryExpression, select

T = TypeVar("T")
K = TypeVar("K")

Order = ColumnElement[Any] | UnaryExpression[Any]


def columns_of(shape: type[Any], source: FromClause) -> list[ColumnElement[Any]]:
    """The columns of `source` that the fields of `shape` name, in their order."""
    return [source.c[each.name] for each in fields(shape)]


def select_as(shape: type[Any], source: FromClause) -> Select[Any]:
    """SELECT exactly the columns that the fields of `shape` name."""
    return select(*columns_of(shape, source))


def fetch(db: Connection, shape: type[T], statement: Select[Any]) -> list[T]:
    """Rows of `statement` as instances of `shape`, in the order of the statement."""
    return [shape(*row) for row in db.execute(statement)]


def among(column: ColumnElement[Any], keys: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of `keys`."""
    return column.in_(tuple(keys))


@dataclass(frozen=True, slots=True, eq=False)
class OnePer(Generic[K, T]):
    """A batch query that answers each key with one row or none.

    Called with a connection and keys; answers a mapping that lacks the keys without a row.
    """

    shape: type[T]
    source: FromClause
    key: ColumnElement[Any]
    where: tuple[ColumnElement[bool], ...] = ()

    def __call__(self, db: Connection, keys: Iterable[K]) -> Mapping[K, T]:
        wanted = tuple(keys)
        if not wanted:
            return {}
        columns = columns_of(self.shape, self.source)
        statement = select(self.key, *columns).where(among(self.key, wanted), *self.where)
        return {row[0]: self.shape(*row[1:]) for row in db.execute(statement)}


@dataclass(frozen=True, slots=True, eq=False)
class ManyPer(Generic[K, T]):
    """A batch query that answers each key with its rows, in a stated order.

    Called with a connection and keys; answers a mapping that lacks the keys without rows. For
    lists that are bounded by a rule of the domain; longer ones are a `Listing`.
    """

    shape: type[T]
    source: FromClause
    key: ColumnElement[Any]
    order: tuple[Order, ...]
    where: tuple[ColumnElement[bool], ...] = ()

    def __call__(self, db: Connection, keys: Iterable[K]) -> Mapping[K, Sequence[T]]:
        wanted = tuple(keys)
        if not wanted:
            return {}
        columns = columns_of(self.shape, self.source)
        statement = (
            select(self.key, *columns)
            .where(among(self.key, wanted), *self.where)
            .order_by(*self.order)
        )
        found: dict[K, list[T]] = {}
        for row in db.execute(statement):
            found.setdefault(row[0], []).append(self.shape(*row[1:]))
        return found


def one_per(
    shape: type[T], source: FromClause, key: ColumnElement[Any], *where: ColumnElement[bool]
) -> OnePer[Any, T]:
    return OnePer(shape, source, key, where)


def many_per(
    shape: type[T],
    source: FromClause,
    key: ColumnElement[Any],
    *order: Order,
    where: tuple[ColumnElement[bool], ...] = (),
) -> ManyPer[Any, T]:
    return ManyPer(shape, source, key, order, where)
