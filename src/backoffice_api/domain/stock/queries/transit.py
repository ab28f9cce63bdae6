"""What is on its way, by what it was shipped for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Subquery, func, select, union_all

from backoffice_api.domain.stock.model.locations import IN_TRANSIT_ID
from backoffice_api.domain.stock.tables import movements


def in_transit_by_causes() -> Subquery:
    """What went into transit and has not left it, as a table for those who own the causes.

    One row per cause, variant and lot: `cause_kind`, `cause_id`, `variant_id`, `lot_id`, `pieces`;
    also where that is zero.
    """
    return _in_transit().subquery("in_transit")


def in_transit_for(db: Connection, cause_id: UUID) -> Mapping[UUID, Mapping[UUID | None, int]]:
    """Pieces in transit for one cause, by variant and lot; the lot is None of what has none."""
    found: dict[UUID, dict[UUID | None, int]] = {}
    for row in db.execute(_in_transit(cause_id)):
        if row.pieces:
            found.setdefault(row.variant_id, {})[row.lot_id] = int(row.pieces)
    return found


def _in_transit(cause_id: UUID | None = None) -> Select[Any]:
    of = movements.c
    key = (of.cause_kind, of.cause_id, of.variant_id, of.lot_id)
    which = of.cause_id.is_not(None) if cause_id is None else of.cause_id == cause_id
    each = union_all(
        select(*key, of.quantity.label("pieces")).where(of.to_location_id == IN_TRANSIT_ID, which),
        select(*key, -of.quantity).where(of.from_location_id == IN_TRANSIT_ID, which),
    ).subquery("each")
    by = (each.c.cause_kind, each.c.cause_id, each.c.variant_id, each.c.lot_id)
    return select(*by, func.sum(each.c.pieces).label("pieces")).group_by(*by)
