"""How documents get their numbers: series that have no gaps.

A number is drawn by one UPDATE inside the transaction that makes the document, as late as it can
be. A transaction that fails gives its number back, since its UPDATE is rolled back with it. The
price is that two documents of one series are made one after the other, from the draw to the
commit.

Each context that numbers documents has a table of series of its own, made of `series_columns` and
of what tells one series from another: the kind of the document, who issues it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Table,
    Update,
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.schema import SchemaItem

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.tables import aggregate_columns, line
from backoffice_api.domain.kernel.uow import UnitOfWork

PREFIX_LENGTH_MAX = 20
# Numbers have at most 15 digits, so that no series ever comes near the end of 64 bits.
SERIAL_MAX = 10**15 - 1


@dataclass(frozen=True, slots=True)
class DrawnNumber:
    """`serial` is its place in the series, `text` what people see."""

    serial: int
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a series is: the serial of its next document, and how many were passed over."""

    number_next: int
    numbers_skipped: int

    def moved_to(self, number_next: int) -> "Progress":
        """The same series, going on at a later number."""
        passed_over = number_next - self.number_next
        return Progress(number_next, self.numbers_skipped + passed_over)


@dataclass(eq=False)
class SeriesPrefixEndsInDigit(Invalid):
    """A prefix that ends in a digit would let two numbers look the same: 1 + 23, 12 + 3."""

    message = "A prefix does not end in a digit."


def series_columns() -> tuple[SchemaItem, ...]:
    """What each table of series has besides what tells one series from another."""
    return (
        *aggregate_columns(),
        Column("prefix", line(PREFIX_LENGTH_MAX), nullable=False),
        # The serial of the next document. Only ever grows.
        Column("number_next", BigInteger, nullable=False),
        # How many serials below it were passed over, as other systems had used them.
        Column("numbers_skipped", BigInteger, nullable=False),
        CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name="numbers_skipped_below_next",
        ),
    )


def draw(
    uow: UnitOfWork, table: Table, key: Mapping[str, Any], *, prefix: str, digits: int = 0
) -> DrawnNumber:
    """The next number of the series that has the values `key`. Call it last: see above.

    `prefix`: of the series, if it has to be made first. `digits`: zeros are put before shorter
    serials.
    """
    statement, given = _draw(table, frozenset(key)), _given(key)
    drawn = uow.db.execute(statement, given).one_or_none()
    if drawn is None:
        make(uow, table, key, prefix=prefix)
        drawn = uow.db.execute(statement, given).one()
    return DrawnNumber(drawn.serial, f"{drawn.prefix}{drawn.serial:0{max(digits, 1)}}")


def make(uow: UnitOfWork, table: Table, key: Mapping[str, Any], *, prefix: str) -> None:
    """Make the series that has the values `key`, if there is none yet. It begins with 1."""
    row = {
        "id": uow.new_id(),
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
        "prefix": prefix,
        "number_next": 1,
        "numbers_skipped": 0,
        **key,
    }
    insert_or_ignore(uow.db, table, row)


def progress(uow: UnitOfWork, table: Table, key: Mapping[str, Any]) -> Progress:
    """How far the series is that has the values `key`; nobody draws from it until the end."""
    statement = select(table.c.number_next, table.c.numbers_skipped).where(_of(table, key))
    return Progress(*uow.db.execute(statement.with_for_update(), _given(key)).one())


@cache
def _draw(table: Table, names: frozenset[str]) -> Update:
    return (
        update(table)
        .where(_of(table, names))
        .values(number_next=table.c.number_next + 1)
        .returning(table.c.prefix, (table.c.number_next - 1).label("serial"))
    )


def _of(table: Table, names: Mapping[str, Any] | frozenset[str]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == bindparam(f"of_{name}") for name in sorted(names)))


def _given(key: Mapping[str, Any]) -> Mapping[str, Any]:
    return {f"of_{name}": value for name, value in key.items()}
