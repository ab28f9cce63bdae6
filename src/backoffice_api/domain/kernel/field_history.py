"""The history of one field of one record, found without reading through all that happened to it.

The log tells of each event which fields changed. This index beside it says in which events a
field did; the database keeps it by itself, with the log. What a record was made with is in its
first event, which needs no index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Select,
    Table,
    event,
    func,
    select,
    union_all,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.pages import Page, Position
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.tables import Id, line, metadata

PATH_LENGTH_MAX = 120
SORT_NAME = "field history desc"

event_fields = Table(
    "event_fields",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("path", line(PATH_LENGTH_MAX), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
)
event_fields.add_is_dependent_on(events)

# The first version is left out: it is found as the record's first event, and would be the most.
# A migration that makes the table runs the same statements, and FILL on the rows that there are.
KEPT_ON_SQLITE = (
    """\
CREATE TRIGGER events_note_fields AFTER INSERT ON events WHEN new.subject_version > 1 BEGIN
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT new.subject_id, substr(json_extract(value, '$.path'), 1, 120), new.sequence
FROM json_each(new.changes); END""",
)
KEPT_ON_POSTGRESQL = (
    """\
CREATE OR REPLACE FUNCTION note_event_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_fields (subject_id, path, sequence)
    SELECT DISTINCT subject_id, left(change ->> 'path', 120), sequence
    FROM added, jsonb_array_elements(added.changes) AS change
    WHERE subject_version > 1;
    RETURN NULL;
END $$""",
    """\
CREATE TRIGGER events_note_fields AFTER INSERT ON events REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION note_event_fields()""",
)
FILL_ON_SQLITE = """\
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT subject_id, substr(json_extract(value, '$.path'), 1, 120), sequence
FROM events, json_each(events.changes) WHERE subject_version > 1"""
FILL_ON_POSTGRESQL = """\
INSERT INTO event_fields (subject_id, path, sequence)
SELECT DISTINCT subject_id, left(change ->> 'path', 120), sequence
FROM events, jsonb_array_elements(events.changes) AS change WHERE subject_version > 1"""

for _dialect, _statements in (("sqlite", KEPT_ON_SQLITE), ("postgresql", KEPT_ON_POSTGRESQL)):
    for _text in _statements:
        _ddl = DDL(_text)  # type: ignore[no-untyped-call]
        event.listen(event_fields, "after_create", _ddl.execute_if(dialect=_dialect))


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """What one event did to a field. Personal values are masked, as they are in the log.

    `costs`: the values with what they hold of costs, where they do.
    """

    event: Logged
    before: Any
    after: Any
    costs: Mapping[str, Any] | None = None

    @property
    def occurred_at(self) -> datetime:
        return self.event.occurred_at


def field_history(
    db: Connection, subject_id: UUID, path: str, size: int, before: int | None = None
) -> Page[FieldEntry]:
    """Up to `size` entries of a field of a record, newest first. One statement.

    `before`: only those with a smaller sequence number.
    """
    rows = fetch(db, Logged, _statement(subject_id, path, size, before))
    entries = [
        FieldEntry(row, change["before"], change["after"], change.get("costs"))
        for row in rows
        for change in _changes(row, path)
    ]
    shown = entries[:size]
    positions = [Position(SORT_NAME, each.event.sequence, each.event.id) for each in shown]
    return Page(
        shown, positions, has_previous=before is not None, has_next=len(entries) > len(shown)
    )


def _statement(subject_id: UUID, path: str, size: int, before: int | None) -> Select[Any]:
    noted = select(event_fields.c.sequence).where(
        event_fields.c.subject_id == subject_id, event_fields.c.path == path[:PATH_LENGTH_MAX]
    )
    if before is not None:
        noted = noted.where(event_fields.c.sequence < before)
    newest = noted.order_by(event_fields.c.sequence.desc()).limit(size + 1).subquery()
    first = select(func.min(events.c.sequence)).where(events.c.subject_id == subject_id)
    # As a table to be joined: the events are then looked up by their numbers, and nothing else.
    numbers = union_all(select(newest.c.sequence), first).subquery()
    statement = select_as(Logged, events).where(events.c.sequence.in_(select(numbers.c.sequence)))
    if before is not None:
        statement = statement.where(events.c.sequence < before)
    return statement.order_by(events.c.sequence.desc())


def _changes(row: Logged, path: str) -> Sequence[Mapping[str, Any]]:
    return [change for change in row.changes if change["path"] == path][:1]


CHECKS: tuple[Check, ...] = (
    Check(
        "K1",
        "What the history of fields points at is an event of the same record.",
        select(event_fields.c.subject_id, event_fields.c.path, event_fields.c.sequence)
        .outerjoin(events, events.c.sequence == event_fields.c.sequence)
        .where(func.coalesce(events.c.subject_id != event_fields.c.subject_id, True)),
    ),
)
