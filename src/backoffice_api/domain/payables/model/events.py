"""What happens to bills."""

from dataclasses import dataclass, field
from uuid import UUID

from backoffice_api.domain.kernel.events import COST, Event


@dataclass(frozen=True, slots=True)
class BillEvent(Event):
    """Something that happened to a bill. `number`: the supplier's."""

    subject = "bil"
    id: UUID
    version: int
    supplier_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class BillCreated(BillEvent):
    type = "bill.created"
    summary = "Bill {number} was entered."


@dataclass(frozen=True, slots=True)
class BillUpdated(BillEvent):
    type = "bill.updated"
    summary = "Bill {number} was changed."


@dataclass(frozen=True, slots=True)
class BillSubmitted(BillEvent):
    type = "bill.submitted"
    summary = "Bill {number} was submitted."


@dataclass(frozen=True, slots=True)
class BillMatched(BillEvent):
    """It was held against orders and receipts once more."""

    type = "bill.matched"
    summary = "Bill {number} was compared with orders and receipts: {outcome}."
    outcome: str


@dataclass(frozen=True, slots=True)
class BillMatchWaived(BillEvent):
    type = "bill.match_waived"
    summary = "What does not match of bill {number} was waived."


@dataclass(frozen=True, slots=True)
class BillApproved(BillEvent):
    """It is owed from now on."""

    type = "bill.approved"
    summary = "Bill {number} was approved."
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class BillRejected(BillEvent):
    type = "bill.rejected"
    summary = "Bill {number} was rejected."


@dataclass(frozen=True, slots=True)
class BillReopened(BillEvent):
    type = "bill.reopened"
    summary = "Bill {number} is a draft again."


@dataclass(frozen=True, slots=True)
class BillDisputed(BillEvent):
    type = "bill.disputed"
    summary = "Bill {number} is disputed."


@dataclass(frozen=True, slots=True)
class BillDisputeResolved(BillEvent):
    type = "bill.dispute_resolved"
    summary = "The dispute about bill {number} is over."


@dataclass(frozen=True, slots=True)
class BillVoided(BillEvent):
    type = "bill.voided"
    summary = "Bill {number} was voided."


@dataclass(frozen=True, slots=True)
class BillPaid(BillEvent):
    """Money settled a part of it, or all."""

    type = "bill.paid"
    summary = "Of bill {number}, an amount was paid."
    payment_id: UUID
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class BillPaymentReversed(BillEvent):
    type = "bill.payment_reversed"
    summary = "A payment of bill {number} was taken back."
    payment_id: UUID
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class BillCredited(BillEvent):
    """A credit note was set off against it."""

    type = "bill.credited"
    summary = "A credit note was set off against bill {number}."
    credit_note_id: UUID
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class CreditNoteApplied(BillEvent):
    """The credit note was set off against a bill."""

    type = "bill.credit_applied"
    summary = "Credit note {number} was set off against a bill."
    bill_id: UUID
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class BillCreditReversed(BillEvent):
    """What was set off between a credit note and a bill is open again on both."""

    type = "bill.credit_reversed"
    summary = "What was set off on {number} was taken back."
    credit_id: UUID
    amount: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class MatchToleranceSet(Event):
    type = "match_tolerance.set"
    subject = "mto"
    summary = "A tolerance for bills was set."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class MatchToleranceRemoved(Event):
    type = "match_tolerance.removed"
    subject = "mto"
    summary = "A tolerance for bills was removed."
    id: UUID
    version: int
