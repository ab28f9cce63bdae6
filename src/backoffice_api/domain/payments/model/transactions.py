"""Transactions: what happened to the money. They are only ever added (ADR 0025)."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.payments import Payment, PaymentMethod


class TransactionKind(Choice):
    """What happened to the money."""

    AUTHORIZE = "authorize", "It was set aside."
    CAPTURE = "capture", "It was paid to the shop."
    VOID = "void", "What was set aside was given up."
    REFUND = "refund", "It was paid back."
    CHARGEBACK = "chargeback", "A bank took it back after a dispute."
    REVERSAL = "reversal", "It was noted as paid by mistake, and that is taken back."


class TransactionSortKey(Choice):
    """By what a list of transactions is sorted."""

    CREATED_AT = "created_at", "When it was noted here."


# Which sum of a payment each kind adds to.
SUM_BY_KIND = {
    TransactionKind.AUTHORIZE: "authorized_minor",
    TransactionKind.CAPTURE: "captured_minor",
    TransactionKind.VOID: "voided_minor",
    TransactionKind.REFUND: "refunded_minor",
    TransactionKind.CHARGEBACK: "charged_back_minor",
}
# Which sum it takes from.
TAKEN_BY_KIND = {TransactionKind.REVERSAL: "captured_minor"}


@dataclass(frozen=True, slots=True)
class Transaction:
    """`provider_reference` is unique per provider; what is done by hand gets one of ours.

    `external_reference`: what a bank statement or a person calls it. `occurred_at`: when the money
    moved, `created_at`: when that was noted here.
    """

    id: UUID
    created_at: datetime
    payment_id: UUID
    order_id: UUID
    refund_id: UUID | None
    dispute_id: UUID | None
    kind: TransactionKind
    currency: str
    amount_minor: int
    provider: str
    provider_reference: str
    external_reference: str | None
    occurred_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """A transaction that was just noted, and how it was paid."""

    transaction: Transaction
    method: PaymentMethod


def with_transaction(payment: Payment, kind: TransactionKind, amount_minor: int) -> Payment:
    """The payment with one more transaction in its sums."""
    if name := TAKEN_BY_KIND.get(kind):
        return replace(payment, **{name: getattr(payment, name) - amount_minor})
    name = SUM_BY_KIND[kind]
    return replace(payment, **{name: getattr(payment, name) + amount_minor})
