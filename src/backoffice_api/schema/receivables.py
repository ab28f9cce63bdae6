"""Receivables, payouts, dunning, credit limits and write-offs on the wire."""

from datetime import date, datetime

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.payments import queries as payments
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.model import credit as credit_model
from backoffice_api.domain.receivables.model import dunning as dunning_model
from backoffice_api.domain.receivables.model import payouts as payout_model
from backoffice_api.domain.receivables.model import receivables as model
from backoffice_api.domain.receivables.model import write_offs as write_off_model
from backoffice_api.domain.receivables.model.dunning import DunningKind
from backoffice_api.domain.receivables.model.payouts import PayoutFinding, PayoutLineKind
from backoffice_api.domain.receivables.model.receivables import (
    ReceivableKind,
    ReceivableState,
    SettlementSource,
)
from backoffice_api.domain.receivables.model.write_offs import WriteOffReason, WriteOffStatus
from backoffice_api.domain.receivables.queries import credit as credit_queries
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
from backoffice_api.schema.payments import READ as PAYMENTS
from backoffice_api.schema.payments import Payment, PaymentTransaction
from backoffice_api.schema.receivable_inputs import PayoutLineFilter
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.RECEIVABLES_READ
CUSTOMERS = Scope.CUSTOMERS_READ

choice(SettlementSource, name="ReceivableSettlementSource")


@described
class ReceivableSettlement:
    """What came of a receivable. It is never changed nor removed."""

    source: SettlementSource = about("Who says so.")
    amount: Money = about("How much came. Below zero: it had not come after all.")
    booked_on: date = about("The day on which it came.")
    created_at: datetime = about("When that was noted here.")


@described
class DunningNotice:
    """That a customer was reminded of a receivable."""

    step_number: int = about("The number of the step.")
    kind: DunningKind = about("How firmly.")
    days_overdue: int = about("How many days late it was.")
    amount: Money = about("What was open then.")
    fee: Money = about("What was claimed besides; zero if nothing.")
    created_at: datetime = about("When.")


@node("rcv", model.Receivable, queries.receivables_by_ids, scope=READ)
class Receivable(Node, Versioned, HasTimeline):
    """Money that is expected for an order: an instalment, or what a provider has captured."""

    kind: ReceivableKind = about("How it should come in.")
    state: ReceivableState = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now, and what is in the way.")
    due_on: date = about("The day by which it should come.")
    amount: Money = about("What was asked for, or captured.")
    settled: Money = about("What came of it.")
    written_off: Money = about("What was given up.")
    recovered: Money = about("What came of that after all; it is among what came.")
    called_off: Money = about("What is not owed any more.")
    open: Money = about("What is still expected.")
    settled_on: date | None = about("The day on which the last of it came. Null: not all has.")
    provider: str = about("Whom it comes through: a gateway, or `manual`.")
    is_disputed: bool = about("The customer contests it: nobody is reminded of it.")
    disputed_at: datetime | None = about("Since when it is contested. Null: it is not.")
    dispute_note: str = about("What the customer said. Empty if nothing.")
    order: Order = one(orders.orders_by_ids, "order_id", "What it pays for.", scope=ORDERS)
    customer: Customer | None = one(
        customers.customers_by_ids, "customer_id", "Who ordered. Null: a guest.", scope=CUSTOMERS
    )
    payment: Payment = one(
        payments.payments_by_ids, "payment_id", "The payment that asks for it.", scope=PAYMENTS
    )
    transaction: PaymentTransaction | None = one(
        payments.transactions_by_ids,
        "transaction_id",
        "What its provider captured. Null: no provider did.",
        scope=PAYMENTS,
    )
    settlements: list[ReceivableSettlement] = many(
        queries.settlements_by_receivables, "id", "What came of it, in order."
    )
    dunning_notices: list[DunningNotice] = many(
        queries.notices_by_receivables, "id", "When the customer was reminded, at most 10."
    )
    write_offs: "list[WriteOff]" = many(
        queries.write_offs_by_receivables, "id", "What was to be given up of it, in order."
    )


@node("wof", write_off_model.WriteOff, queries.write_offs_by_ids, scope=READ)
class WriteOff(Node, Versioned, HasTimeline):
    """What is owed and given up, once another person agrees."""

    status: WriteOffStatus = about("How far it is.")
    reason: WriteOffReason = about("Why.")
    note: str = about("More about it. Empty if nothing was said.")
    amount: Money = about("How much; once posted, what was open of it then.")
    receivable: Receivable = one(queries.receivables_by_ids, "receivable_id", "What is given up.")


@node("pyl", payout_model.PayoutLine, queries.payout_lines_by_ids, scope=READ)
class PayoutLine(Node):
    """One thing that a payout is made of, and how it compares with our own books."""

    position: int = about("Its place in the payout, from 0.")
    kind: PayoutLineKind = about("What it is about.")
    reference: str = about("What the provider calls it. Empty: nothing.")
    gross: Money = about("The amount before the fee; below zero for what went back.")
    fee: Money = about("What the provider keeps.")
    net: Money = about("Gross without the fee.")
    finding: PayoutFinding = about("How it compares.")
    expected: Money | None = about("The gross amount that we know of. Null: we know of none.")
    expected_fee: Money | None = about("The fee that was agreed. Null: none was.")
    transaction: PaymentTransaction | None = one(
        payments.transactions_by_ids,
        "transaction_id",
        "What we know of it. Null: nothing.",
        scope=PAYMENTS,
    )
    payout: "Payout" = one(queries.payouts_by_ids, "payout_id", "What it is part of.")


