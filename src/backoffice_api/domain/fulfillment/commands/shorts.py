"""Short picks: what the books say is there and nobody finds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.counts.commands.planning import PlanCount, plan_count
from backoffice_api.domain.counts.model import NothingToCount
from backoffice_api.domain.fulfillment.commands.keeping import (
    Loose,
    cancel_whole,
    shrink_line,
    write_loose,
)
from backoffice_api.domain.fulfillment.commands.planning import Planner, write_plan
from backoffice_api.domain.fulfillment.commands.writing import (
    Opened,
    parts_by_lines,
    picks_of,
    put_lines,
    remove_lines,
)
from backoffice_api.domain.fulfillment.model.events import PickedShort
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentLine
from backoffice_api.domain.fulfillment.model.routing import Weights
from backoffice_api.domain.fulfillment.queries.picking import stops_of
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.backorders import wait_again
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.moves import move
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import MoveLine, Place
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries.lots import tracking_by_variants


def replan_missing(uow: UnitOfWork, of: Opened) -> Opened:
    """Take off a fulfillment what was not found, and have it sent from elsewhere.

    The fulfillment as it is then: shrunk, or cancelled if nothing of it was found.
    """
    stops = stops_of(uow.db, [of.order.id], [of.before.id])
    by_id = of.by_id
    lines = {line.id: line for line in orders.lines_of(uow.db, of.order.id)}
    parts = parts_by_lines(uow, lines.values())
    units = _missing_units(of.lines, parts)
    lacking: Counter[tuple[UUID, UUID]] = Counter()
    for stop in stops:
        lacking[stop.location_id, by_id[stop.fulfillment_line_id].variant_id] += stop.quantity
    after = _shrunk(uow, of, units, parts)
    _send_elsewhere(uow, after, lines, list(lacking))
    _set_aside(uow, after, lacking)
    _note(uow, after, lacking)
    order = orders.locked_order(uow.db, of.order.id)
    return Opened(order, after.before, after.lines)


def _missing_units(
    lines: Sequence[FulfillmentLine], parts: Mapping[UUID, Mapping[UUID, int]]
) -> Mapping[UUID, int]:
    """How many units of each line of the order cannot be sent: a kit lacks what a piece lacks."""
    found: dict[UUID, int] = {}
    for line in lines:
        per = parts[line.order_line_id][line.variant_id]
        missing = -(-(line.quantity - line.picked) // per)
        found[line.order_line_id] = max(found.get(line.order_line_id, 0), missing)
    return found


def _shrunk(
    uow: UnitOfWork,
    of: Opened,
    units: Mapping[UUID, int],
    parts: Mapping[UUID, Mapping[UUID, int]],
) -> Opened:
    less = {
        line.id: units[line.order_line_id] * parts[line.order_line_id][line.variant_id]
        for line in of.lines
    }
    if all(less[line.id] >= line.quantity for line in of.lines):
        return Opened(of.order, cancel_whole(uow, of.order, of.before, of.lines), ())
    taken, loose = picks_of(uow, of.lines), Loose()
    lines = [
        shrink_line(uow, of.before, line, less[line.id], taken.get(line.id, ()), loose)
        for line in of.lines
    ]
    write_loose(uow, of.before, of.order, loose)
    put_lines(uow, [line for line in lines if line.quantity])
    remove_lines(uow, [line.id for line in lines if not line.quantity])
    return replace(of, lines=[line for line in lines if line.quantity])


def _set_aside(uow: UnitOfWork, of: Opened, lacking: Mapping[tuple[UUID, UUID], int]) -> None:
    """Put what was not found into quarantine: else it is promised again before it is counted.

    What is told apart by lots stays where it is, as nobody knows which of them are missing; so does
    what is promised still, as to kits that a hold stops.
    """
    tracked = tracking_by_variants(uow.db, {variant_id for _, variant_id in lacking})
    missing = {
        Place(variant_id, location_id): pieces
        for (location_id, variant_id), pieces in lacking.items()
        if variant_id not in tracked
    }
    ids = stock.level_ids_by_places(uow.db, missing)
    levels = stock.levels_by_ids(uow.db, ids.values())
    lines = []
    for place, pieces in missing.items():
        level = levels[ids[place]]
        if (gone := min(pieces, level.on_hand - level.reserved)) > 0:
            line = MoveLine(
                variant_id=place.variant_id,
                from_location_id=place.location_id,
                to_location_id=place.location_id,
                to_bucket=Bucket.QUARANTINE,
                quantity=gone,
            )
            lines.append(line)
    if lines:
        move(uow, lines, cause=Cause("ord", of.order.id))


def _note(uow: UnitOfWork, of: Opened, lacking: Mapping[tuple[UUID, UUID], int]) -> None:
    """Tell what was not found, and have each place counted."""
    by_place: dict[UUID, list[UUID]] = {}
    for (location_id, variant_id), pieces in lacking.items():
        by_place.setdefault(location_id, []).append(variant_id)
        event = PickedShort(
            of.before.id,
            of.before.version,
            of.before.number,
            of.order.id,
            variant_id,
            location_id,
            pieces,
        )
        uow.emit(event)
    for location_id, variant_ids in sorted(by_place.items()):
        name = f"Not found: {of.before.number}"
        try:
            plan_count(
                uow,
                PlanCount(
                    location_id=location_id, name=name, variant_ids=tuple(variant_ids), empty=True
                ),
            )
        except NothingToCount:
            continue


def _send_elsewhere(
    uow: UnitOfWork,
    of: Opened,
    lines: Mapping[UUID, OrderLine],
    shunned: Sequence[tuple[UUID, UUID]],
) -> None:
    """Plan what is missing where else it is; what nobody has waits, or stops its order."""
    planner = Planner(uow, [of.order], Weights(), shunned=shunned)
    proposals = planner.proposals()
    missing = proposals[0].route.chosen.missing if proposals[0].route else {}
    waiting = {}
    for line_id, units in missing.items():
        line = lines[line_id]
        if not line.is_kit and line.variant_id:
            waiting[line_id] = planner.promises.drop((line_id, line.variant_id), units)
    planner.promises.write()
    waiting = {id: pieces for id, pieces in waiting.items() if pieces}
    # It is backordered, too: so it is planned by itself when goods have come.
    late = dict(Counter(proposals[0].waiting) + Counter(waiting))
    proposals = [replace(proposals[0], waiting=late)]
    write_plan(uow, planner, proposals, of.before.service)
    variants = {id: line.variant_id for id, line in lines.items() if line.variant_id}
    wait_again(uow, of.order, waiting, variants)
    if any(lines[id].is_kit for id in missing):
        note = f"Pieces of a kit were not found: {of.before.number}"
        hold_order(uow, HoldOrder(id=of.order.id, kind=HoldKind.STOCK, note=note))
