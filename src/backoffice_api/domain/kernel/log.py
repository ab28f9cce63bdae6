"""What can be asked of the event log: one subject's timeline, everything in order, the feed."""

from sqlalchemy import Connection

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
