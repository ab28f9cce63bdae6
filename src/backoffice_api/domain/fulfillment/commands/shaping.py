"""What can be done with fulfillments that nobody has picked: split, merged, moved, changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.planning import Planner
from backoffice_api.domain.fulfillment.commands.promises import Want
from backoffice_api.domain.fulfillment.commands.writing import (
    Opened,
    finish_wave,
    opened,
    parts_by_lines,
    pieces_of,
    put_lines,
    remove_lines,
    save_told,
    tell,
)
from backoffice_api.domain.fulfillment.model.events import (
    FulfillmentCancelled,
    FulfillmentMerged,
    FulfillmentMoved,
    FulfillmentPlanned,
    FulfillmentSplit,
    FulfillmentUpdated,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    LINES_MAX,
    MACHINE,
    PRIORITY_MAX,
    SERVICE_LENGTH_MAX,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    LinePieces,
)
from backoffice_api.domain.fulfillment.model.picking import TooMuchPicked
from backoffice_api.domain.fulfillment.model.refusals import (
    FulfillmentEmptied,
    KitBroken,
    NotASite,
    OtherOrder,
    UnknownFulfillmentLine,
    whole_units,
)
from backoffice_api.domain.fulfillment.model.routing import Weights
from backoffice_api.domain.fulfillment.queries import sites
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.locations import (
    SITES,
    ArchivedLocation,
    LocationStatus,
    UnknownLocation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    priority: int | Keep = KEEP
    service: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFulfillment(Command):
    """`lines`: what goes its own way."""

    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    lines: tuple[LinePieces, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeFulfillments(Command):
    """`from_ids` become part of `id`."""

    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    from_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    location_id: UUID


def update_fulfillment(uow: UnitOfWork, command: UpdateFulfillment) -> UUID:
    """Change how soon a fulfillment is worked on, or with which service it goes. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, OutOfRange, InvalidText.
    """
    of = opened(uow, command.id, "update")
    after = replace(
        of.before,
        priority=patched(command.priority, of.before.priority),
        service=patched(command.service, of.before.service),
    )
    faults = Faults()
    check_range(after.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    check_text(after.service, faults, "service", maximum=SERVICE_LENGTH_MAX)
    faults.check()
    save_told(uow, of.before, after, FulfillmentUpdated, of.order, pieces_of(of.lines))
    return of.before.id


def split_fulfillment(uow: UnitOfWork, command: SplitFulfillment) -> UUID:
    """Let pieces of a fulfillment go their own way, from the same location. Id of the new one.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, UnknownFulfillmentLine.
        OutOfRange, TooMany, Duplicate, TooMuchPicked: the quantities make no sense.
        KitBroken: a kit would come apart.
        FulfillmentEmptied: all of it would go.
    """
    of = opened(uow, command.id, "split")
    taken = _taken(uow, of, command.lines)
    left = [replace(line, quantity=line.quantity - taken.get(line.id, 0)) for line in of.lines]
    if not any(line.quantity for line in left):
        raise FulfillmentEmptied
    after = save_told(
        uow,
        of.before,
        of.before,
        FulfillmentSplit,
        of.order,
        sum(taken.values()),
    )
    put_lines(uow, [line for line in left if line.quantity and line.id in taken])
    remove_lines(uow, [line.id for line in left if not line.quantity])
    count = len(queries.fulfillments_by_orders(uow.db, [of.order.id])[of.order.id])
    made = replace(
        after,
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        number=f"{of.order.name}-{count + 1}",
        explanation=(f"It was split off {after.number}.",),
    )
    add(uow, fulfillments, [made])
    fresh = [
        replace(
            line,
            id=uow.new_id(),
            fulfillment_id=made.id,
            quantity=taken[line.id],
        )
        for line in of.lines
        if line.id in taken
    ]
    add(uow, fulfillment_lines, fresh)
    tell(uow, FulfillmentPlanned, None, made, of.order, pieces_of(fresh))
    return made.id


def merge_fulfillments(uow: UnitOfWork, command: MergeFulfillments) -> UUID:
    """Make several fulfillments of an order one. Its id; the others are cancelled.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, TooMany, Duplicate.
        OtherOrder: they are not of one order, location and state.
    """
    faults = Faults()
    check_size(command.from_ids, faults, "from_ids", maximum=LINES_MAX)
    faults.check()
    of = opened(uow, command.id, "merge")
    found = queries.fulfillments_by_ids(uow.db, command.from_ids)
    theirs = queries.lines_by_fulfillments(uow.db, command.from_ids)
    seen = {of.before.id}
    for position, id in enumerate(command.from_ids):
        other = found.get(id)
        if other is None or not _fits(of.before, other):
            raise OtherOrder().at("from_ids", position)
        if id in seen:
            raise Duplicate(other.number).at("from_ids", position)
        seen.add(id)
    gained: Counter[tuple[UUID, UUID]] = Counter()
    for id in command.from_ids:
        before = found[id]
        after = replace(before, status=MACHINE.check("cancel", before.status), wave_id=None)
        pieces = pieces_of(theirs.get(id, ()))
        save_told(uow, before, after, FulfillmentCancelled, of.order, pieces)
        finish_wave(uow, before)
        for line in theirs.get(id, ()):
            gained[line.order_line_id, line.variant_id] += line.quantity
    save_told(uow, of.before, of.before, FulfillmentMerged, of.order, gained.total())
    _gain(uow, of, gained)
    return of.before.id


def move_fulfillment(uow: UnitOfWork, command: MoveFulfillment) -> UUID:
    """Send a fulfillment from another location, where its pieces are promised from now on. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen.
        UnknownLocation, ArchivedLocation, NotASite: nothing is sent from there.
        InsufficientStock: not all of it can be promised there; then nothing is moved.
    """
    of = opened(uow, command.id, "relocate")
    there = stock.locations_by_ids(uow.db, [command.location_id]).get(command.location_id)
    if there is None:
        raise UnknownLocation(command.location_id).at("location_id")
    if there.kind not in SITES:
        raise NotASite().at("location_id")
    if there.status is LocationStatus.ARCHIVED:
        raise ArchivedLocation(there.id).at("location_id")
    if there.id == of.before.location_id:
        return of.before.id
    if of.before.status is not FulfillmentState.BACKORDERED:
        _promise_at(uow, of, there.id)
    # Whoever was to pick it stands elsewhere: it is planned anew, outside of its wave.
    status = of.before.status
    if status is FulfillmentState.RELEASED:
        status = MACHINE.start
    calendar = sites.working_days_by_sites(uow.db, [there.id]).get(there.id)
    ship_by = calendar.ship_by(of.order.placed_at or uow.now) if calendar else None
    after = replace(
        of.before,
        location_id=there.id,
        status=status,
        wave_id=None,
        ship_by=ship_by,
        deliver_by=calendar.deliver_by(ship_by) if calendar and ship_by else None,
        explanation=(f"Somebody moved it to {there.code}.",),
    )
    save_told(uow, of.before, after, FulfillmentMoved, of.order, pieces_of(of.lines))
    finish_wave(uow, of.before)
    return of.before.id


def _taken(uow: UnitOfWork, of: Opened, asked: Sequence[LinePieces]) -> Mapping[UUID, int]:
    """Pieces by line, of kits whole ones.

    Raises:
        UnknownFulfillmentLine, OutOfRange, TooMany, Duplicate, TooMuchPicked, KitBroken.
    """
    faults = Faults()
    check_size(asked, faults, "lines", maximum=LINES_MAX)
    faults.check()
    taken: dict[UUID, int] = {}
    for position, each in enumerate(asked):
        here = ("lines", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        line = of.by_id.get(each.line_id)
        if line is None:
            faults.add(UnknownFulfillmentLine(each.line_id).at(*here, "line_id"))
        elif each.line_id in taken:
            faults.add(Duplicate(each.line_id.hex).at(*here, "line_id"))
        elif each.quantity > line.quantity:
            faults.add(TooMuchPicked(each.quantity, line.quantity).at(*here, "quantity"))
        taken[each.line_id] = each.quantity
    faults.check()
    if not taken:
        raise FulfillmentEmptied().at("lines")
    known = orders.lines_by_ids(uow.db, {line.order_line_id for line in of.lines})
    for line_id, parts in parts_by_lines(uow, known.values()).items():
        pieces = {
            line.variant_id: taken[line.id]
            for line in of.lines
            if line.order_line_id == line_id and line.id in taken
        }
        if pieces and whole_units(pieces, parts) is None:
            raise KitBroken().at("lines")
    return taken


def _fits(into: Fulfillment, other: Fulfillment) -> bool:
    return (into.order_id, into.location_id, into.status) == (
        other.order_id,
        other.location_id,
        other.status,
    )


def _gain(uow: UnitOfWork, of: Opened, gained: Mapping[tuple[UUID, UUID], int]) -> None:
    left = dict(gained)
    grown = [
        replace(line, quantity=line.quantity + left.pop((line.order_line_id, line.variant_id)))
        for line in of.lines
        if (line.order_line_id, line.variant_id) in left
    ]
    put_lines(uow, grown)
    last = max((line.position for line in of.lines), default=-1)
    fresh = [
        FulfillmentLine(uow.new_id(), of.before.id, line_id, variant_id, position, pieces, 0, 0, 0)
        for position, ((line_id, variant_id), pieces) in enumerate(left.items(), start=last + 1)
    ]
    add(uow, fulfillment_lines, fresh)


def _promise_at(uow: UnitOfWork, of: Opened, site_id: UUID) -> None:
    """Raises: InsufficientStock."""
    planner = Planner(uow, [of.order], Weights(), leaving=of.before.id)
    planner.promises.settle(
        [Want((line.order_line_id, line.variant_id), site_id, line.quantity) for line in of.lines]
    )
    planner.promises.write()
