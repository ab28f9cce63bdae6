"""Imports history from a file into a database, batch by batch, and reports what it came to.

A dry run records each batch and rolls it back, so nobody else waits for longer than one batch
takes. It cannot see what one batch would have changed for a later one: that an invoice comes
twice, far apart, with other rows, or which sale a return belongs to. Products, variants and
customers are counted once all the same.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from backoffice_api.adapters import online_retail
from backoffice_api.adapters.csv_file import CsvFile
from backoffice_api.adapters.csv_output import CsvOutput
from backoffice_api.adapters.online_retail import Item, Rejected
from backoffice_api.domain.execute import execute
from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.commands.batches import (
    RecordBatch,
    UnmatchedRow,
    record_batch,
)
from backoffice_api.domain.integrations.model import (
    BATCH_DOCUMENTS_MAX,
    BATCH_ROWS_MAX,
    BATCH_VARIANTS_MAX,
    Counts,
    Document,
    RowAction,
    RowFault,
    Severity,
    Source,
)
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller, Meta
from backoffice_api.domain.returns.model.matching import MatchEnding

# How many rows of a report may say the same; further ones are only counted.
REPORTED_PER_CODE_MAX = 10_000
VALUE_SHOWN_MAX = 200
_OBJECTS_BETWEEN_COLLECTIONS = 200_000
DOCUMENT_DIFFERS = "DOCUMENT_DIFFERS"
_UNMATCHED = {
    MatchEnding.PARTIAL: "RETURN_PARTLY_MATCHED",
    MatchEnding.NONE: "RETURN_NOT_MATCHED",
    MatchEnding.NO_CUSTOMER: "RETURN_OF_GUEST",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. Bytes are those of the file as it lies there."""

    bytes_read: int
    bytes_total: int
    rows_read: int


