"""What can be asked about stock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    case,
    func,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.filters import All, Filter, On, Operator, Test
from backoffice_api.domain.kernel.listing import Listing, Start
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.rows import among, many_per, one_per
from backoffice_api.domain.stock.model.levels import (
    LevelSortKey,
    StockLevel,
    StockPosition,
    Touched,
)
from backoffice_api.domain.stock.model.locations import (
    Location,
    LocationSortKey,
    UnknownLocation,
)
from backoffice_api.domain.stock.model.movements import Movement, MovementSortKey
from backoffice_api.domain.stock.model.reservations import (
    OPEN,
    Reservation,
    ReservationSortKey,
    ReservationStatus,
)
from backoffice_api.domain.stock.tables import levels, locations, movements, reservations

locations_by_ids = one_per(Location, locations, locations.c.id)
locations_by_codes = one_per(Location, locations, locations.c.code)
levels_by_ids = one_per(StockLevel, levels, levels.c.id)
movements_by_ids = one_per(Movement, movements, movements.c.id)
reservations_by_ids = one_per(Reservation, reservations, reservations.c.id)
reservations_by_lines = many_per(
    Reservation, reservations, reservations.c.line_id, reservations.c.created_at, reservations.c.id
)

location_list = Listing(
    Location,
    locations,
    sorts={
        LocationSortKey.CREATED_AT: locations.c.created_at,
        LocationSortKey.CODE: locations.c.code,
        LocationSortKey.PRIORITY: locations.c.priority,
    },
    words={
        "status": On(locations.c.status),
        "kind": On(locations.c.kind),
        "code": On(locations.c.code),
        "created_at": On(locations.c.created_at),
    },
)

level_list = Listing(
    StockLevel,
    levels,
    sorts={
        LevelSortKey.CREATED_AT: levels.c.created_at,
        LevelSortKey.ON_HAND: levels.c.on_hand,
        LevelSortKey.AVAILABLE: levels.c.available,
    },
    words={
        "variant_id": On(levels.c.variant_id),
        "location_id": On(levels.c.location_id),
        "on_hand": On(levels.c.on_hand),
        "available": On(levels.c.available),
    },
)

reservation_list = Listing(
    Reservation,
    reservations,
    sorts={ReservationSortKey.CREATED_AT: reservations.c.created_at},
    words={
        "status": On(reservations.c.status),
        "owner_id": On(reservations.c.owner_id),
        "line_id": On(reservations.c.line_id),
        "variant_id": On(reservations.c.variant_id),
        "location_id": On(reservations.c.location_id),
        "created_at": On(reservations.c.created_at),
    },
)


@dataclass(frozen=True, slots=True, eq=False)
class OnEither:
    """A word that tests two columns; one of them must pass."""

    columns: tuple[ColumnElement[Any], ...]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        return or_(*(On(column)(operator, value) for column in self.columns))


class MovementListing(Listing[Movement]):
    """The ledger. A page of one location is made of a page from it and a page to it.

    Each of these two walks an index. An OR would have to sort all that ever passed through the
    location, for each page.
    """

    def select_page(
        self,
        columns: Sequence[ColumnElement[Any]],
        request: PageRequest,
        start: Start | None,
        size: int | ColumnElement[int],
    ) -> Select[Any]:
        location_id = _location_of(request.filter)
        if location_id is None:
            return super().select_page(columns, request, start, size)
        pages = super().select_page(columns, request, start, size)
        ends = (movements.c.from_location_id, movements.c.to_location_id)
        sides = [pages.where(end == location_id).subquery() for end in ends]
        both = union_all(*(select(*side.c) for side in sides)).subquery()
        keys = (both.c._sort, both.c._id)
        order = [key.desc() if self.downwards(request) else key.asc() for key in keys]
        return select(*both.c).order_by(*order).limit(size)


movement_list = MovementListing(
    Movement,
    movements,
    sorts={MovementSortKey.OCCURRED_AT: movements.c.occurred_at},
    words={
        "kind": On(movements.c.kind),
        "variant_id": On(movements.c.variant_id),
        "location_id": OnEither((movements.c.from_location_id, movements.c.to_location_id)),
        "cause_id": On(movements.c.cause_id),
        "occurred_at": On(movements.c.occurred_at),
    },
)


def _location_of(filter: Filter | None) -> UUID | None:
    """The one location that all movements in the list must touch. None: not just one."""
    match filter:
        case Test("location_id", Operator.EQ, UUID() as asked):
            return asked
        case All(parts):
            found = (_location_of(part) for part in parts)
            return next((id for id in found if id), None)
    return None


def positions_by_variants(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, StockPosition]:
    """The sums over all levels of each variant; zeros for one that is kept nowhere."""
    wanted = tuple(ids)
    sums = [
        func.sum(column)
        for column in (levels.c.on_hand, levels.c.reserved, levels.c.safety, levels.c.available)
    ]
    statement = (
        select(levels.c.variant_id, *sums)
        .where(among(levels.c.variant_id, wanted))
        .group_by(levels.c.variant_id)
    )
    found = {row[0]: StockPosition(*row) for row in db.execute(statement)}
    return {id: found.get(id) or StockPosition(id) for id in wanted}


def due_reservations(db: Connection, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Soft reservations that have expired, and their lines; the longest expired first."""
    statement = (
        select(reservations.c.id, reservations.c.line_id)
        .where(reservations.c.expires_at <= now)
        .order_by(reservations.c.expires_at, reservations.c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(statement)]


def location(db: Connection, id: UUID) -> Location:
    """The location `id`.

    Raises:
        UnknownLocation: there is none.
    """
    if found := locations_by_ids(db, [id]).get(id):
        return found
    raise UnknownLocation(id).at("id")


def level_ids_by_places(
    db: Connection, places: Iterable[tuple[UUID, UUID]]
) -> Mapping[tuple[UUID, UUID], UUID]:
    """The level of each pair of a variant and a location that has one."""
    wanted = set(places)
    statement = select(levels.c.variant_id, levels.c.location_id, levels.c.id).where(
        among(levels.c.variant_id, {variant_id for variant_id, _ in wanted}),
        among(levels.c.location_id, {location_id for _, location_id in wanted}),
    )
    rows = db.execute(statement)
    return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in wanted}


def held_by_lines() -> Subquery:
    """What is promised to lines now, as a table for the checks of those who own the lines.

    One row per line that holds anything: `line_id`, `owner_id`, and how many pieces are `soft`
    and `allocated`.
    """
    of = reservations.c
    sums = {
        status.value: func.sum(case((of.status == status, of.quantity), else_=0))
        for status in (ReservationStatus.SOFT, ReservationStatus.ALLOCATED)
    }
    return (
        select(of.line_id, of.owner_id, *(each.label(name) for name, each in sums.items()))
        .where(of.status.in_(OPEN))
        .group_by(of.line_id, of.owner_id)
        .subquery("held")
    )


def levels_by_touched(
    db: Connection, keys: Iterable[Touched]
) -> Mapping[Touched, Sequence[StockLevel]]:
    """The levels that commands were about, in the order of their lines."""
    wanted = tuple(keys)
    found = levels_by_ids(db, {id for each in wanted for id in each.level_ids})
    return {each: [found[id] for id in each.level_ids] for each in wanted}


def movements_by_touched(
    db: Connection, keys: Iterable[Touched]
) -> Mapping[Touched, Sequence[Movement]]:
    """The movements that commands posted, in the order of their lines."""
    wanted = tuple(keys)
    found = movements_by_ids(db, {id for each in wanted for id in each.movement_ids})
    return {each: [found[id] for id in each.movement_ids] for each in wanted}
