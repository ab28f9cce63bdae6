"""What can be done with exchanges: asked for, reserved, released, settled, called off.

Whoever changes one holds its return and that one's orders first, as `writing` says. What is sent
is an order of its own; so stock, payments and invoices know nothing of exchanges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
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
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import (
    PROMISED,
    CancelReason,
    Order,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.model.payments import NothingOutstanding, PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.returns.commands.paying import Going, pay
from backoffice_api.domain.returns.commands.writing import Opened, opened, save_told, tell
from backoffice_api.domain.returns.model.events import (
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnExpired,
    ReturnReceived,
    ReturnRefundMade,
)
from backoffice_api.domain.returns.model.exchanges import (
    LINES_MAX,
    MACHINE,
    Exchange,
    ExchangeCancelled,
    ExchangedPieces,
    ExchangeHasLeft,
    ExchangeLine,
    ExchangeNotReady,
    ExchangeReleased,
    ExchangeRequested,
    ExchangeReserved,
    ExchangeSettled,
    ExchangeState,
    ExchangeUnderWay,
    NothingToExchange,
    ReturnExchanged,
    SendWhen,
    facts_of,
    settling,
)
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind, Worth
from backoffice_api.domain.returns.model.refusals import NothingReturned
from backoffice_api.domain.returns.model.returns import (
    OPEN,
    QUANTITY_MAX,
    Return,
    ReturnLine,
    ReturnState,
)
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.tables.exchanges import (
    exchange_lines,
    exchanged_pieces,
    exchanges,
)

SURCHARGE_SKU = "EXCHANGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingLine:
    """So many pieces that are to be sent. `unit_price` None: the list price of then."""

    variant_id: UUID
    quantity: int
    unit_price: UnitPrice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExchange(Command):
    """Other goods for those of a return."""

    scope = Scope.RETURNS_WRITE
    return_id: UUID
    lines: tuple[OutgoingLine, ...]
    send_when: SendWhen = SendWhen.ON_RECEIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleExchange(Command):
    """`method`: in which way a difference is asked for; `destination`: how one is paid back."""

    scope = Scope.REFUNDS_WRITE
    table = exchanges
    id: UUID
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    destination: RefundDestination = RefundDestination.ORIGINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelExchange(Command):
    scope = Scope.RETURNS_WRITE
    table = exchanges
    id: UUID


def create_exchange(uow: UnitOfWork, command: CreateExchange) -> UUID:
    """Ask for other goods; where the return is approved already, they are reserved now. Its id.

    Raises:
        UnknownReturn, UnknownVariant, CurrencyMismatch, OutOfRange, TooMany, NothingReturned.
        NothingToExchange: the return has ended, or is of no order.
        ExchangeUnderWay: another exchange of it is not settled.
        InsufficientStock, UnknownPrice, VariantNotForSale, ChannelNotActive: they cannot be sold.
    """
    of = opened(uow, command.return_id)
    _check(uow, command, of.before.currency)
    if of.before.status not in OPEN or not of.orders or not _promised(of):
        raise NothingToExchange().at("return_id")
    if live := on_exchanges.live_exchange(uow.db, of.before.id):
        raise ExchangeUnderWay(live.number).at("return_id")
    earlier = on_exchanges.exchanges_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
    made = _new(uow, of.before, command, len(earlier) + 1)
    lines = [
        ExchangeLine(
            id=uow.new_id(),
            exchange_id=made.id,
            position=position,
            variant_id=each.variant_id,
            quantity=each.quantity,
            unit_price_micro=each.unit_price.micro if each.unit_price else None,
            currency=made.currency,
        )
        for position, each in enumerate(command.lines)
    ]
    add(uow, exchanges, [made])
    add(uow, exchange_lines, lines)
    uow.emit(ExchangeRequested(*facts_of(made)), after=made)
    if of.before.status is not ReturnState.REQUESTED:
        _reserve(uow, of, made)
    return made.id


def settle_exchange(uow: UnitOfWork, command: SettleExchange) -> UUID:
    """Settle the difference, once: ask for what is missing, pay back what is too much. Its id.

    Goods that waited may leave then. Pieces that were inspected to be exchanged count as settled.

    Raises:
        UnknownExchange, InvalidTransition.
        ExchangeNotReady: pieces are still to come, or to be inspected.
        NothingToRefund, AmountExceeded, TooManyRefunds, NoCustomerToCredit: it cannot be paid back.
    """
    return_id = on_exchanges.exchange(uow.db, command.id).return_id
    of = opened(uow, return_id)
    present = on_exchanges.exchange(uow.db, command.id)
    MACHINE.check("settle", present.status)
    awaited, to_inspect = (sum(getattr(x, name) for x in of.lines) for name in _NOT_READY)
    if awaited or to_inspect:
        raise ExchangeNotReady(awaited, to_inspect)
    if present.status is ExchangeState.RESERVED:
        present = _release(uow, present)
    _settle(uow, of, present, command.method, command.destination)
    return present.id


def cancel_exchange(uow: UnitOfWork, command: CancelExchange) -> UUID:
    """Call an exchange off whose goods are in the house; its order is cancelled. Its id.

    Raises:
        UnknownExchange, InvalidTransition.
        ExchangeHasLeft: goods of it have left.
    """
    opened(uow, on_exchanges.exchange(uow.db, command.id).return_id)
    present = on_exchanges.exchange(uow.db, command.id)
    MACHINE.check("cancel", present.status)
    if not _can_be_cancelled(uow, present):
        raise ExchangeHasLeft().at("id")
    _cancel(uow, present)
    return present.id


def reserve_approved(uow: UnitOfWork, event: ReturnApproved) -> None:
    """Reserve what is wanted for a return that was just approved; without stock, it is not."""
    live = on_exchanges.live_exchange(uow.db, event.id)
    if live and live.status is ExchangeState.REQUESTED:
        _reserve(uow, opened(uow, event.id), live)


def release_received(uow: UnitOfWork, event: ReturnReceived) -> None:
    """Let goods leave that waited for what is all here now."""
    live = on_exchanges.live_exchange(uow.db, event.id) if event.is_complete else None
    if live and live.status is ExchangeState.RESERVED:
        _release(uow, live)


def follow_ended(uow: UnitOfWork, event: ReturnDeclined | ReturnCancelled | ReturnExpired) -> None:
    """Call off what was wanted for a return that ended with nothing here.

    What has left is asked for in full.
    """
    live = on_exchanges.live_exchange(uow.db, event.id)
    if live is None:
        return
    of = opened(uow, event.id)
    if of.before.status in OPEN or of.before.status is ReturnState.RESOLVED:
        return
    if _can_be_cancelled(uow, live):
        _cancel(uow, live)
    else:
        _settle(uow, of, live, PaymentMethod.BANK_TRANSFER, RefundDestination.ORIGINAL)


_NOT_READY = ("awaited", "to_inspect")


def _check(uow: UnitOfWork, command: CreateExchange, currency: str) -> None:
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    if not command.lines:
        faults.add(NothingReturned().at("lines"))
    faults.check()
    known = products.variants_by_ids(uow.db, {each.variant_id for each in command.lines})
    for position, each in enumerate(command.lines):
        here = ("lines", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        if each.variant_id not in known:
            faults.add(UnknownVariant(each.variant_id.hex).at(*here, "variant_id"))
        if each.unit_price and each.unit_price.currency != currency:
            fault = CurrencyMismatch(currency, each.unit_price.currency)
            faults.add(fault.at(*here, "unit_price"))
    faults.check()


def _promised(of: Opened) -> int:
    """What pieces are worth that are on their way, or are to be exchanged; in minor units."""
    return sum(
        _worth(line, line.awaited + line.to_inspect + _exchangeable(line)).total
        for line in of.lines
    )


def _exchangeable(line: ReturnLine) -> int:
    return line.to_exchange - line.exchanged


def _worth(line: ReturnLine, pieces: int) -> Worth:
    return line.worth_of(pieces) if pieces else Worth(tax_included=line.tax_included)


def _new(uow: UnitOfWork, of: Return, command: CreateExchange, count: int) -> Exchange:
    return Exchange(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=f"{of.number}-X{count}",
        return_id=of.id,
        status=MACHINE.start,
        send_when=command.send_when,
        currency=of.currency,
        order_id=None,
        outgoing_minor=0,
        promised_minor=0,
        deducted_minor=0,
        earned_minor=0,
        surcharge_minor=0,
        refunded_minor=0,
        surcharge_order_id=None,
        settled_at=None,
    )


def _reserve(uow: UnitOfWork, of: Opened, before: Exchange) -> None:
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
    order_id = _order(uow, first, drafts, f"Exchange {before.number}")
    outgoing = on_orders.locked_order(uow.db, order_id).subtotal_minor
    promised = _promised(of)
    deducted = min(outgoing, promised)
    if deducted:
        discount = OrderDiscount(f"Exchange {before.number}", None, deducted, before.currency)
        update_order(uow, UpdateOrder(id=order_id, discounts=(discount,)))
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
        note = f"Waits for return {of.before.number}."
        hold_order(uow, HoldOrder(id=order_id, kind=HoldKind.OTHER, note=note))
        return
    _release(uow, after)


def _order(uow: UnitOfWork, like: Order, drafts: Sequence[LineDraft], note: str) -> UUID:
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


def _release(uow: UnitOfWork, before: Exchange) -> Exchange:
    """Let the goods leave: what holds their order for the return's sake is taken off."""
    order = on_orders.locked_order(uow.db, before.order_id) if before.order_id else None
    if order and order.has_hold and order.status in PROMISED:
        present = on_orders.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())
        ours = [
            each
            for each in present
            if each.kind is HoldKind.OTHER and each.note.startswith("Waits for return ")
        ]
        if ours:
            take_off(uow, order, ours, others_stay=len(ours) < len(present))
    after = replace(before, status=MACHINE.check("release", before.status))
    after = save(uow, exchanges, before, after)
    uow.emit(ExchangeReleased(*facts_of(after)), before=before, after=after)
    return after


