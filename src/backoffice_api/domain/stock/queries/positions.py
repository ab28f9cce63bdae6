"""Sums over levels, by what is kept: how many pieces of a variant there are."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, select, true

from backoffice_api.domain.kernel.filters import Operator
from backoffice_api.domain.kernel.rows import fetch, one_per
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.products.tables import kit_components, variants
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import StockPosition
from backoffice_api.domain.stock.queries import InSubtree
from backoffice_api.domain.stock.tables import levels


def position_of(db: Connection, variant_id: UUID, top_id: UUID | None = None) -> StockPosition:
    """The sums over the levels of a variant, or those at the location `top_id` and its parts."""
    found = fetch(db, StockPosition, _positions(top_id).where(variants.c.id == variant_id))
    return found[0] if found else _nothing_of(variant_id)


def positions_of(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, StockPosition]:
    """The sums over all levels of each variant; zeros also where there is no such variant."""
    wanted = tuple(ids)
    found = positions_by_variants(db, wanted)
    return {id: found.get(id) or _nothing_of(id) for id in wanted}


def _nothing_of(variant_id: UUID) -> StockPosition:
    return StockPosition(0, 0, 0, 0, 0, 0, 0, 0, variant_id)


def _positions(top_id: UUID | None = None) -> Select[tuple[object, ...]]:
    """The position of each variant, at all locations or at one and its parts."""
    kept = and_(levels.c.variant_id == variants.c.id, _within(levels, top_id))
    pieces = {bucket: _sum(levels.c.on_hand, levels.c.bucket == bucket) for bucket in Bucket}
    available = case(
        (variants.c.kind == VariantKind.KIT, available_kits(top_id)),
        else_=_sum(levels.c.available),
    )
    return (
        select(
            pieces[Bucket.SELLABLE].label("on_hand"),
            _sum(levels.c.reserved).label("reserved"),
            _sum(levels.c.safety).label("safety"),
            available.label("available"),
            pieces[Bucket.QUALITY_CHECK].label("quality_check"),
            pieces[Bucket.QUARANTINE].label("quarantine"),
            pieces[Bucket.DAMAGED].label("damaged"),
            pieces[Bucket.IN_TRANSIT].label("in_transit"),
            variants.c.id.label("variant_id"),
        )
        .select_from(variants.outerjoin(levels, kept))
        .group_by(variants.c.id)
    )


def available_kits(top_id: UUID | None = None) -> ColumnElement[int]:
    """How many of the kit `variants.id` can be promised: as many as the scarcest component makes.

    S9. Negative where more of a component is promised than there is.
    """
    part = levels.alias("part")
    pieces = (
        select(func.coalesce(func.sum(part.c.available), 0))
        .where(part.c.variant_id == kit_components.c.component_id, _within(part, top_id))
        .scalar_subquery()
    )
    each = kit_components.c.quantity
    # The databases round a quotient towards zero: what is short would look like none.
    kits = case((pieces < 0, -((each - 1 - pieces) // each)), else_=pieces // each)
    return (
        select(func.coalesce(func.min(kits), 0))
        .where(kit_components.c.kit_id == variants.c.id)
        .scalar_subquery()
    )


def _sum(column: ColumnElement[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
    pieces = func.sum(column)
    return func.coalesce(pieces.filter(*where) if where else pieces, 0)


def _within(source: FromClause, top_id: UUID | None) -> ColumnElement[bool]:
    if top_id is None:
        return true()
    return InSubtree(source.c.location_id)(Operator.EQ, top_id)


_everywhere = _positions().subquery("positions")

positions_by_variants = one_per(StockPosition, _everywhere, _everywhere.c.variant_id)
"""The sums over all levels of each variant; zeros for one that is kept nowhere."""
