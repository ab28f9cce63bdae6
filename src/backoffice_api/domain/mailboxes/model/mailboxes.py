"""Mailboxes: where customers reach the shop, and by which it answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource

CODE_LENGTH_MAX = 40
FOLDER_LENGTH_MAX = 120
TROUBLE_LENGTH_MAX = 500

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# RFC 3501 has names of folders in printable ASCII; other letters are spelled in its UTF-7.
_FOLDER = re.compile(r"[ !#-\[\]-~]{1,120}")


class MailboxKind(Choice):
    """How what is written to it gets here."""

    IMAP = "imap", "It is fetched from a mail server."
    WEBHOOK = "webhook", "Somebody sends each mail to `/webhooks/mail/CODE`, signed."
    FAKE_CHANNEL = "fake_channel", "A channel that is a folder on this machine, for trials."


class MailboxStatus(Choice):
    """Whether it is used."""

    ACTIVE = "active", "What is written to it is taken in, and answers go out by it."
    DISABLED = "disabled", "Nothing is taken in, and nothing goes out by it."


class MailboxSortKey(Choice):
    """By what a list of mailboxes is sorted."""

    CODE = "code", "Its code."
    CREATED_AT = "created_at", "When it was made."


CHANNELS = frozenset({MailboxKind.FAKE_CHANNEL})

MACHINE = Machine(
    MailboxStatus.ACTIVE,
    move("update", {MailboxStatus.ACTIVE, MailboxStatus.DISABLED}),
    move("disable", {MailboxStatus.ACTIVE}, MailboxStatus.DISABLED),
    move("enable", {MailboxStatus.DISABLED}, MailboxStatus.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`code` names it in the settings, where its server and its password stand.

    `address`: the shop's own, to which customers write. `folder` and `done_folder`: of IMAP; what
    was taken is moved to the latter, or marked as seen where there is none. `team_id`, `priority`
    and `source` are those of the tickets that it opens. `opens_for_programs`: also for what no
    person wrote.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    address: str
    kind: MailboxKind
    status: MailboxStatus
    folder: str
    done_folder: str | None
    team_id: UUID | None
    priority: TicketPriority
    source: TicketSource
    opens_for_programs: bool

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class MailboxState:
    """When it was last asked, how far, and what went wrong. `trouble` None: nothing did."""

    mailbox_id: UUID
    asked_at: datetime
    cursor: str
    trouble: str | None
    troubled_since: datetime | None


@dataclass(frozen=True, slots=True)
class MailboxCreated(Event):
    type = "mailbox.created"
    subject = "mbx"
    summary = "Mailbox {code} was made."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class MailboxUpdated(Event):
    type = "mailbox.updated"
    subject = "mbx"
    summary = "Mailbox {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class MailboxDisabled(Event):
    type = "mailbox.disabled"
    subject = "mbx"
    summary = "Mailbox {code} is not used any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class MailboxEnabled(Event):
    type = "mailbox.enabled"
    subject = "mbx"
    summary = "Mailbox {code} is used again."
    id: UUID
    version: int
    code: str


@dataclass(eq=False)
class UnknownMailbox(Missing):
    """There is no mailbox with this id."""

    id: UUID
    message = "There is no such mailbox."


@dataclass(eq=False)
class MailboxTaken(Refused):
    """Another mailbox has this code, or this address."""

    field: str
    message = "Another mailbox has this {field}."


@dataclass(eq=False)
class InvalidMailboxCode(Invalid):
    """A code has other characters than small letters, digits and hyphens."""

    message = "A code has 1 to 40 small letters, digits and hyphens, and begins with no hyphen."


@dataclass(eq=False)
class InvalidFolder(Invalid):
    """A folder has no name that IMAP takes."""

    message = "A folder has 1 to 120 printable characters of ASCII, without quotes and backslashes."


@dataclass(eq=False)
class DetailInAddress(Invalid):
    """The address of a mailbox holds a +, behind which tickets are named."""

    message = "The address of a mailbox holds no +: behind it, tickets are named."


def check_code(code: str, faults: Faults) -> None:
    if not _CODE.fullmatch(code):
        faults.add(InvalidMailboxCode().at("code"))


def check_folder(folder: str | None, faults: Faults, *path: str) -> None:
    """None is fine."""
    if folder is not None and not _FOLDER.fullmatch(folder):
        faults.add(InvalidFolder().at(*path))
