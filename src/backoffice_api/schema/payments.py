"""Payments, refunds, disputes and store credit on the wire."""

from datetime import date, datetime

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.model import credits as credit_model
from backoffice_api.domain.payments.model import disputes as dispute_model
from backoffice_api.domain.payments.model import payments as model
from backoffice_api.domain.payments.model import refunds as refund_model
from backoffice_api.domain.payments.model import transactions as transaction_model
from backoffice_api.domain.payments.model.credits import (
    CreditEntrySortKey,
    CreditReason,
)
from backoffice_api.domain.payments.model.schedules import InstallmentStatus
from backoffice_api.domain.payments.model.transactions import TransactionKind, TransactionSortKey
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.payment_choices import (
    DisputeStatus,
    IntentStatus,
    PaymentMethod,
    RefundDestination,
    RefundReason,
    RefundStatus,
)
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.PAYMENTS_READ

choice(InstallmentStatus)
choice(TransactionKind, name="PaymentTransactionKind")
choice(TransactionSortKey, name="PaymentTransactionSortKey")
choice(CreditReason, name="StoreCreditReason")
choice(CreditEntrySortKey, name="StoreCreditEntrySortKey")


@node("ptx", transaction_model.Transaction, queries.transactions_by_ids, scope=READ)
class PaymentTransaction(Node):
    """Money that moved, or was set aside or given up. It is never changed nor removed."""

    kind: TransactionKind = about("What happened to the money.")
    amount: Money = about("How much.")
    provider: str = about("Who tells it: a gateway, or `manual`.")
    provider_reference: str = about("What the provider calls it; unique per provider.")
    external_reference: str | None = about("What a statement calls it. Null: nobody said.")
    occurred_at: datetime = about("When the money moved.")
    created_at: datetime = about("When that was noted here.")


@described
class PaymentInstallment:
    """Part of a payment that is due by a day. What is paid fills the earliest one first."""

    position: int = about("Its place in the schedule, from 0.")
    due_on: date = about("The day by which it should be paid.")
    amount: Money = about("How much is due.")
    paid: Money = about("How much of it is paid.")
    status: InstallmentStatus = about("Whether it is paid.")


@node("pay", model.Payment, queries.payments_by_ids, scope=READ)
class Payment(Node, Versioned, HasTimeline):
    """So much to be paid for an order in one way, and what became of it."""

    method: PaymentMethod = about("How it is paid.")
    provider: str = about("The gateway, or `manual` for what no gateway does.")
    status: IntentStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now, and what is in the way.")
    amount: Money = about("What is to be paid.")
    authorized: Money = about("What was set aside so far, in all.")
    capturable: Money = about("What is set aside and can be captured.")
    captured: Money = about("What was paid.")
    voided: Money = about("What was set aside and given up.")
    refunded: Money = about("What was paid back.")
    refunding: Money = about("What is on its way back.")
    refundable: Money = about("What can still be paid back.")
    charged_back: Money = about("What a bank took back after a dispute.")
    capture_at_once: bool = about("It is captured as soon as it is authorised.")
    pending_operation: str | None = about(
        "What the provider is asked and has not answered: authorize, capture, void. Null: none."
    )
    expires_at: datetime | None = about("When it ends if nothing is paid. Null: never.")
    due_on: date | None = about("The next day by which some of it should be paid. Null: none.")
    provider_reference: str | None = about("What the provider calls it. Null: it knows nothing.")
    pay_code: str | None = about(
        "What the buyer pays by: a BR Code for PIX, a digit line for a boleto. Null: nothing."
    )
    bar_code: str | None = about("The bar code of a boleto, 44 digits. Null for other methods.")
    action_url: str | None = about("Where the buyer confirms it. Null: nothing is to be confirmed.")
    card_brand: str | None = about("Brand of the card. Null: not known.")
    card_last_four: str | None = about("The last four digits of the card. Null: not known.")
    card_expires: str | None = about("Year and month the card expires, as 2027-05. Null: unknown.")
    failure: str | None = about("Why the provider refused last. Null: it did not.")
    note: str = about("What the staff should know. Empty if nothing.")
    order: Order = one(orders.orders_by_ids, "order_id", "What it pays for.", scope=ORDERS)
    installments: list[PaymentInstallment] = many(
        queries.schedules_by_payments, "id", "By when which part is due, at most 60; else empty."
    )
    transactions: Connection[PaymentTransaction] = listed_under(
        queries.transaction_list,
        queries.transaction_list.table.c.payment_id,
        "What happened to its money, in order.",
    )
    refunds: "list[Refund]" = many(
        queries.refunds_by_payments, "id", "What is or was to be paid back of it, at most 200."
    )
    disputes: "list[Dispute]" = many(
        queries.disputes_by_payments, "id", "What buyers asked their banks to take back."
    )


