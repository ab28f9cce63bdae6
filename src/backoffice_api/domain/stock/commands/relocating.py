"""Reservations that move: what is promised to a line is promised at another location instead.

Whoever plans what leaves where asks for the spots first, which locks their levels in the order of
their ids; then all that is decided on what was read stays right. Each function takes a constant
number of statements.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands import holdings
from backoffice_api.domain.stock.commands.shipping import TO_CUSTOMERS, ship
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationStatus
from backoffice_api.domain.stock.model.lots import LotPieces
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.reservations import (
    MACHINE,
    Demand,
    NotReserved,
    Reservation,
    ReservationConsumed,
    ReservationMade,
    ReservationReleased,
    ReservationStatus,
)
from backoffice_api.domain.stock.model.spots import Held, Spot, site_of
from backoffice_api.domain.stock.tables import levels, locations, reservations

# So many pieces of a spot are to be promised to what the demand names.
Arrival = tuple[Demand, Spot, int]

_SPOTS = (
    select(
        levels.c.id, levels.c.variant_id, levels.c.location_id, locations.c.path, levels.c.available
    )
    .join(locations, locations.c.id == levels.c.location_id)
    .where(locations.c.status == LocationStatus.ACTIVE, levels.c.bucket == Bucket.SELLABLE)
    .order_by(levels.c.id)
    .with_for_update(of=levels, key_share=True)
)


def lock_spots(uow: UnitOfWork, variant_ids: Collection[UUID]) -> Sequence[Spot]:
    """Where the variants are kept in locations in use, as it stays until the transaction ends."""
    if not variant_ids:
        return ()
    rows = uow.db.execute(_SPOTS.where(among(levels.c.variant_id, variant_ids)))
    return [
        Spot(row.id, row.variant_id, row.location_id, site_of(row.path), row.available)
        for row in rows
    ]


def allocated_to(uow: UnitOfWork, line_ids: Collection[UUID]) -> Sequence[Reservation]:
    """What is allocated to the lines, oldest first. The levels are locked by the caller."""
    statement = (
        select_as(Reservation, reservations)
        .where(
            among(reservations.c.line_id, line_ids),
            reservations.c.status == ReservationStatus.ALLOCATED,
        )
        .order_by(reservations.c.created_at, reservations.c.id)
    )
    return fetch(uow.db, Reservation, statement)


def relocate(uow: UnitOfWork, leaving: holdings.Taken, arriving: Sequence[Arrival]) -> None:
    """Give back what leaves, and promise what arrives, in one go. The levels are locked.

    Where pieces arrive there are so many free, or become free by what leaves.
    """
    holdings.end(uow, leaving, "release", ReservationReleased)
    made = [
        Reservation(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            owner_id=demand.owner_id,
            line_id=demand.line_id,
            level_id=spot.level_id,
            variant_id=spot.variant_id,
            location_id=spot.location_id,
            quantity=pieces,
            status=MACHINE.check("harden", MACHINE.start),
            expires_at=None,
            owner_kind=demand.owner_kind,
        )
        for demand, spot, pieces in arriving
    ]
    holdings.change_levels(uow, [(each, each.quantity) for each in made], reserved=1)
    add(uow, reservations, made)
    for each in made:
        uow.emit(holdings.told(ReservationMade, each), after=each)


def consume_at(uow: UnitOfWork, leaving: Sequence[Held], *, cause: Cause) -> None:
    """Let pieces leave for customers from where they were picked, with the lots that were picked.

    Raises:
        NotReserved: fewer pieces are allocated to a line there.
        UnknownLot, InsufficientLot, LotIsBlocked, NoLotToShip: the lots do not allow it.
    """
    by_place: dict[tuple[UUID, UUID, UUID], list[list[Reservation | int]]] = {}
    for each in holdings.of_lines(uow, {held.line_id for held in leaving}):
        if each.status is ReservationStatus.ALLOCATED:
            place = (each.line_id, each.variant_id, each.location_id)
            by_place.setdefault(place, []).append([each, each.quantity])
    taken: dict[UUID, tuple[Reservation, int]] = {}
    lots: dict[UUID, list[LotPieces]] = {}
    for held in leaving:
        missing = held.quantity
        for part in by_place.get((held.line_id, held.variant_id, held.location_id), ()):
            reservation, left = part
            assert isinstance(reservation, Reservation)
            assert isinstance(left, int)
            pieces = min(left, missing)
            part[1], missing = left - pieces, missing - pieces
            if pieces:
                _, before = taken.get(reservation.id, (reservation, 0))
                taken[reservation.id] = (reservation, before + pieces)
        if missing:
            raise NotReserved(held.line_id, held.quantity, held.quantity - missing)
        if held.lots:
            lots.setdefault(held.line_id, []).extend(held.lots)
    # Place by place, so that the lots of a line can be named in one order.
    parts = sorted(
        taken.values(), key=lambda part: (part[0].line_id, part[0].variant_id, part[0].location_id)
    )
    ship(uow, parts, _in_their_order(leaving, parts, lots), cause, TO_CUSTOMERS)
    holdings.end(uow, parts, "consume", ReservationConsumed, shipped=True)


def _in_their_order(
    leaving: Sequence[Held],
    taken: Sequence[tuple[Reservation, int]],
    lots: Mapping[UUID, Sequence[LotPieces]],
) -> Mapping[UUID, Sequence[LotPieces]]:
    """The lots of each line in the order in which its pieces are taken, place by place."""
    at: dict[tuple[UUID, UUID, UUID], list[LotPieces]] = {}
    for held in leaving:
        place = (held.line_id, held.variant_id, held.location_id)
        at.setdefault(place, []).extend(held.lots)
    ordered: dict[UUID, list[LotPieces]] = {line_id: [] for line_id in lots}
    for each, _ in taken:
        place = (each.line_id, each.variant_id, each.location_id)
        if each.line_id in ordered:
            ordered[each.line_id] += at.pop(place, ())
    return ordered
