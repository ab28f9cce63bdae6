"""Messages: what was written to whom, and what became of it.

    queued > sending > sent, or failed; suppressed where nobody can be written to

A message is marked as being sent before the mail server is called, and settled after that. Who
finds one marked whose worker has died cannot know whether it arrived: it is said to be uncertain,
and sent again only when a person asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.messages.model.topics import MessageChannel, MessageTopic

CONTACT = {"personal": "contact"}

# How long a mail server is waited for, and how old an event may be to be written about.
TRIED_FOR = timedelta(days=3)
WRITTEN_WITHIN = timedelta(days=3)
# Longer than any conversation with a mail server may last.
SENDING_MAX = timedelta(minutes=10)
_PAUSE_S = (30, 60, 120, 300, 600, 900, 1_800)


class MessageStatus(Choice):
    """How far a message is."""

    QUEUED = "queued", "Waits to be sent, or to be tried again."
    SENDING = "sending", "A worker is handing it over now."
    SENT = "sent", "The mail server has taken it."
    FAILED = "failed", "It was not taken, or nobody knows; see the reason."
    SUPPRESSED = "suppressed", "It was never to be sent; see the reason."


class MessageFailure(Choice):
    """Why a message was not sent."""

    NO_RECIPIENT = "no_recipient", "No address is known."
    TOO_OLD = "too_old", "What it is about happened too long ago."
    TOO_LONG = "too_long", "Its template writes too much."
    BAD_TEMPLATE = "bad_template", "Its template asks for what cannot be done."
    REFUSED = "refused", "The mail server refused it for good."
    EXPIRED = "expired", "The mail server could not be reached for days."
    UNCERTAIN = "uncertain", "The worker or the connection broke off: it may have arrived or not."


class MessageSortKey(Choice):
    """By what a list of messages is sorted."""

    CREATED_AT = "created_at", "When it was written."


MACHINE = Machine(
    MessageStatus.QUEUED,
    move("begin", {MessageStatus.QUEUED}, MessageStatus.SENDING),
    move("postpone", {MessageStatus.SENDING}, MessageStatus.QUEUED),
    move("settle", {MessageStatus.SENDING}, MessageStatus.SENT),
    move("fail", {MessageStatus.QUEUED, MessageStatus.SENDING}, MessageStatus.FAILED),
    move("suppress", {MessageStatus.QUEUED}, MessageStatus.SUPPRESSED),
    move("resend", {MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.SUPPRESSED}),
)


@dataclass(frozen=True, slots=True)
class Message:
    """`event_id`: the event it is about; None: none, or somebody sent it by hand.

    `order_id` None: it is about no order. `mail_key` makes its Message-ID: the same for all tries,
    and for one that is repeated because nobody knows what became of the first. `send_at`: when it
    is tried next.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    topic: MessageTopic
    channel: MessageChannel
    template_id: UUID
    template_revision: int
    locale: str
    event_id: UUID | None
    order_id: UUID | None
    customer_id: UUID | None
    resend_of_id: UUID | None
    recipient: str = field(metadata=CONTACT)
    status: MessageStatus
    failure: MessageFailure | None
    # Mail servers like to name whom they refuse.
    reason: str = field(metadata=CONTACT)
    attempts: int
    send_at: datetime
    sent_at: datetime | None
    mail_key: str
    subject: str = field(metadata=CONTACT)
    text: str = field(metadata=CONTACT)
    html: str | None = field(metadata=CONTACT)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name == "resend"]


@dataclass(frozen=True, slots=True)
class MessageQueued(Event):
    type = "message.queued"
    subject = "msg"
    summary = "A message about {topic} was written."
    id: UUID
    version: int
    topic: MessageTopic
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class MessageSuppressed(Event):
    type = "message.suppressed"
    subject = "msg"
    summary = "A message about {topic} is not sent: {failure}."
    id: UUID
    version: int
    topic: MessageTopic
    order_id: UUID | None
    failure: MessageFailure


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    type = "message.sent"
    subject = "msg"
    summary = "The mail server took the message about {topic}."
    id: UUID
    version: int
    topic: MessageTopic
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    type = "message.failed"
    subject = "msg"
    summary = "The message about {topic} was not sent: {failure}."
    id: UUID
    version: int
    topic: MessageTopic
    order_id: UUID | None
    failure: MessageFailure


@dataclass(eq=False)
class UnknownMessage(Missing):
    """There is no message with this id."""

    id: UUID
    message = "There is no such message."


@dataclass(eq=False)
class NobodyToWriteTo(Refused):
    """No address is known for the order, and none was given."""

    message = "No address is known: give one."


@dataclass(eq=False)
class OnlySurveysAsk(Invalid):
    """What asks for an opinion holds a link of its own: nobody writes it by hand."""

    message = "Only surveys write about this."


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries."""
    return timedelta(seconds=_PAUSE_S[min(attempts, len(_PAUSE_S)) - 1])
