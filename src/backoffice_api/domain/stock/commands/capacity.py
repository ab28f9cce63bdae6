"""How much locations hold: said, and held against what people put there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model.capacity import (
    Capacity,
    CapacityPolicy,
    Fill,
    LocationCapacitySet,
    LocationFull,
    LocationOverfilled,
    check_capacity,
)
from backoffice_api.domain.stock.model.locations import MACHINE, VirtualLocation
from backoffice_api.domain.stock.queries.capacity import (
    capacities_by_locations,
    fills_by_locations,
    room_of_variants,
)
from backoffice_api.domain.stock.tables import locations
from backoffice_api.domain.stock.tables.capacity import location_capacities


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLocationCapacity(Command):
    """All that the location `id` holds. All None: as much as one likes."""

    scope = Scope.STOCK_WRITE
    table = locations
    id: UUID
    pieces_max: int | None = None
    volume_max_cm3: int | None = None
    weight_max_g: int | None = None
    policy: CapacityPolicy = CapacityPolicy.REFUSE


@dataclass(frozen=True, slots=True)
class Added:
    """Pieces of a variant that come to a location; below zero: that leave it.

    `leaves`: where they make room by that, if they fit here.
    """

    location_id: UUID
    variant_id: UUID
    pieces: int
    leaves: UUID | None = None


def set_location_capacity(uow: UnitOfWork, command: SetLocationCapacity) -> UUID:
    """Say how much a location holds; what lies there already may be more. Id of the location.

    Raises:
        UnknownLocation, InvalidTransition, VirtualLocation, OutOfRange.
    """
    location = queries.location(uow.db, command.id)
    if not location.kind.is_physical:
        raise VirtualLocation(location.kind).at("id")
    MACHINE.check("update", location.status)
    given = {
        "pieces_max": command.pieces_max,
        "volume_max_cm3": command.volume_max_cm3,
        "weight_max_g": command.weight_max_g,
    }
    faults = Faults()
    check_capacity(faults, **given)
    faults.check()
    saved = save(uow, locations, location, location)
    before = capacities_by_locations(uow.db, [location.id]).get(location.id)
    after = None
    if all(each is None for each in given.values()):
        where = location_capacities.c.location_id == location.id
        uow.db.execute(delete(location_capacities).where(where))
    elif before is None:
        after = Capacity(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            location_id=location.id,
            policy=command.policy,
            **given,
        )
        add(uow, location_capacities, [after])
    else:
        changed = replace(
            before,
            pieces_max=command.pieces_max,
            volume_max_cm3=command.volume_max_cm3,
            weight_max_g=command.weight_max_g,
            policy=command.policy,
        )
        after = save(uow, location_capacities, before, changed)
    event = LocationCapacitySet(saved.id, saved.version, saved.code)
    uow.emit(event, before=before, after=after)
    return saved.id


def overfilled(
    uow: UnitOfWork, added: Sequence[Added]
) -> tuple[Sequence[LocationFull | None], frozenset[UUID]]:
    """For each of what is put somewhere, one after the other, why it does not fit, if so.

    Beside it the locations that are too full from now on, but may be: they are told of. To be asked
    before levels are locked: locations that hold so much only are locked until the transaction
    ends, so that two who fill one see each other. Four statements at most; one where nothing is
    bounded.
    """
    refusals: list[LocationFull | None] = [None] * len(added)
    bounded = _locked(uow, {each.location_id for each in added if each.pieces > 0})
    if not bounded:
        return refusals, frozenset()
    fills = dict(fills_by_locations(uow.db, bounded))
    room = room_of_variants(uow.db, {each.variant_id for each in added})
    places = queries.locations_by_ids(uow.db, bounded)
    warned: set[UUID] = set()
    for position, each in enumerate(added):
        took = room.get(each.variant_id, Fill()).times(each.pieces)
        after = fills.get(each.location_id, Fill()) + took
        capacity = bounded.get(each.location_id)
        if capacity and each.pieces > 0 and after.exceeds(capacity):
            if capacity.policy is CapacityPolicy.REFUSE:
                refusals[position] = LocationFull(places[each.location_id].code)
                continue
            warned.add(each.location_id)
        fills[each.location_id] = after
        if each.leaves:
            fills[each.leaves] = fills.get(each.leaves, Fill()) + took.times(-1)
    for id in sorted(warned):
        place = places[id]
        uow.emit(LocationOverfilled(id, place.version, place.code, fills[id].pieces))
    return refusals, frozenset(warned)


def _locked(uow: UnitOfWork, location_ids: set[UUID]) -> dict[UUID, Capacity]:
    if not location_ids:
        return {}
    statement = (
        select_as(Capacity, location_capacities)
        .where(among(location_capacities.c.location_id, sorted(location_ids)))
        .order_by(location_capacities.c.id)
        .with_for_update()
    )
    return {each.location_id: each for each in fetch(uow.db, Capacity, statement)}