def _can_be_cancelled(uow: UnitOfWork, exchange: Exchange) -> bool:
    """Nothing of it has left the house."""
    if exchange.order_id is None:
        return True
    return not any(line.shipped for line in on_orders.lines_of(uow.db, exchange.order_id))


def _is_sent(uow: UnitOfWork, exchange: Exchange) -> bool:
    """False: its order was cancelled, so nothing is given for the pieces but their worth."""
    if exchange.order_id is None:
        return False
    order = on_orders.locked_order(uow.db, exchange.order_id)
    return order.status is not OrderStatus.CANCELLED


def _cancel(uow: UnitOfWork, before: Exchange) -> None:
    if before.order_id:
        order = on_orders.locked_order(uow.db, before.order_id)
        if order.status in PROMISED:
            cancel_order(uow, CancelOrder(id=order.id, reason=CancelReason.OTHER))
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, exchanges, before, after)
    uow.emit(ExchangeCancelled(*facts_of(after)), before=before, after=after)


def _settle(
    uow: UnitOfWork,
    of: Opened,
    before: Exchange,
    method: PaymentMethod,
    destination: RefundDestination,
) -> None:
    worths = {line.id: line.worth_of(n) for line in of.lines if (n := _exchangeable(line))}
    earned = sum(each.total for each in worths.values())
    deducted = before.deducted_minor if _is_sent(uow, before) else 0
    difference = settling(deducted, earned)
    surcharge_id = None
    if difference.surcharge:
        surcharge_id = _surcharge(uow, of, before, difference.surcharge)
    _write_pieces(uow, of, before, worths)
    after = replace(
        before,
        status=MACHINE.check("settle", before.status),
        deducted_minor=deducted,
        earned_minor=earned,
        surcharge_minor=difference.surcharge,
        refunded_minor=difference.refunded,
        surcharge_order_id=surcharge_id,
        settled_at=uow.now,
    )
    after = save(uow, exchanges, before, after)
    _settle_return(uow, of, after, worths, destination)
    event = ExchangeSettled(
        *facts_of(after),
        after.order_id,
        after.currency,
        earned,
        difference.surcharge,
        difference.refunded,
    )
    uow.emit(event, before=before, after=after)
    for order_id in (after.order_id, surcharge_id):
        if order_id:
            _ask_for(uow, order_id, method)


