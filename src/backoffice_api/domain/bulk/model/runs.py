"""Imports and exports of files: what they are, how far they come, and what is refused.

An import takes the rows of one file through the commands that anybody would use, batch by batch:
a row that is refused is remarked on and kept for a retry, the others go in. Every row that was
read ends in exactly one of four ways: created, changed, unchanged or rejected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

# Of remarks with the same code a report has so many; further ones are only counted.
REPORTED_PER_CODE_MAX = 10_000
VALUE_SHOWN_MAX = 200
ERROR_LENGTH_MAX = 1_000
ROWS_MAX = 2_000_000
COLUMNS_MAX = 200
MAPPING_MAX = COLUMNS_MAX

_BY_PEOPLE = ("cancel", "retry")


class BulkKind(Choice):
    """What the rows of a file are about."""

    PRODUCTS = "products", "One row per variant, with what is to be known of its product."
    VARIANTS = "variants", "One row per variant of products that are there already."
    PRICES = "prices", "One row per variant and currency."
    STOCK = "stock", "One row per variant and location: how many pieces there are."
    CUSTOMERS = "customers", "One row per customer."
    ORDERS = "orders", "One row per line; those of one order stand together."
    PRODUCT_FIELDS = "product_fields", "One row per product and custom field."
    VARIANT_FIELDS = "variant_fields", "One row per variant and custom field."
    CUSTOMER_FIELDS = "customer_fields", "One row per customer and custom field."
    COSTS = "costs", "One row per variant: what a piece costs the shop."
    LIST_PRICES = "list_prices", "One row per price of a list: from how many pieces, and when."


class SheetFormat(Choice):
    """How a file is written."""

    CSV = "csv", "Comma-separated values in UTF-8 with a header, RFC 4180; may be gzipped."
    XLSX = "xlsx", "A workbook of Office Open XML; its first sheet, with a header."
    JSONL = "jsonl", "One JSON object per line, in UTF-8."

    @classmethod
    def of_name(cls, name: str) -> "SheetFormat":
        """The format that a file name ends in; that of `data.csv.gz` is CSV.

        Raises:
            UnknownFormat: it ends in none.
        """
        bare = name.casefold().removesuffix(".gz")
        for each in cls:
            if bare.endswith(f".{each.value}"):
                return each
        if bare.endswith((".ndjson", ".txt", ".tsv")):
            return cls.JSONL if bare.endswith(".ndjson") else cls.CSV
        raise UnknownFormat(name).at("name")


class BulkStatus(Choice):
    """How far an import or export is."""

    QUEUED = "queued", "Waits for a worker."
    RUNNING = "running", "Under way, or interrupted: it goes on where it stopped."
    FINISHED = "finished", "Read or written to the end."
    FAILED = "failed", "Given up: the file cannot be used, or a right was withdrawn."
    CANCELLED = "cancelled", "Called off; what was imported before that stays."


IMPORTS = Machine(
    BulkStatus.QUEUED,
    move("begin", {BulkStatus.QUEUED}, BulkStatus.RUNNING),
    move("record", {BulkStatus.RUNNING}),
    move("finish", {BulkStatus.RUNNING}, BulkStatus.FINISHED),
    move("fail", {BulkStatus.QUEUED, BulkStatus.RUNNING}, BulkStatus.FAILED),
    move("cancel", {BulkStatus.QUEUED, BulkStatus.RUNNING}, BulkStatus.CANCELLED),
    move("retry", {BulkStatus.FINISHED}),
)
EXPORTS = Machine(
    BulkStatus.QUEUED,
    move("begin", {BulkStatus.QUEUED, BulkStatus.RUNNING}, BulkStatus.RUNNING),
    move("finish", {BulkStatus.RUNNING}, BulkStatus.FINISHED),
    move("fail", {BulkStatus.QUEUED, BulkStatus.RUNNING}, BulkStatus.FAILED),
    move("cancel", {BulkStatus.QUEUED, BulkStatus.RUNNING}, BulkStatus.CANCELLED),
)

# What importing and exporting a kind takes besides the right to use files at all.
IMPORT_SCOPES: Mapping[BulkKind, tuple[Scope, ...]] = {
    BulkKind.PRODUCTS: (Scope.PRODUCTS_WRITE,),
    BulkKind.VARIANTS: (Scope.PRODUCTS_WRITE,),
    BulkKind.PRICES: (Scope.PRODUCTS_WRITE,),
    BulkKind.STOCK: (Scope.STOCK_WRITE,),
    BulkKind.CUSTOMERS: (Scope.CUSTOMERS_WRITE,),
    BulkKind.ORDERS: (Scope.ORDERS_WRITE, Scope.IMPORTS_WRITE),
    BulkKind.PRODUCT_FIELDS: (Scope.PRODUCTS_WRITE,),
    BulkKind.VARIANT_FIELDS: (Scope.PRODUCTS_WRITE,),
    BulkKind.CUSTOMER_FIELDS: (Scope.CUSTOMERS_WRITE,),
    BulkKind.COSTS: (Scope.COSTS_WRITE,),
    BulkKind.LIST_PRICES: (Scope.PRODUCTS_WRITE,),
}
EXPORT_SCOPES: Mapping[BulkKind, tuple[Scope, ...]] = {
    BulkKind.PRODUCTS: (Scope.PRODUCTS_READ,),
    BulkKind.VARIANTS: (Scope.PRODUCTS_READ,),
    BulkKind.PRICES: (Scope.PRODUCTS_READ,),
    BulkKind.STOCK: (Scope.STOCK_READ, Scope.PRODUCTS_READ),
    BulkKind.CUSTOMERS: (Scope.CUSTOMERS_READ, Scope.PERSONAL_READ),
    BulkKind.ORDERS: (Scope.ORDERS_READ,),
    BulkKind.PRODUCT_FIELDS: (Scope.PRODUCTS_READ,),
    BulkKind.VARIANT_FIELDS: (Scope.PRODUCTS_READ,),
    BulkKind.CUSTOMER_FIELDS: (Scope.CUSTOMERS_READ, Scope.PERSONAL_READ),
    BulkKind.COSTS: (Scope.COSTS_READ, Scope.PRODUCTS_READ),
    BulkKind.LIST_PRICES: (Scope.PRODUCTS_READ,),
}
# What its report and its failed rows show: what stood in the file.
REPORT_SCOPES: Mapping[BulkKind, tuple[Scope, ...]] = {
    BulkKind.CUSTOMERS: (Scope.PERSONAL_READ,),
    BulkKind.CUSTOMER_FIELDS: (Scope.PERSONAL_READ,),
    BulkKind.COSTS: (Scope.COSTS_READ,),
}


class BulkSortKey(Choice):
    """By what a list of imports or exports is sorted."""

    CREATED_AT = "created_at", "When it was asked for."


class BulkDownload(Choice):
    """A file that belongs to an import."""

    REPORT = "report", "The remarks on single rows: file, line, column, code, value, action."
    FAILED_ROWS = "failed_rows", "The rejected rows in the shape of the file, to be corrected."


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows ended in which way."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        return self.created + self.changed + self.unchanged + self.rejected


@dataclass(frozen=True, slots=True)
class BulkImport:
    """One import. `header` has the columns of the file, `fields` what each is taken for or None.

    `system`: under whose name keys of the file become external ids. `retry_of`: the import whose
    rejected rows it takes up. `remarks` is the summary: code, severity, action, rows.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: BulkKind
    format: SheetFormat
    file_id: UUID
    file: str
    status: BulkStatus
    dry_run: bool
    system: str
    locale: str | None
    currency: str | None
    mapping: Mapping[str, str | None]
    actor_kind: ActorKind
    actor_id: UUID | None
    job_id: UUID | None
    retry_of: UUID | None
    header: Sequence[str]
    fields: Sequence[str | None]
    rows_total: int | None
    rows_created: int
    rows_changed: int
    rows_unchanged: int
    rows_rejected: int
    remarks: Sequence[Mapping[str, Any]]
    batches: int
    error: str | None
    finished_at: datetime | None
    report_id: UUID | None
    failed_rows_id: UUID | None

    @property
    def rows_read(self) -> int:
        return self.rows_created + self.rows_changed + self.rows_unchanged + self.rows_rejected

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it; the other moves are the worker's."""
        none = () if self.rows_rejected else ("no row was rejected",)
        found = IMPORTS.actions(self.status, {"retry": none})
        return [each for each in found if each.name in _BY_PEOPLE]

    @property
    def unknown_columns(self) -> Sequence[str]:
        named = zip(self.header, self.fields, strict=True)
        return [title for title, field in named if field is None]


