"""What is still to be picked, and where it lies."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.fulfillment.model.fulfillments import OPEN, FulfillmentState
from backoffice_api.domain.fulfillment.model.picking import (
    STOPS_MAX,
    Bin,
    Open,
    Stop,
    in_walking_order,
    stops,
)
from backoffice_api.domain.fulfillment.tables import (
    fulfillment_lines,
    fulfillments,
    picks,
    walks,
)
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.stock.model.reservations import ReservationStatus
from backoffice_api.domain.stock.model.spots import site_of
from backoffice_api.domain.stock.tables import locations, reservations

# What a line of an order is promised at a site, by location.
Promised = Mapping[tuple[UUID, UUID, UUID], Mapping[UUID, int]]


@dataclass(frozen=True, slots=True)
class PickList:
    """Where somebody goes for some fulfillments, in walking order."""

    location_id: UUID
    fulfillment_ids: tuple[UUID, ...]
    stops: tuple[Stop, ...]


def open_lines(db: Connection, order_ids: Collection[UUID]) -> Sequence[Open]:
    """The lines of the open fulfillments of orders, but for those that wait, oldest first."""
    of, line = fulfillments.c, fulfillment_lines.c
    statement = (
        select(
            line.fulfillment_id,
            line.id,
            line.order_line_id,
            line.variant_id,
            of.location_id,
            line.quantity,
            line.picked,
            of.created_at,
        )
        .join(fulfillments, of.id == line.fulfillment_id)
        .where(
            among(of.order_id, order_ids),
            of.status.in_(OPEN - {FulfillmentState.BACKORDERED}),
        )
        .order_by(of.created_at, line.id)
    )
    return [Open(*row) for row in db.execute(statement)]


def promised(db: Connection, line_ids: Collection[UUID]) -> Promised:
    """What is allocated to lines of orders: by line, variant and site, pieces by location."""
    of = reservations.c
    statement = (
        select(of.line_id, of.variant_id, of.location_id, locations.c.path, func.sum(of.quantity))
        .join(locations, locations.c.id == of.location_id)
        .where(among(of.line_id, line_ids), of.status == ReservationStatus.ALLOCATED)
        .group_by(of.line_id, of.variant_id, of.location_id, locations.c.path)
    )
    found: dict[tuple[UUID, UUID, UUID], dict[UUID, int]] = defaultdict(dict)
    for line_id, variant_id, location_id, path, pieces in db.execute(statement):
        found[line_id, variant_id, site_of(path)][location_id] = pieces
    return found


def picked_at(db: Connection, line_ids: Collection[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """What was taken for lines of fulfillments, by line and location."""
    statement = (
        select(picks.c.fulfillment_line_id, picks.c.location_id, func.sum(picks.c.quantity))
        .where(among(picks.c.fulfillment_line_id, line_ids))
        .group_by(picks.c.fulfillment_line_id, picks.c.location_id)
    )
    return {(row[0], row[1]): row[2] for row in db.execute(statement)}


def picked_of_lots(db: Connection, location_id: UUID, lot_ids: Collection[UUID]) -> Counter[UUID]:
    """How many pieces of lots were taken from a location and have not left the house yet."""
    statement = (
        select(picks.c.lot_id, func.sum(picks.c.quantity))
        .join(fulfillment_lines, fulfillment_lines.c.id == picks.c.fulfillment_line_id)
        .join(fulfillments, fulfillments.c.id == fulfillment_lines.c.fulfillment_id)
        .where(
            among(picks.c.lot_id, lot_ids),
            picks.c.location_id == location_id,
            fulfillments.c.status.in_(OPEN),
        )
        .group_by(picks.c.lot_id)
    )
    return Counter({row[0]: row[1] for row in db.execute(statement)})


def walk(db: Connection, location_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """The place of each location in the walk through its site. Two statements."""
    rows = db.execute(
        select(locations.c.id, locations.c.path, walks.c.position)
        .outerjoin(walks, walks.c.location_id == locations.c.id)
        .where(among(locations.c.id, location_ids))
    ).all()
    above = {UUID(part) for row in rows for part in row.path.split("/") if part}
    statement = select(locations.c.id, locations.c.code).where(among(locations.c.id, above))
    codes = {row.id: row.code for row in db.execute(statement)}
    return in_walking_order(
        Bin(
            row.id,
            site_of(row.path),
            tuple(codes[UUID(part)] for part in row.path.split("/") if part),
            row.position,
        )
        for row in rows
    )


def stops_of(db: Connection, order_ids: Collection[UUID], only: Collection[UUID]) -> Sequence[Stop]:
    """Where to take what is to be picked for the fulfillments `only`, in the order of the walk.

    `order_ids`: the orders that they are of, whose other fulfillments share what is promised.
    """
    lines = open_lines(db, order_ids)
    there = promised(db, {line.order_line_id for line in lines})
    picked = picked_at(db, [line.fulfillment_line_id for line in lines if line.picked])
    places = {id for by_location in there.values() for id in by_location}
    found = stops(lines, there, picked, walk(db, places))
    return [each for each in found if each.fulfillment_id in set(only)]


_TO_PICK = (FulfillmentState.RELEASED, FulfillmentState.PICKING)


def pick_lists(
    db: Connection,
    *,
    location_id: UUID | None,
    wave_id: UUID | None,
    limit: int,
) -> Sequence[PickList]:
    """One list for each site with something to pick: the most urgent `limit` fulfillments."""
    of = fulfillments.c
    statement = (
        select(of.id, of.order_id, of.location_id)
        .where(of.status.in_(_TO_PICK))
        .order_by(of.priority, of.id)
        .limit(limit)
    )
    if location_id:
        statement = statement.where(of.location_id == location_id)
    if wave_id:
        statement = statement.where(of.wave_id == wave_id)
    rows = db.execute(statement).all()
    if not rows:
        return ()
    found = stops_of(db, {row.order_id for row in rows}, {row.id for row in rows})
    by_site: dict[UUID, list[UUID]] = {}
    for row in rows:
        by_site.setdefault(row.location_id, []).append(row.id)
    return [
        PickList(
            site_id,
            tuple(ids),
            tuple(each for each in found if each.fulfillment_id in set(ids))[:STOPS_MAX],
        )
        for site_id, ids in by_site.items()
    ]


def stops_by_fulfillments(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Stop]]:
    """What is still to be picked for each fulfillment that is in the hall, in walking order."""
    wanted = tuple(ids)
    statement = select(fulfillments.c.id, fulfillments.c.order_id).where(
        among(fulfillments.c.id, wanted), fulfillments.c.status.in_(_TO_PICK)
    )
    of = {row.id: row.order_id for row in db.execute(statement)}
    found: dict[UUID, list[Stop]] = {}
    if of:
        for stop in stops_of(db, set(of.values()), of):
            found.setdefault(stop.fulfillment_id, []).append(stop)
    return found
