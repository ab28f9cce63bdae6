"""Movements of the past: taken over in bulk, as another system recorded them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    hold_locations,
    lock_levels,
    make_levels,
    post,
)
from backoffice_api.domain.stock.model.levels import InsufficientStock, Shortage, StockLevel
from backoffice_api.domain.stock.model.locations import Location, UnknownLocation
from backoffice_api.domain.stock.model.movements import MovementsRecorded, RecordedMovement
from backoffice_api.domain.stock.tables import levels

MOVEMENTS_MAX = 20_000


def record_movements(uow: UnitOfWork, recorded: Sequence[RecordedMovement]) -> None:
    """Take over past movements, at most `MOVEMENTS_MAX` at once; levels change by their sums.

    Only what the movements of one call come to must be possible: a level may dip below zero
    between two of them. There is one event per location, as the movements themselves are the log.
    A constant number of statements.

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
        [
            Change(each.id, on_hand=sums[each.variant_id, each.location_id])
            for each in present
            if sums[each.variant_id, each.location_id]
        ],
    )
    post(uow, recorded)
    for event in _events(recorded, sums, locations):
        uow.emit(event)


def _sums(
    recorded: Sequence[RecordedMovement], locations: Mapping[UUID, Location]
) -> Mapping[tuple[UUID, UUID], int]:
    """By how many pieces each level changes, by variant and physical location."""
    physical = {id for id, location in locations.items() if location.kind.is_physical}
    sums: Counter[tuple[UUID, UUID]] = Counter()
    for each in recorded:
        if each.from_location_id in physical:
            sums[each.variant_id, each.from_location_id] -= each.quantity
        if each.to_location_id in physical:
            sums[each.variant_id, each.to_location_id] += each.quantity
    return sums


def _check(
    uow: UnitOfWork, present: Sequence[StockLevel], sums: Mapping[tuple[UUID, UUID], int]
) -> None:
    short = {
        each.variant_id: (-delta, each.on_hand - each.reserved)
        for each in present
        if (delta := sums[each.variant_id, each.location_id]) < 0
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
    sums: Collection[tuple[UUID, UUID]],
    locations: Mapping[UUID, Location],
) -> Sequence[MovementsRecorded]:
    moved = Counter(id for each in recorded for id in (each.from_location_id, each.to_location_id))
    touched = Counter(location_id for _, location_id in sums)
    return [
        MovementsRecorded(id, locations[id].version, moved[id], touched[id])
        for id in sorted(touched)
    ]
