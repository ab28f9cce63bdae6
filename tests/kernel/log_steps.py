"""What the tests of the log write and read."""

from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from sqlalchemy import Connection, text

from backoffice_api.domain.kernel import events, log
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import FEED_PAGE_MAX
from backoffice_api.domain.kernel.ids import IdSource

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
SETTLING_TIME_MAX_S = 30
ID = UUID(int=1)
new_id = IdSource()


def row(**columns: object) -> dict[str, object]:
    """A row for the log, of no interest but for `columns`."""
    return {
        "id": new_id(),
        "type": "thing.made",
        "subject_kind": "thg",
        "subject_id": ID,
        "subject_version": 1,
        "actor_kind": "system",
        "actor_id": None,
        "command": "MakeThing",
        "request_id": "",
        "occurred_at": NOW,
        "reason": None,
        "reference": None,
        "changes": [],
        "data": {},
        **columns,
    }


def has_written(db: Connection) -> None:
    """Let the transaction have its id, as one has that has changed a row."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_current_xact_id()"))


def record(db: Connection, *texts: str) -> None:
    events.record(db, [row(reference=each) for each in texts])


def references(database: Database) -> list[str | None]:
    """What a reader of the feed sees now."""
    with database.reading.connect() as db:
        return [each.reference for each in log.feed(db, 0, FEED_PAGE_MAX, None).rows]


def settled_references(database: Database, count: int) -> list[str | None]:
    """What a reader of the feed sees as soon as it is so many.

    Transactions of the whole server hold an event back, those of other tests too.
    """
    deadline = monotonic() + SETTLING_TIME_MAX_S
    while len(seen := references(database)) < count and monotonic() < deadline:
        pass
    return seen
