"""Placing: the moment when an offer becomes a promise."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.shapes import replaced
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.approving import ask_for_order
from backoffice_api.domain.orders.commands.channels import draw_number
from backoffice_api.domain.orders.commands.discounting import take_codes, with_code
from backoffice_api.domain.orders.commands.lines import refreshed
from backoffice_api.domain.orders.commands.promises import allocate_stock
from backoffice_api.domain.orders.commands.taxing import taxed_to_place
from backoffice_api.domain.orders.commands.writing import (
    end_quote,
    index_order,
    move,
    put_amounts,
    replace_addresses_and_discounts,
    save_order,
)
from backoffice_api.domain.orders.model.events import OrderAwaitsApproval, OrderPlaced
from backoffice_api.domain.orders.model.orders import MACHINE, EmptyOrder, Order
from backoffice_api.domain.orders.model.parts import Parts, composed, with_sums
from backoffice_api.domain.orders.model.quotes import QuoteStatus, binds
from backoffice_api.domain.orders.tables import orders


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Command):
    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID


def place_order(uow: UnitOfWork, command: PlaceOrder) -> UUID:
    """Make a draft an order: freeze its prices, promise its stock, draw its number. Its id.

    Lines without a price of their own get the list price of now, unless a quote is open: then
    they keep the price that was offered.

    Raises:
        UnknownOrder, InvalidTransition.
        EmptyOrder: it has no line.
        VariantNotForSale, UnknownPrice: a line cannot be sold any more.
        InsufficientStock: not all of it can be promised; then nothing is.
        DiscountTooLarge, AmountTooLarge: the prices of now make it impossible.
        DiscountCodeExpired, DiscountCodeUsedUp, and what else stands in the way of its code.
        ChannelNotActive: its channel is archived.
        NoTaxRate, TaxNotAnswered: its taxes are calculated, and not known.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("place", before.status)
    present = queries.parts(uow.db, before.id)
    faults = Faults()
    quoted = binds(before, uow.now)
    lines = refreshed(uow, faults, present.lines, before, at_their_prices=quoted)
    faults.check()
    discounts = present.discounts
    if not quoted:
        discounts = with_code(uow, before, lines, discounts, KEEP)
    order, parts = composed(before, replaced(present, lines=tuple(lines), discounts=discounts))
    found = taxed_to_place(uow, order, parts, is_quoted=quoted)
    order, parts = found.order, found.parts
    if parts.lines != present.lines:
        put_amounts(uow, parts.lines)
    replace_addresses_and_discounts(uow, before.id, present, parts)
    end_quote(uow, before, QuoteStatus.ACCEPTED if quoted else QuoteStatus.EXPIRED)
    return place(uow, before, order, parts, is_new=False)


def place(
    uow: UnitOfWork,
    before: Order,
    order: Order,
    parts: Parts,
    *,
    is_new: bool,
    is_sold: bool = False,
) -> UUID:
    """Place an order whose prices are settled: `before` as it is stored, `order` as it is now.

    Its id. `is_new`: the search does not know it yet. `is_sold`: its channel has sold it already.

    Everybody who sells the same goods waits for the lock on their stock, and everybody who sells
    in the same channel for the one on its number. So the two are taken last, in this order.

    What a rule of approvals asks for waits, as `pending_approval`: with its number, prices and
    stock, all for good, so that what was granted can never fail for want of stock.

    Raises:
        EmptyOrder, InsufficientStock, ChannelNotActive.
        DiscountCodeUsedUp, DiscountCodeUsedByCustomer.
    """
    if not parts.lines:
        raise EmptyOrder
    take_codes(uow, order, parts.discounts)
    allocate_stock(uow, order, parts.lines, is_sold=is_sold)
    number = draw_number(uow, order.channel_id)
    asks = number.needs_asking or order.buyer_id is not None
    waits = asks and ask_for_order(uow, order, number.text, order.total)
    opened = with_sums(move(uow, order, "await_approval" if waits else "place"), parts.lines)
    after = save_order(
        uow,
        before,
        replaced(
            opened,
            number=number.text,
            serial=number.serial,
            placed_at=uow.now,
            dated_at=uow.now,
            reserved_until=None,
            quoted_until=None,
        ),
    )
    index_order(uow, after, parts, is_new=is_new)
    event = OrderPlaced(
        after.id,
        after.version,
        number.text,
        after.channel_id,
        after.customer_id,
        str(after.total),
        number.payment_gate,
    )
    uow.emit(event, before=before, after=after)
    if waits:
        uow.emit(OrderAwaitsApproval(after.id, after.version, number.text, str(after.total)))
    return after.id
