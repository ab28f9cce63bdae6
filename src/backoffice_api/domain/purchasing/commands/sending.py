"""Sending: the supplier gets the order, and says what comes, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.writing import (
    in_state,
    index_order,
    move,
    put_lines,
    save_order,
)
from backoffice_api.domain.purchasing.model.lines import (
    LINES_MAX,
    PurchaseOrderLine,
    UnknownPurchaseOrderLine,
    cancelled,
    status_after,
    with_lines,
)
from backoffice_api.domain.purchasing.model.orders import (
    PurchaseOrderConfirmed,
    PurchaseOrderSent,
)
from backoffice_api.domain.purchasing.tables.orders import purchase_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPurchaseOrder(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedLine:
    """What the supplier says of a line. `quantity` None: all of it. `expected_on` None: as it was.

    What is less than ordered will not come: it is called off.
    """

    line_id: UUID
    quantity: int | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPurchaseOrder(Command):
    """`lines`: those that differ from what was ordered; all others are confirmed as they are."""

    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID
    lines: tuple[ConfirmedLine, ...] = ()
    supplier_reference: str | Keep | None = KEEP


def send_purchase_order(uow: UnitOfWork, command: SendPurchaseOrder) -> UUID:
    """Note that the supplier has the order. Its id.

    Lines without a date are expected after the lead time of the supplier.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "send")
    undated = [
        replace(line, expected_on=uow.now.date() + timedelta(days=line.lead_time_days))
        for line in queries.lines_of(uow.db, before.id)
        if line.expected_on is None
    ]
    put_lines(uow, undated)
    after = save_order(uow, before, replace(order, sent_at=uow.now))
    event = PurchaseOrderSent(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def confirm_purchase_order(uow: UnitOfWork, command: ConfirmPurchaseOrder) -> UUID:
    """Take down what the supplier has promised. Its id. It may be done again.

    Raises:
        UnknownPurchaseOrder, InvalidTransition, UnknownPurchaseOrderLine.
        OutOfRange: more is confirmed than was ordered and not called off, or less than nothing.
        Duplicate, TooMany, InvalidText: the input is wrong.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "confirm")
    present = queries.lines_of(uow.db, before.id)
    faults = Faults()
    said = _said(command, present, faults)
    order = replace(
        order,
        supplier_reference=patched(command.supplier_reference, before.supplier_reference),
        confirmed_at=uow.now,
    )
    check_text(order.supplier_reference, faults, "supplier_reference")
    faults.check()
    lines = [_confirmed(line, said.get(line.id)) for line in present]
    put_lines(uow, lines)
    order = in_state(uow, with_lines(order, lines), status_after(order.status, lines))
    after = save_order(uow, before, order)
    if after.supplier_reference != before.supplier_reference:
        supplier = queries.supplier(uow.db, after.supplier_id)
        index_order(uow, after, supplier, lines)
    event = PurchaseOrderConfirmed(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def _said(
    command: ConfirmPurchaseOrder,
    present: Sequence[PurchaseOrderLine],
    faults: Faults,
) -> dict[UUID, ConfirmedLine]:
    """What was said of each line that was named."""
    by_id = {line.id: line for line in present}
    said: dict[UUID, ConfirmedLine] = {}
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    for position, each in enumerate(command.lines):
        here = ("lines", position)
        line = by_id.get(each.line_id)
        if line is None:
            faults.add(UnknownPurchaseOrderLine(each.line_id).at(*here, "line_id"))
            continue
        if each.line_id in said:
            faults.add(Duplicate(line.sku).at(*here, "line_id"))
        maximum = line.current_quantity
        check_range(each.quantity, faults, *here, "quantity", minimum=0, maximum=maximum)
        said[each.line_id] = each
    return said


def _confirmed(line: PurchaseOrderLine, said: ConfirmedLine | None) -> PurchaseOrderLine:
    left = line.current_quantity
    quantity = left if said is None or said.quantity is None else said.quantity
    dated = (
        line
        if said is None or said.expected_on is None
        else replace(line, expected_on=said.expected_on)
    )
    return replace(cancelled(dated, left - quantity), confirmed=quantity)
