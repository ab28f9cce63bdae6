"""Imports of history: words and rules.

A source is a file of another system, a document one invoice of it with all its rows. Every row
that is read ends in exactly one of three ways: imported, merged (it was known already) or rejected.
Runs of the time when there were no returns yet have a fourth: deferred.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.states import Machine, move

DOCUMENT_ROWS_MAX = 4_000
# An order that has as many rows as a document may have still comes to less than an order may.
ROW_AMOUNT_MAX = 10**8
# A batch may make each of its orders, customers, variants and products anew, and tells of each:
# altogether less than the events that one command may tell.
BATCH_DOCUMENTS_MAX = 800
BATCH_VARIANTS_MAX = 4_000
BATCH_ROWS_MAX = 20_000


class ImportStatus(Choice):
    """How far an import is."""

    RUNNING = "running", "Under way, or interrupted: running it again goes on where it stopped."
    FINISHED = "finished", "Read to the end."


MACHINE = Machine(
    ImportStatus.RUNNING,
    move("record", {ImportStatus.RUNNING}),
    move("finish", {ImportStatus.RUNNING}, ImportStatus.FINISHED),
)


class Severity(Choice):
    """How much a remark about a row matters."""

    INFO = "info", "Good to know."
    WARNING = "warning", "Somebody should look at it; nothing is lost by mistake."
    ERROR = "error", "The source is wrong there, and should be corrected and imported again."


class RowAction(Choice):
    """What was done with a row that is remarked on."""

    IMPORTED = "imported", "It was imported all the same; or merged, as it was known."
    REJECTED = "rejected", "It was left out."


class RowKind(Choice):
    """What a row of a document stands for."""

    SALE = "sale", "Something sold, at a price."
    FREE = "free", "Something given along with a sale, at no price."
    WRITE_OFF = "write_off", "Stock that was written off: a negative quantity outside of returns."
    FOUND = "found", "Stock that was found: a document without any sale, and without a customer."
    GIVEN = "given", "Something given to a customer, in a document without any sale."
    RETURNED = "returned", "Something that came back."


# What becomes a line of an order.
ORDERED = frozenset({RowKind.SALE, RowKind.FREE})


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported. `name` is that of the system: of its channel, location, external ids.

    `number_prefix`: for orders that are placed in its channel later; those that are imported
    keep their numbers. `fingerprint`: SHA-256 of the file.
    """

    name: str
    title: str
    currency: str
    number_prefix: str
    file: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """A remark about one row: where, what, how bad, and what was done.

    `line` counts from 1 with the header; `column` is the header's word for it, `value` what
    stands there.
    """

    file: str
    line: int
    column: str
    code: str
    severity: Severity
    value: str
    action: RowAction


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One row as it was recorded. `quantity` has the sign of the source.

    `product_key`: under which the source files the SKU; None for a charge, which is never stock.
    `title` None: the source has none.
    """

    sku: str
    product_key: str | None
    title: str | None
    quantity: int
    unit_price: UnitPrice


@dataclass(frozen=True, slots=True)
class Document:
    """One invoice of the source, with all its rows in their order.

    `line`: where it begins in the source, `row_lines`: where each of its rows stands. `digest`:
    SHA-256 of what its rows say.
    `customer_key` None: a guest. `country`: ISO 3166-1, None if the source names none.
    """

    key: str
    line: int
    row_lines: tuple[int, ...]
    digest: str
    recorded_at: datetime
    customer_key: str | None
    country: str | None
    is_return: bool
    rows: tuple[DocumentRow, ...]

    @property
    def is_sale(self) -> bool:
        """Whether it becomes an order: something in it was sold at a price."""
        return not self.is_return and any(
            row.quantity > 0 and row.unit_price.micro > 0 for row in self.rows
        )

    def kinds(self) -> Iterator[RowKind]:
        """What each row stands for, in their order."""
        rest = RowKind.GIVEN if self.customer_key else RowKind.FOUND
        free = RowKind.FREE if self.is_sale else rest
        for row in self.rows:
            if self.is_return:
                yield RowKind.RETURNED
            elif row.quantity < 0:
                yield RowKind.WRITE_OFF
            else:
                yield RowKind.SALE if row.unit_price.micro else free


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What an import came to. Counts of two parts are summed by `+`.

    Rows and documents by how they ended; then what was made of those that were imported. `lines`
    are all order lines, of which `free_lines` cost nothing and `charge_lines` are no stock.
    `unmoved_rows`: written off, found or given, but of what is never stock, so nothing moves.
    `returned_rows` are of goods that came back; of these so many were matched with sales, partly
    matched, not matched, or of guests, whose sales nobody can tell. `credited_rows` are charges
    that were given back: an invoice of these alone, or its part, is a credit note.
    Amounts are in millionths of the main unit: `sales_micro`, `returned_micro` and
    `credited_micro` are exact, before any rounding, `rounding_micro` what the rounding of each
    line of an order took away.
    """

    rows_read: int = 0
    rows_imported: int = 0
    rows_merged: int = 0
    rows_deferred: int = 0
    rows_rejected: int = 0
    documents_imported: int = 0
    documents_merged: int = 0
    documents_deferred: int = 0
    documents_rejected: int = 0
    products: int = 0
    variants: int = 0
    customers: int = 0
    orders: int = 0
    guest_orders: int = 0
    lines: int = 0
    free_lines: int = 0
    charge_lines: int = 0
    write_off_rows: int = 0
    write_off_units: int = 0
    found_rows: int = 0
    found_units: int = 0
    given_rows: int = 0
    given_units: int = 0
    unmoved_rows: int = 0
    returns: int = 0
    returned_rows: int = 0
    returned_units: int = 0
    matched_rows: int = 0
    partly_matched_rows: int = 0
    unmatched_rows: int = 0
    guest_return_rows: int = 0
    credit_notes: int = 0
    credited_rows: int = 0
    movements: int = 0
    sales_micro: int = 0
    returned_micro: int = 0
    credited_micro: int = 0
    rounding_micro: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )

    @property
    def closes(self) -> bool:
        """Whether every row that was read is accounted for."""
        ended = self.rows_imported + self.rows_merged + self.rows_deferred + self.rows_rejected
        return self.rows_read == ended

    @property
    def posted_micro(self) -> int:
        """What the order lines come to, as posted: the sales without what rounding took away."""
        return self.sales_micro - self.rounding_micro


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCounts:
    """What an import of payments came to, by how the rows ended; amounts in minor units.

    Counts of two parts are summed by `+`.
    """

    rows_read: int = 0
    rows_imported: int = 0
    rows_merged: int = 0
    rows_deferred: int = 0
    rows_rejected: int = 0
    suppliers: int = 0
    read_minor: int = 0
    imported_minor: int = 0
    merged_minor: int = 0
    rejected_minor: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )

    @property
    def closes(self) -> bool:
        """Whether every row that was read is accounted for, and every amount."""
        rows = self.rows_imported + self.rows_merged + self.rows_deferred + self.rows_rejected
        amounts = self.imported_minor + self.merged_minor + self.rejected_minor
        return (self.rows_read, self.read_minor) == (rows, amounts)


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import of one source: how far it came, and to what.

    `fingerprint`: SHA-256 of the file, by which an interrupted run is found again. `batches`
    are recorded; `counts` are those of them, by the names of the fields of `Counts`.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    source: str
    fingerprint: str
    file: str
    status: ImportStatus
    batches: int
    counts: Mapping[str, int]
    finished_at: datetime | None

    @property
    def payments(self) -> PaymentCounts:
        """The counts of an import of payments."""
        return PaymentCounts(**self.counts)

    @property
    def total(self) -> Counts:
        return Counts(**self.counts)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document that was imported: by which run, and where in its source it began."""

    key: str
    digest: str
    run_id: UUID
    line: int
    rows: int


@dataclass(frozen=True, slots=True)
class ImportStarted(Event):
    type = "import.started"
    subject = "imp"
    summary = "The import of {file} was started."
    id: UUID
    version: int
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class ImportFinished(Event):
    type = "import.finished"
    subject = "imp"
    summary = "The import of {file} was finished: {rows_imported} of {rows_read} rows are new."
    id: UUID
    version: int
    source: str
    file: str
    rows_read: int
    rows_imported: int


@dataclass(eq=False)
class BatchSkipped(Invalid):
    """The batches of a run come in their order, each once."""

    expected: int
    given: int
    message = "Batch {expected} is next, not {given}."


def counts_of(documents: Iterable[Document]) -> Counts:
    """What documents come to that are new, as far as their rows alone tell.

    Which sales returns belong to, and how many movements they make, the rows do not tell.
    """
    counts: Counter[str] = Counter()
    for document in documents:
        counts["documents_imported"] += 1
        counts["rows_imported"] += len(document.rows)
        if document.is_sale:
            counts["orders"] += 1
            counts["guest_orders"] += document.customer_key is None
        if document.is_return:
            counts["returns"] += any(row.product_key for row in document.rows)
            counts["credit_notes"] += any(row.product_key is None for row in document.rows)
        for kind, row in zip(document.kinds(), document.rows, strict=True):
            if kind in ORDERED:
                exact = row.unit_price.micro * row.quantity
                counts["lines"] += 1
                counts["free_lines"] += kind is RowKind.FREE
                counts["charge_lines"] += row.product_key is None
                counts["sales_micro"] += exact
                counts["rounding_micro"] += row.unit_price.times(row.quantity).remainder_micro
            elif kind is RowKind.RETURNED:
                word = "credited" if row.product_key is None else "returned"
                counts[f"{word}_rows"] += 1
                counts[f"{word}_micro"] += row.unit_price.micro * -row.quantity
                counts["returned_units"] -= row.quantity if row.product_key else 0
                continue
            else:
                counts[f"{kind.value}_rows"] += 1
                counts[f"{kind.value}_units"] += abs(row.quantity)
                counts["unmoved_rows"] += row.product_key is None
            counts["movements"] += row.product_key is not None
    return Counts(**counts)
