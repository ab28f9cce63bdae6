"""Exports of the log: asked for, written by a job, fetched, removed after a week."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model.exports import (
    KEPT,
    LINK_GOOD_FOR,
    LINK_KEY,
    MACHINE,
    AuditExport,
    AuditExportFinished,
    AuditExportLink,
    AuditExportNotThere,
    AuditExportOffered,
    AuditExportRemoved,
    AuditExportRequested,
    AuditExportStatus,
    AuditRangeEmpty,
    sign_link,
)
from backoffice_api.domain.audit.tables import exports
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

WRITE_JOB = "audit.write_export"
EXPIRE_JOB = "audit.expire_exports"
AT_ONCE = 100
_SEQUENCE_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLog(Command):
    """Whole blocks, of those behind `after_sequence` up to that which holds `until_sequence`."""

    scope = Scope.AUDIT_EXPORT
    after_sequence: int = 0
    until_sequence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishAuditExport(Command):
    """The file is there. Run by the worker."""

    scope = Scope.AUDIT_EXPORT
    table = exports
    id: UUID
    events: int
    seals: int
    file_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadAuditExport(Command):
    scope = Scope.AUDIT_EXPORT
    table = exports
    id: UUID


@dataclass(frozen=True, slots=True)
class ExpireAuditExports(Command):
    """Run by the worker: the files of these are gone."""

    scope = Scope.AUDIT_EXPORT


def export_log(uow: UnitOfWork, command: ExportLog) -> UUID:
    """Have the log written into a file, with its seals. The id of the export.

    Raises:
        NotAllowed: the caller may not see costs or personal data, which the log may hold.
        OutOfRange, AuditRangeEmpty: there are no such numbers.
    """
    _require_all(uow)
    faults = Faults()
    after, until = command.after_sequence, command.until_sequence
    for name, value in (("after_sequence", after), ("until_sequence", until)):
        if value is not None:
            check_range(value, faults, name, minimum=0, maximum=_SEQUENCE_MAX)
    faults.check()
    if until is not None and until <= after:
        raise AuditRangeEmpty().at("until_sequence")
    made = AuditExport(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        status=AuditExportStatus.QUEUED,
        actor_kind=uow.caller.actor.kind,
        actor_id=uow.caller.actor.id,
        after_sequence=after,
        until_sequence=until,
        events=0,
        seals=0,
        file=None,
        file_bytes=None,
        sha256=None,
        expires_at=None,
        finished_at=None,
    )
    add(uow, exports, [made])
    uow.enqueue(Job(WRITE_JOB, {"id": ids.text("aux", made.id)}))
    uow.emit(AuditExportRequested(made.id, 1, after, until), after=made)
    return made.id


def finish_audit_export(uow: UnitOfWork, command: FinishAuditExport) -> UUID:
    """Note that an export is written. Its id. Raises: UnknownAuditExport."""
    before = queries.export(uow.db, command.id)
    if before.status is not AuditExportStatus.QUEUED:
        return before.id
    after = replace(
        before,
        status=MACHINE.check("finish", before.status),
        events=command.events,
        seals=command.seals,
        file=before.id.hex,
        file_bytes=command.file_bytes,
        sha256=command.sha256,
        expires_at=uow.now + KEPT,
        finished_at=uow.now,
    )
    after = save(uow, exports, before, after)
    event = AuditExportFinished(after.id, after.version, after.events, after.seals)
    uow.emit(event, before=before, after=after)
    return after.id


def download_audit_export(uow: UnitOfWork, command: DownloadAuditExport) -> AuditExportLink:
    """An address from which the file can be fetched for a quarter of an hour.

    Raises:
        NotAllowed: the caller may not see costs or personal data.
        UnknownAuditExport.
        AuditExportNotThere: it is not written yet, or was removed.
    """
    _require_all(uow)
    found = queries.export(uow.db, command.id)
    if found.status is not AuditExportStatus.READY:
        raise AuditExportNotThere().at("id")
    key = keys.key(uow.db, LINK_KEY)
    uow.emit(AuditExportOffered(found.id, found.version))
    return AuditExportLink(found.id, sign_link(key, found.id, uow.now + LINK_GOOD_FOR))


def expire_audit_exports(uow: UnitOfWork, command: ExpireAuditExports) -> list[str]:
    """Note exports as removed whose time is over. The keys of their files, which are gone."""
    keys_of: list[str] = []
    for before in queries.expired_exports(uow.db, uow.now, AT_ONCE):
        status = MACHINE.check("remove", before.status)
        after = save(uow, exports, before, replace(before, status=status, file=None))
        uow.emit(AuditExportRemoved(after.id, after.version), before=before, after=after)
        keys_of.append(before.id.hex)
    return keys_of


def _require_all(uow: UnitOfWork) -> None:
    uow.require(Scope.COSTS_READ)
    uow.require(Scope.PERSONAL_READ)
