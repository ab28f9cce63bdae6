"""Received mails: kept as they came, then understood.

    pending > taken, or ignored, or parked

What came in is kept before anybody looks into it, so that nothing is lost by what it does to its
reader. What cannot be read, or was tried too often, is parked until a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.mailboxes.model.letters import CONTACT, CONTENT, Automatic

# Fewer than a job has: what kills its readers is parked before the job is.
ATTEMPTS_MAX = 5
# So many mails of one sender are taken within an hour; others wait for a person.
FROM_SENDER_MAX = 100
FROM_SENDER_WITHIN = timedelta(hours=1)
REASON_LENGTH_MAX = 500
# For how long the mail itself is kept once it was handled. What is parked is kept until then.
RAW_KEPT = timedelta(days=30)


class ReceivedMailStatus(Choice):
    """How far a received mail is."""

    PENDING = "pending", "It is kept, and about to be read."
    TAKEN = "taken", "What it says stands in a ticket."
    IGNORED = "ignored", "Nothing was made of it; see the outcome."
    PARKED = "parked", "A person has to decide; see the outcome."


class ReceivedMailOutcome(Choice):
    """What became of a received mail, and why."""

    OPENED = "opened", "It opened a ticket."
    ANSWERED = "answered", "It answers in a ticket."
    NOTED = "noted", "A program answered in a ticket: that was noted there."
    BOUNCED = "bounced", "It tells that a mail of a ticket did not arrive: that was noted there."
    REPEATED = "repeated", "The same mail is there already."
    OWN = "own", "We wrote it ourselves: a loop."
    AUTOMATIC = "automatic", "No person wrote it, and it belongs to no ticket."
    DISMISSED = "dismissed", "Somebody looked at it, and wants nothing made of it."
    UNREADABLE = "unreadable", "It cannot be read."
    TOO_LARGE = "too_large", "It is larger than what is taken; it lies where it was sent to."
    TOO_OFTEN = "too_often", "Its sender wrote too much within an hour."
    TOO_MANY_TRIES = "too_many_tries", "Whoever read it ended before it was done, again and again."
    REFUSED = "refused", "The ticket did not take it."


class ReceivedMailSortKey(Choice):
    """By what a list of received mails is sorted."""

    CREATED_AT = "created_at", "When it was received."


_PARKED, _IGNORED = ReceivedMailStatus.PARKED, ReceivedMailStatus.IGNORED

MACHINE = Machine(
    ReceivedMailStatus.PENDING,
    move("begin", {ReceivedMailStatus.PENDING}),
    move("take", {ReceivedMailStatus.PENDING}, ReceivedMailStatus.TAKEN),
    move("ignore", {ReceivedMailStatus.PENDING}, _IGNORED),
    move("park", {ReceivedMailStatus.PENDING}, _PARKED),
    move("retry", {_PARKED, _IGNORED}, ReceivedMailStatus.PENDING),
    move("dismiss", {_PARKED}, _IGNORED),
)
_BY_PEOPLE = ("retry", "dismiss")


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """`content_key`: where the mail itself lies; `is_kept`: whether it still does.

    `is_wanted`: a person had it read again, so that no rule sets it aside. What it says of itself
    is empty, or None, until it was read.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    mailbox_id: UUID
    content_key: str
    byte_size: int
    is_kept: bool
    status: ReceivedMailStatus
    outcome: ReceivedMailOutcome | None
    reason: str = field(metadata=CONTENT)
    attempts: int
    is_wanted: bool
    ended_at: datetime | None
    mail_id: str | None = field(metadata=CONTACT)
    sender: str = field(metadata=CONTACT)
    sender_name: str = field(metadata=CONTACT)
    subject: str = field(metadata=CONTENT)
    sent_at: datetime | None
    automatic: Automatic | None
    quoted_from: int | None
    ticket_id: UUID | None
    message_id: UUID | None

    @property
    def actions(self) -> Sequence[Action]:
        blocks = {} if self.is_kept else {"retry": ("the mail itself is not kept any more",)}
        found = MACHINE.actions(self.status, blocks)
        return [each for each in found if each.name in _BY_PEOPLE]


@dataclass(frozen=True, slots=True)
class ReceivedMailPart:
    """What hung on it. `file_id` None: it is not kept apart, for the reason that `fault` says."""

    mail_id: UUID
    position: int
    name: str = field(metadata=CONTENT)
    media_type: str
    byte_size: int
    file_id: UUID | None
    fault: str


@dataclass(frozen=True, slots=True)
class MailReceived(Event):
    type = "received_mail.received"
    subject = "rcm"
    summary = "A mail of {byte_size} bytes came in."
    id: UUID
    version: int
    mailbox_id: UUID
    byte_size: int


@dataclass(frozen=True, slots=True)
class MailTaken(Event):
    type = "received_mail.taken"
    subject = "rcm"
    summary = "A mail was taken into a ticket: {outcome}."
    id: UUID
    version: int
    outcome: ReceivedMailOutcome
    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class MailIgnored(Event):
    type = "received_mail.ignored"
    subject = "rcm"
    summary = "Nothing was made of a mail: {outcome}."
    id: UUID
    version: int
    outcome: ReceivedMailOutcome


@dataclass(frozen=True, slots=True)
class MailParked(Event):
    type = "received_mail.parked"
    subject = "rcm"
    summary = "A mail waits for a person to decide: {outcome}."
    id: UUID
    version: int
    outcome: ReceivedMailOutcome


@dataclass(frozen=True, slots=True)
class MailRetried(Event):
    type = "received_mail.retried"
    subject = "rcm"
    summary = "Somebody had a mail read again."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownReceivedMail(Missing):
    """There is no received mail with this id."""

    id: UUID
    message = "There is no such received mail."


@dataclass(eq=False)
class NotKeptAnyMore(Refused):
    """The mail itself was removed since: it cannot be read again."""

    message = "The mail itself is not kept any more."
