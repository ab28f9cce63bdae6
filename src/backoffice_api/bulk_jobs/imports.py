"""Does imports: reads the file, hands batches to the commands, writes the report at the end.

The work is done in slices: after some seconds a job is given back to the queue, so that one large
file does not keep a worker from everything else. It goes on behind the last batch, by reading
over the rows that are done.
"""

import math
import time
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from backoffice_api.adapters.sheets import read_sheet, write_sheet
from backoffice_api.adapters.storage import Storage
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.domain.bulk.commands.batches import (
    ApplyRows,
    BeginImport,
    FailImport,
    FinishImport,
    apply_rows,
    begin_import,
    fail_import,
    finish_import,
)
from backoffice_api.domain.bulk.model.fields import RawRow
from backoffice_api.domain.bulk.model.runs import (
    REPORTED_PER_CODE_MAX,
    ROWS_MAX,
    BulkImport,
    BulkKind,
    BulkStatus,
    OutOfStep,
    SheetFormat,
)
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller
from backoffice_api.task import Progress

# What one transaction takes: on SQLite nobody else writes meanwhile. Stock is one command.
BATCH_ROWS = 100
BATCH_ROWS_OF_STOCK = 1_000
# An order has at most so many lines; rows that stand together beyond that are cut apart.
GROUP_ROWS_MAX = 1_000
SLICE_S = 5.0
REPORT_COLUMNS = ("file", "line", "column", "code", "severity", "value", "action")
_PAGE = 1_000


def import_slice(
    bench: Bench, id: UUID, progress: Progress, *, slice_s: float | None = SLICE_S
) -> bool:
    """Go on with an import for a while. Whether there is more to do.

    `slice_s` None: to the end. Whatever is wrong with the file, or with the rights of who asked,
    ends the import; trouble of the database is raised, for the job to be tried again.
    """
    with bench.database.fresh.connect() as db:
        run = queries.bulk_import(db, id)
    if run.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING):
        return False
    caller = bench.caller(run.actor_kind, run.actor_id)
    if caller is None:
        _give_up(bench, run, "Who asked for it has no access any more.")
        return False
    try:
        return _Import(bench, run, caller, progress, slice_s).work()
    except OutOfStep:
        return False
    except DomainError as fault:
        _give_up(bench, run, " ".join(str(each) for each in fault.reasons()))
    except FileNotFoundError:
        _give_up(bench, run, "The file is not there any more.")
    return False


