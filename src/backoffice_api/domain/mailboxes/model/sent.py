"""Sent mails: what the shop writes on tickets, on its way to the customer.

    queued > sending > sent, or failed; suppressed where nobody can be written to

As with other messages (ADR 0031), a mail is marked before the mail server is called, and settled
after that. What is found marked is said to be uncertain, and not sent again of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.mailboxes.model.letters import CONTACT, CONTENT
from backoffice_api.domain.tickets.model.words import TicketSentState

REFERENCES_SENT_MAX = 20
COPIES_MAX = 50
# All files of a mail together; more is refused by most mail servers.
FILES_BYTES_MAX = 15_000_000


class SentMailFailure(Choice):
    """Why a mail was not sent, or did not arrive."""

    NO_RECIPIENT = "no_recipient", "Nobody of the ticket can be written to."
    OWN_ADDRESS = "own_address", "It would go to a mailbox of the shop: a loop."
    TOO_LARGE = "too_large", "What hangs on it is too large for a mail."
    REFUSED = "refused", "The server refused it for good."
    EXPIRED = "expired", "The server could not be reached for days."
    UNCERTAIN = "uncertain", "The worker or the connection broke off: it may have arrived or not."
    BOUNCED = "bounced", "It was taken, and came back."


class SentMailSortKey(Choice):
    """By what a list of sent mails is sorted."""

    CREATED_AT = "created_at", "When it was written."


MACHINE = Machine(
    TicketSentState.QUEUED,
    move("begin", {TicketSentState.QUEUED}, TicketSentState.SENDING),
    move("postpone", {TicketSentState.SENDING}, TicketSentState.QUEUED),
    move("settle", {TicketSentState.SENDING}, TicketSentState.SENT),
    move("fail", {TicketSentState.QUEUED, TicketSentState.SENDING}, TicketSentState.FAILED),
    move("bounce", {TicketSentState.SENT, TicketSentState.FAILED}, TicketSentState.FAILED),
    move("suppress", {TicketSentState.QUEUED}, TicketSentState.SUPPRESSED),
    move("resend", {TicketSentState.FAILED, TicketSentState.SUPPRESSED}, TicketSentState.QUEUED),
)


@dataclass(frozen=True, slots=True)
class SentMail:
    """`message_id`: the message of the ticket that it carries. `mail_id`: its Message-ID.

    `conversation`: where it goes on a channel that keeps them apart itself. `send_at`: when it is
    tried next, or was last. `first_at`: since when it was to be sent.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    mailbox_id: UUID
    ticket_id: UUID
    message_id: UUID
    status: TicketSentState
    failure: SentMailFailure | None
    reason: str = field(metadata=CONTENT)
    attempts: int
    first_at: datetime
    send_at: datetime
    sent_at: datetime | None
    mail_id: str
    recipient: str = field(metadata=CONTACT)
    copies: Sequence[str] = field(metadata=CONTACT)
    conversation: str | None
    subject: str = field(metadata=CONTENT)
    references: Sequence[str] = field(metadata=CONTACT)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name == "resend"]


@dataclass(frozen=True, slots=True)
class TicketMailQueued(Event):
    type = "sent_mail.queued"
    subject = "snm"
    summary = "A mail of a ticket is to be sent."
    id: UUID
    version: int
    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class TicketMailSent(Event):
    type = "sent_mail.sent"
    subject = "snm"
    summary = "A mail of a ticket was sent."
    id: UUID
    version: int
    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class TicketMailFailed(Event):
    type = "sent_mail.failed"
    subject = "snm"
    summary = "A mail of a ticket was not sent, or came back: {failure}."
    id: UUID
    version: int
    ticket_id: UUID
    failure: SentMailFailure


@dataclass(eq=False)
class UnknownSentMail(Missing):
    """There is no sent mail with this id."""

    id: UUID
    message = "There is no such sent mail."
