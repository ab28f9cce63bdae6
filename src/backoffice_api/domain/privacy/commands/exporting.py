"""Exports of a person: asked for, gathered, written by a job, fetched, removed after a week."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.queries.merging import survivor
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.filing import REMOVE_JOB
from backoffice_api.domain.privacy.commands.reaching import gather, release
from backoffice_api.domain.privacy.commands.requesting import complete, request_for
from backoffice_api.domain.privacy.model.exports import (
    KEPT,
    LINK_GOOD_FOR,
    MACHINE,
    ExportFormat,
    ExportLink,
    ExportNotThere,
    PersonExport,
    PersonExportFailed,
    PersonExportFinished,
    PersonExportOffered,
    PersonExportRemoved,
    PersonExportRequested,
    PersonExportStatus,
    link_key,
    signature,
)
from backoffice_api.domain.privacy.model.requests import PrivacyRequestKind, PrivacyRequestStatus
from backoffice_api.domain.privacy.tables import doomed_files, person_exports

WRITE_JOB = "privacy.write_export"
EXPIRE_JOB = "privacy.expire_exports"
STORAGE = "privacy"
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCustomer(Command):
    """`request_id`: the request that it answers."""

    scope = Scope.PRIVACY_EXPORT
    customer_id: UUID
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherExport(Command):
    """The rows of an export are to be gathered. Run by the worker."""

    scope = Scope.PRIVACY_EXPORT
    table = person_exports
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPersonExport(Command):
    """The files are there. None: they cannot be written."""

    scope = Scope.PRIVACY_EXPORT
    table = person_exports
    id: UUID
    rows: int
    json_bytes: int | None
    pdf_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadExport(Command):
    scope = Scope.PRIVACY_EXPORT
    table = person_exports
    id: UUID
    format: ExportFormat


@dataclass(frozen=True, slots=True)
class ExpireExports(Command):
    """Run by the worker every hour."""

    scope = Scope.PRIVACY_EXPORT


def export_customer(uow: UnitOfWork, command: ExportCustomer) -> UUID:
    """Have all that is known of a customer written into files. The id of the export.

    Of a duplicate that was merged, it is of the customer in whom it went on.

    Raises:
        NotAllowed: the caller may not see personal data.
        UnknownCustomer.
        UnknownPrivacyRequest, RequestOfAnother, InvalidTransition: it answers no such request.
    """
    uow.require(Scope.PERSONAL_READ)
    if command.customer_id not in on_customers.customers_by_ids(uow.db, [command.customer_id]):
        raise UnknownCustomer(command.customer_id).at("customer_id")
    customer_id = survivor(uow.db, command.customer_id)
    if command.request_id is not None:
        request_for(uow, command.request_id, customer_id, PrivacyRequestKind.ACCESS)
    actor = uow.caller.actor
    made = PersonExport(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        customer_id=customer_id,
        request_id=command.request_id,
        status=PersonExportStatus.QUEUED,
        actor_kind=actor.kind,
        actor_id=actor.id,
        rows=0,
        json_file=None,
        json_bytes=None,
        pdf_file=None,
        pdf_bytes=None,
        expires_at=None,
        finished_at=None,
    )
    add(uow, person_exports, [made])
    uow.enqueue(Job(WRITE_JOB, {"id": ids.text("pvx", made.id)}))
    uow.emit(PersonExportRequested(made.id, 1, made.customer_id), after=made)
    return made.id


def gather_export(uow: UnitOfWork, command: GatherExport) -> bool:
    """Gather what is to be written. False: it is written already.

    Raises:
        UnknownPersonExport.
    """
    found = queries.person_export(uow.db, command.id)
    if found.status is not PersonExportStatus.QUEUED:
        return False
    release(uow.db, found.id)
    gather(
        uow.db,
        found.id,
        found.customer_id,
        today=uow.now.date(),
        years=queries.years_kept(uow.db),
    )
    return True


def finish_export(uow: UnitOfWork, command: FinishPersonExport) -> UUID:
    """Note that an export is written, and what it answers as answered. Its id.

    Raises:
        UnknownPersonExport.
    """
    before = queries.person_export(uow.db, command.id)
    if before.status is not PersonExportStatus.QUEUED:
        return before.id
    release(uow.db, before.id)
    if command.json_bytes is None:
        status = MACHINE.check("fail", before.status)
        after = save(
            uow, person_exports, before, replace(before, status=status, finished_at=uow.now)
        )
        uow.emit(PersonExportFailed(after.id, after.version), before=before, after=after)
        return after.id
    after = replace(
        before,
        status=MACHINE.check("finish", before.status),
        rows=command.rows,
        json_file=key_of(before.id, ExportFormat.JSON),
        json_bytes=command.json_bytes,
        pdf_file=None if command.pdf_bytes is None else key_of(before.id, ExportFormat.PDF),
        pdf_bytes=command.pdf_bytes,
        expires_at=uow.now + KEPT,
        finished_at=uow.now,
    )
    after = save(uow, person_exports, before, after)
    event = PersonExportFinished(after.id, after.version, after.customer_id, after.rows)
    uow.emit(event, before=before, after=after)
    if after.request_id is not None:
        asked = queries.request(uow.db, after.request_id)
        if asked.status is PrivacyRequestStatus.OPEN:
            complete(uow, asked)
    return after.id


def download_export(uow: UnitOfWork, command: DownloadExport) -> ExportLink:
    """An address from which a file can be fetched for a quarter of an hour.

    Raises:
        NotAllowed: the caller may not see personal data.
        UnknownPersonExport.
        ExportNotThere: it is not written yet, or was removed.
    """
    uow.require(Scope.PERSONAL_READ)
    found = queries.person_export(uow.db, command.id)
    if found.status is not PersonExportStatus.READY or file_of(found, command.format) is None:
        raise ExportNotThere().at("id")
    expires = int((uow.now + LINK_GOOD_FOR).timestamp())
    signed = signature(keys.key(uow.db, link_key(command.format)), found.id, expires)
    token = found.id.bytes + expires.to_bytes(5, "big") + signed
    uow.emit(PersonExportOffered(found.id, found.version, command.format))
    return ExportLink(found.id, Secret(urlsafe_b64encode(token).rstrip(b"=").decode()))


def expire_exports(uow: UnitOfWork, command: ExpireExports) -> int:
    """Have the files removed of exports whose time is over. How many these are."""
    old = queries.expired_exports(uow.db, uow.now, AT_ONCE)
    for before in old:
        status = MACHINE.check("remove", before.status)
        after = replace(before, status=status, json_file=None, pdf_file=None)
        after = save(uow, person_exports, before, after)
        uow.emit(PersonExportRemoved(after.id, after.version), before=before, after=after)
    files = [
        {"storage": STORAGE, "key": key}
        for each in old
        for key in (each.json_file, each.pdf_file)
        if key is not None
    ]
    insert_or_ignore(uow.db, doomed_files, *files)
    if old:
        uow.enqueue(Job(REMOVE_JOB, once_key=REMOVE_JOB))
    if len(old) == AT_ONCE:
        uow.enqueue(Job(EXPIRE_JOB))
    return len(old)


def key_of(export_id: UUID, format: ExportFormat) -> str:
    """Under which key a file lies in the storage."""
    return f"{export_id.hex}{format.value}"


def file_of(export: PersonExport, format: ExportFormat) -> str | None:
    """The key of a file of an export. None: it has none."""
    return export.json_file if format is ExportFormat.JSON else export.pdf_file
