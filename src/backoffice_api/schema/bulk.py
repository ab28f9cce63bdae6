"""Files, imports and exports on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.bulk.model import files, runs
from backoffice_api.domain.bulk.model.files import FileStatus
from backoffice_api.domain.bulk.model.runs import (
    BulkDownload,
    BulkKind,
    BulkSortKey,
    BulkStatus,
    SheetFormat,
)
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel import job_queries
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.customers import CustomerFilter
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.jobs import READ as JOBS_READ
from backoffice_api.schema.jobs import Job
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.order_inputs import OrderFilter
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.pricing import ListPriceFilter
from backoffice_api.schema.products import ProductFilter, VariantFilter
from backoffice_api.schema.scalars import BigInt, CurrencyCode
from backoffice_api.schema.stock_inputs import StockLevelFilter

READ = Scope.BULK_READ
PATH = "/files/"

for _choices in (
    BulkDownload,
    BulkKind,
    BulkSortKey,
    BulkStatus,
    FileStatus,
    RowAction,
    Severity,
    SheetFormat,
):
    choice(_choices)


@node("fil", files.StoredFile, queries.files_by_ids, scope=READ)
class StoredFile(Node, Versioned, HasTimeline):
    """A file that was uploaded, or written by an import or export. It is kept for some days."""

    name: str = about("Its name.")
    format: SheetFormat = about("How it is written.")
    status: FileStatus = about("Whether it is there.")
    size_bytes: BigInt | None = about("How large it is. Null: it is not there yet.")
    sha256: str | None = about("SHA-256 in hexadecimal digits. Null: it is not there yet.")
    expires_at: datetime = about("When it is removed.")


@described
class BulkRemark:
    """How many rows were remarked on in the same way."""

    code: str = about("Why, as SKU_TAKEN or BARCODE_WRONG_CHECK_DIGIT.")
    severity: Severity = about("How much it matters.")
    action: RowAction = about("What was done with the rows.")
    rows: int = about("How many remarks of this kind there are.")


def _remarks(parent: strawberry.Parent[runs.BulkImport]) -> list[BulkRemark]:
    return [_remark(each) for each in parent.remarks]


def _remark(each: Mapping[str, Any]) -> BulkRemark:
    return BulkRemark(
        code=each["code"],
        severity=Severity(each["severity"]),
        action=RowAction(each["action"]),
        rows=each["rows"],
    )


@described
class BulkColumn:
    """A column of a file."""

    title: str = about("Its title in the file.")
    field: str | None = about("The field that it was taken for. Null: it is left out.")


def _columns(parent: strawberry.Parent[runs.BulkImport]) -> list[BulkColumn]:
    pairs = zip(parent.header, parent.fields, strict=True)
    return [BulkColumn(title=title, field=field) for title, field in pairs]


def _asked_by_import(parent: strawberry.Parent[runs.BulkImport]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


def _asked_by_export(parent: strawberry.Parent[runs.BulkExport]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


@node("bim", runs.BulkImport, queries.imports_by_ids, scope=READ)
class BulkImport(Node, Versioned, HasTimeline):
    """An import of a file. Every row that was read is created, changed, unchanged or rejected."""

    kind: BulkKind = about("What the rows are about.")
    format: SheetFormat = about("How the file is written.")
    file: str = about("Name of the file.")
    status: BulkStatus = about("How far it is.")
    dry_run: bool = about("Everything is tried, nothing is kept.")
    system: str = about("Under whose name keys of the file become external ids.")
    locale: str | None = about("How numbers and dates are written. Null: 12.50 and 2026-01-31.")
    currency: str | None = about("Of prices without a currency. Null: each has its own.")
    columns: list[BulkColumn] = about(
        "The columns of the file; empty until it was begun.", resolver=_columns
    )
    unknown_columns: list[str] = about("Titles of columns that are left out.")
    rows_total: int | None = about("How many rows the file has. Null until it was begun.")
    rows_read: int = about("How many rows are done.")
    rows_created: int = about("Rows of which something was made.")
    rows_changed: int = about("Rows that changed what was there.")
    rows_unchanged: int = about("Rows that said what was so already.")
    rows_rejected: int = about("Rows that were refused.")
    remarks: list[BulkRemark] = about("Remarks on rows by code, worst first.", resolver=_remarks)
    error: str | None = about("Why it was given up. Null: it was not.")
    finished_at: datetime | None = about("When it ended. Null: it has not.")
    asked_by: Actor = about("Who asked for it.", resolver=_asked_by_import)
    actions: list[ActionState] = about("What you can do with it now.")
    job: Job | None = one(
        job_queries.jobs_by_ids,
        "job_id",
        "The job that does it. Null: the command line does.",
        scope=JOBS_READ,
    )
    retry_of: "BulkImport | None" = one(
        queries.imports_by_ids, "retry_of", "The import whose rejected rows it takes up."
    )
    source: StoredFile | None = one(queries.files_by_ids, "file_id", "The file.")
    report: StoredFile | None = one(
        queries.files_by_ids, "report_id", "The remarks on single rows. Null: none, or not yet."
    )
    failed_rows: StoredFile | None = one(
        queries.files_by_ids,
        "failed_rows_id",
        "The rejected rows in the shape of the file. Null: none, or not yet.",
    )


@node("bex", runs.BulkExport, queries.exports_by_ids, scope=READ)
class BulkExport(Node, Versioned, HasTimeline):
    """An export of what a list would show, as it was at one moment."""

    kind: BulkKind = about("What the rows are about.")
    format: SheetFormat = about("How the file is written.")
    status: BulkStatus = about("How far it is.")
    rows_written: int = about("How many rows the file has.")
    error: str | None = about("Why it was given up. Null: it was not.")
    finished_at: datetime | None = about("When it ended. Null: it has not.")
    asked_by: Actor = about("Who asked for it.", resolver=_asked_by_export)
    actions: list[ActionState] = about("What you can do with it now.")
    job: Job | None = one(
        job_queries.jobs_by_ids,
        "job_id",
        "The job that does it. Null: the command line does.",
        scope=JOBS_READ,
    )
    file: StoredFile | None = one(
        queries.files_by_ids, "file_id", "What was written. Null until it is finished."
    )


@filter_input
class BulkImportFilter:
    """Which imports. All words that are given must hold."""

    status: list[BulkStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[BulkKind] | None = about("Of one of these kinds.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@filter_input
class BulkExportFilter:
    """Which exports. All words that are given must hold."""

    status: list[BulkStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[BulkKind] | None = about("Of one of these kinds.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of imports or exports.")
class BulkSort:
    key: BulkSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A file to be uploaded.")
class BulkUploadCreateInput:
    name: str = about("Its name, at most 250 characters.")
    format: SheetFormat | None = about("How it is written; null: as its name ends.", default=None)


@strawberry.input(description="What a column of the file stands for.")
class BulkColumnInput:
    title: str = about("Title of the column in the file.")
    field: str | None = about("The field; null: the column is left out.", default=None)


@strawberry.input(description="An import of a file that was uploaded.")
class BulkImportCreateInput:
    kind: BulkKind = about("What the rows are about.")
    file_id: strawberry.ID = about("The file; it must be yours.")
    dry_run: bool = about("Try everything, keep nothing.", default=False)
    system: str = about(
        "Under whose name keys of the file become external ids, at most 60 characters.",
        default="file",
    )
    locale: str | None = about(
        "How numbers, dates and booleans are written, as de-DE; null: 12.50, 2026-01-31, true.",
        default=None,
    )
    currency: CurrencyCode | None = about("Of prices without a currency.", default=None)
    mapping: list[BulkColumnInput] = about(
        "Columns that are not to be taken for what their titles say, at most 200.",
        default_factory=list,
    )


@strawberry.input(description="What is to be written: what a list with this filter would show.")
class BulkExportCreateInput:
    kind: BulkKind = about("What the rows are about.")
    format: SheetFormat = about("How the file is written.", default=SheetFormat.CSV)
    search: str | None = about("Words, as the list takes them.", default=None)
    products: ProductFilter | None = about("Which products.", default=UNSET)
    variants: VariantFilter | None = about("Which variants, or whose prices.", default=UNSET)
    stock: StockLevelFilter | None = about("Which levels.", default=UNSET)
    customers: CustomerFilter | None = about("Which customers.", default=UNSET)
    orders: OrderFilter | None = about("Which orders.", default=UNSET)
    list_prices: ListPriceFilter | None = about("Which prices of lists.", default=UNSET)


@strawberry.input(description="Which file of an import is to be downloaded.")
class BulkImportDownloadInput:
    download: BulkDownload = about("The file.")


def _ticket_file_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.file_id


def _ticket_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class BulkFilePayload(MutationPayload):
    """An address of a file, good once."""

    file: StoredFile | None = found_of(
        _ticket_file_id, queries.files_by_ids, "The file. Null if it was refused."
    )
    path: Secret | None = about(
        "Path on this server: PUT the bytes of an upload there, GET a download from there, once, "
        "within 15 minutes and without any header. You see it this once. Null if it was refused, "
        "or if this is the answer to a repeated request.",
        resolver=_ticket_path,
    )


@payload
class BulkImportPayload(MutationPayload):
    """What a mutation of an import answers."""

    bulk_import: BulkImport | None = one(
        queries.imports_by_ids, "value", "The import as it is now. Null if it was refused."
    )


@payload
class BulkExportPayload(MutationPayload):
    """What a mutation of an export answers."""

    bulk_export: BulkExport | None = one(
        queries.exports_by_ids, "value", "The export as it is now. Null if it was refused."
    )
