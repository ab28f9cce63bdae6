"""What can be done with quotes: sent, accepted, ended when their time is over."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.promises import hold_until
from backoffice_api.domain.orders.commands.writing import end_quote, save_order
from backoffice_api.domain.orders.model.events import OrderReserved
from backoffice_api.domain.orders.model.orders import MACHINE, EmptyOrder, NotInFuture, Order
from backoffice_api.domain.orders.model.quotes import (
    EXPIRE_BATCH_MAX,
    QUOTES_MAX,
    OrderQuoted,
    OrderQuoteEnded,
    QuoteOver,
    QuoteStatus,
    TooManyQuotes,
    binds,
    frozen,
)
from backoffice_api.domain.orders.tables import order_quotes, orders

# Name of the job that runs `expire_quotes`.
EXPIRE_JOB = "orders.expire_quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendQuote(Command):
    """`valid_until`: so long its prices bind. `reserve`: its stock is held until then, too."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    valid_until: datetime
    reserve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptQuote(Command):
    """`quote`: the version that is accepted."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    quote: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireQuotes(Command):
    """Run by the worker every minute."""

    scope = Scope.ORDERS_WRITE


def send_quote(uow: UnitOfWork, command: SendQuote) -> UUID:
    """Offer a draft as it is now, as its next version. Its id.

    The version before is replaced. What is offered is kept; a message to the buyer follows from
    the event.

    Raises:
        UnknownOrder, InvalidTransition.
        EmptyOrder: it has no line.
        NotInFuture: it would have ended already.
        TooManyQuotes: it was offered as often as it may be.
        InsufficientStock: its stock cannot be held; then nothing is changed.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("send_quote", before.status)
    if command.valid_until <= uow.now:
        raise NotInFuture().at("valid_until")
    if before.quote_count >= QUOTES_MAX:
        raise TooManyQuotes(QUOTES_MAX)
    lines = queries.lines_of(uow.db, before.id)
    if not lines:
        raise EmptyOrder
    end_quote(uow, before, QuoteStatus.REPLACED)
    number = before.quote_count + 1
    reserved_until = command.valid_until if command.reserve else before.reserved_until
    after = replace(before, quote_count=number, quoted_until=command.valid_until)
    after = save_order(uow, before, replace(after, reserved_until=reserved_until))
    uow.db.execute(
        order_quotes.insert(),
        {
            "order_id": after.id,
            "number": number,
            "status": QuoteStatus.OPEN,
            "sent_at": uow.now,
            "valid_until": command.valid_until,
            "currency": after.currency,
            **{name: getattr(after, name) for name in _AMOUNTS},
            "lines": [list(frozen(line)) for line in lines],
        },
    )
    event = OrderQuoted(after.id, after.version, number, str(after.total), command.valid_until)
    uow.emit(event, before=before, after=after)
    if command.reserve:
        uow.emit(OrderReserved(after.id, after.version))
        hold_until(uow, before, lines, command.valid_until)
    return after.id


def accept_quote(uow: UnitOfWork, command: AcceptQuote) -> UUID:
    """Place a draft at the prices that were offered, whatever the lists say now. Its id.

    Raises:
        QuoteOver: this version is not open any more.
        What `place_order` raises.
    """
    order = queries.locked_order(uow.db, command.id)
    MACHINE.check("place", order.status)
    if not binds(order, uow.now) or command.quote != order.quote_count:
        raise QuoteOver(command.quote).at("quote")
    return place_order(uow, PlaceOrder(id=order.id))


def expire_quotes(uow: UnitOfWork, command: ExpireQuotes) -> int:
    """End quotes whose time is over, a bounded number. How many there were.

    Drafts that somebody is at work on wait for the next time. If there may be more, another job
    goes on.
    """
    due = (
        select_as(Order, orders)
        .where(orders.c.quoted_until <= uow.now)
        .order_by(orders.c.quoted_until, orders.c.id)
        .limit(EXPIRE_BATCH_MAX)
        .with_for_update(skip_locked=True)
    )
    found = fetch(uow.db, Order, due)
    if not found:
        return 0
    ids = [order.id for order in found]
    uow.db.execute(
        update(orders)
        .where(among(orders.c.id, ids))
        .values(quoted_until=None, version=orders.c.version + 1, updated_at=uow.now)
    )
    uow.db.execute(
        update(order_quotes)
        .where(among(order_quotes.c.order_id, ids), order_quotes.c.status == QuoteStatus.OPEN)
        .values(status=QuoteStatus.EXPIRED, ended_at=uow.now)
    )
    for order in found:
        after = replace(order, quoted_until=None, version=order.version + 1, updated_at=uow.now)
        event = OrderQuoteEnded(after.id, after.version, order.quote_count, QuoteStatus.EXPIRED)
        uow.emit(event, before=order, after=after)
    if len(found) == EXPIRE_BATCH_MAX:
        uow.enqueue(Job(EXPIRE_JOB))
    return len(found)


_AMOUNTS = ("subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")
