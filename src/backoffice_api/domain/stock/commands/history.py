"""Movements of the past: taken over in bulk, as another system recorded them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    change_lots,
    hold_locations,
    lock_levels,
    make_levels,
    post,
)
from backoffice_api.domain.stock.commands.snapshots import forget_after
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import (
    InsufficientStock,
    Place,
    Shortage,
    StockLevel,
    place_of,
)
from backoffice_api.domain.stock.model.locations import KEPT, Location, UnknownLocation
from backoffice_api.domain.stock.model.lots import UnknownLot
from backoffice_api.domain.stock.model.movements import MovementsRecorded, RecordedMovement
from backoffice_api.domain.stock.queries.lots import lots_by_ids
from backoffice_api.domain.stock.tables import levels

MOVEMENTS_MAX = 20_000


def record_movements(uow: UnitOfWork, recorded: Sequence[RecordedMovement]) -> Sequence[UUID]:
    """Take over past movements, at most `MOVEMENTS_MAX` at once; levels change by their sums.

    Their ids, in their order. Only what the movements of one call come to must be possible: a
    level may dip below zero between two of them. There is one event per location, as the movements
    themselves are the log. A constant number of statements.

    Raises:
        TooMany: there are more than can be taken over at once.
        UnknownLocation: a movement names a location that there is not.
        InsufficientStock: levels would go below zero where they may not, or below what is promised.
    """
    if len(recorded) > MOVEMENTS_MAX:
        raise TooMany(MOVEMENTS_MAX)
    named = {each.from_location_id for each in recorded} | {
        each.to_location_id for each in recorded
    }
    locations = hold_locations(uow, named)
    for id in named - locations.keys():
        raise UnknownLocation(id)
    sums = _sums(recorded, locations)
    made = make_levels(uow, sums, locations)
    present = lock_levels(uow, among(levels.c.id, made.values()))
    _check(uow, present, sums)
    change_levels(
        uow,
        [Change(each.id, on_hand=sums[place_of(each)]) for each in present if sums[place_of(each)]],
    )
    posted = post(uow, recorded)
    _change_lots(uow, recorded, made)
    book_costs(uow, recorded, posted)
    if past := [each.occurred_at for each in recorded if each.occurred_at is not None]:
        forget_after(uow, min(past))
    for event in _events(recorded, sums, locations):
        uow.emit(event)
    return posted


def _sums(
    recorded: Sequence[RecordedMovement], locations: Mapping[UUID, Location]
) -> Mapping[Place, int]:
    """By how many pieces each level changes."""
    kept = {id for id, location in locations.items() if location.kind in KEPT}
    # Plain tuples, which compare as places do: there are twenty thousand.
    sums: Counter[tuple[UUID, UUID, Bucket]] = Counter()
    for each in recorded:
        if each.from_location_id in kept:
            sums[each.variant_id, each.from_location_id, each.from_bucket] -= each.quantity
        if each.to_location_id in kept:
            sums[each.variant_id, each.to_location_id, each.to_bucket] += each.quantity
    return {Place(*at): pieces for at, pieces in sums.items()}


def _change_lots(
    uow: UnitOfWork, recorded: Sequence[RecordedMovement], level_ids: Mapping[Place, UUID]
) -> None:
    """Raises: UnknownLot."""
    named = {each.lot_id for each in recorded if each.lot_id}
    if named:
        known = lots_by_ids(uow.db, named)
        for id in named - known.keys():
            raise UnknownLot(id)
        kinds = {id: lot.kind for id, lot in known.items()}
        change_lots(uow, recorded, level_ids, kinds)


def _check(uow: UnitOfWork, present: Sequence[StockLevel], sums: Mapping[Place, int]) -> None:
    short = {
        each.variant_id: (-delta, each.on_hand - each.reserved)
        for each in present
        if (delta := sums[place_of(each)]) < 0
        and each.on_hand + delta < each.reserved
        and not each.negative_allowed
    }
    if short:
        known = products.variants_by_ids(uow.db, short)
        raise InsufficientStock(
            tuple(Shortage(id, known[id].sku, *amounts) for id, amounts in short.items())
        )


def _events(
    recorded: Sequence[RecordedMovement],
    sums: Collection[Place],
    locations: Mapping[UUID, Location],
) -> Sequence[MovementsRecorded]:
    moved = Counter(id for each in recorded for id in (each.from_location_id, each.to_location_id))
    touched = Counter(place.location_id for place in sums)
    return [
        MovementsRecorded(id, locations[id].version, moved[id], touched[id])
        for id in sorted(touched)
    ]
