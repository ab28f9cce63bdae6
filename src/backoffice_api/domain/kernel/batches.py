"""Writing many rows at once, as fast as the database takes them.

`UpdateEach` changes many rows, each by values of its own, with one statement. `insert_many` adds
thousands of rows, for imports and for what comes in bulk; what is few goes through SQLAlchemy.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Table,
    Update,
    bindparam,
    column,
    func,
)
from sqlalchemy.types import TypeEngine

from backoffice_api.domain.kernel import made

# From how many rows on COPY is faster than INSERT, even over a slow network.
_COPIED_MIN = 100

# Gives the expression that stands for a value of each row, by its name.
Given = Callable[[str], ColumnElement[Any]]


class UpdateEach:
    """An UPDATE that is run for each of many rows of values.

    `build` makes the statement from expressions for the values, whose names and types are `kinds`.
    PostgreSQL gets all rows as arrays, in one round trip and one plan; SQLite, where a statement
    costs no trip, takes them one by one.

        raise_prices = UpdateEach(
            lambda given: update(prices)
            .where(prices.c.id == given("id"))
            .values(price_micro=prices.c.price_micro + given("more")),
            id=Id(),
            more=BigInteger(),
        )
        changed = raise_prices(db, [{"id": id, "more": 10}, ...])

    PostgreSQL locks the rows in no particular order: lock them before, in a sorted one, where
    others change the same rows.
    """

    def __init__(self, build: Callable[[Given], Update], **kinds: TypeEngine[Any]) -> None:
        self._kinds = kinds
        self._one_by_one = cache(lambda: build(lambda name: bindparam(f"given_{name}")))
        self._all_at_once = cache(lambda: build(self._from_arrays()))

    def __call__(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many rows were changed. Each row of values should match at most one."""
        if not rows:
            return 0
        if db.dialect.name == "postgresql":
            arrays = {f"given_{name}": [row[name] for row in rows] for name in self._kinds}
            return made.write(db, self._all_at_once(), arrays)
        given = [{f"given_{name}": row[name] for name in self._kinds} for row in rows]
        return made.write(db, self._one_by_one(), *given)

    def _from_arrays(self) -> Given:
        arrays = [
            bindparam(f"given_{name}", type_=ARRAY(kind)) for name, kind in self._kinds.items()
        ]
        columns = [column(name, kind) for name, kind in self._kinds.items()]
        table = func.unnest(*arrays).table_valued(*columns).render_derived("given")
        return lambda name: table.c[name]


def insert_many(db: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows that are given column by column, all of the same length.

    The same object is encoded once, however often it repeats; PostgreSQL takes many rows by COPY,
    which listeners of SQLAlchemy do not hear of. All constraints hold as ever. Columns that are
    not named get what the database gives them.

    Raises:
        DBAPIError: as any INSERT.
    """
    if db.dialect.name == "postgresql":
        _insert_on_postgresql(db, table, columns)
        return
    # No text of a caller goes in here: these are names of our own tables and columns.
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608  # nosec B608
    if rows := _encoded_rows(db, table, columns):
        db.exec_driver_sql(statement, rows)


@cache
def insert_into(table: Table) -> Insert:
    """An INSERT of all columns that are given when it is run. Made once."""
    return table.insert()


def _insert_on_postgresql(
    db: Connection, table: Table, columns: Mapping[str, Sequence[Any]]
) -> None:
    """By COPY, or, since that takes a round trip more, by INSERT where there are only few."""
    count = len(next(iter(columns.values())))
    if count >= _COPIED_MIN:
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        made.copy(db, statement, _encoded_rows(db, table, columns))
    elif rows := [
        dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
    ]:
        made.add(db, insert_into(table), *rows)


def _encoded_rows(
    db: Connection, table: Table, columns: Mapping[str, Sequence[Any]]
) -> Sequence[tuple[Any, ...]]:
    encoded = [_encoded(table.c[name].type, db.dialect, each) for name, each in columns.items()]
    return list(zip(*encoded, strict=True))


def _encoded(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """The values as the driver takes them."""
    encode = kind.dialect_impl(dialect).bind_processor(dialect)
    if encode is None:
        return values
    # Told apart by identity: comparing ids and times would take longer than encoding them.
    numbers = list(map(id, values))
    known = {
        number: encode(each) for number, each in dict(zip(numbers, values, strict=True)).items()
    }
    return [known[number] for number in numbers]
