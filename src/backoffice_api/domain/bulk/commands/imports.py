"""What people can do with imports: ask for them, call them off, retry them, fetch their files."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.bulk.commands.files import NewTicket, new_ticket, own_file
from backoffice_api.domain.bulk.model.fields import (
    check_mapping,
)
from backoffice_api.domain.bulk.model.files import FileStatus, StoredFile
from backoffice_api.domain.bulk.model.runs import (
    IMPORT_SCOPES,
    IMPORTS,
    MAPPING_MAX,
    REPORT_SCOPES,
    BulkDownload,
    BulkImport,
    BulkImportEnded,
    BulkImportStarted,
    BulkKind,
    NoSuchDownload,
    NothingToRetry,
)
from backoffice_api.domain.bulk.model.values import locale_of
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.tables import bulk_imports
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

JOB = "bulk.import"
SYSTEM_DEFAULT = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImport(Command):
    """`mapping`: field by title of a column, None to leave the column out; the others are found.

    `system`: under whose name keys of the file become external ids. `queued` False: whoever asks
    does the work, and no worker.
    """

    scope = Scope.BULK_WRITE
    kind: BulkKind
    file_id: UUID
    dry_run: bool = False
    system: str = SYSTEM_DEFAULT
    locale: str | None = None
    currency: str | None = None
    mapping: tuple[tuple[str, str | None], ...] = ()
    queued: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelImport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryImport(Command):
    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOfImport(Command):
    scope = Scope.BULK_READ
    table = bulk_imports
    id: UUID
    download: BulkDownload


def start_import(uow: UnitOfWork, command: StartImport) -> UUID:
    """Ask for an import of a file that was uploaded. The id of the import.

    Raises:
        NotAllowed: the caller may not write what the rows are about.
        UnknownFile, FileNotThere: there is no such file of the caller's, or not any more.
        UnknownField, InvalidText, InvalidLocale, UnknownCurrency, TooMany: the input is wrong.
    """
    require_import(uow, command.kind)
    faults = Faults()
    check_text(command.system, faults, "system", maximum=SYSTEM_LENGTH_MAX)
    check_size(command.mapping, faults, "mapping", maximum=MAPPING_MAX)
    for position, (title, _) in enumerate(command.mapping):
        check_text(title, faults, "mapping", position, "title")
    for check, name in (
        (lambda: check_mapping(command.kind, (field for _, field in command.mapping)), "mapping"),
        (lambda: locale_of(command.locale), "locale"),
        (lambda: command.currency is not None and exponent(command.currency), "currency"),
    ):
        try:
            check()
        except DomainError as fault:
            faults.add(fault.at(name))
    faults.check()
    file = own_file(uow, command.file_id, "file_id")
    return _start(uow, command, file, retry_of=None).id


def cancel_import(uow: UnitOfWork, command: CancelImport) -> UUID:
    """Call an import off. The batch under way is finished; what was imported stays. The id.

    Raises:
        UnknownBulkImport, InvalidTransition.
    """
    before = queries.locked_import(uow.db, command.id)
    end_import(uow, before, before, "cancel")
    return before.id


def retry_import(uow: UnitOfWork, command: RetryImport) -> UUID:
    """Import the rejected rows of an import again, and only them. The id of the new import.

    Raises:
        UnknownBulkImport, InvalidTransition.
        NotAllowed: the caller may not write what the rows are about.
        NothingToRetry: no row was rejected, or the rows are not kept any more.
    """
    before = queries.locked_import(uow.db, command.id)
    IMPORTS.check("retry", before.status)
    require_import(uow, before.kind)
    found = queries.files_by_ids(uow.db, [before.failed_rows_id] if before.failed_rows_id else [])
    file = next(iter(found.values()), None)
    if file is None or file.status is not FileStatus.STORED:
        raise NothingToRetry()
    again = StartImport(
        kind=before.kind,
        file_id=file.id,
        dry_run=before.dry_run,
        system=before.system,
        locale=before.locale,
        currency=before.currency,
        mapping=tuple(before.mapping.items()),
    )
    return _start(uow, again, file, retry_of=before.id).id


def download_of_import(uow: UnitOfWork, command: DownloadOfImport) -> NewTicket:
    """An address from which the report or the failed rows can be fetched, once.

    Raises:
        NotAllowed: the caller may not see what the rows hold.
        UnknownBulkImport: there is none with this id.
        NoSuchDownload: it is not there.
    """
    found = queries.bulk_import(uow.db, command.id)
    for scope in REPORT_SCOPES.get(found.kind, ()):
        uow.require(scope)
    wanted = command.download is BulkDownload.REPORT
    id = found.report_id if wanted else found.failed_rows_id
    file = queries.files_by_ids(uow.db, [id] if id else []).get(id) if id else None
    if file is None or file.status is not FileStatus.STORED:
        raise NoSuchDownload()
    return new_ticket(uow, file, is_upload=False)


def require_import(uow: UnitOfWork, kind: BulkKind) -> None:
    """Refuse who may not write what the rows are about.

    Raises:
        NotAllowed: a scope is missing.
    """
    for scope in IMPORT_SCOPES[kind]:
        uow.require(scope)


def _start(
    uow: UnitOfWork, command: StartImport, file: StoredFile, *, retry_of: UUID | None
) -> BulkImport:
    id = uow.new_id()
    job_id = None
    if command.queued:
        (job_id,) = uow.enqueue(Job(JOB, {"id": ids.text("bim", id)}))
    made = BulkImport(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=command.kind,
        format=file.format,
        file_id=file.id,
        file=file.name,
        status=IMPORTS.start,
        dry_run=command.dry_run,
        system=command.system,
        locale=command.locale,
        currency=command.currency,
        mapping=dict(command.mapping),
        actor_kind=uow.caller.actor.kind,
        actor_id=uow.caller.actor.id,
        job_id=job_id,
        retry_of=retry_of,
        header=(),
        fields=(),
        rows_total=None,
        rows_created=0,
        rows_changed=0,
        rows_unchanged=0,
        rows_rejected=0,
        remarks=(),
        batches=0,
        error=None,
        finished_at=None,
        report_id=None,
        failed_rows_id=None,
    )
    add(uow, bulk_imports, [made])
    uow.emit(BulkImportStarted(made.id, made.version, made.kind, made.file), after=made)
    return made


def end_import(uow: UnitOfWork, before: BulkImport, after: BulkImport, action: str) -> None:
    """Write `after`, in the state to which the action leads, as the end of the import."""
    after = replace(after, status=IMPORTS.check(action, before.status), finished_at=uow.now)
    after = save(uow, bulk_imports, before, after)
    event = BulkImportEnded(
        after.id, after.version, after.file, after.status, after.rows_read, after.rows_rejected
    )
    uow.emit(event, before=before, after=after)
