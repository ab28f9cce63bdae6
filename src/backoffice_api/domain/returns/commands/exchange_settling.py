"""Settling exchanges: the difference is asked for or paid back, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.model.payments import NothingOutstanding, PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.returns.commands.exchange_sending import (
    exchangeable,
    is_sent,
    order_like,
    worths_of,
)
from backoffice_api.domain.returns.commands.paying import Going, Paid, pay_back, tell_paid
from backoffice_api.domain.returns.commands.writing import Opened, save_told
from backoffice_api.domain.returns.model.exchanges import (
    MACHINE,
    Exchange,
    ExchangedPieces,
    ExchangeSettled,
    ReturnExchanged,
    facts_of,
    settling,
)
from backoffice_api.domain.returns.model.refunds import (
    RefundSuggestion,
    ReturnRefundKind,
    Worth,
)
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.queries import reversals as on_reversals
from backoffice_api.domain.returns.tables.exchanges import (
    exchanged_pieces,
    exchanges,
)

SURCHARGE_SKU = "EXCHANGE"


def settle(
    uow: UnitOfWork,
    of: Opened,
    before: Exchange,
    method: PaymentMethod,
    destination: RefundDestination,
) -> None:
    """Settle an exchange whose pieces were all decided about, or will not come."""
    worths = worths_of(uow, of, {line.id: exchangeable(line) for line in of.lines})
    earned = sum(each.suggested.minor for each in worths.values())
    deducted = before.deducted_minor if is_sent(uow, before) else 0
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
    like = of.orders[min(of.orders)]
    tax = _tax_within(of, minor, tax_included=like.tax_included)
    price = Money(minor if like.tax_included else minor - tax, exchange.currency)
    charge = LineDraft(
        kind=LineKind.CHARGE,
        sku=SURCHARGE_SKU,
        title=f"Difference of exchange {exchange.number}",
        quantity=1,
        unit_price=UnitPrice.of(price.amount, exchange.currency),
        tax=Money(tax, exchange.currency),
    )
    order_id = order_like(uow, like, [charge], f"Exchange {exchange.number}")
    return place_order(uow, PlaceOrder(id=order_id))


def _tax_within(of: Opened, minor: int, *, tax_included: bool) -> int:
    """The tax in an amount that contains it, at the rate of the goods that came back."""
    items, tax = sum(x.items_minor for x in of.lines), sum(x.tax_minor for x in of.lines)
    whole = items if tax_included else items + tax
    return (2 * minor * tax + whole) // (2 * whole) if whole else 0


def _write_pieces(
    uow: UnitOfWork, of: Opened, exchange: Exchange, worths: Mapping[UUID, RefundSuggestion]
) -> None:
    rows = [
        ExchangedPieces(
            exchange_id=exchange.id,
            line_id=line.id,
            quantity=exchangeable(line),
            items_minor=worths[line.id].worth.items,
            tax_minor=worths[line.id].worth.tax,
            shipping_minor=worths[line.id].worth.shipping,
            fee_minor=worths[line.id].fee_minor,
        )
        for line in of.lines
        if line.id in worths
    ]
    add(uow, exchanged_pieces, rows)


def _settle_return(
    uow: UnitOfWork,
    of: Opened,
    exchange: Exchange,
    worths: Mapping[UUID, RefundSuggestion],
    destination: RefundDestination,
) -> None:
    """Count the pieces as exchanged, and pay back what they were worth more."""
    lines = [
        replace(
            line.settling(worths[line.id].worth),
            exchanged=line.exchanged + exchangeable(line),
            fee_minor=line.fee_minor + worths[line.id].fee_minor,
        )
        if line.id in worths
        else line
        for line in of.lines
    ]
    paid = [
        pay_back(uow, of, _going(exchange, order_id, minor, destination), None)
        for order_id, minor in _by_order(
            of, {id: each.suggested.minor for id, each in worths.items()}, exchange.refunded_minor
        ).items()
    ]
    more = sum(each.row.amount_minor for each in paid)
    facts: dict[str, Any] = {
        "exchange_id": exchange.id,
        "pieces": sum(exchangeable(line) for line in of.lines),
        "currency": exchange.currency,
        "earned_minor": exchange.earned_minor,
    }
    after = replace(of.before, refunded_minor=of.before.refunded_minor + more)
    after = save_told(uow, of, after, lines, ReturnExchanged, **facts)
    tell_paid(uow, of, after, paid)


def _by_order(of: Opened, amounts: Mapping[UUID, int], minor: int) -> dict[UUID | None, int]:
    """Of which orders an amount is paid back: of each up to what its pieces were worth."""
    left, found = minor, dict[UUID | None, int]()
    for line in of.lines:
        taken = min(left, amounts.get(line.id, 0))
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


def owed_of_exchanges(uow: UnitOfWork, of: Opened) -> Mapping[UUID | None, int]:
    """What exchanges pay back and was called off since, by order; it is to be paid back anew."""
    settled = [
        each
        for each in on_exchanges.exchanges_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
        if each.refunded_minor
    ]
    if not settled:
        return {}
    pieces = on_exchanges.pieces_by_exchanges(uow.db, [each.id for each in settled])
    owed = Counter[UUID | None]()
    for exchange in settled:
        amounts = {each.line_id: _amount(of, each) for each in pieces.get(exchange.id, ())}
        owed.update(_by_order(of, amounts, exchange.refunded_minor))
    owed.subtract(on_reversals.exchanged_back(uow.db, of.before.id))
    return {order_id: minor for order_id, minor in owed.items() if minor > 0}


def pay_anew(
    uow: UnitOfWork, of: Opened, destination: RefundDestination | None, note: str
) -> Sequence[Paid]:
    """Pay back what exchanges owe of which the refunds were called off."""
    return [
        pay_back(
            uow,
            of,
            Going(
                order_id,
                ReturnRefundKind.EXCHANGE,
                destination or RefundDestination.ORIGINAL,
                minor,
                Worth(items=minor),
                0,
                note,
            ),
            None,
        )
        for order_id, minor in sorted(owed_of_exchanges(uow, of).items(), key=str)
    ]


def _amount(of: Opened, each: ExchangedPieces) -> int:
    included = of.by_id[each.line_id].tax_included
    worth = Worth(each.items_minor, each.tax_minor, each.shipping_minor, included)
    return worth.total - each.fee_minor


def _ask_for(uow: UnitOfWork, order_id: UUID, method: PaymentMethod) -> None:
    """Ask for what of an order is neither paid nor asked for."""
    if on_orders.locked_order(uow.db, order_id).status is OrderStatus.CANCELLED:
        return
    try:
        create_payment(uow, CreatePayment(order_id=order_id, method=method))
    except NothingOutstanding:
        return
