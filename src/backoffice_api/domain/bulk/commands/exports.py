"""What can be done with exports: asked for, written, given up, called off, fetched."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.files import NewTicket, new_ticket
from backoffice_api.domain.bulk.model.files import FileStatus
from backoffice_api.domain.bulk.model.filters import check_filter, filter_from, plain_filter
from backoffice_api.domain.bulk.model.runs import (
    ERROR_LENGTH_MAX,
    EXPORT_SCOPES,
    EXPORTS,
    BulkExport,
    BulkExportEnded,
    BulkExportStarted,
    BulkKind,
    BulkStatus,
    NoSuchDownload,
    SheetFormat,
)
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.queries.sheets import SHEETS
from backoffice_api.domain.bulk.tables import bulk_exports
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.filters import Filter, condition
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

JOB = "bulk.export"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartExport(Command):
    """`filter`: as `plain_filter` makes it. `queued` False: no worker does it."""

    scope = Scope.BULK_WRITE
    kind: BulkKind
    format: SheetFormat
    filter: Any = None
    search: str | None = None
    queued: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginExport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_exports
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishExport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_exports
    id: UUID
    file_id: UUID
    rows_written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailExport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_exports
    id: UUID
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelExport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_exports
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOfExport(Command):
    scope = Scope.BULK_READ
    table = bulk_exports
    id: UUID


def start_export(uow: UnitOfWork, command: StartExport) -> UUID:
    """Ask for an export of what a list would show. The id of the export.

    Raises:
        NotAllowed: the caller may not see what is to be written, or not ask by these words.
        FilterTooLarge, TooManyValues, InvalidText: the input is wrong.
    """
    filter = filter_from(command.filter)
    require_export(uow, command.kind, filter, command.search)
    faults = Faults()
    check_text(command.search, faults, "search")
    check_filter(command.filter, faults)
    faults.check()
    if filter is not None:
        condition(filter, SHEETS[command.kind].listing.words)
    id = uow.new_id()
    job_id = None
    if command.queued:
        (job_id,) = uow.enqueue(Job(JOB, {"id": ids.text("bex", id)}))
    made = BulkExport(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=command.kind,
        format=command.format,
        status=EXPORTS.start,
        filter=plain_filter(filter),
        search=command.search,
        actor_kind=uow.caller.actor.kind,
        actor_id=uow.caller.actor.id,
        job_id=job_id,
        rows_written=0,
        file_id=None,
        error=None,
        finished_at=None,
    )
    add(uow, bulk_exports, [made])
    uow.emit(BulkExportStarted(made.id, made.version, made.kind))
    return made.id


def begin_export(uow: UnitOfWork, command: BeginExport) -> bool:
    """Note that it is being written. False: it was ended meanwhile.

    Raises:
        NotAllowed: the caller may not see what is to be written, or not any more.
    """
    before = queries.locked_export(uow.db, command.id)
    if before.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING):
        return False
    require_export(uow, before.kind, filter_from(before.filter), before.search)
    if before.status is BulkStatus.QUEUED:
        after = replace(before, status=EXPORTS.check("begin", before.status))
        save(uow, bulk_exports, before, after)
    return True


def finish_export(uow: UnitOfWork, command: FinishExport) -> bool:
    """Note what was written. False: it was ended meanwhile."""
    before = queries.locked_export(uow.db, command.id)
    if before.status is not BulkStatus.RUNNING:
        return False
    after = replace(before, file_id=command.file_id, rows_written=command.rows_written)
    _end(uow, before, after, "finish")
    return True


def fail_export(uow: UnitOfWork, command: FailExport) -> bool:
    """Give an export up, with the reason. False: it was ended meanwhile."""
    before = queries.locked_export(uow.db, command.id)
    if before.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING):
        return False
    error = storable(command.error)[:ERROR_LENGTH_MAX]
    _end(uow, before, replace(before, error=error), "fail")
    return True


def cancel_export(uow: UnitOfWork, command: CancelExport) -> UUID:
    """Call an export off. The id.

    Raises:
        UnknownBulkExport, InvalidTransition.
    """
    before = queries.locked_export(uow.db, command.id)
    _end(uow, before, before, "cancel")
    return before.id


def download_of_export(uow: UnitOfWork, command: DownloadOfExport) -> NewTicket:
    """An address from which the file can be fetched, once.

    Raises:
        NotAllowed: the caller may not see what is in it.
        UnknownBulkExport: there is none with this id.
        NoSuchDownload: it is not there: not yet, or not any more.
    """
    found = queries.locked_export(uow.db, command.id)
    for scope in EXPORT_SCOPES[found.kind]:
        uow.require(scope)
    file = queries.files_by_ids(uow.db, [found.file_id] if found.file_id else [])
    for each in file.values():
        if each.status is FileStatus.STORED:
            return new_ticket(uow, each, is_upload=False)
    raise NoSuchDownload()


def require_export(
    uow: UnitOfWork, kind: BulkKind, filter: Filter | None, search: str | None
) -> None:
    """Refuse who may not see the rows, or not find them out by these words.

    Raises:
        NotAllowed: a scope is missing.
    """
    listing = SHEETS[kind].listing
    asked = listing.needs(PageRequest(filter=filter, search=search))
    for scope in (*EXPORT_SCOPES[kind], *sorted(asked)):
        uow.require(scope)


def _end(uow: UnitOfWork, before: BulkExport, after: BulkExport, action: str) -> None:
    after = replace(after, status=EXPORTS.check(action, before.status), finished_at=uow.now)
    after = save(uow, bulk_exports, before, after)
    event = BulkExportEnded(after.id, after.version, after.kind, after.status, after.rows_written)
    uow.emit(event)
