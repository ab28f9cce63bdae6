"""How the work on imports is noted: begun, gone on with, finished, given up.

A batch is one transaction: what its rows change, how they ended and how far the import is. So
one that is killed anywhere has imported whole batches, and goes on behind the last of them. A dry
run applies each batch and takes it back before it notes what came of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows
from backoffice_api.domain.bulk.commands.customers import CustomerRows
from backoffice_api.domain.bulk.commands.details import (
    CostRows,
    CustomerFieldRows,
    ListPriceRows,
    ProductFieldRows,
    VariantFieldRows,
)
from backoffice_api.domain.bulk.commands.imports import end_import, require_import
from backoffice_api.domain.bulk.commands.orders import OrderRows
from backoffice_api.domain.bulk.commands.products import PriceRows, ProductRows
from backoffice_api.domain.bulk.commands.stock import StockRows
from backoffice_api.domain.bulk.model.fields import RawRow, fields_of, read_row
from backoffice_api.domain.bulk.model.remarks import UNKNOWN_COLUMN, Results, RowRemark, summed
from backoffice_api.domain.bulk.model.runs import (
    ERROR_LENGTH_MAX,
    IMPORTS,
    ROWS_MAX,
    VALUE_SHOWN_MAX,
    BulkImport,
    BulkKind,
    BulkStatus,
    OutOfStep,
)
from backoffice_api.domain.bulk.model.values import locale_of
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.tables import bulk_imports, bulk_rejected_rows, bulk_remarks
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

_ROWS: Mapping[BulkKind, type[Rows]] = {
    BulkKind.PRODUCTS: ProductRows,
    BulkKind.VARIANTS: ProductRows,
    BulkKind.PRICES: PriceRows,
    BulkKind.STOCK: StockRows,
    BulkKind.CUSTOMERS: CustomerRows,
    BulkKind.ORDERS: OrderRows,
    BulkKind.PRODUCT_FIELDS: ProductFieldRows,
    BulkKind.VARIANT_FIELDS: VariantFieldRows,
    BulkKind.CUSTOMER_FIELDS: CustomerFieldRows,
    BulkKind.COSTS: CostRows,
    BulkKind.LIST_PRICES: ListPriceRows,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginImport(Command):
    """The file was looked at: its columns, and how many rows it has."""

    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID
    header: tuple[str, ...]
    rows_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRows(Command):
    """The `number`-th batch of an import, from 1."""

    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID
    number: int
    rows: tuple[RawRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishImport(Command):
    """The file was read to the end. The report and the failed rows, where there are any."""

    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID
    report_id: UUID | None
    failed_rows_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailImport(Command):
    """The file cannot be used; what came before that is kept."""

    scope = Scope.BULK_WRITE
    table = bulk_imports
    id: UUID
    error: str


def begin_import(uow: UnitOfWork, command: BeginImport) -> bool:
    """Note the columns of the file and what they stand for. False: it was ended meanwhile.

    Raises:
        ColumnsMissing, UnknownField: the columns are not enough.
        OutOfRange: the file has too many rows.
    """
    before = queries.locked_import(uow.db, command.id)
    if before.status is not BulkStatus.QUEUED:
        return before.status is BulkStatus.RUNNING
    require_import(uow, before.kind)
    faults = Faults()
    check_range(command.rows_total, faults, "rows_total", minimum=0, maximum=ROWS_MAX)
    faults.check()
    header = [storable(title)[:ERROR_LENGTH_MAX] for title in command.header]
    fields = fields_of(before.kind, header, before.mapping)
    after = replace(
        before,
        status=IMPORTS.check("begin", before.status),
        header=header,
        fields=list(fields),
        rows_total=command.rows_total,
    )
    ignored = {title for title, field in before.mapping.items() if field is None}
    unknown = [
        RowRemark(
            1, title, UNKNOWN_COLUMN, Severity.INFO, title[:VALUE_SHOWN_MAX], RowAction.IMPORTED
        )
        for title, field in zip(header, fields, strict=True)
        if field is None and title not in ignored
    ]
    after = _remarked(uow, after, unknown)
    save(uow, bulk_imports, before, after)
    return True


def _unknown_column(title: str) -> RowRemark:
    shown = title[:VALUE_SHOWN_MAX]
    return RowRemark(1, title, UNKNOWN_COLUMN, Severity.INFO, shown, RowAction.IMPORTED)


def apply_rows(uow: UnitOfWork, command: ApplyRows) -> bool:
    """Apply the rows of a batch, and note how they ended. False: the import was ended meanwhile.

    Rows that are refused are kept with the reason; all others go in. In a dry run all of it is
    taken back at once, but for the notes.

    Raises:
        OutOfStep: the batch is not the next one.
        NotAllowed: the caller may not write what the rows are about, or not any more.
    """
    before = queries.locked_import(uow.db, command.id)
    if before.status is not BulkStatus.RUNNING:
        return False
    if command.number != before.batches + 1:
        raise OutOfStep(before.batches + 1, command.number)
    require_import(uow, before.kind)
    results = Results(before.header, before.fields)
    locale = locale_of(before.locale)
    readable = []
    for raw in command.rows:
        row = read_row(before.kind, before.fields, raw, locale)
        for field, fault in row.faults:
            results.reject(row, [fault], field)
        if not row.faults:
            readable.append(row)
    savepoint = uow.db.begin_nested() if before.dry_run else None
    if readable:
        _ROWS[before.kind](uow, before, results).apply(readable)
    if savepoint is not None:
        made.flush(uow.db)  # what a constraint refuses is refused here as well
        savepoint.rollback()
        uow.forget((0, 0))
    _note(uow, before, results)
    return True


def finish_import(uow: UnitOfWork, command: FinishImport) -> bool:
    """Note that all rows were read. False: it was ended meanwhile."""
    before = queries.locked_import(uow.db, command.id)
    if before.status is not BulkStatus.RUNNING:
        return False
    after = replace(before, report_id=command.report_id, failed_rows_id=command.failed_rows_id)
    end_import(uow, before, after, "finish")
    return True


def fail_import(uow: UnitOfWork, command: FailImport) -> bool:
    """Give an import up, with the reason. False: it was ended meanwhile."""
    before = queries.locked_import(uow.db, command.id)
    if before.status not in (BulkStatus.QUEUED, BulkStatus.RUNNING):
        return False
    error = storable(command.error)[:ERROR_LENGTH_MAX]
    end_import(uow, before, replace(before, error=error), "fail")
    return True


def _note(uow: UnitOfWork, before: BulkImport, results: Results) -> None:
    tally = results.tally()
    after = replace(
        before,
        batches=before.batches + 1,
        rows_created=before.rows_created + tally.created,
        rows_changed=before.rows_changed + tally.changed,
        rows_unchanged=before.rows_unchanged + tally.unchanged,
        rows_rejected=before.rows_rejected + tally.rejected,
    )
    after = _remarked(uow, after, results.remarks)
    rejected = {row.line: row for row in results.rejected}
    if rejected:
        rows = [
            {"import_id": before.id, "line": line, "cells": _kept(row.raw.cells)}
            for line, row in sorted(rejected.items())
        ]
        uow.db.execute(bulk_rejected_rows.insert(), rows)
    save(uow, bulk_imports, before, after)


def _remarked(uow: UnitOfWork, run: BulkImport, remarks: Sequence[RowRemark]) -> BulkImport:
    """The import with these remarks in its summary, the first ones of each code kept."""
    if not remarks:
        return run
    done = summed(run.remarks, remarks)
    rows = [
        {
            "import_id": run.id,
            "number": number,
            "line": each.line,
            "column": each.column[:NAME_LENGTH_MAX],
            "code": each.code,
            "severity": each.severity,
            "value": each.value,
            "action": each.action,
        }
        for number, each in enumerate(done.kept, start=done.kept_before + 1)
    ]
    if rows:
        uow.db.execute(bulk_remarks.insert(), rows)
    return replace(run, remarks=list(done.summary))


def _kept(cell: Any) -> Any:
    """Cells as every database can keep them."""
    match cell:
        case str():
            return storable(cell)
        case list() | tuple():
            return [_kept(each) for each in cell]
        case dict():
            return {storable(name): _kept(each) for name, each in cell.items()}
        case _:
            return cell
