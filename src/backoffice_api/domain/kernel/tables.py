"""Column types and shapes that every table shares.

One `metadata` holds every table; constraint names follow one convention, so that a migration can
name what it changes on both databases.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Enum,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CODE_LENGTH_MAX = 80
NAME_LENGTH_MAX = 250
TEXT_LENGTH_MAX = 20_000


_Processor = Callable[[Any], Any]

# Made once: each keeps what SQLAlchemy finds out about it for a database.
_UUID, _BYTES = Uuid(), LargeBinary(16)


class Id(TypeDecorator[UUID]):
    """An id in 16 bytes: `uuid` on PostgreSQL, a BLOB on SQLite."""

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[UUID]:
        return UUID

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_UUID if _is_postgresql(dialect) else _BYTES)

    # Whole processors, since one is called for every value of every row: PostgreSQL needs none.

    def bind_processor(self, dialect: Dialect) -> _Processor | None:
        return None if _is_postgresql(dialect) else _bytes_of

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor | None:
        return None if _is_postgresql(dialect) else _id_of


def line(length: int = NAME_LENGTH_MAX) -> String:
    """Text of at most `length` characters that sorts and starts-with alike on both databases.

    By code point: "C" is what SQLite does, and what lets an index of PostgreSQL find a prefix.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, on databases that keep time zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def bind_processor(self, dialect: Dialect) -> _Processor | None:
        return None if _is_postgresql(dialect) else _utc_text

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor | None:
        return _in_utc if _is_postgresql(dialect) else _from_utc_text


# Structured data without a table of its own. Compact, indexable JSON on PostgreSQL.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# SQLite numbers rows by itself only in a column of its own INTEGER type.
Serial = BigInteger().with_variant(Integer(), "sqlite")


def _is_postgresql(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


def _bytes_of(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _id_of(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


def _utc_text(value: datetime | None) -> str | None:
    """As SQLAlchemy keeps a time on SQLite, which sorts: 2025-03-01 09:30:00.000000."""
    return (
        None
        if value is None
        else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    )


def _from_utc_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def choice(
    name: str,
    choices: type[StrEnum],
    *,
    nullable: bool = False,
    default: StrEnum | None = None,
    primary_key: bool = False,
) -> Column[Any]:
    """A text column that holds one value of `choices`, with a CHECK in the database.

    `default`: what the database gives a row that names none, as those that were there before.
    """
    kind = Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
        values_callable=lambda kinds: [each.value for each in kinds],
    )
    server_default = None if default is None else default.value
    return Column(
        name, kind, nullable=nullable, server_default=server_default, primary_key=primary_key
    )


def aggregate_columns() -> tuple[Column[Any], ...]:
    """What each aggregate has: id, version (grows by one with each change), two times in UTC."""
    return (
        Column("id", Id, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
    )


def currency_column(name: str = "currency", *, nullable: bool = False) -> Column[Any]:
    return Column(name, String(3), nullable=nullable)


def at_least_zero(*columns: str) -> tuple[CheckConstraint, ...]:
    return tuple(CheckConstraint(f"{name} >= 0", name=f"{name}_not_negative") for name in columns)


def sorted_by(*columns: str) -> Index:
    """The index behind one way of sorting: the columns, then the id that breaks ties."""
    return Index(None, *columns, "id")
