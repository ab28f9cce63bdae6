"""Imports payments to suppliers from files into a database, and reports what they came to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backoffice_api.adapters import supplier_payments
from backoffice_api.adapters.csv_file import CsvFile
from backoffice_api.adapters.supplier_payments import FaultCode, Sheet
from backoffice_api.domain.execute import execute
from backoffice_api.domain.integrations.commands.payments import (
    RecordPayments,
    record_payment_batch,
)
from backoffice_api.domain.integrations.model import PaymentCounts
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller, Meta
from backoffice_api.domain.payables.model.history import RECORDED_MAX
from backoffice_api.importing.sales import Remark, RowReport, rare_collections


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file came to. `refused`: why nothing of it was taken; None: it was read."""

    file: str
    counts: PaymentCounts
    refused: FaultCode | None


@dataclass(frozen=True, slots=True)
class PaymentsReport:
    """What all files came to. `remarks`: on rows, by code; `seconds`: how long it took."""

    files: Sequence[FileReport]
    remarks: tuple[Remark, ...]
    dry_run: bool
    currency: str
    seconds: float

    @property
    def counts(self) -> PaymentCounts:
        return sum((each.counts for each in self.files), PaymentCounts())

    @property
    def errors(self) -> int:
        """Rows and files that the source has to be corrected for."""
        return sum(each.rows for each in self.remarks)


def import_payments(
    database: Database,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    report_path: Path | None = None,
    progress: Callable[[FileReport], None] = lambda _: None,
    caller: Caller = THE_SYSTEM,
) -> PaymentsReport:
    """Take over the payments that these files hold, as bills that are paid, unless known.

    Safe to repeat and to interrupt: a file that was interrupted goes on where it stopped. To a
    dry run each batch is the first: what two files have in common is counted twice. `progress` is
    called after each file; `report_path`: a CSV file to write the remarks on rows into.

    Raises:
        UnreadableFile: a file is damaged; those before it are kept.
        NotAllowed: the caller lacks the scope imports:write.
        OSError: the report cannot be written.
    """
    started = datetime.now(UTC)
    files = []
    with RowReport(report_path) as remarks, rare_collections():
        for path in paths:
            with CsvFile(path) as file:
                fingerprint = file.fingerprint()
                sheet = supplier_payments.read(file)
                name = file.name
            for fault in sheet.faults:
                remarks.add(fault)
            counts = _recorded(database, name, fingerprint, sheet, caller, dry_run=dry_run)
            files.append(FileReport(name, counts, sheet.refused))
            progress(files[-1])
        return PaymentsReport(
            files=files,
            remarks=remarks.summary(),
            dry_run=dry_run,
            currency=supplier_payments.CURRENCY,
            seconds=(datetime.now(UTC) - started).total_seconds(),
        )


def _recorded(
    database: Database,
    file: str,
    fingerprint: str,
    sheet: Sheet,
    caller: Caller,
    *,
    dry_run: bool,
) -> PaymentCounts:
    """What a file came to: the counts of its run, or, rehearsed, of all its batches."""
    rehearsed = PaymentCounts()
    counts = rehearsed
    for command in _batches(file, fingerprint, sheet, dry_run=dry_run):
        done = execute(
            database,
            record_payment_batch,
            command,
            caller=caller,
            now=datetime.now(UTC),
            meta=Meta(dry_run=dry_run, request_id=f"import {fingerprint[:16]}"),
        ).value
        rehearsed += done.batch
        counts = rehearsed if dry_run else done.run
    return counts


def _batches(
    file: str, fingerprint: str, sheet: Sheet, *, dry_run: bool
) -> Iterator[RecordPayments]:
    """Batches of bounded size, the same ones whenever the same file is read."""
    starts = range(0, max(len(sheet.payments), 1), RECORDED_MAX)
    for number, start in enumerate(starts, 1):
        is_last = number == len(starts)
        yield RecordPayments(
            system=supplier_payments.SYSTEM,
            currency=supplier_payments.CURRENCY,
            file=file,
            fingerprint=fingerprint,
            number=1 if dry_run else number,
            payments=tuple(sheet.payments[start : start + RECORDED_MAX]),
            rejected_rows=sheet.rejected_rows if is_last else 0,
            rejected_minor=sheet.rejected_minor if is_last else 0,
            is_last=is_last,
        )
