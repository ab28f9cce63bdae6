"""What settles bills: payments, and credit notes set off against them. Rows are only added."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import COST
from backoffice_api.domain.kernel.money import Money

REFERENCE_LENGTH_MAX = 120
# What stands on payments that a statement made: undoing the match takes them back.
BY_STATEMENT = "statement"


class BillPaymentMethod(Choice):
    """How a bill was paid."""

    PAYMENT_RUN = "payment_run", "By a payment run."
    BANK_TRANSFER = "bank_transfer", "By a transfer outside of runs."
    DIRECT_DEBIT = "direct_debit", "The supplier took it from the bank account."
    CARD = "card", "By card."
    CASH = "cash", "In cash."
    OTHER = "other", "Another way."


class BillPaymentSortKey(Choice):
    """By what a list of payments of bills is sorted."""

    CREATED_AT = "created_at", "When it was noted."


@dataclass(frozen=True, slots=True)
class BillPayment:
    """Money that settled a part of a bill; below zero: what takes back the payment `reverses_id`.

    `discount_minor`: what the supplier let off for paying early; it settles the bill, too.
    `cleared_minor`: what a statement of the bank has shown of it. `attempt`: that of the line.
    """

    id: UUID
    created_at: datetime
    bill_id: UUID
    method: BillPaymentMethod
    paid_on: date
    currency: str
    amount_minor: int = field(metadata=COST)
    discount_minor: int = field(metadata=COST)
    cleared_minor: int = field(metadata=COST)
    reference: str | None
    run_line_id: UUID | None
    attempt: int
    reverses_id: UUID | None
    actor_kind: str
    actor_id: UUID | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def cleared(self) -> Money:
        return Money(self.cleared_minor, self.currency)


@dataclass(frozen=True, slots=True)
class BillCredit:
    """A part of a credit note, set off against a bill; below zero: taken back."""

    id: UUID
    created_at: datetime
    credit_note_id: UUID
    bill_id: UUID
    applied_on: date
    currency: str
    amount_minor: int = field(metadata=COST)
    reverses_id: UUID | None
    actor_kind: str
    actor_id: UUID | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def not_reversed(payments: Sequence[BillPayment]) -> Sequence[BillPayment]:
    """The payments that still count."""
    reversed_ids = {each.reverses_id for each in payments}
    return [each for each in payments if not each.reverses_id and each.id not in reversed_ids]
