"""A person in every table there is: made of the tables themselves, so that none is forgotten.

Constraints are taken away first: the rows only have to be there, and to lead to the person.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Enum,
    LargeBinary,
    Numeric,
    String,
    Table,
    Text,
    cast,
    select,
    text,
)

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.custom_fields.tables import definitions
from backoffice_api.domain.custom_fields.tables import values as custom_values
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.personal import (
    Erasing,
    PersonalClass,
    class_of,
    erasing_of,
    personal_columns,
)
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.payments.model.refunds import RefundStatus
from backoffice_api.domain.privacy.queries.registry import Place, of_anybody, places

# In every planted value. The person is called by it, and reached under it.
TOKEN = "zuleika4711"
EMAIL = f"{TOKEN}@example.com"
THEN = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)

# Matters that have ended, so that they hold nothing back.
ENDED: Mapping[str, Mapping[str, Any]] = {
    "returns": {"closed_at": THEN},
    "disputes": {"closed_at": THEN},
    "refunds": {"status": RefundStatus.SUCCEEDED},
    "receivables": {"open_minor": 0},
}


def take_constraints_away(database: Database) -> None:
    """Let rows be added that nothing else fits to."""
    if database.dialect == "sqlite":
        return
    statement = text(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE contype IN ('c', 'f') AND conrelid > 0 AND connamespace = 'public'::regnamespace"
    )
    with database.writing.begin() as db:
        for table, name in db.execute(statement).all():
            db.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))


@contextmanager
def lawless(database: Database) -> Iterator[Connection]:
    """A transaction in which neither foreign keys nor checks are asked."""
    with database.writing.connect() as db:
        _obey(db, False)
        with db.begin():
            if db.dialect.name == "postgresql":
                db.execute(text("SET LOCAL session_replication_role = replica"))
            yield db
        _obey(db, True)


def _obey(db: Connection, obeyed: bool) -> None:
    """Have SQLite ask foreign keys and checks, or not. It can only be told between transactions."""
    if db.dialect.name == "sqlite":
        driver = db.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA foreign_keys={int(obeyed)}")
        driver.execute(f"PRAGMA ignore_check_constraints={int(not obeyed)}")


def plant(db: Connection) -> UUID:
    """A row in every place, leading to one customer, full of the token. The customer's id."""
    made: dict[str, UUID] = {}
    definition = {**_row(definitions, {}), "is_personal": True}
    db.execute(definitions.insert(), [definition])
    for place in places():
        for row in _rows_of(place, made, definition["id"]):
            made.setdefault(place.name, row.get("id", uuid4()))
            db.execute(place.table.insert(), [row])
    for table in of_anybody():
        if "kept" not in table.info:
            db.execute(table.insert(), [_row(table, {})])
    return made["customers"]


def found(db: Connection, needle: str = TOKEN) -> list[str]:
    """Where the needle is, in any column of texts, bytes or structured data of any table."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary) and not isinstance(column.type, Id)
        if any(needle in value.lower() for value in _texts(db, column))
    ]


def _texts(db: Connection, column: Column[Any]) -> list[str]:
    if isinstance(column.type, LargeBinary):
        return [
            bytes(each).decode("latin-1") for each in db.execute(select(column)).scalars() if each
        ]
    return [each for each in db.execute(select(cast(column, Text))).scalars() if each]


def _rows_of(
    place: Place, made: Mapping[str, UUID], definition_id: UUID
) -> Iterator[Mapping[str, Any]]:
    """One row per way that leads on; customers have one without."""
    if not place.ways:
        yield _row(place.table, {"email": EMAIL, "email_key": EMAIL, "name": f"Zuleika {TOKEN}"})
    for way in place.ways:
        if way.of is None:
            parent = made["orders"] if way.to is None else made[way.to.name]
            given = {way.column.name: parent}
            if place.table is custom_values:
                given["definition_id"] = definition_id
            yield _row(place.table, given)


def _row(table: Table, given: Mapping[str, Any]) -> Mapping[str, Any]:
    marked = {
        each.name
        for each in personal_columns(table)
        if erasing_of(each) is not Erasing.STAYS and class_of(each) is not PersonalClass.STAFF
    }
    given = {**ENDED.get(table.name, {}), **given}
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.computed is not None:
            continue
        if column.name in given:
            row[column.name] = given[column.name]
        elif column.name in marked:
            row[column.name] = _planted(table, column)
        elif not column.nullable or column.name == "id":
            row[column.name] = _filler(column)
    if table.name == "custom_field_values":
        row.pop("long_text")
    return row


def _planted(table: Table, column: Column[Any]) -> Any:
    value = f"{EMAIL} {uuid4().hex[:6]}"
    if table.name == "events" and column.name == "changes":
        return [{"path": "note", "before": value, "after": None}]
    if isinstance(column.type, JSON):
        return {"name": value, "lines": [value], "count": 3}
    if isinstance(column.type, LargeBinary):
        return value.encode()
    length = getattr(column.type, "length", None)
    return value if length is None or length >= len(value) else TOKEN[:length]


def _filler(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Id):
        return uuid4()
    if isinstance(kind, Enum):
        return kind.enums[0] if kind.enum_class is None else next(iter(kind.enum_class))
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, LargeBinary):
        return uuid4().bytes
    if isinstance(kind, String):
        return uuid4().hex[: kind.length or 32]
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Instant):
        return THEN
    if isinstance(kind, Date):
        return date(2001, 2, 3)
    if isinstance(kind, Numeric):
        return 1
    return uuid4().int % 1_000_000
