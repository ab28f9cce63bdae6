"""What can be asked about files, imports and exports."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Table,
    select,
    true,
    union_all,
)

from backoffice_api.domain.bulk.model.files import FileStatus, StoredFile, Ticket, UnknownFile
from backoffice_api.domain.bulk.model.runs import (
    BulkExport,
    BulkImport,
    BulkKind,
    BulkSortKey,
    BulkStatus,
    UnknownBulkExport,
    UnknownBulkImport,
)
from backoffice_api.domain.bulk.tables import (
    bulk_exports,
    bulk_imports,
    bulk_rejected_rows,
    bulk_remarks,
    file_tickets,
    stored_files,
)
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as

files_by_ids = one_per(StoredFile, stored_files, stored_files.c.id)
tickets_by_hashes = one_per(Ticket, file_tickets, file_tickets.c.hash)
imports_by_ids = one_per(BulkImport, bulk_imports, bulk_imports.c.id)
exports_by_ids = one_per(BulkExport, bulk_exports, bulk_exports.c.id)

import_list = Listing(
    BulkImport,
    bulk_imports,
    sorts={BulkSortKey.CREATED_AT: bulk_imports.c.created_at},
    words={
        "status": On(bulk_imports.c.status),
        "kind": On(bulk_imports.c.kind),
        "created_at": On(bulk_imports.c.created_at),
    },
)
export_list = Listing(
    BulkExport,
    bulk_exports,
    sorts={BulkSortKey.CREATED_AT: bulk_exports.c.created_at},
    words={
        "status": On(bulk_exports.c.status),
        "kind": On(bulk_exports.c.kind),
        "created_at": On(bulk_exports.c.created_at),
    },
)


@dataclass(frozen=True, slots=True)
class KeptRemark:
    """A remark on one row, as a report has it."""

    number: int
    line: int
    column: str
    code: str
    severity: Severity
    value: str
    action: RowAction


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was rejected, as it was read."""

    line: int
    cells: Sequence[Any]


def stored_file(db: Connection, id: UUID) -> StoredFile:
    """Raises: UnknownFile."""
    if found := files_by_ids(db, [id]).get(id):
        return found
    raise UnknownFile(id)


def bulk_import(db: Connection, id: UUID) -> BulkImport:
    """Raises: UnknownBulkImport."""
    if found := imports_by_ids(db, [id]).get(id):
        return found
    raise UnknownBulkImport(id).at("id")


def locked_import(db: Connection, id: UUID) -> BulkImport:
    """The import `id`, which nobody else goes on with until the transaction ends.

    Raises:
        UnknownBulkImport: there is none.
    """
    statement = select_as(BulkImport, bulk_imports).where(bulk_imports.c.id == id)
    for found in fetch(db, BulkImport, statement.with_for_update()):
        return found
    raise UnknownBulkImport(id).at("id")


def locked_export(db: Connection, id: UUID) -> BulkExport:
    """The export `id`, which nobody else changes until the transaction ends.

    Raises:
        UnknownBulkExport: there is none.
    """
    statement = select_as(BulkExport, bulk_exports).where(bulk_exports.c.id == id)
    for found in fetch(db, BulkExport, statement.with_for_update()):
        return found
    raise UnknownBulkExport(id).at("id")


def remarks_after(db: Connection, import_id: UUID, number: int, limit: int) -> Sequence[KeptRemark]:
    """The remarks on rows behind the one with this number, in their order."""
    statement = (
        select_as(KeptRemark, bulk_remarks)
        .where(bulk_remarks.c.import_id == import_id, bulk_remarks.c.number > number)
        .order_by(bulk_remarks.c.number)
        .limit(limit)
    )
    return fetch(db, KeptRemark, statement)


def rejected_after(db: Connection, import_id: UUID, line: int, limit: int) -> Sequence[RejectedRow]:
    """The rejected rows behind this line, in their order."""
    statement = (
        select_as(RejectedRow, bulk_rejected_rows)
        .where(bulk_rejected_rows.c.import_id == import_id, bulk_rejected_rows.c.line > line)
        .order_by(bulk_rejected_rows.c.line)
        .limit(limit)
    )
    return fetch(db, RejectedRow, statement)


def any_rejected(db: Connection, import_id: UUID) -> bool:
    """Whether rejected rows are still kept."""
    return bool(rejected_after(db, import_id, 0, 1))


def expired_files(db: Connection, now: datetime, limit: int) -> Sequence[StoredFile]:
    """Files whose time is over, the longest expired first."""
    statement = (
        select_as(StoredFile, stored_files)
        .where(
            stored_files.c.status.in_((FileStatus.EXPECTED, FileStatus.STORED)),
            stored_files.c.expires_at <= now,
        )
        .order_by(stored_files.c.expires_at, stored_files.c.id)
        .limit(limit)
    )
    return fetch(db, StoredFile, statement)


def files_with_rows(
    db: Connection, kinds: Collection[BulkKind], unused_before: datetime
) -> Sequence[StoredFile]:
    """Stored files with rows of these kinds, and those that no run has named since a moment.

    Files of what is under way are not among them. One statement.
    """
    of = stored_files.c
    of_kinds = _files_of(lambda runs: runs.c.kind.in_(kinds) & runs.c.status.in_(_ENDED))
    under_way = _files_of(lambda runs: runs.c.status.not_in(_ENDED))
    of_none = of.id.not_in(_files_of(lambda _: true())) & (of.updated_at < unused_before)
    statement = select_as(StoredFile, stored_files).where(
        of.status == FileStatus.STORED,
        # A file may be tried and then read: several runs name it.
        of.id.in_(of_kinds) & of.id.not_in(under_way) | of_none,
    )
    return fetch(db, StoredFile, statement.order_by(of.id))


# The files that runs name: what they read, wrote, and could not read.
_FILES = {
    bulk_imports: (bulk_imports.c.file_id, bulk_imports.c.report_id, bulk_imports.c.failed_rows_id),
    bulk_exports: (bulk_exports.c.file_id,),
}
_ENDED = (BulkStatus.FINISHED, BulkStatus.FAILED, BulkStatus.CANCELLED)


def _files_of(which: Callable[[Table], ColumnElement[bool]]) -> CompoundSelect[Any]:
    return union_all(
        *(
            select(column).where(column.is_not(None), which(runs))
            for runs, columns in _FILES.items()
            for column in columns
        )
    )


def imports_of_files(db: Connection, file_ids: Sequence[UUID]) -> Sequence[UUID]:
    """The imports that read these files."""
    statement = select(bulk_imports.c.id).where(bulk_imports.c.file_id.in_(file_ids))
    return list(db.execute(statement).scalars())


def interrupted(db: Connection, kind: BulkKind, sha256: str, *, dry_run: bool) -> BulkImport | None:
    """An import of this very file by the command line that did not come to its end.

    None: there is none. Those that workers do are theirs to go on with.
    """
    statement = (
        select_as(BulkImport, bulk_imports)
        .join(stored_files, stored_files.c.id == bulk_imports.c.file_id)
        .where(
            stored_files.c.sha256 == sha256,
            bulk_imports.c.kind == kind,
            bulk_imports.c.dry_run == dry_run,
            bulk_imports.c.job_id.is_(None),
            bulk_imports.c.status.in_((BulkStatus.QUEUED, BulkStatus.RUNNING)),
        )
        .order_by(bulk_imports.c.created_at.desc(), bulk_imports.c.id.desc())
    )
    return next(iter(fetch(db, BulkImport, statement.limit(1))), None)
