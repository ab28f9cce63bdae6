"""Cancelling: what has not left the house is called off, as a whole or by the piece.

The cancellation of an order as a whole can be undone for a while, which its channel sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import ApprovalDeclined
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, OutOfRange
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.approving import forget_approval
from backoffice_api.domain.orders.commands.discounting import give_back_code, take_codes_again
from backoffice_api.domain.orders.commands.holds import release_all
from backoffice_api.domain.orders.commands.promises import change_stock, release_part
from backoffice_api.domain.orders.commands.writing import (
    cancel_quantities,
    end_quote,
    move,
    put_amounts,
    put_changed,
    save_order,
    tell_to_settle,
)
from backoffice_api.domain.orders.model.events import (
    OrderCancelled,
    OrderDeclined,
    OrderLinesCancelled,
    OrderUncancelled,
)
from backoffice_api.domain.orders.model.lines import (
    QUANTITY_MAX,
    LineKind,
    LineQuantity,
    OrderLine,
    QuantityExceeded,
    UnknownOrderLine,
    with_current,
)
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    CancelReason,
    NothingToCancel,
    NotUncancellable,
    Order,
    OrderStatus,
    UncancelTooLate,
)
from backoffice_api.domain.orders.model.parts import with_sums
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.orders.tables import orders


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Command):
    """`lines` None: everything that is left. `settlement`: what becomes of money that was paid."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    lines: tuple[LineQuantity, ...] | None = None
    reason: CancelReason
    settlement: Settlement = Settlement.LEAVE_OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class UncancelOrder(Command):
    """`settlement`: what becomes of the money that is wanted again."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    settlement: Settlement = Settlement.LEAVE_OPEN


def cancel_order(uow: UnitOfWork, command: CancelOrder) -> UUID:
    """Call off pieces that have not left the house, and give back their stock. Id of the order.

    An order of which nothing is left is cancelled; holds that were on it are released. Where part
    of it was shipped, charges stay unless they are named. A dry run shows what would be given
    back and paid back.

    Raises:
        UnknownOrder, InvalidTransition, UnknownOrderLine.
        QuantityExceeded: a line has fewer pieces left.
        NothingToCancel: all of it is cancelled or shipped.
        OutOfRange, Duplicate: the quantities make no sense.
    """
    before = queries.locked_order(uow.db, command.id)
    action = "cancel" if command.lines is None else "cancel_lines"
    MACHINE.check(action, before.status)
    present = queries.lines_of(uow.db, before.id)
    quantities = _all_left(present) if command.lines is None else asked_for(present, command.lines)
    if not quantities and before.status is not OrderStatus.DRAFT:
        raise NothingToCancel

    end_quote(uow, before, QuoteStatus.WITHDRAWN)
    lines = [_cancelled(line, quantities.get(line.id, 0)) for line in present]
    is_whole = all(line.current_quantity == 0 for line in lines)
    order = _ended(uow, before) if is_whole else before
    order = with_sums(order, lines)
    cancel_quantities(uow, quantities, with_order=is_whole)
    put_amounts(uow, [line for line in lines if line.id in quantities])
    after = save_order(uow, before, order)
    if is_whole:
        _forget(uow, before, after)
    _tell(uow, before, after, quantities, command.reason)
    tell_to_settle(uow, before, after, command.settlement)
    _give_back(uow, before, lines, quantities)
    return after.id


def cancel_declined(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """Call off what is left of an order that was not approved, and give back its stock.

    An order that was approved before, edited since and shipped in part or as a whole goes on with
    what has left the house.
    """
    if event.kind is not ApprovalKind.ORDER:
        return
    before = queries.locked_order(uow.db, event.subject_id)
    if _all_left(queries.lines_of(uow.db, before.id)):
        cancel_order(uow, CancelOrder(id=before.id, reason=CancelReason.DECLINED))
        before = queries.locked_order(uow.db, before.id)
    if before.status is OrderStatus.PENDING_APPROVAL:
        after = save_order(uow, before, move(uow, before, "decline"))
        uow.emit(OrderDeclined(after.id, after.version, after.name), before=before, after=after)


def _forget(uow: UnitOfWork, before: Order, after: Order) -> None:
    """Take what else lies on an order off it, now that nothing of it is left."""
    if before.has_hold:
        release_all(uow, after)
    if before.status is OrderStatus.PENDING_APPROVAL:
        forget_approval(uow, after.id)
    give_back_code(uow, before)


def uncancel_order(uow: UnitOfWork, command: UncancelOrder) -> UUID:
    """Take up an order again that was cancelled as a whole, if its stock can be promised. Its id.

    What its cancellation called off is wanted again, at the same prices; what had been called off
    before stays so. Holds do not come back.

    Raises:
        UnknownOrder, InvalidTransition.
        NotUncancellable: it was never placed, or it went on in another order.
        UncancelTooLate: the time for it is over.
        DiscountCodeUsedUp, DiscountCodeUsedByCustomer: others use its discount code by now.
        InsufficientStock: not all of it can be promised again; then nothing is changed.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "uncancel")
    if before.uncancel_until is None:
        raise NotUncancellable
    if before.uncancel_until <= uow.now:
        raise UncancelTooLate(before.uncancel_until)
    present = queries.lines_of(uow.db, before.id)
    back = {line.id: line.cancelled_with_order for line in present if line.cancelled_with_order}
    lines = [_taken_up(line) for line in present]
    put_changed(uow, [line for line in lines if line.id in back])
    after = save_order(uow, before, with_sums(replace(order, uncancel_until=None), lines))
    pieces = tuple(LineQuantity(id, quantity) for id, quantity in back.items())
    event = OrderUncancelled(after.id, after.version, after.name, pieces)
    uow.emit(event, before=before, after=after)
    tell_to_settle(uow, before, after, command.settlement)
    take_codes_again(uow, after)
    change_stock(uow, after, lines, fewer={}, more=back)
    return after.id