def _surcharge(uow: UnitOfWork, of: Opened, exchange: Exchange, minor: int) -> UUID:
    """An order of one charge: what the pieces were worth less than was deducted. Its id."""
    amount = Money(minor, exchange.currency)
    charge = LineDraft(
        kind=LineKind.CHARGE,
        sku=SURCHARGE_SKU,
        title=f"Difference of exchange {exchange.number}",
        quantity=1,
        unit_price=UnitPrice.of(amount.amount, exchange.currency),
    )
    like = of.orders[min(of.orders)]
    order_id = _order(uow, like, [charge], f"Exchange {exchange.number}")
    return place_order(uow, PlaceOrder(id=order_id))


def _write_pieces(
    uow: UnitOfWork, of: Opened, exchange: Exchange, worths: dict[UUID, Worth]
) -> None:
    rows = [
        ExchangedPieces(
            exchange_id=exchange.id,
            line_id=line.id,
            quantity=_exchangeable(line),
            items_minor=worths[line.id].items,
            tax_minor=worths[line.id].tax,
            shipping_minor=worths[line.id].shipping,
        )
        for line in of.lines
        if line.id in worths
    ]
    add(uow, exchanged_pieces, rows)


def _settle_return(
    uow: UnitOfWork,
    of: Opened,
    exchange: Exchange,
    worths: dict[UUID, Worth],
    destination: RefundDestination,
) -> None:
    """Count the pieces as exchanged, and pay back what they were worth more."""
    lines = [
        replace(line.settling(worths[line.id]), exchanged=line.exchanged + _exchangeable(line))
        if line.id in worths
        else line
        for line in of.lines
    ]
    paid = [
        pay(uow, of, _going(exchange, order_id, minor, destination), None)
        for order_id, minor in _by_order(of, worths, exchange.refunded_minor).items()
    ]
    more = sum(each.row.amount_minor for each in paid)
    facts: dict[str, Any] = {
        "exchange_id": exchange.id,
        "pieces": sum(_exchangeable(line) for line in of.lines),
        "currency": exchange.currency,
        "earned_minor": exchange.earned_minor,
    }
    after = replace(of.before, refunded_minor=of.before.refunded_minor + more)
    after = save_told(uow, of, after, lines, ReturnExchanged, **facts)
    for each in paid:
        tell(uow, after, after, sorted(of.orders), ReturnRefundMade, **each.facts)


def _by_order(of: Opened, worths: dict[UUID, Worth], minor: int) -> dict[UUID | None, int]:
    """Of which orders an amount is paid back: of each up to what its pieces were worth."""
    left, found = minor, dict[UUID | None, int]()
    for line in of.lines:
        taken = min(left, worths[line.id].total) if line.id in worths else 0
        if taken:
            found[line.order_id] = found.get(line.order_id, 0) + taken
            left -= taken
    return found


def _going(
    exchange: Exchange, order_id: UUID | None, minor: int, destination: RefundDestination
) -> Going:
    return Going(
        order_id,
        ReturnRefundKind.EXCHANGE,
        destination if order_id else RefundDestination.STORE_CREDIT,
        minor,
        Worth(items=minor),
        0,
        f"Exchange {exchange.number}",
    )


def _ask_for(uow: UnitOfWork, order_id: UUID, method: PaymentMethod) -> None:
    """Ask for what of an order is neither paid nor asked for."""
    if on_orders.locked_order(uow.db, order_id).status is OrderStatus.CANCELLED:
        return
    try:
        create_payment(uow, CreatePayment(order_id=order_id, method=method))
    except NothingOutstanding:
        return
