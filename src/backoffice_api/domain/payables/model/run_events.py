"""What happens to payment runs, and to bills through them."""

from dataclasses import dataclass, field
from uuid import UUID

from backoffice_api.domain.kernel.events import COST, Event


@dataclass(frozen=True, slots=True)
class PaymentRunEvent(Event):
    """Something that happened to a payment run."""

    subject = "prn"
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class PaymentRunCreated(PaymentRunEvent):
    type = "payment_run.created"
    summary = "Payment run {number} was proposed."
    total: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class PaymentRunApproved(PaymentRunEvent):
    type = "payment_run.approved"
    summary = "Payment run {number} was approved."


@dataclass(frozen=True, slots=True)
class PaymentRunExported(PaymentRunEvent):
    """It is to be given to the bank: from now on nothing of it can be called off."""

    type = "payment_run.exported"
    summary = "Payment run {number} was exported."
    total: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class PaymentFileWritten(PaymentRunEvent):
    type = "payment_run.file_written"
    summary = "The file of payment run {number} was written."
    sha256: str


@dataclass(frozen=True, slots=True)
class PaymentRunReturned(PaymentRunEvent):
    """The bank, or a person, said what became of payments of it."""

    type = "payment_run.returned"
    summary = "Of payment run {number}, {settled} payments were settled and {rejected} rejected."
    settled: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PaymentRunReopened(PaymentRunEvent):
    """The statement that showed a payment of it was about something else."""

    type = "payment_run.reopened"
    summary = "A payment of payment run {number} is under way again: no statement shows it."


@dataclass(frozen=True, slots=True)
class PaymentRunCancelled(PaymentRunEvent):
    type = "payment_run.cancelled"
    summary = "Payment run {number} was called off."


@dataclass(frozen=True, slots=True)
class PayerAccountSet(Event):
    type = "payer_account.set"
    subject = "pac"
    summary = "The account to pay from {name!r} was set."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class BillInRun(Event):
    """Something that a run did to a bill. `run`: its number."""

    subject = "bil"
    id: UUID
    version: int
    supplier_id: UUID
    number: str
    run: str


@dataclass(frozen=True, slots=True)
class BillScheduled(BillInRun):
    type = "bill.scheduled"
    summary = "Bill {number} is to be paid by run {run}."


@dataclass(frozen=True, slots=True)
class BillUnscheduled(BillInRun):
    type = "bill.unscheduled"
    summary = "Bill {number} is not paid by run {run}."
