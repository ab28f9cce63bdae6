"""Fiscal documents: what a tax office says of an invoice, where it has to be asked first.

    pending > submitted > authorised

Until the office has authorised the invoice, the goods may have to stay: the gate of their
fulfillment is closed. In contingency the office cannot be reached; the law then lets goods go
with an invoice that is handed in later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

MESSAGE_LENGTH_MAX = 2_000


class FiscalStatus(Choice):
    """How far the tax office is with an invoice."""

    NOT_REQUIRED = "not_required", "Nobody has to authorise it."
    PENDING = "pending", "To be handed in."
    SUBMITTED = "submitted", "Handed in; the answer is not there yet."
    AUTHORISED = "authorised", "Authorised."
    REJECTED = "rejected", "Refused: something is to be put right, then it is handed in again."
    CONTINGENCY = "contingency", "The office cannot be reached: issued all the same, by its rules."
    CANCELLED = "cancelled", "Taken back."


class FiscalSortKey(Choice):
    """By what a list of fiscal documents is sorted."""

    CREATED_AT = "created_at", "When it was made."


_OPEN = {FiscalStatus.PENDING, FiscalStatus.REJECTED}
_WITH_THE_OFFICE = {FiscalStatus.SUBMITTED, FiscalStatus.CONTINGENCY}

MACHINE = Machine(
    FiscalStatus.PENDING,
    move("submit", {FiscalStatus.PENDING}, FiscalStatus.SUBMITTED),
    # In contingency it stays so while it is handed in: the goods may be gone already.
    move("transmit", {FiscalStatus.CONTINGENCY}),
    move("authorise", _WITH_THE_OFFICE, FiscalStatus.AUTHORISED),
    move("reject", _WITH_THE_OFFICE, FiscalStatus.REJECTED),
    move("retry", {FiscalStatus.REJECTED}, FiscalStatus.PENDING),
    move(
        "enter_contingency",
        {FiscalStatus.PENDING, FiscalStatus.SUBMITTED},
        FiscalStatus.CONTINGENCY,
    ),
    move("waive", _OPEN, FiscalStatus.NOT_REQUIRED),
    move("cancel", {*_OPEN, FiscalStatus.AUTHORISED}, FiscalStatus.CANCELLED),
)
# What the office says, not people.
_BY_THE_OFFICE = frozenset({"submit", "transmit", "authorise", "reject"})

GATES = {
    FiscalStatus.NOT_REQUIRED: DispatchGate.NOT_REQUIRED,
    FiscalStatus.AUTHORISED: DispatchGate.OPEN,
    FiscalStatus.CONTINGENCY: DispatchGate.OPEN,
}


@dataclass(frozen=True, slots=True)
class FiscalDocument:
    """`attempt` counts how often it was handed in. `reference`: what the office calls it."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    invoice_id: UUID
    order_id: UUID
    fulfillment_id: UUID | None
    status: FiscalStatus
    provider: str
    attempt: int
    reference: str | None
    message: str | None
    submitted_at: datetime | None
    authorised_at: datetime | None
    cancelled_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in _BY_THE_OFFICE]

    @property
    def gate(self) -> DispatchGate:
        """Whether the goods may leave."""
        return GATES.get(self.status, DispatchGate.CLOSED)


@dataclass(frozen=True, slots=True)
class FiscalDocumentMoved(Event):
    type = "fiscal_document.moved"
    subject = "fis"
    summary = "The fiscal document of invoice {invoice} is {status}."
    id: UUID
    version: int
    invoice: str
    status: FiscalStatus
    order_id: UUID


@dataclass(frozen=True, slots=True)
class FiscalDocumentAuthorised(Event):
    type = "fiscal_document.authorised"
    subject = "fis"
    summary = "Invoice {invoice} was authorised as {reference}."
    id: UUID
    version: int
    invoice: str
    reference: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class FiscalDocumentRejected(Event):
    type = "fiscal_document.rejected"
    subject = "fis"
    summary = "Invoice {invoice} was rejected: {message!r}."
    id: UUID
    version: int
    invoice: str
    message: str
    order_id: UUID


@dataclass(eq=False)
class UnknownFiscalDocument(Missing):
    """There is no fiscal document with this id."""

    id: UUID
    message = "There is no such fiscal document."