@node("rfd", refund_model.Refund, queries.refunds_by_ids, scope=READ)
class Refund(Node, Versioned, HasTimeline):
    """Money that goes back out of one payment."""

    number: str = about("The number of its order and a running count.")
    status: RefundStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    amount: Money = about("How much goes back.")
    reason: RefundReason = about("Why.")
    destination: RefundDestination = about("Where the money goes.")
    note: str = about("More about it. Empty if nothing was said.")
    attempts: int = about("How often it was submitted.")
    submitted_at: datetime | None = about("When it was submitted last. Null: it was not.")
    settled_at: datetime | None = about("When it was paid back. Null: it is not.")
    provider_reference: str | None = about("What the provider calls it. Null: it knows nothing.")
    failure: str | None = about("Why the provider refused last. Null: it did not.")
    payment: Payment = one(queries.payments_by_ids, "payment_id", "What it comes out of.")
    order: Order = one(orders.orders_by_ids, "order_id", "The order it was paid for.", scope=ORDERS)


@node("dsp", dispute_model.Dispute, queries.disputes_by_ids, scope=READ)
class Dispute(Node, Versioned, HasTimeline):
    """A buyer asks the bank to take money back."""

    provider: str = about("Who tells it: a gateway, or `manual`.")
    provider_reference: str = about("What the provider calls it.")
    status: DisputeStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    amount: Money = about("How much the buyer wants back.")
    reason: str = about("Why, in the bank's words. Empty if not said.")
    evidence: str = about("What is held against it. Empty if nothing yet.")
    respond_by: datetime | None = about("When an answer is too late. Null: not known.")
    closed_at: datetime | None = about("When it ended. Null: it is open.")
    payment: Payment = one(queries.payments_by_ids, "payment_id", "What is disputed.")
    order: Order = one(orders.orders_by_ids, "order_id", "The order it was paid for.", scope=ORDERS)


@node("sce", credit_model.CreditEntry, queries.credit_entries_by_ids, scope=READ)
class StoreCreditEntry(Node):
    """One change of a credit. It is never changed nor removed."""

    created_at: datetime = about("When the credit changed.")
    reason: CreditReason = about("Why.")
    delta: Money = about("By how much; negative where it fell.")
    balance: Money = about("What the credit was afterwards.")
    note: str = about("More about it. Empty if nothing was said.")
    payment: Payment | None = one(
        queries.payments_by_ids, "payment_id", "The payment behind it. Null: none."
    )
    refund: Refund | None = one(
        queries.refunds_by_ids, "refund_id", "The refund behind it. Null: none."
    )


@node("scr", credit_model.StoreCredit, queries.store_credits_by_ids, scope=READ)
class StoreCredit(Node, Versioned, HasTimeline):
    """What the shop owes a customer in one currency."""

    currency: CurrencyCode = about("The currency.")
    balance: Money = about("How much it is; never below zero.")
    customer: Customer = one(
        customers.customers_by_ids, "customer_id", "Whose it is.", scope=Scope.CUSTOMERS_READ
    )
    entries: Connection[StoreCreditEntry] = listed_under(
        queries.credit_entry_list,
        queries.credit_entry_list.table.c.account_id,
        "How it came about, newest first.",
    )


@error(model.AmountExceeded)
class AmountExceededError(UserError):
    """More is asked for than there is left."""

    maximum: Money = about("How much is left.")


@error(credit_model.InsufficientStoreCredit)
class InsufficientStoreCreditError(UserError):
    """The customer has less credit than is to be taken."""

    available: Money = about("How much there is.")


@payload
class PaymentPayload(MutationPayload):
    """What a mutation of a payment answers."""

    payment: Payment | None = one(
        queries.payments_by_ids, "value", "The payment as it is now. Null if it was refused."
    )


@payload
class RefundPayload(MutationPayload):
    """What a mutation of a refund answers."""

    refund: Refund | None = one(
        queries.refunds_by_ids, "value", "The refund as it is now. Null if it was refused."
    )


@payload
class RefundsPayload(MutationPayload):
    """What asking for refunds answers."""

    refunds: list[Refund] = many(
        queries.refunds_by_made,
        "value",
        "One refund for each payment that the money comes out of. Empty if it was refused.",
    )


@payload
class DisputePayload(MutationPayload):
    """What a mutation of a dispute answers."""

    dispute: Dispute | None = one(
        queries.disputes_by_ids, "value", "The dispute as it is now. Null if it was refused."
    )


@payload
class StoreCreditPayload(MutationPayload):
    """What a change of store credit answers."""

    store_credit: StoreCredit | None = one(
        queries.store_credits_by_ids, "value", "The credit as it is now. Null if it was refused."
    )


attach(
    Order,
    "payments",
    list[Payment],
    many(queries.payments_by_orders, "id", "Its payments, oldest first; at most 100.", scope=READ),
)
attach(
    Order,
    "refunds",
    list[Refund],
    many(queries.refunds_by_orders, "id", "Its refunds, oldest first; at most 200.", scope=READ),
)
attach(
    Customer,
    "store_credits",
    list[StoreCredit],
    many(
        queries.store_credits_by_customers,
        "id",
        "What the shop owes it, one credit for each currency.",
        scope=READ,
    ),
)
