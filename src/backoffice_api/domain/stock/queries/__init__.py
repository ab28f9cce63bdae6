"""What can be asked about stock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.filters import All, Filter, On, Operator, Test
from backoffice_api.domain.kernel.listing import Listing, Start
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.rows import Reading, among, fetch, many_per, one_per, select_as
from backoffice_api.domain.stock.model.buckets import Bucket, Contents, contents
from backoffice_api.domain.stock.model.levels import (
    LevelSortKey,
    Place,
    StockLevel,
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
    OwnerKind,
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


@dataclass(frozen=True, slots=True, eq=False)
class InSubtree:
    """A word that holds for what stands at a location or at any part of it."""

    location_id: ColumnElement[Any]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        match operator:
            case Operator.IS_NULL:
                return self.location_id.is_(None) if value else self.location_id.is_not(None)
            case Operator.IN:
                tops = value
            case _:
                tops = (value,)
        part = locations.alias("part")
        inside = or_(false(), *(_below(part, top) for top in tops))
        return self.location_id.in_(select(part.c.id).where(inside))


def _below(part: FromClause, top_id: UUID) -> ColumnElement[bool]:
    """Whether a location is the one at the top or a part of it: a stretch of the index of paths."""
    path = select(locations.c.path).where(locations.c.id == top_id).scalar_subquery()
    return and_(part.c.path >= path, part.c.path < path.concat(PATH_END))


# Behind whatever follows a slash in a path.
PATH_END = "g"

location_list = Listing(
    Location,
    locations,
    sorts={
        LocationSortKey.CREATED_AT: locations.c.created_at,
        LocationSortKey.CODE: locations.c.code,
        LocationSortKey.PRIORITY: locations.c.priority,
        LocationSortKey.PATH: locations.c.path,
    },
    words={
        "status": On(locations.c.status),
        "kind": On(locations.c.kind),
        "code": On(locations.c.code),
        "parent_id": On(locations.c.parent_id),
        "within_id": InSubtree(locations.c.id),
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
        "within_id": InSubtree(levels.c.location_id),
        "bucket": On(levels.c.bucket),
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
        "lot_id": On(movements.c.lot_id),
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


_SUMS = [
    func.sum(column)
    for column in (levels.c.on_hand, levels.c.reserved, levels.c.safety, levels.c.available)
]


def contents_by_locations(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Contents]:
    """The sums over the levels of all variants at each location and all its parts."""
    wanted = tuple(ids)
    top, part = locations.alias("top"), locations.alias("part")
    inside = and_(part.c.path >= top.c.path, part.c.path < top.c.path.concat(PATH_END))
    statement = (
        select(top.c.id, levels.c.bucket, *_SUMS)
        .join(part, inside)
        .join(levels, levels.c.location_id == part.c.id)
        .where(among(top.c.id, wanted))
        .group_by(top.c.id, levels.c.bucket)
    )
    found: dict[UUID, dict[Bucket, tuple[int, int, int, int]]] = {id: {} for id in wanted}
    for location_id, bucket, *sums in db.execute(statement):
        found[location_id][bucket] = (sums[0], sums[1], sums[2], sums[3])
    return {id: contents(rows) for id, rows in found.items()}


def due_reservations(db: Connection, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Soft reservations that have expired, and their lines; the longest expired first."""
    statement = (
        select(reservations.c.id, reservations.c.line_id)
        .where(reservations.c.expires_at <= now)
        .order_by(reservations.c.expires_at, reservations.c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(statement)]


def locations_below(db: Connection, top: Location) -> Sequence[Location]:
    """All parts of a location, however deep, and not itself."""
    statement = select_as(Location, locations).where(
        locations.c.path > top.path, locations.c.path < top.path + PATH_END
    )
    return fetch(db, Location, statement)


def location(db: Connection, id: UUID) -> Location:
    """The location `id`.

    Raises:
        UnknownLocation: there is none.
    """
    if found := locations_by_ids(db, [id]).get(id):
        return found
    raise UnknownLocation(id).at("id")


def locations_by_code_or_id(db: Connection, code: str, id: UUID | None) -> Sequence[UUID]:
    """The ids of the locations that this code or this id names: at most two."""
    named = locations.c.code == code
    if id is not None:
        named = or_(named, locations.c.id == id)
    return tuple(db.execute(select(locations.c.id).where(named)).scalars())


def changes_since(
    db: Connection,
    variant_ids: Collection[UUID],
    location_ids: Collection[UUID],
    moment: datetime,
    *,
    limit: int,
) -> Sequence[tuple[Place, UUID | None, int, datetime]]:
    """What came to places of the variants there after that moment, or went if it is below zero.

    Where, of which lot, how many pieces, when; of the newest `limit` movements, the newest first.
    """
    of = movements.c
    columns = select(
        of.variant_id,
        of.from_location_id,
        of.from_bucket,
        of.to_location_id,
        of.to_bucket,
        of.lot_id,
        of.quantity,
        of.occurred_at,
    )
    there = or_(among(of.from_location_id, location_ids), among(of.to_location_id, location_ids))
    moved = columns.where(among(of.variant_id, variant_ids), of.occurred_at > moment, there)
    statement = moved.order_by(of.occurred_at.desc(), of.sequence.desc()).limit(limit)
    return [
        change
        for id, source, taken_of, target, put_in, lot, pieces, when in db.execute(statement)
        for change in (
            (Place(id, source, taken_of), lot, -pieces, when),
            (Place(id, target, put_in), lot, pieces, when),
        )
    ]


def moved_since(
    db: Connection, variant_ids: Collection[UUID], place: UUID, bucket: Bucket, moment: datetime
) -> Mapping[UUID, int]:
    """By how much the pieces of each variant grew at a place after that moment."""
    of = movements.c
    came = and_(of.to_location_id == place, of.to_bucket == bucket)
    left = and_(of.from_location_id == place, of.from_bucket == bucket)
    statement = (
        select(
            of.variant_id,
            func.sum(case((came, of.quantity), else_=0) - case((left, of.quantity), else_=0)),
        )
        .where(among(of.variant_id, variant_ids), of.occurred_at > moment, or_(came, left))
        .group_by(of.variant_id)
    )
    return {id: int(pieces) for id, pieces in db.execute(statement)}


_LEVELS_AT = Reading(
    lambda named: select(
        levels.c.variant_id, levels.c.location_id, levels.c.bucket, levels.c.id
    ).where(named(levels.c.variant_id, "variants"), named(levels.c.location_id, "locations"))
)


def level_ids_by_places(db: Connection, places: Iterable[Place]) -> Mapping[Place, UUID]:
    """The level of each of these places that has one."""
    wanted = set(places)
    rows = _LEVELS_AT(
        db,
        variants={place.variant_id for place in wanted},
        locations={place.location_id for place in wanted},
    )
    found = ((Place(*row[:3]), row[3]) for row in rows)
    return {place: id for place, id in found if place in wanted}


def held_by_lines(kind: OwnerKind = OwnerKind.ORDER) -> Subquery:
    """What is promised to lines now, as a table for the checks of those who own the lines.

    Only of owners of this kind.

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
        .where(of.status.in_(OPEN), of.owner_kind == kind)
        .group_by(of.line_id, of.owner_id)
        .subquery("held")
    )


def held_by_parts() -> Subquery:
    """The same by line and variant, as a line that is a kit holds pieces of several."""
    of = reservations.c
    allocated = case((of.status == ReservationStatus.ALLOCATED, of.quantity), else_=0)
    return (
        select(of.line_id, of.variant_id, func.sum(allocated).label("allocated"))
        .where(of.status.in_(OPEN))
        .group_by(of.line_id, of.variant_id)
        .subquery("held_parts")
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
