"""What payments do when orders are placed, or come to another amount than before."""

from dataclasses import replace

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.settling import hold_if_unpaid, mind_gate
from backoffice_api.domain.orders.model.events import OrderPlaced
from backoffice_api.domain.orders.model.moves import OrderSplitOff
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.orders.model.settlement import PAYING_BACK, OrderToSettle, Settlement
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.creating import request_payment
from backoffice_api.domain.payments.commands.paying_back import (
    Why,
    make_refunds,
    submit_if_free,
)
from backoffice_api.domain.payments.commands.writing import book
from backoffice_api.domain.payments.model.payments import PAYMENTS_MAX, PaymentMethod
from backoffice_api.domain.payments.model.refunds import (
    RefundDestination,
    RefundReason,
    allocated,
    refundable_of,
)


def on_order_placed(uow: UnitOfWork, event: OrderPlaced) -> None:
    """Let the order wait for its payment, where its channel wants that. No statement elsewhere."""
    if event.payment_gate is not PaymentGate.NONE:
        hold_if_unpaid(uow, event.id, event.payment_gate)


def on_split_off(uow: UnitOfWork, event: OrderSplitOff) -> None:
    """Let the part of an order that became one of its own wait for its payment, like any other."""
    order = on_orders.orders_by_ids(uow.db, [event.id])[event.id]
    channel = on_orders.channels_by_ids(uow.db, [order.channel_id])[order.channel_id]
    if channel.payment_gate is not PaymentGate.NONE:
        hold_if_unpaid(uow, order.id, channel.payment_gate)


def on_order_to_settle(uow: UnitOfWork, event: OrderToSettle) -> None:
    """Settle the difference as was chosen; the gate of the channel sees the new total.

    Raises:
        NotAllowed, OutOfReach: money is to go back, and the caller may not pay back, or not here.
        NoCustomerToCredit: store credit was chosen, and the order has no customer.
    """
    if event.settlement in PAYING_BACK:
        uow.require_here(Scope.REFUNDS_WRITE)
    order = on_orders.locked_order(uow.db, event.id)
    present = replace(order, current_total_minor=event.total_before_minor)
    order = mind_gate(uow, present, order)
    match event.settlement:
        case Settlement.REFUND:
            _pay_back(uow, order, RefundDestination.ORIGINAL)
        case Settlement.STORE_CREDIT:
            _pay_back(uow, order, RefundDestination.STORE_CREDIT)
        case Settlement.CHARGE:
            _charge(uow, order)
        case Settlement.LEAVE_OPEN:
            return


def _pay_back(uow: UnitOfWork, order: Order, destination: RefundDestination) -> None:
    """Refund what is too much, out of the oldest payments first.

    What was paid by hand goes back by hand: the refund is asked for, and somebody submits it.
    """
    payments = queries.payments_of(uow.db, order.id)
    spent = order.refunding_minor + order.charged_back_minor
    excess = -order.outstanding_minor - spent
    amount = min(excess, refundable_of(payments))
    if amount <= 0:
        return
    by_ids = {each.id: each for each in payments}
    why = Why(RefundReason.CANCELLED, destination)
    for refund in make_refunds(uow, order, allocated(payments, amount), why):
        payment = by_ids[refund.payment_id]
        goes_by_itself = (
            destination is RefundDestination.STORE_CREDIT
            or payment.method is PaymentMethod.STORE_CREDIT
            or not payment.is_by_hand
        )
        if goes_by_itself:
            submit_if_free(uow, order, refund)
    book(uow, order)


def _charge(uow: UnitOfWork, order: Order) -> None:
    """Ask for what is missing and not asked for yet."""
    payments = queries.payments_of(uow.db, order.id)
    missing = order.outstanding_minor - sum(each.requested_minor for each in payments)
    if missing > 0 and len(payments) < PAYMENTS_MAX:
        request_payment(uow, order, Money(missing, order.currency))
