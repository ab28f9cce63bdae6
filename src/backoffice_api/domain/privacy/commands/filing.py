"""Files of a person: noted as doomed in the transaction, removed from their storage after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    TextClause,
    bindparam,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from backoffice_api.domain.bulk.commands.files import ForgetFiles, forget_files
from backoffice_api.domain.bulk.model.runs import BulkKind
from backoffice_api.domain.bulk.queries.runs import files_with_rows
from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.tables import documents
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.personal import ERASED
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.mailboxes.tables import received_mails
from backoffice_api.domain.privacy.model.exports import PersonExportStatus
from backoffice_api.domain.privacy.queries.reached import rows_of
from backoffice_api.domain.privacy.queries.registry import places
from backoffice_api.domain.privacy.tables import doomed_files, person_exports

REMOVE_JOB = "privacy.remove_files"
AT_ONCE = 500
# Lists with people in them, and where they lie.
LISTS = (BulkKind.CUSTOMERS, BulkKind.ORDERS)
LISTS_STORAGE = "bulk"
# So long an uploaded file may wait for the import that is to read it.
JUST_NOW = timedelta(hours=1)

# What becomes of a row whose file goes: a document is as one that cannot be drawn.
_WITHOUT_FILE: Mapping[Table, Mapping[str, object]] = {
    documents: {"status": DocumentStatus.FAILED, "input_sha256": None, "error": ERASED},
    person_exports: {"status": PersonExportStatus.REMOVED},
    received_mails: {"is_kept": False},
}
_GATHERED = "FROM privacy_reach WHERE run_id = :run AND hold IS NULL"
_MENTIONED = {  # no value is put into these
    "sqlite": (
        "EXISTS (SELECT 1 FROM json_tree(documents.parts) AS part"  # noqa: S608  # nosec B608
        f" WHERE part.atom IN (SELECT lower(hex(row_id)) {_GATHERED}))"
    ),
    "postgresql": (
        "EXISTS (SELECT 1 FROM jsonb_array_elements(documents.parts) AS part"  # noqa: S608  # nosec B608
        f" WHERE part ->> 1 IN (SELECT translate(CAST(row_id AS text), '-', '') {_GATHERED}))"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetDoomedFiles(Command):
    """These files are not in their storage any more."""

    scope = Scope.PRIVACY_ERASE
    storage: str
    keys: tuple[str, ...]


def doom_files(uow: UnitOfWork, run_id: UUID) -> None:
    """Have the files removed that belong to gathered rows; documents lose theirs at once."""
    for place in places():
        for column in place.files:
            mine = rows_of(place, run_id)
            if place.table is documents:
                mine = or_(mine, _prints(uow.db.dialect.name, run_id))
            mine &= column.is_not(None)
            storage = literal(column.info["file"])
            known = select(doomed_files.c.key).where(
                doomed_files.c.storage == storage, doomed_files.c.key == column
            )
            found = select(storage, column).distinct().where(mine, ~known.exists())
            added = uow.db.execute(
                insert(doomed_files).from_select(["storage", "key"], found),
                execution_options={"preserve_rowcount": True},
            )
            if place.table in _WITHOUT_FILE:
                without = {column.name: None} if column.nullable else {}
                values = {**without, **_WITHOUT_FILE[place.table]}
                uow.db.execute(update(place.table).where(mine).values(values))
            if added.rowcount > 0:
                uow.enqueue(Job(REMOVE_JOB, once_key=REMOVE_JOB))


def doom_lists(uow: UnitOfWork) -> int:
    """Have all stored lists removed in which people may be; nobody gets them from now on. How many.

    Which rows are in a list nobody knows without reading it: it is made anew in a moment. Lists of
    what is under way go the next time, as do files that were uploaded just now for an import.
    """
    found = files_with_rows(uow.db, LISTS, uow.now - JUST_NOW)
    if found:
        rows = [{"storage": LISTS_STORAGE, "key": each.key} for each in found]
        insert_or_ignore(uow.db, doomed_files, *rows)
        forget_files(uow, ForgetFiles(file_ids=tuple(each.id for each in found)))
        uow.enqueue(Job(REMOVE_JOB, once_key=REMOVE_JOB))
    return len(found)


def forget_doomed_files(uow: UnitOfWork, command: ForgetDoomedFiles) -> int:
    """Forget that files were to be removed. How many these were."""
    gone = doomed_files.delete().where(
        doomed_files.c.storage == command.storage, among(doomed_files.c.key, command.keys)
    )
    return uow.db.execute(gone).rowcount


def _prints(dialect: str, run_id: UUID) -> ColumnElement[bool]:
    """Prints of several papers, one of which is of a gathered row: they go as a whole."""
    of_one: TextClause = text(_MENTIONED[dialect]).bindparams(bindparam("run", run_id, type_=Id))
    return (documents.c.kind == DocumentKind.PRINT_STREAM) & of_one
