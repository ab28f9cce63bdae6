"""Imports of payments: record the next batch of a file.

As with sales, a batch is one transaction with its counts, so that an import which is killed
anywhere has recorded whole batches and goes on with the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.model import (
    MACHINE,
    BatchSkipped,
    ImportFinished,
    ImportRun,
    ImportStarted,
    ImportStatus,
    PaymentCounts,
)
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.history import record_payments
from backoffice_api.domain.payables.model.history import RecordedPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayments(Command):
    """The `number`-th batch of a file, from 1; the first starts the run, the last one ends it.

    `system`: whose payments they are. `rejected_rows`, which come to `rejected_minor`, were left
    out on the way to this batch.
    """

    scope = Scope.IMPORTS_WRITE
    system: str
    currency: str
    file: str
    fingerprint: str
    number: int
    payments: tuple[RecordedPayment, ...]
    rejected_rows: int = 0
    rejected_minor: int = 0
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class RecordedPayments:
    """`run`: the counts of the run up to here; `batch`: those of this batch alone."""

    run_id: UUID
    run: PaymentCounts
    batch: PaymentCounts


def record_payment_batch(uow: UnitOfWork, command: RecordPayments) -> RecordedPayments:
    """Take over the payments of a batch that are not known yet. What is known is merged.

    Raises:
        BatchSkipped: an earlier batch of the run is missing.
        TooMany: the batch has more payments than are recorded at once.
        InvalidText, SupplierCodeTaken: a supplier is wrong.
    """
    run = _run(uow, command)
    if command.number <= run.batches:
        return RecordedPayments(run.id, run.payments, PaymentCounts())
    given = {each.key: each for each in command.payments}
    known = queries.documents_by_keys(uow.db, command.system, given)
    fresh = {key: each for key, each in given.items() if key not in known}
    taken, new_suppliers = list(fresh.values()), 0
    if taken:
        new_suppliers = record_payments(uow, command.system, command.currency, taken)
        _remember(uow, command, run, fresh)
    merged = [each for key, each in given.items() if key in known]
    counts = _counts(command, taken, merged, new_suppliers)
    run = _advanced(uow, run, command, counts)
    return RecordedPayments(run.id, run.payments, counts)


def _run(uow: UnitOfWork, command: RecordPayments) -> ImportRun:
    """The run that the batch belongs to; nobody else goes on with it until the transaction ends."""
    run = queries.locked_run(uow.db, command.system, command.fingerprint)
    if run is None or (run.status is ImportStatus.FINISHED and command.number == 1):
        run = ImportRun(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            source=command.system,
            fingerprint=command.fingerprint,
            file=command.file,
            status=MACHINE.start,
            batches=0,
            counts=asdict(PaymentCounts()),
            finished_at=None,
        )
        add(uow, import_runs, [run])
        uow.emit(ImportStarted(run.id, run.version, run.source, run.file), after=run)
    if command.number > run.batches + 1:
        raise BatchSkipped(run.batches + 1, command.number).at("number")
    return run


def _remember(
    uow: UnitOfWork, command: RecordPayments, run: ImportRun, fresh: Mapping[str, RecordedPayment]
) -> None:
    keys = list(fresh)
    columns: Mapping[str, Sequence[object]] = {
        "source": [command.system] * len(fresh),
        "key": keys,
        "digest": [sha256(key.encode()).hexdigest() for key in keys],
        "run_id": [run.id] * len(fresh),
        "line": [each.line for each in fresh.values()],
        "rows": [1] * len(fresh),
    }
    insert_many(uow.db, import_documents, columns)


def _counts(
    command: RecordPayments,
    fresh: Sequence[RecordedPayment],
    merged: Sequence[RecordedPayment],
    new_suppliers: int,
) -> PaymentCounts:
    imported_minor = sum(each.amount_minor for each in fresh)
    merged_minor = sum(each.amount_minor for each in merged)
    return PaymentCounts(
        rows_read=len(command.payments) + command.rejected_rows,
        rows_imported=len(fresh),
        rows_merged=len(merged),
        rows_rejected=command.rejected_rows,
        suppliers=new_suppliers,
        read_minor=imported_minor + merged_minor + command.rejected_minor,
        imported_minor=imported_minor,
        merged_minor=merged_minor,
        rejected_minor=command.rejected_minor,
    )


def _advanced(
    uow: UnitOfWork, run: ImportRun, command: RecordPayments, counts: PaymentCounts
) -> ImportRun:
    action = "finish" if command.is_last else "record"
    after = replace(
        run,
        status=MACHINE.check(action, run.status),
        batches=command.number,
        counts=asdict(run.payments + counts),
        finished_at=uow.now if command.is_last else None,
    )
    after = save(uow, import_runs, run, after)
    if after.status is ImportStatus.FINISHED:
        total = after.payments
        event = ImportFinished(
            after.id, after.version, after.source, after.file, total.rows_read, total.rows_imported
        )
        uow.emit(event, before=run, after=after)
    return after
