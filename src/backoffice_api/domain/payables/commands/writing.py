"""How bills are written: as whole rows, with what belongs to them, found by their texts."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy import bindparam, delete, update

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.model.bills import (
    MACHINE,
    Attachment,
    Bill,
    BillLine,
    Instalment,
)
from backoffice_api.domain.payables.tables.bills import (
    bill_attachments,
    bill_instalments,
    bill_lines,
    bills,
)
from backoffice_api.domain.purchasing.model.suppliers import Supplier


@dataclass(frozen=True, slots=True)
class BillSheet(Bill):
    """A bill with all that belongs to it: what is compared and logged."""

    lines: tuple[BillLine, ...]
    instalments: tuple[Instalment, ...]
    attachments: tuple[Attachment, ...]


def sheet_of(
    bill: Bill,
    lines: Sequence[BillLine],
    instalments: Sequence[Instalment],
    attachments: Sequence[Attachment],
) -> BillSheet:
    values = {each.name: getattr(bill, each.name) for each in fields(Bill)}
    return BillSheet(
        **values,
        lines=tuple(lines),
        instalments=tuple(instalments),
        attachments=tuple(attachments),
    )


def move(bill: Bill, action: str) -> Bill:
    """The bill after an action. Raises: InvalidTransition."""
    return replace(bill, status=MACHINE.check(action, bill.status))


def save_bill(uow: UnitOfWork, before: Bill, after: Bill) -> Bill:
    return save(uow, bills, before, after)


def save_bills(uow: UnitOfWork, changes: Sequence[tuple[Bill, Bill]]) -> Sequence[Bill]:
    """Several of them. Two statements."""
    return save_all(uow, bills, changes)


def add_bill(uow: UnitOfWork, sheet: BillSheet, supplier: Supplier) -> None:
    """Write a new bill with all that belongs to it."""
    add(uow, bills, [row_of(sheet)])
    add(uow, bill_lines, sheet.lines)
    add(uow, bill_instalments, sheet.instalments)
    add(uow, bill_attachments, sheet.attachments)
    index(uow, sheet, supplier)


def replace_parts(uow: UnitOfWork, before: BillSheet, after: BillSheet) -> None:
    """Write those lists of a draft that differ."""
    for table, old, new in (
        (bill_lines, before.lines, after.lines),
        (bill_instalments, before.instalments, after.instalments),
        (bill_attachments, before.attachments, after.attachments),
    ):
        if old != new:
            uow.db.execute(delete(table).where(table.c.bill_id == before.id))
            add(uow, table, new)


def write_lines(uow: UnitOfWork, lines: Sequence[BillLine]) -> None:
    """Write what comparing them came to. One statement."""
    if not lines:
        return
    names = (
        "expected_minor",
        "quantity_mismatch",
        "price_mismatch",
        "billed_quantity",
        "waived_quantity",
    )
    values = [
        {"line_id": each.id, **{name: getattr(each, name) for name in names}} for each in lines
    ]
    uow.db.execute(update(bill_lines).where(bill_lines.c.id == bindparam("line_id")), values)


def index(uow: UnitOfWork, sheet: BillSheet, supplier: Supplier) -> None:
    """Let the search find it by its number, its supplier and what its lines say."""
    texts = (
        sheet.number,
        supplier.code,
        supplier.name,
        *(each.description for each in sheet.lines),
    )
    search.put(uow.db, "bil", {sheet.id: texts})


def row_of(sheet: BillSheet) -> Bill:
    """The bill without its lists, as its table keeps it."""
    return Bill(*(getattr(sheet, each.name) for each in fields(Bill)))


def is_author(uow: UnitOfWork, bill: Bill) -> bool:
    """Whether the caller entered or submitted the bill."""
    actor = uow.caller.actor
    return (actor.kind.value, actor.id) in bill.authors
