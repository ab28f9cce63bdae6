"""What happens to what is owed to the shop. Amounts are told as people read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.receivables.model.dunning import DunningKind
from backoffice_api.domain.receivables.model.receivables import ReceivableKind


@dataclass(frozen=True, slots=True)
class ReceivableExpected(Event):
    type = "receivable.expected"
    subject = "rcv"
    summary = "{amount} are expected by {due_on}: {kind}."
    id: UUID
    version: int
    order_id: UUID
    payment_id: UUID
    kind: ReceivableKind
    amount: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ReceivableSettled(Event):
    """`amount` came; `open` is left."""

    type = "receivable.settled"
    subject = "rcv"
    summary = "{amount} came of what was expected; {open} is open."
    id: UUID
    version: int
    order_id: UUID
    amount: str
    open: str


@dataclass(frozen=True, slots=True)
class ReceivableUnsettled(Event):
    type = "receivable.unsettled"
    subject = "rcv"
    summary = "{amount} had not come after all; {open} is open."
    id: UUID
    version: int
    order_id: UUID
    amount: str
    open: str


@dataclass(frozen=True, slots=True)
class ReceivableChanged(Event):
    """Another part of it is owed than before."""

    type = "receivable.changed"
    subject = "rcv"
    summary = "What is open of a receivable changed: {open}."
    id: UUID
    version: int
    order_id: UUID
    open: str


@dataclass(frozen=True, slots=True)
class ReceivableDue(Event):
    type = "receivable.due"
    subject = "rcv"
    summary = "{open} are due today."
    id: UUID
    version: int
    order_id: UUID
    open: str


@dataclass(frozen=True, slots=True)
class ReceivableOverdue(Event):
    type = "receivable.overdue"
    subject = "rcv"
    summary = "{open} were due on {due_on}."
    id: UUID
    version: int
    order_id: UUID
    open: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ReceivableDisputed(Event):
    type = "receivable.disputed"
    subject = "rcv"
    summary = "The customer contests a receivable."
    id: UUID
    version: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReceivableDisputeEnded(Event):
    type = "receivable.dispute_ended"
    subject = "rcv"
    summary = "The customer does not contest a receivable any more."
    id: UUID
    version: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReceivableDunned(Event):
    """The customer is to be reminded: what a message needs to know. `fee` is claimed besides."""

    type = "receivable.dunned"
    subject = "rcv"
    summary = "Step {step} of dunning, {kind}: {amount} are {days_overdue} days late."
    id: UUID
    version: int
    order_id: UUID
    order: str
    step: int
    kind: DunningKind
    amount: str
    fee: str
    due_on: date
    days_overdue: int


@dataclass(frozen=True, slots=True)
class DunningStepSet(Event):
    type = "dunning_step.set"
    subject = "dun"
    summary = "Step {number} of dunning comes {days_after_due} days after the due date."
    id: UUID
    version: int
    number: int
    days_after_due: int


@dataclass(frozen=True, slots=True)
class DunningStepRemoved(Event):
    type = "dunning_step.removed"
    subject = "dun"
    summary = "Step {number} of dunning was removed."
    id: UUID
    version: int
    number: int


@dataclass(frozen=True, slots=True)
class PayoutTermsSet(Event):
    type = "payout_terms.set"
    subject = "ptm"
    summary = "{provider} pays out {delay_days} days after the capture."
    id: UUID
    version: int
    provider: str
    delay_days: int


@dataclass(frozen=True, slots=True)
class PayoutImported(Event):
    """`differences`: how many lines are not as we know them."""

    type = "payout.imported"
    subject = "pyo"
    summary = "Payout {reference} of {provider} was imported: {amount}."
    id: UUID
    version: int
    provider: str
    reference: str
    amount: str
    fee: str
    differences: int


@dataclass(frozen=True, slots=True)
class PayoutMatched(Event):
    type = "payout.matched"
    subject = "pyo"
    summary = "The lines of payout {reference} were compared again."
    id: UUID
    version: int
    reference: str
    differences: int


@dataclass(frozen=True, slots=True)
class PayoutSettled(Event):
    type = "payout.settled"
    subject = "pyo"
    summary = "{amount} of payout {reference} came; {open} is open."
    id: UUID
    version: int
    reference: str
    amount: str
    open: str


@dataclass(frozen=True, slots=True)
class PayoutUnsettled(Event):
    type = "payout.unsettled"
    subject = "pyo"
    summary = "{amount} of payout {reference} had not come after all; {open} is open."
    id: UUID
    version: int
    reference: str
    amount: str
    open: str


@dataclass(frozen=True, slots=True)
class PayoutDue(Event):
    type = "payout.due"
    subject = "pyo"
    summary = "Payout {reference} should arrive today."
    id: UUID
    version: int
    reference: str


@dataclass(frozen=True, slots=True)
class PayoutOverdue(Event):
    type = "payout.overdue"
    subject = "pyo"
    summary = "Payout {reference} should have arrived on {arrives_on}."
    id: UUID
    version: int
    reference: str
    arrives_on: date


@dataclass(frozen=True, slots=True)
class CreditLimitSet(Event):
    """`limit` None: it was lifted."""

    type = "credit_limit.set"
    subject = "crl"
    summary = "The credit limit of a customer was set: {limit}."
    id: UUID
    version: int
    customer_id: UUID
    currency: str
    limit: str | None


@dataclass(frozen=True, slots=True)
class WriteOffAsked(Event):
    type = "write_off.asked"
    subject = "wof"
    summary = "A write-off was asked for: {amount}."
    id: UUID
    version: int
    receivable_id: UUID
    amount: str


@dataclass(frozen=True, slots=True)
class WriteOffPosted(Event):
    type = "write_off.posted"
    subject = "wof"
    summary = "{amount} were written off."
    id: UUID
    version: int
    receivable_id: UUID
    amount: str


@dataclass(frozen=True, slots=True)
class WriteOffDeclined(Event):
    type = "write_off.declined"
    subject = "wof"
    summary = "A write-off was declined: {amount}."
    id: UUID
    version: int
    receivable_id: UUID
    amount: str