class _Import:
    """One import, as far as one slice goes."""

    def __init__(
        self,
        bench: Bench,
        run: BulkImport,
        caller: Caller,
        progress: Progress,
        slice_s: float | None,
    ) -> None:
        self._bench = bench
        self._run = run
        self._caller = caller
        self._progress = progress
        self._slice_s = slice_s
        self._name = ids.text("bim", run.id)

    def work(self) -> bool:
        """Whether there is more to do."""
        run, bench = self._run, self._bench
        begun_s = time.monotonic()
        with bench.storage.local(run.file_id.hex) as path:
            if run.status is BulkStatus.QUEUED and not self._begin(path):
                return False
            with read_sheet(path, run.format, name=run.file) as sheet:
                begun = self._read()
                rows = islice(sheet.rows(), run.rows_read, None)
                done, number, end_s = run.rows_read, run.batches, None
                for batch in _batches(run.kind, begun.fields, rows):
                    number += 1
                    end_s = end_s or self._end_s(begun_s)
                    command = ApplyRows(id=run.id, number=number, rows=batch)
                    if not bench.run(apply_rows, command, self._caller, self._name):
                        return False
                    done += len(batch)
                    if not self._progress(done, begun.rows_total):
                        return False
                    if time.monotonic() >= end_s:
                        return True
        self._finish()
        return False

    def _end_s(self, begun_s: float) -> float:
        """When the slice ends. It lasts longer than what it took to come to its first row."""
        if self._slice_s is None:
            return math.inf
        now_s = time.monotonic()
        return now_s + (max(self._slice_s, now_s - begun_s) if self._slice_s else 0)

    def _begin(self, path: Path) -> bool:
        """Look the file through once: its columns, and how many rows there are."""
        run = self._run
        with read_sheet(path, run.format, name=run.file) as sheet:
            total = sum(1 for _ in islice(sheet.rows(), ROWS_MAX + 1))
            command = BeginImport(id=run.id, header=tuple(sheet.header), rows_total=total)
        return self._bench.run(begin_import, command, self._caller, self._name)

    def _read(self) -> BulkImport:
        with self._bench.database.fresh.connect() as db:
            return queries.bulk_import(db, self._run.id)

    def _finish(self) -> None:
        run = self._read()
        report_id = failed_id = None
        if run.remarks:
            report_id = self._kept("report", SheetFormat.CSV, REPORT_COLUMNS, self._remarks(run))
        if run.rows_rejected:
            rows = (tuple(row.cells) for row in self._rejected(run))
            failed_id = self._kept("failed", run.format, tuple(run.header), rows)
        command = FinishImport(id=run.id, report_id=report_id, failed_rows_id=failed_id)
        self._bench.run(finish_import, command, self._caller, self._name)

    def _kept(
        self,
        what: str,
        format: SheetFormat,
        columns: Sequence[str],
        rows: Iterator[tuple[object, ...]],
    ) -> UUID:
        stem = self._run.file.removesuffix(".gz").rpartition(".")[0] or self._run.file
        name = f"{stem[:200]}.{what}.{format.value}"

        def write(key: str) -> tuple[int, str]:
            return write_file(self._bench.storage, key, format, columns, rows)

        return self._bench.keep(write, name, format, self._caller)

    def _remarks(self, run: BulkImport) -> Iterator[tuple[object, ...]]:
        number = 0
        while True:
            with self._bench.database.fresh.connect() as db:
                page = queries.remarks_after(db, run.id, number, _PAGE)
            for each in page:
                number = each.number
                yield (
                    run.file,
                    each.line,
                    each.column,
                    each.code,
                    each.severity,
                    each.value,
                    each.action,
                )
            if len(page) < _PAGE:
                break
        for summary in run.remarks:
            if (more := summary["rows"] - REPORTED_PER_CODE_MAX) > 0:
                what = (summary["code"], summary["severity"], f"{more} more", summary["action"])
                yield ("", None, "", *what)

    def _rejected(self, run: BulkImport) -> Iterator[queries.RejectedRow]:
        line = 0
        while True:
            with self._bench.database.fresh.connect() as db:
                page = queries.rejected_after(db, run.id, line, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            line = page[-1].line


def write_file(
    storage: Storage,
    key: str,
    format: SheetFormat,
    columns: Sequence[str],
    rows: Iterator[tuple[object, ...]],
) -> tuple[int, str]:
    """Write a table into the storage. How many bytes it has, and their SHA-256.

    It is written beside it first: a workbook is put together only at its end.
    """
    with TemporaryDirectory(prefix="backoffice-") as folder:
        path = Path(folder, f"sheet.{format.value}")
        with write_sheet(path, format, columns) as sheet:
            for row in rows:
                sheet.write(row)
        with storage.writing(key) as writing, path.open("rb") as written:
            while chunk := written.read(1 << 20):
                writing.write(chunk)
            return writing.size_bytes, writing.sha256


def _batches(
    kind: BulkKind, fields: Sequence[str | None], rows: Iterator[RawRow]
) -> Iterator[tuple[RawRow, ...]]:
    """Batches of bounded size, the same ones behind the same row. An order is in one of them."""
    size = BATCH_ROWS_OF_STOCK if kind is BulkKind.STOCK else BATCH_ROWS
    if kind is not BulkKind.ORDERS:
        while batch := tuple(islice(rows, size)):
            yield batch
        return
    places = [place for place, field in enumerate(fields) if field in _ORDER_KEYS]
    held: list[RawRow] = []
    for _, group in groupby(rows, lambda row: [str(row.cells[place]) for place in places]):
        while part := list(islice(group, GROUP_ROWS_MAX)):
            if held and len(held) + len(part) > size:
                yield tuple(held)
                held = []
            held += part
    if held:
        yield tuple(held)


_ORDER_KEYS = frozenset({"order_id", "channel", "number"})


def _give_up(bench: Bench, run: BulkImport, error: str) -> None:
    # As the system: who asked may have lost the right to say even this.
    bench.run(fail_import, FailImport(id=run.id, error=error), THE_SYSTEM, ids.text("bim", run.id))
