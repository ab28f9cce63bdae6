"""The event log: every change of every aggregate, once, in the transaction that made it.

Audit trail, timeline, feed and webhooks are views of this one table. Rows are never changed.

Readers who follow the log must not miss an event, though transactions commit in another order
than they draw their sequence numbers. On SQLite there is one writer, so the orders are the same.
On PostgreSQL each event also notes `horizon`, above all transactions that had begun to write when
its number was drawn: once these have ended, no smaller number can still appear (ADR 0004). The
server counts the transactions of all its databases together, so a long one in any of them holds
the feed back for as long.
"""

from collections.abc import Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from itertools import repeat
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Sequence,
    String,
    Table,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.event import listen

from backoffice_api.domain.kernel import ids, made, personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.shapes import Values, as_dict, values_of
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    Serial,
    line,
    metadata,
)

FEED_PAGE_MAX = 1_000
REASON_LENGTH_MAX = 1_000
KEY_LENGTH_MAX = 200

# Stands in the log for a personal value: the log is kept for years and is never rewritten.
MASKED = "(personal)"

# Stands for what things cost the shop, where anybody reads who may read the log. The value lies
# beside it, for those who may see costs. Rows and events mark such fields: `field(metadata=COST)`.
HIDDEN = "(cost)"
COST: Mapping[str, bool] = MappingProxyType({"cost": True})
COSTS = "_costs"

# What JSON keeps as it is. Not what is derived from them, as choices are from str.
_PLAIN = frozenset({type(None), bool, int, str})

# What holds nothing else, so no costs either.
_WHOLE = _PLAIN | {UUID, datetime, date}

_NOTHING = repeat(None)

# Fields that say nothing about what changed.
_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at"})

