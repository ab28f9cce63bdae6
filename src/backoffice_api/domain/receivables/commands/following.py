"""Receivables follow payments and orders: what is asked for, captured, called off or owed anew.

These reactions run with what they react to, so receivables are never behind. Orders without a
payment to be made have none, and placing an order costs nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.moves import OrderSplit
from backoffice_api.domain.orders.model.returning import OrderAllowanceChanged
from backoffice_api.domain.orders.model.settlement import OrderToSettle
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.model.events import (
    PaymentCaptured,
    PaymentCreated,
    PaymentExpired,
    PaymentVoided,
    RefundSucceeded,
)
from backoffice_api.domain.payments.model.payments import BY_HAND, IntentStatus, Payment
from backoffice_api.domain.payments.model.transactions import Transaction, TransactionKind
from backoffice_api.domain.payments.tables import transactions
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.writing import Came, settle
from backoffice_api.domain.receivables.model.events import ReceivableChanged, ReceivableExpected
from backoffice_api.domain.receivables.model.payouts import expected_on
from backoffice_api.domain.receivables.model.receivables import (
    KINDS,
    Receivable,
    ReceivableKind,
    ReceivableState,
    SettlementSource,
    is_to_shop,
    owed,
    shares,
    state_of,
    with_sums,
)
from backoffice_api.domain.receivables.tables import receivables

# After these nothing more is asked for, whatever came.
_ENDED = frozenset(
    {
        IntentStatus.CAPTURED,
        IntentStatus.VOIDED,
        IntentStatus.EXPIRED,
        IntentStatus.FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Part of a payment that is expected by a day. `transaction_id`: what a provider captured."""

    position: int
    due_on: date
    amount_minor: int
    transaction_id: UUID | None = None


def on_payment_created(uow: UnitOfWork, event: PaymentCreated) -> None:
    """Expect what is asked for, one receivable for each instalment."""
    if event.method not in KINDS:
        return
    payment = on_payments.payments_by_ids(uow.db, [event.id])[event.id]
    if is_to_shop(payment):
        expect(uow, payment)


def on_payment_captured(uow: UnitOfWork, event: PaymentCaptured) -> None:
    """Money came: what was expected of it is settled, or it is expected of the provider now."""
    payment = on_payments.payments_by_ids(uow.db, [event.id])[event.id]
    if payment.provider != BY_HAND:
        _expect_payouts(uow, payment)
    elif is_to_shop(payment):
        settle_captured(uow, payment)
    follow_order(uow, payment.order_id)


def on_payment_ended(uow: UnitOfWork, event: PaymentVoided | PaymentExpired) -> None:
    """Nothing more is asked for: what is open of it is called off."""
    follow_order(uow, event.order_id)


def on_order_changed(
    uow: UnitOfWork, event: OrderToSettle | OrderSplit | OrderAllowanceChanged
) -> None:
    """The order comes to another amount: no more than that is owed."""
    follow_order(uow, event.id)


def on_refund_succeeded(uow: UnitOfWork, event: RefundSucceeded) -> None:
    """Money went back: what was called off because of it may be owed again."""
    follow_order(uow, event.order_id)


def expect(uow: UnitOfWork, payment: Payment) -> None:
    """Expect what a payment to the shop itself asks for, as far as its order owes it.

    What came of it already is settled.
    """
    order = on_orders.orders_by_ids(uow.db, [payment.order_id])[payment.order_id]
    parts = on_payments.installment_rows(uow.db, [payment.id]).get(payment.id, ())
    due_on = payment.due_on or payment.created_at.date()
    slots = [_Slot(each.position, each.due_on, each.amount_minor) for each in parts]
    _add(uow, payment, order.customer_id, slots or [_Slot(0, due_on, payment.amount_minor)])
    if payment.captured_minor:
        settle_captured(uow, payment)
    follow_order(uow, payment.order_id)