@dataclass(frozen=True, slots=True)
class Remark:
    """How many rows were remarked on in the same way."""

    code: str
    severity: Severity
    action: RowAction
    rows: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to. `resumed`: it went on with one that had been interrupted.

    `counts` are then those of both together. `seconds` are those of this one.
    """

    file: str
    fingerprint: str
    dry_run: bool
    resumed: bool
    currency: str
    counts: Counts
    remarks: tuple[Remark, ...]
    seconds: float

    @property
    def errors(self) -> int:
        """Rows that the source has to be corrected for."""
        return sum(each.rows for each in self.remarks if each.severity is Severity.ERROR)


def import_file(
    database: Database,
    path: Path,
    *,
    dry_run: bool = False,
    report_path: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    caller: Caller = THE_SYSTEM,
) -> Report:
    """Take over the sales that the "Online Retail" file at `path` holds, if they are not known.

    Safe to repeat and to interrupt. Memory does not grow with the file. `report_path`: a CSV file
    to write the remarks on rows into. `progress` is called after each batch.

    Raises:
        UnreadableFile: the file is of another kind, or damaged; what came before that is kept.
        NotAllowed: the caller lacks the scope imports:write.
        OSError: the report cannot be written.
    """
    started = datetime.now(UTC)
    with ExitStack() as stack:
        file = stack.enter_context(CsvFile(path))
        remarks = stack.enter_context(RowReport(report_path))
        source = Source(
            name=online_retail.SYSTEM,
            title=online_retail.TITLE,
            currency=online_retail.CURRENCY,
            number_prefix=online_retail.NUMBER_PREFIX,
            file=file.name,
            fingerprint=file.fingerprint(),
        )
        resumed = _is_interrupted(database, source)
        stack.enter_context(rare_collections())
        recording = _Recording(database, caller, remarks, dry_run=dry_run)
        for batch in _batches(source, online_retail.read(file), remarks):
            recording.record(batch)
            progress(Progress(file.position, file.size, recording.rows_read))
        return Report(
            file=file.name,
            fingerprint=source.fingerprint,
            dry_run=dry_run,
            resumed=resumed,
            currency=source.currency,
            counts=recording.counts,
            remarks=remarks.summary(),
            seconds=(datetime.now(UTC) - started).total_seconds(),
        )


class RowReport:
    """Remarks on rows: counted, and written to a CSV file if there is a path.

    The file is bounded: of remarks with the same code it has the first `REPORTED_PER_CODE_MAX`,
    and at the end one row per code that says how many more there were.
    """

    COLUMNS = ("file", "line", "column", "code", "severity", "value", "action")

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stack = ExitStack()
        self._output: CsvOutput | None = None
        self._counts: Counter[tuple[str, Severity, RowAction]] = Counter()

    def __enter__(self) -> Self:
        if self._path is not None:
            file = self._path.open("w", encoding="utf-8", newline="")
            self._output = CsvOutput(self._stack.enter_context(file), self.COLUMNS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for (code, severity, action), count in self._counts.items():
            if self._output and count > REPORTED_PER_CODE_MAX:
                more = f"{count - REPORTED_PER_CODE_MAX} more"
                self._output.write(("", None, "", code, severity, more, action))
        self._stack.close()

    def add(self, fault: RowFault) -> None:
        key = (str(fault.code), fault.severity, fault.action)
        self._counts[key] += 1
        if self._output and self._counts[key] <= REPORTED_PER_CODE_MAX:
            self._output.write(
                (
                    fault.file,
                    fault.line,
                    fault.column,
                    fault.code,
                    fault.severity,
                    fault.value[:VALUE_SHOWN_MAX],
                    fault.action,
                )
            )

    def summary(self) -> tuple[Remark, ...]:
        """The remarks by code, the worst first."""
        order = list(reversed(Severity))
        found = [Remark(*key, count) for key, count in self._counts.items()]
        return tuple(sorted(found, key=lambda each: (order.index(each.severity), each.code)))


class _Recording:
    """Records batches one after the other, and keeps what they came to."""

    def __init__(
        self, database: Database, caller: Caller, remarks: RowReport, *, dry_run: bool
    ) -> None:
        self._database = database
        self._caller = caller
        self._remarks = remarks
        self._dry_run = dry_run
        self.rows_read = 0
        self.counts = Counts()
        # What a dry run would make anew in every batch that names it.
        self._products: set[str] = set()
        self._variants: set[str] = set()
        self._customers: set[str] = set()

    def record(self, batch: RecordBatch) -> None:
        # To a dry run each batch is the first one, as nothing is kept of those before.
        command = replace(batch, number=1) if self._dry_run else batch
        done = execute(
            self._database,
            record_batch,
            command,
            caller=self._caller,
            now=datetime.now(UTC),
            meta=Meta(dry_run=self._dry_run, request_id=f"import {batch.source.fingerprint[:16]}"),
        ).value
        self.rows_read += done.batch.rows_read
        for position in done.differing:
            self._remarks.add(_differs(batch.source, batch.documents[position]))
        for each in done.unmatched:
            self._remarks.add(_unmatched(batch.source, batch.documents[each.document], each))
        if not self._dry_run:
            self.counts = done.run
            return
        self._products.update(done.products)
        self._variants.update(done.variants)
        self._customers.update(done.customers)
        self.counts = replace(
            self.counts + done.batch,
            products=len(self._products),
            variants=len(self._variants),
            customers=len(self._customers),
        )


class _Batch:
    """What goes into the next batch, as long as there is room."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.rejected_rows = 0
        self.rejected_documents = 0
        self._rows = 0
        self._skus: set[str] = set()

    def has_room_for(self, document: Document) -> bool:
        skus = {row.sku for row in document.rows if row.product_key is not None}
        return (
            len(self.documents) < BATCH_DOCUMENTS_MAX
            and self._rows + len(document.rows) <= BATCH_ROWS_MAX
            and len(self._skus) + len(skus - self._skus) <= BATCH_VARIANTS_MAX
        )

    def add(self, document: Document) -> None:
        self.documents.append(document)
        self._rows += len(document.rows)
        self._skus.update(row.sku for row in document.rows if row.product_key is not None)

    def command(self, source: Source, number: int, *, is_last: bool) -> RecordBatch:
        return RecordBatch(
            source=source,
            number=number,
            documents=tuple(self.documents),
            rejected_rows=self.rejected_rows,
            rejected_documents=self.rejected_documents,
            is_last=is_last,
        )


def _batches(source: Source, items: Iterable[Item], remarks: RowReport) -> Iterator[RecordBatch]:
    """Batches of bounded size, the same ones whenever the same file is read. The last is marked,
    and may be empty.
    """
    number, batch = 1, _Batch()
    for item in items:
        match item:
            case RowFault():
                remarks.add(item)
            case Rejected():
                for fault in item.faults:
                    remarks.add(fault)
                batch.rejected_rows += len(item.faults)
                batch.rejected_documents += item.is_document
            case Document():
                if not batch.has_room_for(item):
                    yield batch.command(source, number, is_last=False)
                    number, batch = number + 1, _Batch()
                batch.add(item)
    yield batch.command(source, number, is_last=True)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles among objects less often: a batch has very many objects, and no cycles.

    An eighth of the time would go into it otherwise.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _is_interrupted(database: Database, source: Source) -> bool:
    with database.reading.connect() as db:
        return queries.running(db, source.name, source.fingerprint) is not None


def _differs(source: Source, document: Document) -> RowFault:
    return RowFault(
        file=source.file,
        line=document.line,
        column="InvoiceNo",
        code=DOCUMENT_DIFFERS,
        severity=Severity.ERROR,
        value=document.key,
        action=RowAction.REJECTED,
    )


def _unmatched(source: Source, document: Document, unmatched: UnmatchedRow) -> RowFault:
    return RowFault(
        file=source.file,
        line=document.row_lines[unmatched.row],
        column="StockCode",
        code=_UNMATCHED[unmatched.ending],
        severity=Severity.WARNING,
        value=document.rows[unmatched.row].sku,
        action=RowAction.IMPORTED,
    )
