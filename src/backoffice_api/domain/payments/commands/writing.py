"""How payments are written, by whichever command.

The order is locked first, always; so two who move money of one order do so one after the other, and
what they have read stays right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.settling import record_payment
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.model.events import PaymentSubmitted
from backoffice_api.domain.payments.model.gateways import (
    Operation,
    OperationKind,
    OperationStatus,
)
from backoffice_api.domain.payments.model.payments import (
    AmountExceeded,
    AmountNotPositive,
    Payment,
    settled_status,
)
from backoffice_api.domain.payments.model.refunds import Refund
from backoffice_api.domain.payments.model.schedules import next_due
from backoffice_api.domain.payments.model.transactions import (
    MoneyMoved,
    Transaction,
    TransactionKind,
    with_transaction,
)
from backoffice_api.domain.payments.tables import operations, payments, transactions

# Name of the job in which a worker asks a gateway.
ASK_JOB = "payments.ask_gateway"


@dataclass(frozen=True, slots=True)
class Posting:
    """Money that moved. `reference` None: nobody names it, so we do."""

    kind: TransactionKind
    amount_minor: int
    reference: str | None = None
    external_reference: str | None = None
    occurred_at: datetime | None = None
    refund_id: UUID | None = None
    dispute_id: UUID | None = None


def locked(uow: UnitOfWork, payment_id: UUID) -> tuple[Order, Payment]:
    """A payment and its order, which nobody else can change until the transaction ends.

    Raises:
        UnknownPayment: there is none.
    """
    order_id = queries.payment(uow.db, payment_id).order_id
    order = on_orders.locked_order(uow.db, order_id)
    return order, queries.payment(uow.db, payment_id)


def write(
    uow: UnitOfWork, before: Payment, after: Payment, postings: Sequence[Posting] = ()
) -> Payment:
    """Write a payment, with money that moved in it. The only place that changes its status.

    `after` holds all but the sums of the postings, which are added here; where they tell the
    status, they set it.

    Raises:
        AmountExceeded: more would be captured than authorised, or paid back than captured.
    """
    for each in postings:
        after = with_transaction(after, each.kind, each.amount_minor)
    _check_bounds(before, after)
    if postings:
        after = replace(after, status=settled_status(after))
        if after.due_on is not None:
            after = replace(after, due_on=_due_on(uow, after))
        made = [_transaction(uow, before, each) for each in postings]
        add(uow, transactions, made)
        uow.note(*(MoneyMoved(each, before.method) for each in made))
    return save(uow, payments, before, after)


def book(uow: UnitOfWork, order: Order) -> Order:
    """Write what all payments of a locked order come to onto it. The order as it is now."""
    return record_payment(uow, order, queries.sums_of(uow.db, order.id))


def ask_gateway(
    uow: UnitOfWork,
    order: Order,
    before: Payment,
    kind: OperationKind,
    amount: Money,
    *,
    token: str | None = None,
    refund: Refund | None = None,
) -> Payment:
    """Have a worker ask the provider, after the commit. The payment as it is now."""
    target = before.captured_minor + (amount.minor if kind is OperationKind.CAPTURE else 0)
    operation = Operation(
        id=uow.new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        payment_id=before.id,
        refund_id=refund.id if refund else None,
        kind=kind,
        status=OperationStatus.PENDING,
        amount_minor=amount.minor,
        target_minor=target,
        token=token,
        attempts=0,
    )
    add(uow, operations, [operation])
    uow.enqueue(Job(ASK_JOB, {"operation_id": operation.id.hex}))
    if refund:
        return before
    after = write(uow, before, replace(before, pending_operation=kind.value, failure=None))
    event = PaymentSubmitted(after.id, after.version, order.id, order.name, kind.value, str(amount))
    uow.emit(event, before=before, after=after)
    return after


def check_amount(amount: Money, order: Order, *path: str) -> None:
    """Raises: CurrencyMismatch, AmountNotPositive."""
    if amount.currency != order.currency:
        raise CurrencyMismatch(order.currency, amount.currency).at(*path)
    if amount.minor <= 0:
        raise AmountNotPositive().at(*path)


def tell(uow: UnitOfWork, events: Sequence[Event], before: Payment | None, after: Payment) -> None:
    """Tell what happened to a payment at once; the first one says which fields changed."""
    for position, event in enumerate(events):
        if position:
            uow.emit(event)
        else:
            uow.emit(event, before=before, after=after)


def _check_bounds(before: Payment, after: Payment) -> None:
    """M1 and M2, as the constraints of the table have them, in words that a program can act on."""
    if after.capturable_minor < 0:
        raise AmountExceeded(before.money(max(before.capturable_minor, 0)))
    if after.refunded_minor + after.refunding_minor > after.captured_minor:
        raise AmountExceeded(before.refundable)


def _due_on(uow: UnitOfWork, payment: Payment) -> date | None:
    rows = queries.installment_rows(uow.db, [payment.id]).get(payment.id, ())
    if rows:
        return next_due(rows, payment.captured_minor)
    return None if payment.captured_minor >= payment.amount_minor else payment.due_on


def _transaction(uow: UnitOfWork, payment: Payment, posting: Posting) -> Transaction:
    id = uow.new_id()
    return Transaction(
        id=id,
        created_at=uow.now,
        payment_id=payment.id,
        order_id=payment.order_id,
        refund_id=posting.refund_id,
        dispute_id=posting.dispute_id,
        kind=posting.kind,
        currency=payment.currency,
        amount_minor=posting.amount_minor,
        provider=payment.provider,
        provider_reference=posting.reference or ids.text("ptx", id),
        external_reference=posting.external_reference,
        occurred_at=posting.occurred_at or uow.now,
    )