def _ended(uow: UnitOfWork, order: Order) -> Order:
    """The order as cancelled. What was placed can be taken up again for a while."""
    until = None
    if order.number is not None:
        minutes = queries.channel(uow.db, order.channel_id).uncancel_minutes
        until = uow.now + timedelta(minutes=minutes)
    ended = move(uow, order, "cancel")
    return replace(ended, has_hold=False, uncancel_until=until, quoted_until=None)


def _taken_up(line: OrderLine) -> OrderLine:
    back = line.cancelled_with_order
    return with_current(replace(line, cancelled=line.cancelled - back, cancelled_with_order=0))


def _all_left(lines: Sequence[OrderLine]) -> Mapping[UUID, int]:
    """What can be cancelled by line: of goods what was not shipped, of charges all or nothing.

    What was charged for a delivery that took place is not cancelled with the rest of the goods.
    """
    any_shipped = any(line.shipped for line in lines)
    return {
        line.id: line.cancellable
        for line in lines
        if line.cancellable and (line.kind is LineKind.GOODS or not any_shipped)
    }


def asked_for(lines: Sequence[OrderLine], asked: Sequence[LineQuantity]) -> Mapping[UUID, int]:
    """So many pieces by line, of those that have not left the house.

    Raises:
        UnknownOrderLine, QuantityExceeded, OutOfRange, Duplicate.
    """
    by_id = {line.id: line for line in lines}
    quantities: dict[UUID, int] = {}
    faults = Faults()
    for position, each in enumerate(asked):
        here = ("lines", position)
        if (line := by_id.get(each.line_id)) is None:
            faults.add(UnknownOrderLine(each.line_id).at(*here, "line_id"))
        elif each.line_id in quantities:
            faults.add(Duplicate(line.sku or line.title).at(*here, "line_id"))
        elif each.quantity < 1:
            faults.add(OutOfRange(1, QUANTITY_MAX).at(*here, "quantity"))
        elif each.quantity > line.cancellable:
            faults.add(QuantityExceeded(line.cancellable).at(*here, "quantity"))
        quantities[each.line_id] = each.quantity
    faults.check()
    return quantities


def _cancelled(line: OrderLine, quantity: int) -> OrderLine:
    return with_current(replace(line, cancelled=line.cancelled + quantity)) if quantity else line


def _tell(
    uow: UnitOfWork,
    before: Order,
    after: Order,
    quantities: Mapping[UUID, int],
    reason: CancelReason,
) -> None:
    is_whole = after.status is OrderStatus.CANCELLED
    kind = OrderCancelled if is_whole else OrderLinesCancelled
    lines = tuple(LineQuantity(id, quantity) for id, quantity in quantities.items())
    event = kind(after.id, after.version, after.name, reason, lines)
    uow.emit(event, before=before, after=after)


def _give_back(
    uow: UnitOfWork, before: Order, lines: Sequence[OrderLine], quantities: Mapping[UUID, int]
) -> None:
    """Last of all, since others wait for the stock from here on."""
    if before.status is OrderStatus.DRAFT and before.reserved_until is None:
        return
    release_part(uow, lines, quantities)