def follow_order(uow: UnitOfWork, order_id: UUID) -> None:
    """Have open what is still asked for and owed of an order, of receivables that there are.

    One statement for orders that have none.
    """
    found = [
        each
        for each in queries.receivables_by_orders(uow.db, [order_id]).get(order_id, ())
        if each.kind is not ReceivableKind.PAYOUT
    ]
    if not any(each.open_minor or each.called_off_minor for each in found):
        return
    order = on_orders.orders_by_ids(uow.db, [order_id])[order_id]
    payments = on_payments.payments_by_ids(uow.db, {each.payment_id for each in found})
    asked = [each for each in found if payments[each.payment_id].status not in _ENDED]
    wanted = {**{each.id: 0 for each in found}, **owed(asked, order.outstanding_minor)}
    today = uow.now.date()
    changes = [
        (each, with_sums(each, today, called_off=each.open_minor - wanted[each.id]))
        for each in found
        if each.open_minor != wanted[each.id]
    ]
    for (before, _), after in zip(changes, save_all(uow, receivables, changes), strict=True):
        event = ReceivableChanged(after.id, after.version, order_id, str(after.open))
        uow.emit(event, before=before, after=after)


def settle_captured(uow: UnitOfWork, payment: Payment) -> None:
    """Lay what was captured of a payment over its receivables, the earliest due first."""
    of = queries.receivables_by_payments(uow.db, [payment.id]).get(payment.id, ())
    more = payment.captured_minor - sum(each.settled_minor for each in of)
    if more <= 0:
        return
    today = uow.now.date()
    back = [  # what was called off came all the same
        with_sums(each, today, called_off=-each.called_off_minor) for each in of
    ]
    found = shares(back, more)
    by_ids = {each.id: each for each in of}
    revived = [
        (by_ids[each.id], each)
        for each in back
        if by_ids[each.id].called_off_minor and each.id in found
    ]
    fresh = {each.id: each for each in save_all(uow, receivables, revived)}
    settle(
        uow,
        [
            Came(fresh.get(id, by_ids[id]), minor, SettlementSource.PAYMENT, today)
            for id, minor in found.items()
        ],
    )


def _expect_payouts(uow: UnitOfWork, payment: Payment) -> None:
    """Expect of a provider what it has captured and nothing is expected of yet."""
    statement = (
        select_as(Transaction, transactions)
        .where(
            transactions.c.payment_id == payment.id,
            transactions.c.kind == TransactionKind.CAPTURE,
            ~select(receivables.c.id)
            .where(receivables.c.transaction_id == transactions.c.id)
            .exists(),
        )
        .order_by(transactions.c.created_at, transactions.c.id)
    )
    captured = fetch(uow.db, Transaction, statement)
    if not captured:
        return
    order = on_orders.orders_by_ids(uow.db, [payment.order_id])[payment.order_id]
    terms = queries.terms_by_providers(uow.db, [payment.provider]).get(payment.provider)
    count = len(queries.receivables_by_payments(uow.db, [payment.id]).get(payment.id, ()))
    slots = [
        _Slot(position, expected_on(each.occurred_at, terms), each.amount_minor, each.id)
        for position, each in enumerate(captured, start=count)
    ]
    _add(uow, payment, order.customer_id, slots)


def _add(
    uow: UnitOfWork, payment: Payment, customer_id: UUID | None, slots: Sequence[_Slot]
) -> None:
    today = uow.now.date()
    made = [_new(uow, payment, customer_id, each) for each in slots]
    made = [replace(each, state=state_of(each, today)) for each in made]
    add(uow, receivables, made)
    for each in made:
        event = ReceivableExpected(
            each.id,
            each.version,
            each.order_id,
            each.payment_id,
            each.kind,
            str(each.amount),
            each.due_on,
        )
        uow.emit(event, after=each)


def _new(uow: UnitOfWork, payment: Payment, customer_id: UUID | None, slot: _Slot) -> Receivable:
    by_payout = slot.transaction_id is not None
    return Receivable(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        order_id=payment.order_id,
        customer_id=customer_id,
        payment_id=payment.id,
        position=slot.position,
        transaction_id=slot.transaction_id,
        kind=ReceivableKind.PAYOUT if by_payout else KINDS[payment.method],
        provider=payment.provider,
        state=ReceivableState.EXPECTED,
        due_on=slot.due_on,
        currency=payment.currency,
        amount_minor=slot.amount_minor,
        settled_minor=0,
        written_off_minor=0,
        recovered_minor=0,
        called_off_minor=0,
        open_minor=slot.amount_minor,
        settled_on=None,
        disputed_at=None,
        dispute_note="",
        dunned=0,
    )
