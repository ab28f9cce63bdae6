"""Merging: what is left of orders of one buyer goes on in one of them.

Payments stay with the orders that they were made for. These name the one that they went into as
`merged_into`; what is to be settled between them is left open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, TooMany, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.holds import holds_going, put_holds, release_all
from backoffice_api.domain.orders.commands.promises import move_stock
from backoffice_api.domain.orders.commands.writing import (
    index_order,
    move,
    put_changed,
    replace_addresses_and_discounts,
    save_order,
    tell_to_settle,
)
from backoffice_api.domain.orders.model.events import OrderCancelled
from backoffice_api.domain.orders.model.holds import Hold
from backoffice_api.domain.orders.model.lines import LINES_MAX, LineQuantity, OrderLine
from backoffice_api.domain.orders.model.moves import (
    MERGED_MAX,
    MergedShipping,
    NotMergeable,
    OrderExtended,
    OrderMerged,
    difference,
    discount_of,
    moved,
)
from backoffice_api.domain.orders.model.orders import (
    DISCOUNTS_MAX,
    MACHINE,
    AddressKind,
    CancelReason,
    NothingToCancel,
    Order,
    OrderDiscount,
    UnknownOrder,
)
from backoffice_api.domain.orders.model.parts import Parts, with_sums
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.orders.tables import order_line_components, order_lines, orders
from backoffice_api.domain.taxes.commands.sheets import follow_lines
from backoffice_api.domain.taxes.model.terms import TaxSource


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOrders(Command):
    """`id`: the order into which those of `order_ids` go.

    `address_of`: whose shipping address is right, if they are not the same. `shipping`: what
    becomes of what was asked for the delivery of the others.
    """

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    order_ids: tuple[UUID, ...]
    address_of: UUID | None = None
    shipping: MergedShipping = MergedShipping.REFUND


@dataclass(frozen=True, slots=True)
class _Merging:
    """An order that goes into another: what it was, what is left of its lines, what they make."""

    order: Order
    parts: Parts
    left: tuple[OrderLine, ...]
    made: tuple[OrderLine, ...]


def merge_orders(uow: UnitOfWork, command: MergeOrders) -> UUID:
    """Let what is left of orders go on in one of them. Its id.

    They come to what they did together, but for deliveries that are not asked for any more. The
    others are cancelled, as merged; that cannot be undone. Holds go along.

    Raises:
        UnknownOrder, InvalidTransition.
        NotMergeable: they differ in channel, buyer, currency, tax or address, or have shipped.
        NothingToCancel: no other order is named.
        TooMany, TooManyHolds: it would have more lines, discounts or holds than it may.
        Duplicate: an order is named twice.
    """
    target, *others = _locked(uow, command)
    present = queries.parts(uow.db, target.id)
    position = len(present.lines)
    merging: list[_Merging] = []
    for other in others:
        each = _merging(uow, other, target, position)
        position += len(each.made)
        merging.append(each)
    parts = _parts(target, present, merging, command)
    if len(parts.lines) > LINES_MAX:
        raise TooMany(LINES_MAX).at("order_ids")
    if len(parts.discounts) > DISCOUNTS_MAX:
        raise TooMany(DISCOUNTS_MAX).at("order_ids")
    order = _with_shipping(target, others, command.shipping)
    held = [hold for each in merging for hold in _holds(uow, each, target)]
    order = replace(order, has_hold=target.has_hold or bool(held))
    after = save_order(uow, target, with_sums(order, parts.lines))
    add(uow, order_lines, [line for each in merging for line in each.made])
    add(uow, order_line_components, parts.components[len(present.components) :])
    replace_addresses_and_discounts(uow, target.id, present, parts)
    index_order(uow, after, parts, is_new=False)
    ids = tuple(each.order.id for each in merging)
    event = OrderExtended(after.id, after.version, after.name, ids)
    uow.emit(event, before=present.sheet(target), after=parts.sheet(after))
    tell_to_settle(uow, target, after, Settlement.LEAVE_OPEN)
    put_changed(uow, [line for each in merging for line in each.left])
    put_holds(uow, after, held)
    for each in merging:
        _end(uow, each, after)
    gone = [line for each in merging for line in each.parts.lines]
    quantities = {line.id: line.current_quantity for line in gone if line.current_quantity}
    move_stock(uow, gone, quantities, after, [line for each in merging for line in each.made])
    return after.id


def _locked(uow: UnitOfWork, command: MergeOrders) -> Sequence[Order]:
    """The target and the others as they were named. All are locked, in the order of their ids."""
    faults = Faults()
    check_size(command.order_ids, faults, "order_ids", maximum=MERGED_MAX)
    faults.check()
    if not command.order_ids:
        raise NothingToCancel().at("order_ids")
    wanted = {command.id, *command.order_ids}
    statement = select_as(Order, orders).where(among(orders.c.id, wanted)).order_by(orders.c.id)
    found = {each.id: each for each in fetch(uow.db, Order, statement.with_for_update())}
    if command.id not in found:
        raise UnknownOrder(command.id).at("id")
    target = found[command.id]
    MACHINE.check("merge", target.status)
    seen: set[UUID] = set()
    for position, id in enumerate(command.order_ids):
        here = ("order_ids", position)
        if id not in found:
            faults.add(UnknownOrder(id).at(*here))
        elif id in seen:
            faults.add(Duplicate(found[id].name).at(*here))
        elif reason := _obstacle(target, found[id]):
            faults.add(NotMergeable(found[id].name, reason).at(*here))
        seen.add(id)
    faults.check()
    if command.address_of not in (None, *wanted):
        raise UnknownOrder(command.address_of).at("address_of")  # type: ignore[arg-type]
    others = [found[id] for id in command.order_ids]
    if command.address_of is None:
        _check_addresses(uow, target, others)
    return [target, *others]


def _obstacle(target: Order, other: Order) -> str | None:
    MACHINE.check("merge", other.status)
    return difference(target, other)


def _check_addresses(uow: UnitOfWork, target: Order, others: Sequence[Order]) -> None:
    """Raises: NotMergeable."""
    ids = [target.id, *(each.id for each in others)]
    addresses = queries.shipping_addresses_by_orders(uow.db, ids)
    for position, other in enumerate(others):
        if addresses.get(other.id) != addresses.get(target.id):
            raise NotMergeable(other.name, "address").at("order_ids", position)


def _merging(uow: UnitOfWork, other: Order, target: Order, position: int) -> _Merging:
    """Raises: NotMergeable."""
    parts = queries.parts(uow.db, other.id)
    if any(line.shipped for line in parts.lines):
        raise NotMergeable(other.name, "shipped").at("order_ids")
    left: list[OrderLine] = []
    made: list[OrderLine] = []
    for line in parts.lines:
        if not line.current_quantity:
            continue
        each = moved(
            line,
            line.current_quantity,
            id=uow.new_id(),
            order_id=target.id,
            position=position + len(made),
        )
        left.append(each.left)
        # What goes as a whole is rounded as it was.
        made.append(replace(each.line, added=each.line.quantity))
    return _Merging(other, parts, tuple(left), tuple(made))


def _holds(uow: UnitOfWork, merging: _Merging, target: Order) -> Sequence[Hold]:
    lines = {old.id: new.id for old, new in zip(merging.left, merging.made, strict=True)}
    return holds_going(uow, merging.order, target.id, lines)


def _parts(
    target: Order, present: Parts, merging: Sequence[_Merging], command: MergeOrders
) -> Parts:
    discounts = list(present.discounts)
    lines, components = list(present.lines), list(present.components)
    address = present.address(AddressKind.SHIPPING)
    for each in merging:
        lines += each.made
        if discount := discount_of(each.made, target.currency):
            label = f"From order {each.order.name}"
            discounts.append(OrderDiscount(label, None, discount.minor, discount.currency))
        if each.order.id == command.address_of:
            address = each.parts.address(AddressKind.SHIPPING)
        new_ids = {old.id: new.id for old, new in zip(each.left, each.made, strict=True)}
        components += [
            replace(part, line_id=new_ids[part.line_id])
            for part in each.parts.components
            if part.line_id in new_ids
        ]
    billing = present.address(AddressKind.BILLING)
    return replace(
        present,
        lines=tuple(lines),
        components=tuple(components),
        discounts=tuple(discounts),
        addresses=tuple(each for each in (address, billing) if each),
    )


def _with_shipping(target: Order, others: Sequence[Order], shipping: MergedShipping) -> Order:
    if shipping is MergedShipping.REFUND:
        return target
    return replace(
        target,
        shipping_minor=target.shipping_minor + sum(each.shipping_minor for each in others),
        shipping_tax_minor=target.shipping_tax_minor
        + sum(each.shipping_tax_minor for each in others),
    )


def _end(uow: UnitOfWork, merging: _Merging, into: Order) -> None:
    """Cancel an order as merged. Its lines are written already."""
    before = merging.order
    gone = {line.id: line for line in merging.left}
    lines = [gone.get(line.id, line) for line in merging.parts.lines]
    if before.tax_source is not TaxSource.GIVEN:
        made = {old.id: new.id for old, new in zip(merging.left, merging.made, strict=True)}
        follow_lines(uow, before.id, into.id, made)
    ended = replace(move(uow, before, "cancel"), has_hold=False, merged_into_id=into.id)
    after = save_order(uow, before, with_sums(ended, lines))
    if before.has_hold:
        release_all(uow, after)
    merged = OrderMerged(after.id, after.version, after.name, into.id, into.name)
    uow.emit(merged, before=before, after=after)
    pieces = tuple(LineQuantity(line.id, line.quantity) for line in merging.made)
    quantities = tuple(
        LineQuantity(left.id, each.quantity)
        for left, each in zip(merging.left, pieces, strict=True)
    )
    uow.emit(OrderCancelled(after.id, after.version, after.name, CancelReason.MERGED, quantities))
    tell_to_settle(uow, before, after, Settlement.LEAVE_OPEN)
