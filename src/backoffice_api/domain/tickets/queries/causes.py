"""What has happened that may open tickets: read from the log, and from what is still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from backoffice_api.domain.banking.model.lines import LineState, StatementLine
from backoffice_api.domain.banking.tables.statements import statement_lines
from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.queries import orders_by_ids
from backoffice_api.domain.payments.model.refunds import ON_ITS_WAY, Refund, RefundStatus
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.tickets.model.acts import Subject
from backoffice_api.domain.tickets.model.rules import (
    LATE,
    TRIED_MAX,
    Happened,
    TicketCause,
)
from backoffice_api.domain.tickets.tables.desk import ticket_openings
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind

_EXCEPTION, _FAILED = "tracking.exception", "refund.failed"

# The types of events, as the log has them, that tickets may be opened for.
TOLD = (_EXCEPTION, _FAILED)
_TYPES: Mapping[TicketCause, str] = {
    TicketCause.LATE_PARCEL: _EXCEPTION,
    TicketCause.PARCEL_EXCEPTION: _EXCEPTION,
    TicketCause.REFUND_FAILED: _FAILED,
}
_FRESH = (LineState.IMPORTED, LineState.SUGGESTED)
_ENDED = (RefundStatus.FAILED, RefundStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Window:
    """What fell due after `after`, up to `until`, so many days after it began."""

    after: datetime
    until: datetime
    days: int

    @property
    def first(self) -> datetime:
        return self.after - timedelta(days=self.days)

    @property
    def last(self) -> datetime:
        return self.until - timedelta(days=self.days)


def told_of(db: Connection, told: Sequence[Logged]) -> Sequence[Happened]:
    """What events of the types `TOLD` say that may open tickets. One statement."""
    wanted = {id for each in told if (id := _id(each.data, "order_id"))}
    orders = orders_by_ids(db, wanted) if wanted else {}
    return [_of_event(each, orders) for each in told]


def told_since(db: Connection, cause: TicketCause, since: datetime) -> Sequence[Happened]:
    """What the log tells of a cause since then, oldest first, at most `TRIED_MAX` and one."""
    type_ = _TYPES.get(cause)
    if type_ is None:
        return ()
    row = events.c
    begins = (
        select(row.sequence)
        .where(row.occurred_at >= since)
        .order_by(row.occurred_at, row.sequence)
        .limit(1)
    )
    first = db.execute(begins).scalar()
    if first is None:
        return ()
    statement = (
        select_as(Logged, events)
        .where(row.type == type_, row.sequence >= first)
        .order_by(row.sequence)
        .limit(TRIED_MAX + 1)
    )
    return [each for each in told_of(db, fetch(db, Logged, statement)) if each.cause is cause]


def overdue(db: Connection, cause: TicketCause, window: Window, limit: int) -> Sequence[Happened]:
    """What fell due in the window, is open still, and was seen by no rule; oldest first."""
    if cause is TicketCause.REFUND_OVERDUE:
        row = refunds.c
        waiting = _due_refunds(window).where(row.status.in_(sorted(ON_ITS_WAY)))
        return _refunds(db, _unseen(waiting, cause, row.id), window, limit)
    row = statement_lines.c
    return _lines(db, _unseen(_due_lines(window), cause, row.id), window, limit)


def was_overdue(db: Connection, cause: TicketCause, window: Window) -> Sequence[Happened]:
    """What fell due in the window, whatever became of it since; at most `TRIED_MAX` and one.

    Of payments into the bank only those that nobody has explained since.
    """
    if cause is TicketCause.UNMATCHED_PAYMENT:
        return _lines(db, _due_lines(window), window, TRIED_MAX + 1)
    found = fetch(db, Refund, _due_refunds(window).limit(TRIED_MAX + 1))
    late = timedelta(days=window.days)
    open_then = [each for each in found if _ended_at(each) > each.created_at + late]
    return _of_refunds(db, open_then, window)


def _ended_at(refund: Refund) -> datetime:
    """When a refund was paid or given up; far away: it is neither."""
    if refund.settled_at is not None:
        return refund.settled_at
    return refund.updated_at if refund.status in _ENDED else datetime.max.replace(tzinfo=UTC)


def _due_refunds(window: Window) -> Select[Any]:
    row = refunds.c
    return (
        select_as(Refund, refunds)
        .where(row.created_at > window.first, row.created_at <= window.last)
        .order_by(row.created_at, row.id)
    )


def _due_lines(window: Window) -> Select[Any]:
    row = statement_lines.c
    return (
        select_as(StatementLine, statement_lines)
        .where(
            row.state.in_(_FRESH),
            row.amount_minor > 0,
            row.booked_on > window.first.date(),
            row.booked_on <= window.last.date(),
        )
        .order_by(row.booked_on, row.id)
    )


def _unseen(statement: Select[Any], cause: TicketCause, id: Any) -> Select[Any]:
    row = ticket_openings.c
    known = select(row.id).where(row.subject_id == id, row.cause == cause)
    return statement.where(~known.exists())


def _refunds(
    db: Connection, statement: Select[Any], window: Window, limit: int
) -> Sequence[Happened]:
    return _of_refunds(db, fetch(db, Refund, statement.limit(limit)), window)


def _of_refunds(db: Connection, found: Sequence[Refund], window: Window) -> Sequence[Happened]:
    orders = orders_by_ids(db, {each.order_id for each in found}) if found else {}
    return [
        Happened(
            cause=TicketCause.REFUND_OVERDUE,
            subject=Subject("rfd", each.id),
            occurred_at=each.created_at + timedelta(days=window.days),
            title=f"Refund {each.number} is overdue: {each.amount}",
            text=f"Refund {each.number} of {each.amount} was asked for on "
            f"{each.created_at.date().isoformat()} and is not paid back after "
            f"{window.days} days.",
            order_id=each.order_id,
            customer_id=orders[each.order_id].customer_id,
        )
        for each in found
    ]


def _lines(
    db: Connection, statement: Select[Any], window: Window, limit: int
) -> Sequence[Happened]:
    return [
        Happened(
            cause=TicketCause.UNMATCHED_PAYMENT,
            subject=Subject("stl", each.id),
            occurred_at=datetime.combine(each.booked_on, time(), UTC) + timedelta(days=window.days),
            title=f"Nobody knows for what {_amount(each)} came in on {each.booked_on}",
            text=f"{_amount(each)} came into the bank on {each.booked_on} and is not matched "
            f"with anything after {window.days} days.",
        )
        for each in fetch(db, StatementLine, statement.limit(limit))
    ]


def _amount(line: StatementLine) -> Money:
    return Money(line.amount_minor, line.currency)


def _of_event(event: Logged, orders: Mapping[UUID, Order]) -> Happened:
    order_id = _id(event.data, "order_id")
    order = orders.get(order_id) if order_id else None
    of_order = f" (order {order.name})" if order else ""
    customer_id = order.customer_id if order else None
    data = event.data
    if event.type == _FAILED:
        amount, number = data["amount"], data["number"]
        return Happened(
            cause=TicketCause.REFUND_FAILED,
            subject=Subject("rfd", event.subject_id),
            occurred_at=event.occurred_at,
            title=f"Refund {number} was refused: {amount}{of_order}",
            text=f"The provider refused to pay {amount} back by refund {number}{of_order}.",
            order_id=order.id if order else None,
            customer_id=customer_id,
        )
    kind = TrackingExceptionKind(data["kind"])
    exception_id = UUID(hex=data["exception_id"])
    parcel = f"{data['carrier']} {data['number']}"
    is_late = kind in LATE
    tracking = Subject("trk", event.subject_id)
    exception = Subject("tex", exception_id)
    return Happened(
        cause=TicketCause.LATE_PARCEL if is_late else TicketCause.PARCEL_EXCEPTION,
        # A parcel is late once, whoever says so first.
        subject=tracking if is_late else exception,
        occurred_at=event.occurred_at,
        title=f"{'Late parcel' if is_late else 'Parcel'} {parcel}: {kind.value}{of_order}",
        text=f"{parcel}{of_order}: {kind.description}",
        kind=kind,
        order_id=order.id if order else None,
        customer_id=customer_id,
        about=(exception,) if is_late else (tracking,),
    )


def _id(data: Mapping[str, Any], name: str) -> UUID | None:
    value = data.get(name)
    return UUID(hex=value) if isinstance(value, str) else None
