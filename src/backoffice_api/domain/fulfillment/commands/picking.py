"""Picking: pieces leave their shelves for a fulfillment, scan by scan."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.fulfillment.commands.planning import Planner
from backoffice_api.domain.fulfillment.commands.promises import Want
from backoffice_api.domain.fulfillment.commands.shorts import replan_missing
from backoffice_api.domain.fulfillment.commands.writing import (
    Opened,
    finish_wave,
    opened,
    put_lines,
    save_told,
)
from backoffice_api.domain.fulfillment.model.events import (
    FulfillmentPicked,
    FulfillmentPickedFrom,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    LINES_MAX,
    MACHINE,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    Pick,
)
from backoffice_api.domain.fulfillment.model.packing import LineOrCode, WrongItem
from backoffice_api.domain.fulfillment.model.picking import (
    NotAllPicked,
    NothingPicked,
    Picking,
    TooMuchPicked,
)
from backoffice_api.domain.fulfillment.model.refusals import UnknownFulfillmentLine
from backoffice_api.domain.fulfillment.model.routing import Weights
from backoffice_api.domain.fulfillment.queries.codes import item_by_code
from backoffice_api.domain.fulfillment.queries.picking import (
    picked_at,
    picked_of_lots,
    stops_of,
)
from backoffice_api.domain.fulfillment.tables import fulfillments, picks
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.relocating import lock_spots
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, Place
from backoffice_api.domain.stock.model.locations import UnknownLocation
from backoffice_api.domain.stock.model.lots import (
    InsufficientLot,
    Lot,
    LotIsBlocked,
    LotNotTracked,
    LotStatus,
    NoLotToShip,
    UnknownLot,
    first_expired,
)
from backoffice_api.domain.stock.queries.lots import lots_at_levels, tracking_by_variants


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    picks: tuple[Picking, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPicking(Command):
    """`short`: what is not picked was not found."""

    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    short: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A pick with the line it is of, and the lot that its code says."""

    line: FulfillmentLine
    pieces: int
    location_id: UUID | None
    lot_id: UUID | None
    lot_code: str | None


def pick_fulfillment(uow: UnitOfWork, command: PickFulfillment) -> UUID:
    """Take pieces for a fulfillment; with the last one it is picked. Its id.

    Where pieces are taken from another location of the site than where they are promised, they
    are promised there from now on.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen, UnknownFulfillmentLine.
        LineOrCode, WrongItem, OutOfRange, TooMany, NothingPicked, TooMuchPicked.
        UnknownLocation, InsufficientStock: so many are not to be had there.
        UnknownLot, LotNotTracked, LotIsBlocked, InsufficientLot, NoLotToShip.
    """
    of = opened(uow, command.id, "pick")
    wanted = _wanted(uow, of, command.picks)
    tracked = tracking_by_variants(uow.db, {each.line.variant_id for each in wanted})
    lock_spots(uow, tracked)  # Else two who pick at once take the last piece of a lot.
    placed = _placed(uow, of, wanted)
    rows = [
        Pick(uow.new_id(), each.line.id, location_id, lot_id, pieces, uow.now)
        for each, location_id, total in placed
        for lot_id, pieces in _of_lots(uow, each, location_id, total, tracked)
    ]
    add(uow, picks, rows)
    gained: Counter[UUID] = Counter()
    for row in rows:
        gained[row.fulfillment_line_id] += row.quantity
    lines = [replace(line, picked=line.picked + gained[line.id]) for line in of.lines]
    put_lines(uow, [line for line in lines if gained[line.id]])
    status = MACHINE.check("pick", of.before.status)
    after = replace(of.before, status=status)
    after = save_told(uow, of.before, after, FulfillmentPickedFrom, of.order, gained.total())
    if all(line.picked == line.quantity for line in lines):
        _finish(uow, replace_lines(of, after, lines))
    return of.before.id


