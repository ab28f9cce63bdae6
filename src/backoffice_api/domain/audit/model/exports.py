"""Exports of the log with its seals, for whoever checks it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel import signed_links
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.signed_links import SignedLink
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

KEPT = timedelta(days=7)
LINK_GOOD_FOR = timedelta(minutes=15)
LINK_KEY = "audit_exports"
_PURPOSE = b"audit export"


class AuditExportStatus(Choice):
    """How far an export is."""

    QUEUED = "queued", "A job is to write it."
    READY = "ready", "Its file is there."
    REMOVED = "removed", "Its file was removed after its time."


MACHINE = Machine(
    AuditExportStatus.QUEUED,
    move("finish", {AuditExportStatus.QUEUED}, AuditExportStatus.READY),
    move("remove", {AuditExportStatus.READY}, AuditExportStatus.REMOVED),
)


class AuditExportSortKey(Choice):
    """By what a list of exports is sorted."""

    CREATED_AT = "created_at", "When it was asked for."


@dataclass(frozen=True, slots=True)
class AuditExport:
    """Whole blocks: those behind the one with `after_sequence`, up to that with `until_sequence`.

    `expires_at`: then the file is removed. `sha256`: of the file, in hexadecimal digits.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    status: AuditExportStatus
    actor_kind: ActorKind
    actor_id: UUID | None
    after_sequence: int
    until_sequence: int | None
    events: int
    seals: int
    file: str | None
    file_bytes: int | None
    sha256: str | None
    expires_at: datetime | None
    finished_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return ()


@dataclass(frozen=True, slots=True)
class AuditExportLink:
    """Where a file can be fetched. The secret is None when the answer is given again."""

    export_id: UUID
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class AuditExportRequested(Event):
    type = "audit_export.requested"
    subject = "aux"
    summary = "An export of the log was asked for."
    id: UUID
    version: int
    after_sequence: int
    until_sequence: int | None


@dataclass(frozen=True, slots=True)
class AuditExportFinished(Event):
    type = "audit_export.finished"
    subject = "aux"
    summary = "The export holds {events} events in {seals} blocks."
    id: UUID
    version: int
    events: int
    seals: int


@dataclass(frozen=True, slots=True)
class AuditExportOffered(Event):
    type = "audit_export.offered"
    subject = "aux"
    summary = "An address was given out from which the export can be fetched."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class AuditExportRemoved(Event):
    type = "audit_export.removed"
    subject = "aux"
    summary = "The file of the export was removed."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownAuditExport(Missing):
    """There is no export of the log with this id."""

    id: UUID
    message = "There is no such export of the log."


@dataclass(eq=False)
class AuditExportNotThere(Refused):
    """The file of the export is not written yet, or was removed."""

    message = "The file is not there yet, or not any more."


@dataclass(eq=False)
class AuditRangeEmpty(Invalid):
    """The last number to export is not above the one behind which it begins."""

    message = "The end must be above the beginning."


def sign_link(key: str, export_id: UUID, expires_at: datetime) -> Secret:
    """The code of an address from which an export is fetched."""
    return signed_links.sign(key, _PURPOSE, SignedLink(export_id, expires_at))


def read_link(key: str, code: Secret, now: datetime) -> UUID | None:
    """The export that a code names. None: it was not made here, or its time is over."""
    link = signed_links.read(key, _PURPOSE, code, now)
    return None if link is None else link.subject_id
