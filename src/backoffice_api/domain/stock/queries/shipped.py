"""What left for customers: at which cost, and of which lots."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.stock.model.costs import CostKind, divided
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.tables import cost_entries, lots, movements

# What pieces left for, and which variant they are of.
Shipped = tuple[UUID, UUID]


def shipped_costs(
    db: Connection, cause_ids: Collection[UUID], variant_ids: Collection[UUID]
) -> Mapping[Shipped, UnitPrice]:
    """What one piece cost when it left, by cause and variant; lacks those whose cost is unknown.

    Where pieces left at several costs it is their average, rounded half-even to a millionth.
    """
    of, cost = movements.c, cost_entries.c
    statement = (
        select(
            of.cause_id,
            of.variant_id,
            func.max(cost.currency),
            func.sum(cost.quantity),
            func.sum(cost.value_micro),
        )
        .join(cost_entries, cost.movement_id == of.id)
        .where(
            among(of.cause_id, cause_ids),
            among(of.variant_id, variant_ids),
            of.to_location_id == CUSTOMER_ID,
            cost.kind == CostKind.EXIT,
        )
        .group_by(of.cause_id, of.variant_id)
    )
    return {
        (row[0], row[1]): UnitPrice(divided(int(row[4]), int(row[3])), row[2])
        for row in db.execute(statement)
    }


def shipped_lots(
    db: Connection, cause_ids: Collection[UUID], variant_ids: Collection[UUID]
) -> Mapping[Shipped, Mapping[str, UUID]]:
    """The lots of which pieces left, by cause and variant: their ids by their codes."""
    of = movements.c
    statement = (
        select(of.cause_id, of.variant_id, lots.c.code, of.lot_id)
        .join(lots, lots.c.id == of.lot_id)
        .where(
            among(of.cause_id, cause_ids),
            among(of.variant_id, variant_ids),
            of.to_location_id == CUSTOMER_ID,
        )
        .distinct()
    )
    found: dict[Shipped, dict[str, UUID]] = {}
    for row in db.execute(statement):
        found.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return found
