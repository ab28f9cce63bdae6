"""What is done from a ticket: acts of other rooms, noted with the ticket that they were done for.

An act is a command of the room that it belongs to, run in the transaction of the ticket: with its
rules, its events, its approvals. What it made is linked to the ticket, and the ticket is the
`reference` of its events in the log.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.tickets.model.words import CONTENT


class TicketActKind(Choice):
    """What was done from a ticket."""

    REFUND = "refund", "Money of an order was paid back."
    STORE_CREDIT = "store_credit", "The customer got store credit."
    DISCOUNT_CODE = "discount_code", "The customer got a discount code."
    CANCEL_ORDER = "cancel_order", "An order, or a part of it, was cancelled."
    RETURN = "return", "Goods may come back."
    RETURN_SHIPMENT = "return_shipment", "It was noted with what label goods come back."
    REPLACEMENT = "replacement", "Goods are sent once more, and nothing is paid for them."
    EXCHANGE = "exchange", "Other goods are sent for those of a return."
    BUY_LABEL = "buy_label", "The label of a shipment was bought."
    VOID_LABEL = "void_label", "A label was given back."
    SEND_MESSAGE = "send_message", "The customer was told of an order."
    RESEND_MESSAGE = "resend_message", "A message was sent once more."


class TicketActSortKey(Choice):
    """By what a list of what was done from tickets is sorted."""

    CREATED_AT = "created_at", "When it was done."


@dataclass(frozen=True, slots=True)
class TicketAct:
    """`on_kind`, `on_id`: what it was done on, as an order."""

    id: UUID
    ticket_id: UUID
    created_at: datetime
    kind: TicketActKind
    on_kind: str
    on_id: UUID
    actor_kind: ActorKind
    actor_id: UUID | None
    reason: str | None = field(metadata=CONTENT)


@dataclass(frozen=True, slots=True)
class TicketActResult:
    """Something that an act made or changed, as a refund."""

    act_id: UUID
    position: int
    subject_kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing of any room, by the prefix of its id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class TicketActed(Event):
    """`made`: ids of what the act made or changed, `on` what it was done on."""

    type = "ticket.acted"
    subject = "tic"
    summary = "From ticket {number}: {kind}."
    id: UUID
    version: int
    number: str
    act_id: UUID
    kind: TicketActKind
    on: str
    made: tuple[str, ...]


@dataclass(eq=False)
class OfAnotherCustomer(Refused):
    """What is to be done from a ticket concerns another customer than the ticket does."""

    customer_id: UUID
    message = "This is about another customer than the ticket is."


@dataclass(eq=False)
class NobodyToCredit(Refused):
    """A ticket of no known customer cannot give anybody credit."""

    message = "The ticket has no customer who could get credit."


@dataclass(eq=False)
class NothingToReplace(Refused):
    """All of an order that has left the house came back, or was sent once more."""

    message = "Nothing of this order is with its customer that was not sent once more."
