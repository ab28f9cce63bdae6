"""What can be asked of the event log: one subject's timeline, everything in order, the feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import FEED_PAGE_MAX, Logged, events, settled
from backoffice_api.domain.kernel.filters import Filter, On, condition
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import Page, Position
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as


class EventSort(Choice):
    """By what a list of events is sorted."""

    SEQUENCE = "sequence", "The order in which they were written."


logged_by_ids = one_per(Logged, events, events.c.id)

event_list = Listing(
    Logged,
    events,
    sorts={EventSort.SEQUENCE: events.c.sequence},
    words={
        "type": On(events.c.type),
        "subject_id": On(events.c.subject_id),
        "occurred_at": On(events.c.occurred_at),
    },
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are looked for: all that is given must hold. None: any.

    `types` may be a few more than are wanted in the end.
    """

    types: tuple[str, ...] | None = None
    subject_kinds: frozenset[str] | None = None
    subject_ids: frozenset[UUID] | None = None


SORT_NAME = "events sequence asc"


def feed(db: Connection, after: int, size: int, filter: Filter | None) -> Page[Logged]:
    """Up to `size` events with a sequence number above `after`, in order.

    Who asks again with the number of the last one misses nothing, however many are written at
    the same time. Numbers may have gaps; they never come late.
    """
    statement = select_as(Logged, events).where(events.c.sequence > after, settled(db))
    if filter:
        statement = statement.where(condition(filter, event_list.words))
    size = min(size, FEED_PAGE_MAX)
    rows = fetch(db, Logged, statement.order_by(events.c.sequence).limit(size + 1))
    shown = rows[:size]
    positions = [Position(SORT_NAME, row.sequence, row.id) for row in shown]
    return Page(shown, positions, has_previous=after > 0, has_next=len(rows) > size)


def news(db: Connection, after: int, size: int) -> Sequence[Logged]:
    """Up to `size` settled events with a sequence number above `after`, in order."""
    statement = select_as(Logged, events).where(events.c.sequence > after, settled(db))
    return fetch(db, Logged, statement.order_by(events.c.sequence).limit(size))


def passage(
    db: Connection, after: int, through: int, size: int, wanted: Wanted
) -> Sequence[Logged]:
    """Up to `size` events above `after` and up to `through` that are wanted, in order.

    All up to `through` must be settled. What it reads is bounded by how far these lie apart.
    """
    row = events.c
    statement = select_as(Logged, events).where(row.sequence > after, row.sequence <= through)
    if wanted.types is not None:
        statement = statement.where(row.type.in_(wanted.types))
    if wanted.subject_kinds is not None:
        statement = statement.where(row.subject_kind.in_(wanted.subject_kinds))
    if wanted.subject_ids is not None:
        statement = statement.where(row.subject_id.in_(wanted.subject_ids))
    return fetch(db, Logged, statement.order_by(row.sequence).limit(size))


def seen(db: Connection, sequences: Sequence[int]) -> frozenset[int]:
    """Those of the sequence numbers whose events can be read through this connection."""
    statement = select(events.c.sequence).where(events.c.sequence.in_(sequences))
    return frozenset(db.execute(statement).scalars())


def settled_head(db: Connection) -> int:
    """The last sequence number that whoever follows the log may see. 0: there is none."""
    head: int = db.execute(
        select(func.coalesce(func.max(events.c.sequence), 0)).where(settled(db))
    ).scalar_one()
    return head


def head(db: Connection) -> int:
    """The last sequence number that was committed, settled or not. 0: there is none."""
    last: int = db.execute(_HEAD).scalar_one()
    return last


_HEAD = select(func.coalesce(func.max(events.c.sequence), 0))