def finish_picking(uow: UnitOfWork, command: FinishPicking) -> UUID:
    """Say that what is not picked was not found, and send it from elsewhere. Its id.

    What is missing is promised and planned at another location; where there is none, it waits for
    goods. A count of the place is planned. A kit of which a piece is missing is put back as a
    whole. If nothing was found, the fulfillment is cancelled.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen.
        NotAllPicked: pieces are missing, and nobody has said that they are.
    """
    of = opened(uow, command.id, "finish_picking")
    missing = sum(line.quantity - line.picked for line in of.lines)
    if missing and not command.short:
        raise NotAllPicked(missing)
    if missing:
        of = replan_missing(uow, of)
    if of.before.status is FulfillmentState.PICKING:
        _finish(uow, of)
    return of.before.id


def replace_lines(of: Opened, after: Fulfillment, lines: Sequence[FulfillmentLine]) -> Opened:
    return replace(of, before=after, lines=lines)


def _finish(uow: UnitOfWork, of: Opened) -> None:
    status = MACHINE.check("finish_picking", of.before.status)
    after = replace(of.before, status=status)
    pieces = sum(line.picked for line in of.lines)
    after = save_told(uow, of.before, after, FulfillmentPicked, of.order, pieces)
    finish_wave(uow, after)


def _wanted(uow: UnitOfWork, of: Opened, given: Sequence[Picking]) -> Sequence[_Wanted]:
    faults = Faults()
    check_size(given, faults, "picks", maximum=LINES_MAX)
    faults.check()
    if not given:
        raise NothingPicked().at("picks")
    left = Counter({line.id: line.quantity - line.picked for line in of.lines})
    found: list[_Wanted] = []
    for position, each in enumerate(given):
        here = ("picks", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        faults.check()
        if (each.line_id is None) == (each.code is None):
            raise LineOrCode().at(*here)
        found += _of_one(uow, of, each, here, left)
    return found


def _of_one(
    uow: UnitOfWork,
    of: Opened,
    given: Picking,
    here: tuple[str, int],
    left: Counter[UUID],
) -> Sequence[_Wanted]:
    """A pick as those of the lines that it is of: several lines may be of one variant."""
    pieces, lot_code = given.quantity, None
    if given.code is None:
        lines = [line for line in of.lines if line.id == given.line_id]
        if not lines:
            assert given.line_id is not None
            raise UnknownFulfillmentLine(given.line_id).at(*here, "line_id")
    else:
        item = item_by_code(uow.db, given.code)
        lines = [line for line in of.lines if item and line.variant_id == item.variant.id]
        if item is None or not lines:
            raise WrongItem(given.code).at(*here, "code")
        pieces, lot_code = given.quantity * item.pieces, item.lot
    allowed = sum(left[line.id] for line in lines)
    if pieces > allowed:
        raise TooMuchPicked(pieces, allowed).at(*here, "quantity")
    found = []
    for line in lines:
        taken = min(pieces, left[line.id])
        if taken:
            left[line.id] -= taken
            pieces -= taken
            found.append(_Wanted(line, taken, given.location_id, given.lot_id, lot_code))
    return found


def _placed(
    uow: UnitOfWork, of: Opened, wanted: Sequence[_Wanted]
) -> Sequence[tuple[_Wanted, UUID, int]]:
    """From where each is taken: where somebody says, else in the order of the walk."""
    stops = stops_of(uow.db, [of.order.id], [of.before.id])
    left: dict[tuple[UUID, UUID], int] = {}
    for stop in stops:
        key = (stop.fulfillment_line_id, stop.location_id)
        left[key] = left.get(key, 0) + stop.quantity
    found: list[tuple[_Wanted, UUID, int]] = []
    elsewhere: list[tuple[_Wanted, UUID, int]] = []
    for each in wanted:
        missing = each.pieces
        for (line_id, location_id), there in left.items():
            if line_id == each.line.id and each.location_id in (None, location_id):
                taken = min(missing, there)
                if taken:
                    left[line_id, location_id] -= taken
                    missing -= taken
                    found.append((each, location_id, taken))
        if missing:
            location_id = _named(uow, of, each)
            elsewhere.append((each, location_id, missing))
    if elsewhere:
        _promise_there(uow, of, found, elsewhere)
    return [*found, *elsewhere]


def _named(uow: UnitOfWork, of: Opened, wanted: _Wanted) -> UUID:
    """The location that somebody takes pieces from; where nobody says, the site itself."""
    id = wanted.location_id or of.before.location_id
    there = stock.locations_by_ids(uow.db, [id]).get(id)
    if there is None or not there.path.startswith(f"{of.before.location_id.hex}/"):
        raise UnknownLocation(id).at("picks", 0, "location_id")
    return id


def _promise_there(
    uow: UnitOfWork,
    of: Opened,
    found: Sequence[tuple[_Wanted, UUID, int]],
    elsewhere: Sequence[tuple[_Wanted, UUID, int]],
) -> None:
    """Have pieces promised where they are taken from: what this fulfillment holds moves there."""
    site_id = of.before.location_id
    planner = Planner(uow, [of.order], Weights(), leaving=of.before.id)
    before = picked_at(uow.db, [line.id for line in of.lines])
    by_id, rest = of.by_id, {line.id: line.quantity for line in of.lines}
    wants: list[Want] = []
    taken = [(line_id, place, pieces) for (line_id, place), pieces in before.items()]
    taken += [(each.line.id, place, pieces) for each, place, pieces in (*found, *elsewhere)]
    for line_id, place, pieces in taken:
        line = by_id[line_id]
        wants.append(Want((line.order_line_id, line.variant_id), site_id, pieces, place))
        rest[line_id] -= pieces
    wants += [
        Want((line.order_line_id, line.variant_id), site_id, rest[line.id]) for line in of.lines
    ]
    planner.promises.settle(wants)
    planner.promises.write()


def _of_lots(
    uow: UnitOfWork,
    wanted: _Wanted,
    location_id: UUID,
    pieces: int,
    tracked: Collection[UUID],
) -> Sequence[tuple[UUID | None, int]]:
    """Of which lots pieces are taken: the one that is named, else what expires first."""
    variant_id = wanted.line.variant_id
    if variant_id not in tracked:
        if wanted.lot_id:
            raise LotNotTracked(variant_id.hex).at("picks", 0, "lot_id")
        return [(None, pieces)]
    there = _lots_there(uow, variant_id, location_id)
    if wanted.lot_id or wanted.lot_code:
        named = [
            (lot, count)
            for lot, count in there
            if wanted.lot_id in (None, lot.id) and wanted.lot_code in (None, lot.code)
        ]
        if not named:
            raise UnknownLot(wanted.lot_id or variant_id).at("picks", 0, "lot_id")
        lot, count = named[0]
        if lot.status is LotStatus.BLOCKED:
            raise LotIsBlocked(lot.code)
        if count < pieces:
            raise InsufficientLot(lot.code, pieces, count)
        return [(lot.id, pieces)]
    shares = first_expired(there, pieces, uow.now.date())
    if (found := sum(share.quantity for share in shares)) < pieces:
        raise NoLotToShip(variant_id, pieces, found)
    return [(share.lot_id, share.quantity) for share in shares]


def _lots_there(uow: UnitOfWork, variant_id: UUID, location_id: UUID) -> Sequence[tuple[Lot, int]]:
    """The lots at a location with what is left of them on the shelf."""
    place = Place(variant_id, location_id)
    level_id = stock.level_ids_by_places(uow.db, [place]).get(place)
    there = lots_at_levels(uow.db, [level_id]).get(level_id, ()) if level_id else ()
    taken = picked_of_lots(uow.db, location_id, {lot.id for lot, _ in there})
    return [(lot, count - taken[lot.id]) for lot, count in there if count > taken[lot.id]]
