"""What can be asked about payments, refunds, disputes and store credit."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.uow import Actor
from backoffice_api.domain.orders.model.payments import PaymentSums
from backoffice_api.domain.payments.model.credits import (
    CreditEntry,
    CreditEntrySortKey,
    StoreCredit,
    StoreCreditSortKey,
)
from backoffice_api.domain.payments.model.disputes import Dispute, DisputeSortKey, UnknownDispute
from backoffice_api.domain.payments.model.gateways import Operation, OperationStatus
from backoffice_api.domain.payments.model.payments import Payment, PaymentSortKey, UnknownPayment
from backoffice_api.domain.payments.model.refunds import (
    Refund,
    RefundsMade,
    RefundSortKey,
    RefundStatus,
    UnknownRefund,
)
from backoffice_api.domain.payments.model.schedules import Installment, InstallmentState, filled
from backoffice_api.domain.payments.model.transactions import Transaction, TransactionSortKey
from backoffice_api.domain.payments.tables import (
    credit_entries,
    disputes,
    installments,
    operations,
    payments,
    refunds,
    store_credits,
    transactions,
)

payments_by_ids = one_per(Payment, payments, payments.c.id)
payments_by_orders = many_per(
    Payment, payments, payments.c.order_id, payments.c.created_at, payments.c.id
)
transactions_by_ids = one_per(Transaction, transactions, transactions.c.id)
refunds_by_ids = one_per(Refund, refunds, refunds.c.id)
refunds_by_orders = many_per(
    Refund, refunds, refunds.c.order_id, refunds.c.created_at, refunds.c.id
)
refunds_by_payments = many_per(
    Refund, refunds, refunds.c.payment_id, refunds.c.created_at, refunds.c.id
)
disputes_by_ids = one_per(Dispute, disputes, disputes.c.id)
disputes_by_payments = many_per(
    Dispute, disputes, disputes.c.payment_id, disputes.c.created_at, disputes.c.id
)
disputes_by_orders = many_per(
    Dispute, disputes, disputes.c.order_id, disputes.c.created_at, disputes.c.id
)
store_credits_by_ids = one_per(StoreCredit, store_credits, store_credits.c.id)
store_credits_by_customers = many_per(
    StoreCredit, store_credits, store_credits.c.customer_id, store_credits.c.currency
)
operations_by_ids = one_per(Operation, operations, operations.c.id)
installment_rows = many_per(
    Installment, installments, installments.c.payment_id, installments.c.position
)

payment_list = Listing(
    Payment,
    payments,
    sorts={
        PaymentSortKey.CREATED_AT: payments.c.created_at,
        PaymentSortKey.UPDATED_AT: payments.c.updated_at,
        PaymentSortKey.AMOUNT: payments.c.amount_minor,
    },
    words={
        "order_id": On(payments.c.order_id),
        "status": On(payments.c.status),
        "method": On(payments.c.method),
        "provider": On(payments.c.provider),
        "provider_reference": On(payments.c.provider_reference),
        "amount": OnMoney(payments.c.amount_minor, payments.c.currency),
        "due_on": On(payments.c.due_on),
        "created_at": On(payments.c.created_at),
    },
)

transaction_list = Listing(
    Transaction,
    transactions,
    sorts={TransactionSortKey.CREATED_AT: transactions.c.created_at},
    descending=False,
)

refund_list = Listing(
    Refund,
    refunds,
    sorts={
        RefundSortKey.CREATED_AT: refunds.c.created_at,
        RefundSortKey.UPDATED_AT: refunds.c.updated_at,
        RefundSortKey.AMOUNT: refunds.c.amount_minor,
    },
    words={
        "order_id": On(refunds.c.order_id),
        "payment_id": On(refunds.c.payment_id),
        "status": On(refunds.c.status),
        "reason": On(refunds.c.reason),
        "number": On(refunds.c.number),
        "amount": OnMoney(refunds.c.amount_minor, refunds.c.currency),
        "created_at": On(refunds.c.created_at),
    },
)

dispute_list = Listing(
    Dispute,
    disputes,
    sorts={
        DisputeSortKey.CREATED_AT: disputes.c.created_at,
        DisputeSortKey.UPDATED_AT: disputes.c.updated_at,
    },
    words={
        "order_id": On(disputes.c.order_id),
        "payment_id": On(disputes.c.payment_id),
        "status": On(disputes.c.status),
        "respond_by": On(disputes.c.respond_by),
        "created_at": On(disputes.c.created_at),
    },
)

store_credit_list = Listing(
    StoreCredit,
    store_credits,
    sorts={
        StoreCreditSortKey.CREATED_AT: store_credits.c.created_at,
        StoreCreditSortKey.UPDATED_AT: store_credits.c.updated_at,
        StoreCreditSortKey.BALANCE: store_credits.c.balance_minor,
    },
    words={
        "customer_id": On(store_credits.c.customer_id),
        "balance": OnMoney(store_credits.c.balance_minor, store_credits.c.currency),
    },
)

credit_entry_list = Listing(
    CreditEntry,
    credit_entries,
    sorts={CreditEntrySortKey.CREATED_AT: credit_entries.c.created_at},
)
credit_entries_by_ids = one_per(CreditEntry, credit_entries, credit_entries.c.id)


def schedules_by_payments(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[InstallmentState]]:
    """The schedule of each payment that has one, with what is paid of it."""
    rows = installment_rows(db, ids)
    found = payments_by_ids(db, rows)
    return {id: filled(of, found[id].captured_minor) for id, of in rows.items()}


def refunds_by_made(
    db: Connection, keys: Iterable[RefundsMade]
) -> Mapping[RefundsMade, Sequence[Refund]]:
    """The refunds that commands made."""
    wanted = tuple(keys)
    found = refunds_by_ids(db, {id for each in wanted for id in each.refund_ids})
    return {each: [found[id] for id in each.refund_ids] for each in wanted}


def payment(db: Connection, id: UUID) -> Payment:
    """Raises: UnknownPayment."""
    if found := payments_by_ids(db, [id]).get(id):
        return found
    raise UnknownPayment(id).at("id")


def refund(db: Connection, id: UUID) -> Refund:
    """Raises: UnknownRefund."""
    if found := refunds_by_ids(db, [id]).get(id):
        return found
    raise UnknownRefund(id).at("id")


def dispute(db: Connection, id: UUID) -> Dispute:
    """Raises: UnknownDispute."""
    if found := disputes_by_ids(db, [id]).get(id):
        return found
    raise UnknownDispute(id).at("id")


def payments_of(db: Connection, order_id: UUID) -> Sequence[Payment]:
    """All payments of one order, oldest first."""
    return payments_by_orders(db, [order_id]).get(order_id, ())


def payment_at(db: Connection, provider: str, reference: str) -> Payment | None:
    """The payment that the provider calls so."""
    statement = select_as(Payment, payments).where(
        payments.c.provider == provider, payments.c.provider_reference == reference
    )
    return next(iter(fetch(db, Payment, statement)), None)


def is_recorded(db: Connection, payment_id: UUID, reference: str) -> bool:
    """Whether money of a payment was noted that a statement calls so."""
    statement = select(transactions.c.id).where(
        transactions.c.payment_id == payment_id, transactions.c.external_reference == reference
    )
    return db.execute(statement).first() is not None


def refund_at(db: Connection, payment_id: UUID, reference: str) -> Refund | None:
    """The refund of a payment that the provider calls so."""
    statement = select_as(Refund, refunds).where(
        refunds.c.payment_id == payment_id, refunds.c.provider_reference == reference
    )
    return next(iter(fetch(db, Refund, statement)), None)


def dispute_at(db: Connection, provider: str, reference: str) -> Dispute | None:
    """The dispute that the provider calls so."""
    statement = select_as(Dispute, disputes).where(
        disputes.c.provider == provider, disputes.c.provider_reference == reference
    )
    return next(iter(fetch(db, Dispute, statement)), None)


def open_operation(db: Connection, payment_id: UUID) -> Operation | None:
    """What the provider was asked of a payment, besides refunds, and has not answered."""
    statement = select_as(Operation, operations).where(
        operations.c.payment_id == payment_id,
        operations.c.refund_id.is_(None),
        operations.c.status == OperationStatus.PENDING,
    )
    return next(iter(fetch(db, Operation, statement)), None)


def sums_of(db: Connection, order_id: UUID) -> PaymentSums:
    """What all payments of an order come to."""
    of = payments_of(db, order_id)
    return PaymentSums(
        authorized_minor=sum(each.capturable_minor for each in of),
        captured_minor=sum(each.captured_minor for each in of),
        refunded_minor=sum(each.refunded_minor for each in of),
        refunding_minor=sum(each.refunding_minor for each in of),
        charged_back_minor=sum(each.charged_back_minor for each in of),
    )


def refunded_by(db: Connection, order_id: UUID, actor: Actor) -> int:
    """How much of an order somebody has had paid back so far, or asked to, in minor units."""
    statement = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.order_id == order_id,
        refunds.c.created_by_kind == actor.kind.value,
        refunds.c.created_by_id == actor.id,
        refunds.c.status.not_in((RefundStatus.FAILED, RefundStatus.CANCELLED)),
    )
    return int(db.execute(statement).scalar_one())


def refunds_made(db: Connection, order_id: UUID) -> int:
    """How many refunds an order has, whatever became of them."""
    statement = select(func.count()).where(refunds.c.order_id == order_id)
    return int(db.execute(statement).scalar_one())
