"""From statements to frozen rows: the one place where the database's answers become values.

A batch query is declared, not written: which shape, keyed by which column, in which order. Its
fields name the columns that are read, so nothing is fetched that the shape does not hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from itertools import islice
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Select,
    Table,
    UnaryExpression,
    any_,
    bindparam,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.tables import Id

T = TypeVar("T")
K = TypeVar("K")

# A statement takes no more than 32,766 values on SQLite, 65,535 on PostgreSQL.
KEYS_MAX = 10_000

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


def in_parts(keys: Iterable[K]) -> Iterator[tuple[K, ...]]:
    """`keys` in their order, at most `KEYS_MAX` at a time; nothing if there are none."""
    given = iter(keys)
    while part := tuple(islice(given, KEYS_MAX)):
        yield part


def insert_or_ignore(db: Connection, table: Table, *rows: Mapping[str, Any]) -> int:
    """Insert those rows whose keys are not taken yet. How many those were."""
    if not rows:
        return 0
    return made.write(db, _insert_or_ignore(table, db.dialect.name), *rows)


@cache
def _insert_or_ignore(table: Table, dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


Named = Callable[[ColumnElement[Any], str], ColumnElement[bool]]
"""That a column is one of the values of a name, which are given when the statement is run."""


class Reading:
    """A SELECT that is made once for each database, and run with any number of values.

    variants = Reading(lambda named: select(levels.c.id).where(named(levels.c.lot_id, "lots")))
    rows = variants(db, lots=[...])
    """

    def __init__(self, build: Callable[[Named], Select[Any]]) -> None:
        self._made = cache(lambda dialect: build(partial(_one_of, dialect=dialect)))

    def __call__(self, db: Connection, **values: Iterable[Any]) -> list[tuple[Any, ...]]:
        given = {name: list(each) for name, each in values.items()}
        return made.read(db, self._made(db.dialect.name), **given)


def _one_of(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql" and isinstance(column.type, Id):
        # One text for any number of keys. Not for texts: the cast to the array's type cuts them.
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


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
        statement = _statement(self, db.dialect.name)
        return {
            row[0]: self.shape(*row[1:])
            for part in in_parts(keys)
            for row in made.read(db, statement, keys=part)
        }


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
        statement = _statement(self, db.dialect.name)
        found: dict[K, list[T]] = {}
        for part in in_parts(keys):
            for row in made.read(db, statement, keys=part):
                found.setdefault(row[0], []).append(self.shape(*row[1:]))
        return found


@cache
def _statement(query: OnePer[Any, Any] | ManyPer[Any, Any], dialect: str) -> Select[Any]:
    """The statement of a batch query, made once; its keys are given when it is run."""
    columns = columns_of(query.shape, query.source)
    given = _one_of(query.key, "keys", dialect)
    statement = select(query.key, *columns).where(*query.where, given)
    return statement.order_by(*query.order) if isinstance(query, ManyPer) else statement


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