events = Table(
    "events",
    metadata,
    Column("sequence", Serial, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("type", line(80), nullable=False),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Column("command", String(80), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("reason", String(REASON_LENGTH_MAX), info=personal.CONTENT),
    Column("reference", String(REASON_LENGTH_MAX), info=personal.CONTENT),
    # Of the caller, under which the command was given again and did nothing.
    Column("idempotency_key", String(KEY_LENGTH_MAX), info=personal.CONTENT),
    Column("changes", Json, nullable=False, info=personal.CONTENT),
    Column("data", Json, nullable=False, info=personal.CONTENT),
    Column("horizon", BigInteger),
    Index(None, "subject_id", "sequence"),
    Index(None, "type", "sequence"),
    Index(None, "occurred_at", "sequence"),
    info=personal.of("subject_id"),
)
forbid_changes(events)

# Numbers are drawn from a sequence where several writers work at the same time.
event_sequence = Sequence("event_sequence", metadata=metadata)

# Draws numbers, and a horizon above the ids of all transactions that may have drawn smaller ones.
# Whoever draws has an id of its own first. What a snapshot calls `xmax` is no such horizon: it is
# above the ended transactions only, not above all that run. So a subtransaction takes an id, the
# newest there is, and ends at once; then `xmax` is above it, and so above all that came before.
# The logical message is the cheapest way to take an id; being rolled back, nobody receives it.
DRAWING_ON_POSTGRESQL = """\
CREATE OR REPLACE FUNCTION draw_event_numbers(wanted integer, OUT numbers bigint[],
    OUT horizon bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    numbers := ARRAY(SELECT nextval('event_sequence') FROM generate_series(1, wanted));
    BEGIN
        PERFORM pg_logical_emit_message(true, 'event_horizon', '');
        RAISE SQLSTATE 'EVENT';
    EXCEPTION WHEN SQLSTATE 'EVENT' THEN
        NULL;
    END;
    horizon := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
END $$"""
_ddl = DDL(DRAWING_ON_POSTGRESQL)  # type: ignore[no-untyped-call]
listen(events, "after_create", _ddl.execute_if(dialect="postgresql"))


# Statements that every command runs are made once: that takes longer than to run them.
_INSERT = events.insert()
_LAST = select(func.coalesce(func.max(events.c.sequence), 0))
_DRAW = text("SELECT numbers, horizon FROM draw_event_numbers(:count)")


class Event:
    """A fact, named in the past tense. Subclasses are frozen dataclasses: `OrderPlaced`.

    Their first two fields are `id` and `version` of the subject, the others are facts that a
    reader of the log may need. `type` is the name on the wire, `subject` the prefix of the
    subject's id, `summary` one sentence for people, with the fields as placeholders.
    """

    type: ClassVar[str]
    subject: ClassVar[str]
    summary: ClassVar[str]
    id: UUID
    version: int

    @property
    def subject_kind(self) -> str:
        """Prefix of the subject's id: `subject`, but of events that things of any kind may have."""
        return self.subject

    def __str__(self) -> str:
        return self.summary.format(**as_dict(self))


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it goes into the log: with what it changed."""

    event: Event
    changes: Rows[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command did, or would do: the type of the event, its subject, one sentence."""

    kind: str
    subject: str
    summary: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log. `changes` has one entry per field: path, before, after."""

    sequence: int
    id: UUID
    type: str
    subject_kind: str
    subject_id: UUID
    subject_version: int
    actor_kind: str
    actor_id: UUID | None
    command: str
    request_id: str
    occurred_at: datetime
    reason: str | None
    reference: str | None
    idempotency_key: str | None
    changes: Rows[Mapping[str, Any]]
    data: Mapping[str, Any]


def tell(event: Event, before: Any, after: Any) -> Told:
    """The event with the differences between two rows of the same shape."""
    return Told(event, differences(before, after))


def differences(before: Any, after: Any) -> Rows[Mapping[str, Any]]:
    """One entry per field that differs. Fields marked `personal` show only that they changed."""
    row = after if after is not None else before
    if row is None:
        return ()
    shape: Any = row.__class__
    marked, values = _telling(shape)
    # A row that is not there has no values.
    olds = _NOTHING if before is None else values(before)
    news = _NOTHING if after is None else values(after)
    found: list[Mapping[str, Any]] = []
    for (name, is_personal, is_cost), old, new in zip(marked, olds, news, strict=False):
        if old is new or old == new:
            continue
        if type(old) in _PLAIN and type(new) in _PLAIN and not is_personal and not is_cost:
            found.append({"path": name, "before": old, "after": new})
        # As JSON keeps them: the database gives a list back where a tuple was put in.
        elif plain(old) != plain(new):
            found.append(change(name, old, new, personal=is_personal, cost=is_cost))
    return found


def change(
    path: str, before: Any, after: Any, *, personal: bool = False, cost: bool = False
) -> Mapping[str, Any]:
    """What one field was and is, as the log keeps it. A personal one shows only that it changed.

    A cost, or one within the value, shows only to those who may see costs: `costs` has the values
    with it, where there is any.
    """
    if personal:
        return {"path": path, "before": _masked(before), "after": _masked(after)}
    entry = {"path": path, "before": _open(before, cost), "after": _open(after, cost)}
    if not cost and type(before) in _WHOLE and type(after) in _WHOLE:
        return entry
    full = {"before": plain(before), "after": plain(after)}
    if full["before"] != entry["before"] or full["after"] != entry["after"]:
        entry["costs"] = full
    return entry


def facts_of(event: Event) -> Mapping[str, Any]:
    """The facts of an event besides its subject, as the log keeps them.

    Costs stand apart, under `COSTS`.
    """
    facts: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    kind: Any = type(event)
    for name, _, cost in _marked(kind):
        if name in ("id", "version"):
            continue
        value = getattr(event, name)
        if type(value) in _PLAIN and not cost:
            facts[name] = value
            continue
        facts[name] = _open(value, cost)
        if (cost or type(value) not in _WHOLE) and (full := plain(value)) != facts[name]:
            costs[name] = full
    return {**facts, COSTS: costs} if costs else facts


def effect(event: Event) -> Effect:
    return Effect(event.type, ids.text(event.subject_kind, event.id), str(event))


def record(db: Connection, rows: Rows[Mapping[str, Any]]) -> None:
    """Append to the log, in the order given. To be called last in the transaction.

    Rows hold all columns but `sequence` and `horizon`.
    """
    numbers, horizon = _draw(db, len(rows))
    numbered = [
        {"sequence": number, "horizon": horizon, **row}
        for number, row in zip(numbers, rows, strict=True)
    ]
    made.add(db, _INSERT, *numbered)


def plain(value: Any) -> Any:
    """`value` as JSON keeps it: ids as hexadecimal digits, moments in RFC 3339."""
    kind = type(value)
    if kind in _PLAIN:  # most are
        return value
    if isinstance(value, UUID):
        return value.hex
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list() | frozenset() | set():
            return [plain(each) for each in value]
        case None | bool() | int() | str():
            return value
        case _ if is_dataclass(kind):
            return {name: plain(getattr(value, name)) for name, _, _ in _marked(kind)}
        case _:
            return str(value)


@cache
def _telling(shape: Any) -> tuple[Rows[tuple[str, bool, bool]], Values]:
    """The fields that say what changed, and what gives their values."""
    marked = [each for each in _marked(shape) if each[0] not in _BOOKKEEPING]
    return marked, values_of(*(name for name, _, _ in marked))


@cache
def _marked(shape: type[Any]) -> Rows[tuple[str, bool, bool]]:
    """The fields of a dataclass: name, whether it is personal, whether it is a cost."""
    return [
        (each.name, "personal" in each.metadata, "cost" in each.metadata) for each in fields(shape)
    ]


def settled(db: Connection) -> ColumnElement[bool]:
    """What a reader who follows the feed may see already: see the head of this file."""
    if db.dialect.name != "postgresql":
        return true()
    # Walked backwards along the primary key, it ends after the few newest rows.
    under_way: ColumnElement[int] = literal_column(
        "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
    )
    last = (
        select(events.c.sequence)
        .where(events.c.horizon <= under_way)
        .order_by(events.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    return events.c.sequence <= last


def _draw(db: Connection, count: int) -> tuple[Rows[int], int | None]:
    """Sequence numbers above all that were drawn before, and the horizon that goes with them."""
    if db.dialect.name == "postgresql":
        ((numbers, horizon),) = made.read(db, _DRAW, count=count)
        return sorted(numbers), horizon
    ((last,),) = made.read(db, _LAST)
    return range(last + 1, last + 1 + count), None


def _masked(value: Any) -> Any:
    return None if value is None else MASKED


def _open(value: Any, is_cost: bool) -> Any:
    """`value` as `plain` has it, with what it holds of costs hidden."""
    if is_cost:
        return None if value is None else HIDDEN
    kind = type(value)
    if kind in _WHOLE:
        return plain(value)
    match value:
        case tuple() | list():
            return [_open(each, False) for each in value]
        case _ if is_dataclass(kind):
            return {name: _open(getattr(value, name), cost) for name, _, cost in _marked(kind)}
        case _:
            return plain(value)