@node("pyo", payout_model.Payout, queries.payouts_by_ids, scope=READ)
class Payout(Node, Versioned, HasTimeline):
    """What a provider or marketplace pays to the bank at once."""

    provider: str = about("Who pays.")
    reference: str = about("What the provider calls it.")
    state: ReceivableState = about("How far it is.")
    arrives_on: date = about("The day on which it should be at the bank.")
    amount: Money = about("What is paid out. Below zero: the provider takes it.")
    settled: Money = about("What of it is at the bank.")
    open: Money = about("What is not there yet.")
    fee: Money = about("What the provider keeps of all its lines.")
    differences: int = about("How many of its lines are not as we know them.")
    settled_on: date | None = about("The day on which it came. Null: it has not.")
    lines: Connection[PayoutLine] = listed_under(
        queries.payout_line_list,
        queries.payout_line_list.table.c.payout_id,
        "What it is made of, in order.",
        filter=PayoutLineFilter,
    )


@node("ptm", payout_model.PayoutTerms, queries.terms_by_ids, scope=READ)
class PayoutTerms(Node, Versioned, HasTimeline):
    """When a provider pays out, and what it may keep."""

    provider: str = about("Who.")
    delay_days: int = about("How many days after the capture the payout should be at the bank.")
    fee_bp: int | None = about(
        "What it may keep of a charge, in hundredths of a per cent. Null: fees are not compared."
    )
    fee_fixed: Money | None = about("What it may keep besides of each charge. Null: nothing.")


@node("dun", dunning_model.DunningStep, queries.steps_by_ids, scope=READ)
class DunningStep(Node, Versioned, HasTimeline):
    """So many days after the due date, customers are written to."""

    number: int = about("Its place among the steps, from 1.")
    days_after_due: int = about("How many days after the due date it comes.")
    kind: DunningKind = about("How firmly it is put.")
    fee: Money | None = about("What the message claims besides. Null: nothing.")
    is_active: bool = about("False: it was taken out.")


@node("crl", credit_model.CreditLimit, credit_queries.limits_by_ids, scope=READ)
class CreditLimit(Node, Versioned, HasTimeline):
    """How much a customer may owe in a currency before orders wait."""

    currency: CurrencyCode = about("The currency.")
    limit: Money | None = about("How much. Null: the limit was lifted.")
    customer: Customer = one(
        customers.customers_by_ids, "customer_id", "Whose it is.", scope=CUSTOMERS
    )


@described
class CreditStatus:
    """What a customer owes in one currency, and may."""

    currency: CurrencyCode = about("The currency.")
    limit: Money | None = about("What the customer may owe. Null: anything.")
    used: Money = about("What the customer owes, billed or not.")
    receivables: Money = about("What is asked for and open.")
    unbilled: Money = about("What placed orders come to beyond that, neither paid nor authorised.")
    available: Money | None = about("What may still be ordered. Null: there is no limit.")
    is_over: bool = about("More is owed than may be: new orders wait.")


@described
class ReceivablesAging:
    """What is open in one currency, by how late it is on a day."""

    currency: CurrencyCode = about("The currency.")
    not_due: Money = about("Not late.")
    to_30: Money = about("1 to 30 days late.")
    to_60: Money = about("31 to 60 days late.")
    to_90: Money = about("61 to 90 days late.")
    beyond: Money = about("More than 90 days late.")
    total: Money = about("All of it.")
    count: int = about("How many receivables are open.")


@error(model.SettledBeyondOpen)
class SettledBeyondOpenError(UserError):
    """More is named than is open, or than has come."""

    maximum: Money = about("What is possible.")


@error(payout_model.PayoutNotBalanced)
class PayoutNotBalancedError(UserError):
    """The lines of a payout do not come to its amount."""

    stated: Money = about("What the payout says.")
    lines: Money = about("What its lines come to.")
    difference: Money = about("The former without the latter.")


@payload
class ReceivablePayload(MutationPayload):
    """What a mutation of a receivable answers."""

    receivable: Receivable | None = one(
        queries.receivables_by_ids, "value", "It as it is now. Null if it was refused."
    )


@payload
class WriteOffPayload(MutationPayload):
    """What asking for a write-off answers."""

    write_off: WriteOff | None = one(
        queries.write_offs_by_ids, "value", "It as it is now. Null if it was refused."
    )


@payload
class PayoutPayload(MutationPayload):
    """What a mutation of a payout answers."""

    payout: Payout | None = one(
        queries.payouts_by_ids, "value", "It as it is now. Null if it was refused."
    )


@payload
class PayoutTermsPayload(MutationPayload):
    """What setting the terms of a provider answers."""

    terms: PayoutTerms | None = one(
        queries.terms_by_ids, "value", "They as they are now. Null if they were refused."
    )


@payload
class DunningStepPayload(MutationPayload):
    """What a mutation of a dunning step answers."""

    step: DunningStep | None = one(
        queries.steps_by_ids, "value", "It as it is now. Null if it was refused."
    )


@payload
class DunningRunPayload(MutationPayload):
    """What a run of dunning answers."""

    notices: list[DunningNotice] = many(
        queries.notices_by_made,
        "value",
        "Who is reminded of what, at most 250. Empty if nobody, or if it was refused.",
    )


@payload
class CreditLimitPayload(MutationPayload):
    """What setting a credit limit answers."""

    credit_limit: CreditLimit | None = one(
        credit_queries.limits_by_ids, "value", "It as it is now. Null if it was refused."
    )


attach(
    Order,
    "receivables",
    list[Receivable],
    many(
        queries.receivables_by_orders,
        "id",
        "What is expected for it, by the due date.",
        scope=READ,
    ),
)
attach(
    Customer,
    "credit_status",
    list[CreditStatus],
    many(
        credit_queries.status_by_customers,
        "id",
        "What it owes and may, one row for each currency. Empty if nothing.",
        scope=READ,
    ),
)