@dataclass(frozen=True, slots=True)
class BulkExport:
    """One export. `filter` is that of the list in plain values; `file_id`: what was written."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: BulkKind
    format: SheetFormat
    status: BulkStatus
    filter: Any
    search: str | None
    actor_kind: ActorKind
    actor_id: UUID | None
    job_id: UUID | None
    rows_written: int
    file_id: UUID | None
    error: str | None
    finished_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it; the other moves are the worker's."""
        return [each for each in EXPORTS.actions(self.status) if each.name in _BY_PEOPLE]


@dataclass(frozen=True, slots=True)
class BulkImportStarted(Event):
    type = "bulk_import.started"
    subject = "bim"
    summary = "The import of {file} was asked for ({kind})."
    id: UUID
    version: int
    kind: BulkKind
    file: str


@dataclass(frozen=True, slots=True)
class BulkImportEnded(Event):
    type = "bulk_import.ended"
    subject = "bim"
    summary = "The import of {file} is {status}: {rows_read} rows read, {rows_rejected} rejected."
    id: UUID
    version: int
    file: str
    status: BulkStatus
    rows_read: int
    rows_rejected: int


@dataclass(frozen=True, slots=True)
class BulkExportStarted(Event):
    type = "bulk_export.started"
    subject = "bex"
    summary = "An export of {kind} was asked for."
    id: UUID
    version: int
    kind: BulkKind


