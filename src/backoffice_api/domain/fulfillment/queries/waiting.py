"""What of orders waits for goods, as planning asks for it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.orders.model.backorders import BackorderStatus
from backoffice_api.domain.orders.tables import backorders
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationStatus
from backoffice_api.domain.stock.model.spots import site_of
from backoffice_api.domain.stock.tables import levels, locations


def waiting_by_lines(db: Connection, line_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many pieces of each line wait for goods. It lacks lines that wait for none."""
    statement = select(backorders).where(
        among(backorders.c.line_id, line_ids), backorders.c.status == BackorderStatus.WAITING
    )
    return {row.line_id: row.ordered - row.filled - row.cancelled for row in db.execute(statement)}


def orders_to_fill(db: Connection, limit: int) -> Sequence[UUID]:
    """Orders with a fulfillment that waits for more pieces than its line does: goods came."""
    of, at = fulfillment_lines.c, backorders.c
    wanted = func.sum(of.quantity)
    statement = (
        select(fulfillments.c.order_id)
        .join(fulfillment_lines, of.fulfillment_id == fulfillments.c.id)
        .outerjoin(
            backorders,
            (at.line_id == of.order_line_id) & (at.status == BackorderStatus.WAITING),
        )
        .where(fulfillments.c.status == FulfillmentState.BACKORDERED)
        .group_by(fulfillments.c.order_id, of.order_line_id)
        .having(wanted > func.coalesce(func.max(at.ordered - at.filled - at.cancelled), 0))
        .order_by(fulfillments.c.order_id)
        .limit(limit)
    )
    return list(dict.fromkeys(db.execute(statement).scalars()))


def free_by_sites(db: Connection, variant_ids: Collection[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """How many pieces of variants can be promised now, by site and variant."""
    statement = (
        select(locations.c.path, levels.c.variant_id, levels.c.available)
        .join(locations, locations.c.id == levels.c.location_id)
        .where(
            among(levels.c.variant_id, variant_ids),
            locations.c.status == LocationStatus.ACTIVE,
            levels.c.bucket == Bucket.SELLABLE,
            levels.c.available > 0,
        )
    )
    found: Counter[tuple[UUID, UUID]] = Counter()
    for path, variant_id, available in db.execute(statement):
        found[site_of(path), variant_id] += available
    return found
