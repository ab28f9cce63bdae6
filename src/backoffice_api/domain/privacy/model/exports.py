"""Exports: all that is known of a person, for that person, as JSON and as a paper."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

KEPT = timedelta(days=7)
LINK_GOOD_FOR = timedelta(minutes=15)
ERROR_LENGTH_MAX = 500


class PersonExportStatus(Choice):
    """How far an export is."""

    QUEUED = "queued", "A job is to write it."
    READY = "ready", "Its files are there."
    FAILED = "failed", "It could not be written."
    REMOVED = "removed", "Its files were removed after their time, or with the person."


MACHINE = Machine(
    PersonExportStatus.QUEUED,
    move("finish", {PersonExportStatus.QUEUED}, PersonExportStatus.READY),
    move("fail", {PersonExportStatus.QUEUED}, PersonExportStatus.FAILED),
    move("remove", {PersonExportStatus.READY}, PersonExportStatus.REMOVED),
)


class ExportFormat(Choice):
    """As what an export is fetched."""

    JSON = "json", "For programs: every value, by table and column."
    PDF = "pdf", "For people: the same to read."


class PersonExportSortKey(Choice):
    """By what a list of exports is sorted."""

    CREATED_AT = "created_at", "When it was asked for."


@dataclass(frozen=True, slots=True)
class PersonExport:
    """`rows`: how many it holds. Sizes are in bytes. `expires_at`: then the files are removed."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    customer_id: UUID
    request_id: UUID | None
    status: PersonExportStatus
    actor_kind: ActorKind
    actor_id: UUID | None
    rows: int
    json_file: str | None
    json_bytes: int | None
    pdf_file: str | None
    pdf_bytes: int | None
    expires_at: datetime | None
    finished_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return ()


@dataclass(frozen=True, slots=True)
class ExportLink:
    """Where a file can be fetched. The secret is None when the answer is given again."""

    export_id: UUID
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class PersonExportRequested(Event):
    type = "person_export.requested"
    subject = "pvx"
    summary = "An export of all that is known of a customer was asked for."
    id: UUID
    version: int
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class PersonExportFinished(Event):
    type = "person_export.finished"
    subject = "pvx"
    summary = "The export holds {rows} rows."
    id: UUID
    version: int
    customer_id: UUID
    rows: int


@dataclass(frozen=True, slots=True)
class PersonExportFailed(Event):
    type = "person_export.failed"
    subject = "pvx"
    summary = "The export could not be written."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PersonExportOffered(Event):
    type = "person_export.offered"
    subject = "pvx"
    summary = "An address was given out from which the export can be fetched."
    id: UUID
    version: int
    format: ExportFormat


@dataclass(frozen=True, slots=True)
class PersonExportRemoved(Event):
    type = "person_export.removed"
    subject = "pvx"
    summary = "The files of the export were removed."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownPersonExport(Missing):
    """There is no export with this id."""

    id: UUID
    message = "There is no such export."


@dataclass(eq=False)
class ExportNotThere(Refused):
    """The files of the export are not written yet, or were removed."""

    message = "The files are not there yet, or not any more."


def link_key(format: ExportFormat) -> str:
    """The name of the key with which addresses of such files are signed."""
    return f"person_exports_{format.value}"


def signature(key: str, export_id: UUID, expires: int) -> bytes:
    """What proves that an address was made here, and until when it is good."""
    return hmac.digest(key.encode(), export_id.bytes + expires.to_bytes(5, "big"), "sha256")
