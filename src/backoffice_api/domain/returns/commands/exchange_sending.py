"""What is sent for goods that come back: an order of its own, reserved, released or called off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    UpdateOrder,
    create_order,
    update_order,
)
from backoffice_api.domain.orders.commands.holds import (
    HoldOrder,
    hold_order,
    take_off,
)
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.orders import (
    PROMISED,
    CancelReason,
    Order,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.writing import Opened
from backoffice_api.domain.returns.model.exchanges import (
    MACHINE,
    Exchange,
    ExchangeCancelled,
    ExchangeReleased,
    ExchangeReserved,
    Outgoing,
    SendWhen,
    deduction,
    facts_of,
)
from backoffice_api.domain.returns.model.refunds import RefundSuggestion
from backoffice_api.domain.returns.model.returns import ReturnLine
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.tables.exchanges import exchanges

HOLD_NOTE = "Waits for return "


def promised_by(uow: UnitOfWork, of: Opened) -> int:
    """What pieces are worth that are on their way, or are to be exchanged; in minor units."""
    pieces = {line.id: line.awaited + line.to_inspect + exchangeable(line) for line in of.lines}
    return sum(each.suggested.minor for each in worths_of(uow, of, pieces).values())


def exchangeable(line: ReturnLine) -> int:
    """Pieces that are to be exchanged and are not settled."""
    return line.to_exchange - line.exchanged


def worths_of(
    uow: UnitOfWork, of: Opened, pieces: Mapping[UUID, int]
) -> Mapping[UUID, RefundSuggestion]:
    """What so many pieces of lines are worth in other goods, by line; of none, there is no entry.

    On the terms of the return: with the delivery where they pay it back, less the fee they keep.
    """
    lines = [line for line in of.lines if pieces.get(line.id)]
    reasons = queries.reasons_by_ids(uow.db, {line.reason_id for line in lines if line.reason_id})
    return {
        line.id: line.suggestion(
            pieces[line.id], line.terms(reasons.get(line.reason_id) if line.reason_id else None)
        )
        for line in lines
    }


def reserve(uow: UnitOfWork, of: Opened, before: Exchange) -> None:
    """Place the order that is sent: all of it is reserved, or nothing."""
    first = of.orders[min(of.orders)]
    drafts = [
        LineDraft(
            variant_id=line.variant_id,
            quantity=line.quantity,
            unit_price=(
                None
                if line.unit_price_micro is None
                else UnitPrice(line.unit_price_micro, line.currency)
            ),
        )
        for line in on_exchanges.lines_of(uow.db, before.id)
    ]
    order_id = order_like(uow, first, drafts, f"Exchange {before.number}")
    promised = promised_by(uow, of)
    outgoing = _deduct(uow, of, before, order_id, promised)
    deducted = min(outgoing, promised)
    place_order(uow, PlaceOrder(id=order_id))
    after = replace(
        before,
        status=MACHINE.check("reserve", before.status),
        order_id=order_id,
        outgoing_minor=outgoing,
        promised_minor=promised,
        deducted_minor=deducted,
    )
    after = save(uow, exchanges, before, after)
    event = ExchangeReserved(*facts_of(after), order_id, after.currency, outgoing, deducted)
    uow.emit(event, before=before, after=after)
    waits = any(line.awaited for line in of.lines)
    if after.send_when is SendWhen.ON_RECEIPT and waits:
        note = f"{HOLD_NOTE}{of.before.number}."
        hold_order(uow, HoldOrder(id=order_id, kind=HoldKind.OTHER, note=note))
        return
    release(uow, after)


def _deduct(uow: UnitOfWork, of: Opened, exchange: Exchange, order_id: UUID, promised: int) -> int:
    """Tax the goods, and take off what is promised for them. What they cost before, with tax."""
    included = of.orders[min(of.orders)].tax_included
    made = on_orders.lines_of(uow.db, order_id)
    lines = [
        Outgoing(line.subtotal_minor, tax_like(of.lines, line.subtotal_minor, line.variant_id))
        for line in made
    ]
    less = deduction(lines, promised, exchange.currency, tax_included=included)
    discount = OrderDiscount(f"Exchange {exchange.number}", None, less.discount, exchange.currency)
    drafts = tuple(
        LineDraft(
            variant_id=line.variant_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax=Money(tax, exchange.currency),
        )
        for line, tax in zip(made, less.taxes, strict=True)
    )
    if less.discount or any(less.taxes) or any(line.tax_minor for line in made):
        discounts = (discount,) if less.discount else ()
        update_order(uow, UpdateOrder(id=order_id, lines=drafts, discounts=discounts))
    return sum(each.subtotal + (0 if included else each.tax) for each in lines)


def tax_like(lines: Sequence[ReturnLine], minor: int, variant_id: UUID | None) -> int:
    """The tax on a price, at the rate of the same goods that come back; else of all of them."""
    like = [each for each in lines if each.variant_id == variant_id] or list(lines)
    items, tax = sum(each.items_minor for each in like), sum(each.tax_minor for each in like)
    return (2 * minor * tax + items) // (2 * items) if items else 0


def order_like(uow: UnitOfWork, like: Order, drafts: Sequence[LineDraft], note: str) -> UUID:
    """A draft to the same customer at the same address. Its id."""
    addresses = on_orders.shipping_addresses_by_orders(uow.db, [like.id])
    billing = on_orders.billing_addresses_by_orders(uow.db, [like.id])
    command = CreateOrder(
        channel=like.channel_id,
        customer_id=like.customer_id,
        lines=tuple(drafts),
        tax_included=like.tax_included,
        shipping_address=addresses.get(like.id),
        billing_address=billing.get(like.id),
        email=like.email,
        phone=like.phone,
        note=note,
    )
    return create_order(uow, command)


def release(uow: UnitOfWork, before: Exchange) -> Exchange:
    """Let the goods leave: what holds their order for the return's sake is taken off."""
    order = on_orders.locked_order(uow.db, before.order_id) if before.order_id else None
    if order and order.has_hold and order.status in PROMISED:
        present = on_orders.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())
        ours = [
            each
            for each in present
            if each.kind is HoldKind.OTHER and each.note.startswith(HOLD_NOTE)
        ]
        if ours:
            take_off(uow, order, ours, others_stay=len(ours) < len(present))
    after = replace(before, status=MACHINE.check("release", before.status))
    after = save(uow, exchanges, before, after)
    uow.emit(ExchangeReleased(*facts_of(after)), before=before, after=after)
    return after


def can_be_cancelled(uow: UnitOfWork, exchange: Exchange) -> bool:
    """Nothing of it has left the house."""
    if exchange.order_id is None:
        return True
    return not any(line.shipped for line in on_orders.lines_of(uow.db, exchange.order_id))


def is_sent(uow: UnitOfWork, exchange: Exchange) -> bool:
    """False: its order was cancelled, so nothing is given for the pieces but their worth."""
    if exchange.order_id is None:
        return False
    order = on_orders.locked_order(uow.db, exchange.order_id)
    return order.status is not OrderStatus.CANCELLED


def cancel(uow: UnitOfWork, before: Exchange) -> None:
    """Call an exchange off, with its order."""
    if before.order_id:
        order = on_orders.locked_order(uow.db, before.order_id)
        if order.status in PROMISED:
            cancel_order(uow, CancelOrder(id=order.id, reason=CancelReason.OTHER))
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, exchanges, before, after)
    uow.emit(ExchangeCancelled(*facts_of(after)), before=before, after=after)
