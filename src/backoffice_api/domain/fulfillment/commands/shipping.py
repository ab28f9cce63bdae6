"""Shipping: a fulfillment leaves the house, and stock and order follow in the same transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.readying import mark_ready
from backoffice_api.domain.fulfillment.commands.writing import (
    Opened,
    opened,
    parts_by_lines,
    picks_of,
    put_lines,
    save_told,
    units_by_lines,
)
from backoffice_api.domain.fulfillment.model.events import FulfillmentReleased
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    DispatchGate,
    FulfillmentLine,
    FulfillmentShipped,
    FulfillmentState,
    GateClosed,
)
from backoffice_api.domain.fulfillment.model.packing import EmptyParcel
from backoffice_api.domain.fulfillment.model.picking import NotAllPicked
from backoffice_api.domain.fulfillment.model.refusals import OrderOnHold
from backoffice_api.domain.fulfillment.queries.sites import sites_by_ids
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.shipping import count_shipped
from backoffice_api.domain.reviews.queries import unreviewed
from backoffice_api.domain.stock.commands.relocating import consume_at
from backoffice_api.domain.stock.model.lots import LotPieces
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.spots import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID


def release_fulfillment(uow: UnitOfWork, command: ReleaseFulfillment) -> UUID:
    """Hand a fulfillment to the hall, to be picked. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen.
        OrderOnHold: a hold lies on its order, or it is still to be judged.
        GateClosed: its site picks nothing that waits for a document, and it does.
    """
    of = opened(uow, command.id, "release")
    _check_hold(uow, of)
    site = sites_by_ids(uow.db, [of.before.location_id]).get(of.before.location_id)
    if site and site.release_gate:
        _check_gate(of)
    after = replace(of.before, status=MACHINE.check("release", of.before.status))
    pieces = sum(line.quantity for line in of.lines)
    save_told(uow, of.before, after, FulfillmentReleased, of.order, pieces)
    return of.before.id


def ready_fulfillment(uow: UnitOfWork, command: ReadyFulfillment) -> UUID:
    """Say that a fulfillment lies ready for the carrier, labelled. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, OrderOnHold, GateClosed.
    """
    of = opened(uow, command.id, "ready")
    _check_hold(uow, of)
    _check_gate(of)
    mark_ready(uow, of.before.id)
    return of.before.id


def ship_fulfillment(uow: UnitOfWork, command: ShipFulfillment) -> UUID:
    """Let a fulfillment leave: its pieces leave the stock, and the order counts them. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen.
        OrderOnHold, GateClosed, NotAllPicked, EmptyParcel: it is not fit to leave.
        LotIsBlocked, InsufficientLot, NoLotToShip: what was picked may not leave any more.
        NotReserved, QuantityExceeded: the order has not so much left to ship.
    """
    of = opened(uow, command.id, "ship")
    _check_hold(uow, of)
    _check_gate(of)
    if missing := sum(line.quantity - line.picked for line in of.lines):
        raise NotAllPicked(missing)
    _ship_parcels(uow, of)
    lines = {line.id: line for line in orders.lines_of(uow.db, of.order.id)}
    units = units_by_lines(of.lines, parts_by_lines(uow, lines.values()))
    order = count_shipped(uow, of.order, units)
    consume_at(uow, _leaving(uow, of.lines), cause=Cause("ord", of.order.id))
    put_lines(uow, [replace(line, shipped=line.quantity) for line in of.lines])
    status = MACHINE.check("ship", of.before.status)
    after = save(
        uow, fulfillments, of.before, replace(of.before, status=status, shipped_at=uow.now)
    )
    event = FulfillmentShipped(after.id, after.version, after.number, order.name, order.id)
    uow.emit(event, before=of.before, after=after)
    return after.id


def _check_hold(uow: UnitOfWork, of: Opened) -> None:
    """O5. Raises: OrderOnHold: a hold lies on it, or it is still to be judged."""
    awaits_review = bool(unreviewed(uow.db, [of.order.id]))
    if of.order.has_hold or awaits_review:
        found = orders.open_holds_by_orders(uow.db, [of.order.id]).get(of.order.id, ())
        kinds = tuple(dict.fromkeys(each.kind for each in found))
        raise OrderOnHold(of.order.name, kinds, awaits_review)


def _check_gate(of: Opened) -> None:
    """Raises: GateClosed."""
    if of.before.dispatch_gate is DispatchGate.CLOSED:
        raise GateClosed


def _ship_parcels(uow: UnitOfWork, of: Opened) -> None:
    """Raises: EmptyParcel."""
    found = queries.parcels_by_fulfillments(uow.db, [of.before.id]).get(of.before.id, ())
    inside = queries.lines_by_parcels(uow.db, [each.id for each in found])
    for each in found:
        if each.id not in inside and of.before.status is not FulfillmentState.PICKED:
            raise EmptyParcel(each.code)
    if found:
        leaving = update(parcels).where(
            parcels.c.fulfillment_id == of.before.id, parcels.c.removed_at.is_(None)
        )
        uow.db.execute(
            leaving.values(shipped_at=uow.now, updated_at=uow.now, version=parcels.c.version + 1)
        )


def _leaving(uow: UnitOfWork, lines: Sequence[FulfillmentLine]) -> Sequence[Held]:
    """What leaves from where, as it was picked."""
    found = []
    by_line = picks_of(uow, lines)
    for line in lines:
        pieces: Counter[UUID] = Counter()
        lots: dict[UUID, list[LotPieces]] = {}
        for pick in by_line.get(line.id, ()):
            pieces[pick.location_id] += pick.quantity
            if pick.lot_id:
                each = LotPieces(pick.lot_id, pick.quantity)
                lots.setdefault(pick.location_id, []).append(each)
        found += [
            Held(line.order_line_id, line.variant_id, id, count, _merged(lots.get(id, ())))
            for id, count in pieces.items()
        ]
    return found


def _merged(lots: Sequence[LotPieces]) -> tuple[LotPieces, ...]:
    sums: Counter[UUID] = Counter()
    for each in lots:
        sums[each.lot_id] += each.quantity
    return tuple(LotPieces(id, count) for id, count in sums.items())
