"""Files that come in and go out: kept for a while, reached by addresses that are good once.

Who has a ticket may use it once, and needs nothing else: it is made for one file, one direction
and a short time, and 256 random bits long. Only a digest of it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.bulk.model.runs import SheetFormat
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind, Caller

TICKET_BYTES = 32
TICKET_GOOD_FOR = timedelta(minutes=15)
KEPT = timedelta(days=7)


class FileStatus(Choice):
    """Whether a file is there."""

    EXPECTED = "expected", "It is to be uploaded."
    STORED = "stored", "It is there."
    REMOVED = "removed", "It was removed after its time, or never came."


MACHINE = Machine(
    FileStatus.EXPECTED,
    move("receive", {FileStatus.EXPECTED}, FileStatus.STORED),
    move("remove", {FileStatus.EXPECTED, FileStatus.STORED}, FileStatus.REMOVED),
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. Its place in the storage follows from its id. `expires_at`: then it is removed."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    format: SheetFormat
    status: FileStatus
    actor_kind: ActorKind
    actor_id: UUID | None
    size_bytes: int | None
    sha256: str | None
    expires_at: datetime

    @property
    def key(self) -> str:
        return self.id.hex

    @property
    def actions(self) -> Sequence[Action]:
        return ()

    def is_of(self, caller: Caller) -> bool:
        """Whether the caller is the one who brought it, or for whom it was written."""
        return (self.actor_kind, self.actor_id) == (caller.actor.kind, caller.actor.id)


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send or to fetch one file, once. `hash` is that of what the bearer shows."""

    hash: str
    file_id: UUID
    is_upload: bool
    expires_at: datetime
    used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class FileReceived(Event):
    type = "file.received"
    subject = "fil"
    summary = "{size_bytes} bytes were uploaded."
    id: UUID
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileExpected(Event):
    type = "file.expected"
    subject = "fil"
    summary = "A file is to be uploaded."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class FileWritten(Event):
    type = "file.written"
    subject = "fil"
    summary = "A file of {size_bytes} bytes was written."
    id: UUID
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileOffered(Event):
    type = "file.offered"
    subject = "fil"
    summary = "An address was made from which the file can be downloaded once."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class FileFetched(Event):
    type = "file.fetched"
    subject = "fil"
    summary = "The file was downloaded."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class FileRemoved(Event):
    type = "file.removed"
    subject = "fil"
    summary = "The file was removed after its time."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownFile(Missing):
    """There is no such file of the caller's."""

    id: UUID
    message = "There is no such file of yours."


@dataclass(eq=False)
class FileNotThere(Refused):
    """The file was not uploaded yet, or was removed after its time."""

    message = "The file was not uploaded yet, or was removed after its time."


@dataclass(eq=False)
class TicketSpent(Refused):
    """The address was used before, has expired, or was never given out."""

    message = "This address is not good, or not any more. Ask for another one."


def ticket_hash(secret: Secret) -> str:
    """What is kept of a ticket. A plain digest will do: nobody guesses 256 random bits."""
    return sha256(secret.reveal().encode()).hexdigest()