@dataclass(frozen=True, slots=True)
class BulkExportEnded(Event):
    type = "bulk_export.ended"
    subject = "bex"
    summary = "The export of {kind} is {status}: {rows_written} rows."
    id: UUID
    version: int
    kind: BulkKind
    status: BulkStatus
    rows_written: int


@dataclass(eq=False)
class UnknownBulkImport(Missing):
    """There is no import with this id."""

    id: UUID
    message = "There is no such import."


@dataclass(eq=False)
class UnknownBulkExport(Missing):
    """There is no export with this id."""

    id: UUID
    message = "There is no such export."


@dataclass(eq=False)
class UnknownFormat(Invalid):
    """How a file is written follows neither from its name nor from the input."""

    file: str
    message = "What {file!r:.60} holds does not follow from its name: .csv, .xlsx or .jsonl."


@dataclass(eq=False)
class NothingToRetry(Refused):
    """No row of the import was rejected, or its rejected rows are not kept any more."""

    message = "There are no rejected rows to take up again."


@dataclass(eq=False)
class NoSuchDownload(Refused):
    """The file is not there: not yet, not any more, or there is nothing to write into it."""

    message = "This file is not there: not yet, not any more, or it would be empty."


@dataclass(eq=False)
class FilterOfAnotherKind(Invalid):
    """A filter was given that is not one of the kind that is to be exported."""

    kind: BulkKind
    message = "This filter is not for {kind.value}."


@dataclass(eq=False)
class OutOfStep(Refused):
    """Another worker has gone on with the import meanwhile."""

    expected: int
    given: int
    message = "Batch {expected} is next, not {given}."


@dataclass(eq=False)
class UnknownField(Invalid):
    """A mapping names a field that rows of this kind do not have."""

    field: str
    message = "{field!r:.60} is no field of such rows."


@dataclass(eq=False)
class ColumnsMissing(Invalid):
    """The file has no column for what every row needs; or the same field twice, or too many."""

    reason: str
    message = "{reason}"
