"""What counts ask of stock: what is kept where, what moved since, and how much of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Subquery, and_, func, or_, select, union_all

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import Location
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.queries import PATH_END
from backoffice_api.domain.stock.tables import (
    costs,
    levels,
    locations,
    lot_levels,
    movements,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """So many pieces of a variant, or of one of its lots, in one bucket of one location."""

    variant_id: UUID
    location_id: UUID
    bucket: Bucket
    lot_id: UUID | None
    on_hand: int


def kept_within(
    db: Connection,
    top: Location,
    *,
    variant_ids: Collection[UUID] | None,
    buckets: Collection[Bucket],
    empty: bool,
    limit: int,
) -> Sequence[Kept]:
    """What lies at a location and its parts, place by place; of tracked variants lot by lot.

    `variant_ids` None: of all. `empty`: also levels of which there is nothing.
    """
    is_there = or_(levels.c.on_hand != 0, lot_levels.c.on_hand > 0)
    statement = (
        select(
            levels.c.variant_id,
            levels.c.location_id,
            levels.c.bucket,
            lot_levels.c.lot_id,
            func.coalesce(lot_levels.c.on_hand, levels.c.on_hand),
        )
        .join(locations, locations.c.id == levels.c.location_id)
        .outerjoin(lot_levels, and_(lot_levels.c.level_id == levels.c.id, lot_levels.c.on_hand > 0))
        .where(
            locations.c.path >= top.path,
            locations.c.path < top.path + PATH_END,
            levels.c.bucket.in_(buckets),
        )
        .order_by(locations.c.path, levels.c.variant_id, levels.c.bucket, lot_levels.c.lot_id)
        .limit(limit)
    )
    if variant_ids is not None:
        statement = statement.where(among(levels.c.variant_id, variant_ids))
    if not empty:
        statement = statement.where(is_there)
    return [Kept(*row) for row in db.execute(statement)]


def moved_since(
    db: Connection, variant_ids: Collection[UUID], moment: datetime
) -> Sequence[tuple[tuple[UUID, UUID, Bucket, UUID | None], datetime, int]]:
    """What moved of variants after a moment: where, when, and by how many pieces it grew there."""
    of = movements.c
    where = among(of.variant_id, variant_ids), of.occurred_at > moment
    came = select(
        of.variant_id, of.to_location_id, of.to_bucket, of.lot_id, of.occurred_at, of.quantity
    )
    went = select(
        of.variant_id, of.from_location_id, of.from_bucket, of.lot_id, of.occurred_at, -of.quantity
    )
    both = union_all(came.where(*where), went.where(*where)).subquery("moved")
    return [
        ((row[0], row[1], row[2], row[3]), row[4], int(row[5])) for row in db.execute(select(both))
    ]


def worth_shipped(db: Connection, since: datetime) -> Mapping[UUID, int]:
    """What left for customers since a moment: pieces times what one costs, by variant.

    A variant of which no cost is known counts as if it cost what others do on average.
    """
    of = movements.c
    shipped = (
        select(of.variant_id, func.sum(of.quantity))
        .where(of.kind == MovementKind.SHIPMENT, of.occurred_at >= since)
        .group_by(of.variant_id)
    )
    pieces = {row[0]: int(row[1]) for row in db.execute(shipped)}
    known = {
        row[0]: row[1] for row in db.execute(select(costs.c.variant_id, costs.c.unit_cost_micro))
    }
    average = sum(known.values()) // len(known) if known else 1
    return {id: count * known.get(id, max(1, average)) for id, count in pieces.items()}


def net_by_causes(kind: str) -> Subquery:
    """What movements of one kind of cause come to, as a table for those who own the causes.

    One row per cause, place and lot: `cause_id`, `variant_id`, `location_id`, `bucket`, `lot_id`,
    `pieces`.
    """
    of = movements.c
    ends = [
        select(
            of.cause_id,
            of.variant_id,
            at.label("location_id"),
            in_.label("bucket"),
            of.lot_id,
            pieces.label("pieces"),
        ).where(of.cause_kind == kind)
        for at, in_, pieces in (
            (of.to_location_id, of.to_bucket, of.quantity),
            (of.from_location_id, of.from_bucket, -of.quantity),
        )
    ]
    each = union_all(*ends).subquery("ends")
    key = (
        each.c.cause_id,
        each.c.variant_id,
        each.c.location_id,
        each.c.bucket,
        each.c.lot_id,
    )
    return select(*key, func.sum(each.c.pieces).label("pieces")).group_by(*key).subquery("net")
