"""Ending: what does not come is called off, by the piece or as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import withdraw
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.writing import (
    asked_quantities,
    in_state,
    move,
    put_lines,
    save_order,
)
from backoffice_api.domain.purchasing.model.lines import (
    PurchaseOrderLine,
    cancelled,
    status_after,
    with_lines,
)
from backoffice_api.domain.purchasing.model.orders import (
    MACHINE,
    PurchaseOrder,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderOpenCancelled,
    PurchaseOrderStatus,
)
from backoffice_api.domain.purchasing.tables.orders import purchase_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePieces:
    """So many pieces of a line of a purchase order."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOpenQuantity(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID
    lines: tuple[LinePieces, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePurchaseOrderShort(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePurchaseOrder(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPurchaseOrder(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID


def cancel_open_quantity(uow: UnitOfWork, command: CancelOpenQuantity) -> UUID:
    """Call off pieces that have not come. Id of the order.

    An order of which nothing is open any more is received, or cancelled if nothing ever came.

    Raises:
        UnknownPurchaseOrder, InvalidTransition, UnknownPurchaseOrderLine.
        MoreThanLeft: fewer pieces of a line are open.
        OutOfRange, Duplicate, TooMany: the quantities make no sense.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("cancel_open", before.status)
    present = queries.lines_of(uow.db, before.id)
    asked = [(each.line_id, each.quantity) for each in command.lines]
    quantities = asked_quantities(present, asked, of="open")
    lines = _called_off(uow, present, quantities)
    order = in_state(uow, with_lines(before, lines), status_after(before.status, lines))
    after = save_order(uow, before, order)
    is_whole = after.status is PurchaseOrderStatus.CANCELLED
    event = PurchaseOrderCancelled if is_whole else PurchaseOrderOpenCancelled
    uow.emit(event(after.id, after.version, after.name), before=before, after=after)
    return after.id


def close_purchase_order_short(uow: UnitOfWork, command: ClosePurchaseOrderShort) -> UUID:
    """Expect nothing more: what is open is called off, and the order is closed. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
    """
    return _end(uow, queries.locked_order(uow.db, command.id), "close_short")


def close_purchase_order(uow: UnitOfWork, command: ClosePurchaseOrder) -> UUID:
    """Put an order away that has arrived. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
    """
    return _end(uow, queries.locked_order(uow.db, command.id), "close")


def cancel_purchase_order(uow: UnitOfWork, command: CancelPurchaseOrder) -> UUID:
    """Call off an order of which nothing has arrived. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
    """
    return _end(uow, queries.locked_order(uow.db, command.id), "cancel")


def _end(uow: UnitOfWork, before: PurchaseOrder, action: str) -> UUID:
    """Whatever is open is called off."""
    order = move(uow, before, action)
    present = queries.lines_of(uow.db, before.id)
    quantities = {line.id: line.open for line in present if line.open}
    lines = _called_off(uow, present, quantities)
    after = save_order(uow, before, with_lines(order, lines))
    if action == "cancel":
        withdraw(uow, ApprovalKind.PURCHASE_ORDER, after.id)
        cancelled_event = PurchaseOrderCancelled(after.id, after.version, after.name)
        uow.emit(cancelled_event, before=before, after=after)
    else:
        closed = PurchaseOrderClosed(
            after.id, after.version, after.name, short=action == "close_short"
        )
        uow.emit(closed, before=before, after=after)
    return after.id


def _called_off(
    uow: UnitOfWork, present: Sequence[PurchaseOrderLine], quantities: Mapping[UUID, int]
) -> Sequence[PurchaseOrderLine]:
    """The lines without these pieces. Writes those that changed."""
    changed = {
        line.id: cancelled(line, quantities[line.id]) for line in present if line.id in quantities
    }
    put_lines(uow, list(changed.values()))
    return [changed.get(line.id, line) for line in present]
