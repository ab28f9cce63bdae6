"""What can be asked about slotting: the rules, and what is to be carried now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, or_, select

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.catalog.model.categories import ids_on
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.slotting.model import (
    RULES_MAX,
    VELOCITY_WINDOW,
    Carry,
    Lying,
    PickFace,
    PickFaceSortKey,
    PutawayRule,
    PutawayRuleSortKey,
    Room,
    placed,
)
from backoffice_api.domain.slotting.tables import pick_faces, putaway_rules
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationStatus
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.spots import site_of
from backoffice_api.domain.stock.queries.capacity import (
    capacities_by_locations,
    fills_by_locations,
    room_of_variants,
)
from backoffice_api.domain.stock.queries.lots import lots_at_levels, tracking_by_variants
from backoffice_api.domain.stock.tables import levels, locations, movements

# Levels of a variant that are looked at, to fill a pick face from them.
RESERVES_MAX = 2_000

putaway_rules_by_ids = one_per(PutawayRule, putaway_rules, putaway_rules.c.id)
pick_faces_by_ids = one_per(PickFace, pick_faces, pick_faces.c.id)

putaway_rule_list = Listing(
    PutawayRule,
    putaway_rules,
    sorts={
        PutawayRuleSortKey.PRIORITY: putaway_rules.c.priority,
        PutawayRuleSortKey.CREATED_AT: putaway_rules.c.created_at,
    },
    words={
        "from_location_id": On(putaway_rules.c.from_location_id),
        "to_location_id": On(putaway_rules.c.to_location_id),
    },
    descending=False,
)

pick_face_list = Listing(
    PickFace,
    pick_faces,
    sorts={PickFaceSortKey.CREATED_AT: pick_faces.c.created_at},
    words={
        "location_id": On(pick_faces.c.location_id),
        "variant_id": On(pick_faces.c.variant_id),
    },
)


def rules_in_use(db: Connection) -> Sequence[PutawayRule]:
    """The rules of putting away, in the order in which they are asked; none to what is archived."""
    of = putaway_rules.c
    statement = (
        select_as(PutawayRule, putaway_rules)
        .join(locations, locations.c.id == of.to_location_id)
        .where(locations.c.status == LocationStatus.ACTIVE)
        .order_by(of.priority, of.id)
        .limit(RULES_MAX)
    )
    return fetch(db, PutawayRule, statement)


def to_put_away(db: Connection, now: datetime, limit: int) -> Sequence[Carry]:
    """What lies where goods come in and is to go elsewhere, the oldest first.

    A constant number of statements; one where there are no rules.
    """
    rules = rules_in_use(db)
    if not rules:
        return ()
    lying = _lying(db, {each.from_location_id for each in rules}, limit)
    if not lying:
        return ()
    wanted = {each.variant_id for each in lying}
    filed = _categories(db, {each.product_id for each in lying})
    shipped = _shipped(db, wanted, now) if any(x.shipped_min is not None for x in rules) else {}
    known = [
        replace(
            each,
            category_ids=filed.get(each.product_id, frozenset()),
            shipped=shipped.get(each.variant_id, 0),
        )
        for each in lying
    ]
    ends = {each.to_location_id for each in rules}
    capacities = capacities_by_locations(db, ends)
    fills = fills_by_locations(db, capacities) if capacities else {}
    room = Room(capacities, fills, room_of_variants(db, wanted) if capacities else {})
    named = [(ids.text("pwr", each.id), each) for each in rules]
    return placed(named, known, room)[:limit]


def to_fill(db: Connection, limit: int) -> Sequence[Carry]:
    """What pick faces lack, and where it is to be fetched from: of the same site, the oldest lot
    first, from what is not promised. Four statements at most.
    """
    here = and_(
        levels.c.location_id == pick_faces.c.location_id,
        levels.c.variant_id == pick_faces.c.variant_id,
        levels.c.bucket == Bucket.SELLABLE,
    )
    there = func.coalesce(levels.c.on_hand, 0)
    other = levels.alias("other")
    # Pick faces of what there is nowhere else hide no others.
    is_elsewhere = (
        select(other.c.id)
        .where(
            other.c.variant_id == pick_faces.c.variant_id,
            other.c.location_id != pick_faces.c.location_id,
            other.c.bucket == Bucket.SELLABLE,
            other.c.on_hand > other.c.reserved,
        )
        .exists()
    )
    statement = (
        select(*(pick_faces.c[x] for x in PickFace.__dataclass_fields__), there, locations.c.path)
        .select_from(pick_faces)
        .join(locations, locations.c.id == pick_faces.c.location_id)
        .outerjoin(levels, here)
        .where(
            there <= pick_faces.c.minimum,
            is_elsewhere,
            locations.c.status == LocationStatus.ACTIVE,
        )
        .order_by(pick_faces.c.created_at, pick_faces.c.id)
        .limit(limit)
    )
    lacking = [(PickFace(*row[:-2]), row[-2], row[-1]) for row in db.execute(statement)]
    if not lacking:
        return ()
    reserves = _reserves(db, {face.variant_id for face, _, _ in lacking})
    found = []
    for face, on_hand, path in lacking:
        left = face.maximum - on_hand
        for each in reserves.get((site_of(path), face.variant_id), ()):
            if left > 0 and each.location_id != face.location_id and each.pieces > 0:
                pieces = min(left, each.pieces)
                left -= pieces
                subject = ids.text("pfc", face.id)
                found.append(_carry(subject, each, face.location_id, pieces))
    return found[:limit]


def _carry(subject: str, each: Lying, to_location_id: UUID, pieces: int) -> Carry:
    return Carry(
        subject,
        each.variant_id,
        each.location_id,
        to_location_id,
        each.bucket,
        pieces,
        each.since,
        each.lot_id,
    )


def _lying(db: Connection, location_ids: Collection[UUID], limit: int) -> Sequence[Lying]:
    free = levels.c.on_hand - levels.c.reserved
    of = putaway_rules.c
    # What no rule can be for hides no others; for which it is, `placed` knows.
    may_fit = (
        select(of.id)
        .where(
            of.from_location_id == levels.c.location_id,
            of.bucket == levels.c.bucket,
            or_(of.variant_id.is_(None), of.variant_id == levels.c.variant_id),
            or_(of.product_id.is_(None), of.product_id == variants.c.product_id),
        )
        .exists()
    )
    statement = (
        select(
            levels.c.id,
            levels.c.variant_id,
            variants.c.product_id,
            levels.c.location_id,
            levels.c.bucket,
            free,
            levels.c.updated_at,
        )
        .join(variants, variants.c.id == levels.c.variant_id)
        .where(among(levels.c.location_id, location_ids), free > 0, may_fit)
        .order_by(levels.c.created_at, levels.c.id)
        .limit(limit)
    )
    return _by_lots(db, db.execute(statement).all())


def _by_lots(db: Connection, rows: Sequence[Sequence[Any]]) -> Sequence[Lying]:
    """What lies at levels, lot by lot where pieces are told apart, what expires first first."""
    whole = [
        Lying(row[0], row[1], row[2], row[3], row[4], row[5], row[6], Tracking.NONE) for row in rows
    ]
    tracking = tracking_by_variants(db, {each.variant_id for each in whole})
    tracked = [each.level_id for each in whole if each.variant_id in tracking]
    lots = lots_at_levels(db, tracked) if tracked else {}
    found: list[Lying] = []
    for each in whole:
        kind, left = tracking.get(each.variant_id, Tracking.NONE), each.pieces
        if kind is Tracking.NONE:
            found.append(each)
            continue
        held = lots.get(each.level_id, ())
        for lot, pieces in sorted(held, key=lambda x: (x[0].expires_on or date.max, x[0].id)):
            if left > 0:
                part = min(left, pieces)
                left -= part
                found.append(replace(each, pieces=part, tracking=kind, lot_id=lot.id))
    return found


def _reserves(
    db: Connection, variant_ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID], Sequence[Lying]]:
    """What may be fetched of variants, by site: from no pick face, and nothing that is promised."""
    free = levels.c.on_hand - levels.c.reserved
    is_face = (
        select(pick_faces.c.id)
        .where(
            pick_faces.c.location_id == levels.c.location_id,
            pick_faces.c.variant_id == levels.c.variant_id,
        )
        .exists()
    )
    statement = (
        select(
            levels.c.id,
            levels.c.variant_id,
            variants.c.product_id,
            levels.c.location_id,
            levels.c.bucket,
            free,
            levels.c.updated_at,
            locations.c.path,
        )
        .join(variants, variants.c.id == levels.c.variant_id)
        .join(locations, locations.c.id == levels.c.location_id)
        .where(
            among(levels.c.variant_id, variant_ids),
            levels.c.bucket == Bucket.SELLABLE,
            locations.c.status == LocationStatus.ACTIVE,
            free > 0,
            ~is_face,
        )
        .order_by(locations.c.priority, locations.c.path)
        .limit(RESERVES_MAX)
    )
    rows = db.execute(statement).all()
    sites = {row[0]: site_of(row[-1]) for row in rows}
    found: defaultdict[tuple[UUID, UUID], list[Lying]] = defaultdict(list)
    for each in _by_lots(db, rows):
        found[sites[each.level_id], each.variant_id].append(each)
    return found


def _categories(db: Connection, product_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """The categories of products, and all above these."""
    filed = catalog.categories_by_products(db, product_ids)
    paths = catalog.paths_by_ids(db, {each.id for of in filed.values() for each in of})
    return {
        id: frozenset(above for each in of for above in ids_on(paths[each.id]))
        for id, of in filed.items()
    }


def _shipped(db: Connection, variant_ids: Iterable[UUID], now: datetime) -> Mapping[UUID, int]:
    """How many pieces of variants left for customers of late."""
    of = movements.c
    statement = (
        select(of.variant_id, func.sum(of.quantity))
        .where(
            among(of.variant_id, variant_ids),
            of.kind == MovementKind.SHIPMENT,
            of.occurred_at >= now - VELOCITY_WINDOW,
        )
        .group_by(of.variant_id)
    )
    return {row[0]: int(row[1]) for row in db.execute(statement)}
