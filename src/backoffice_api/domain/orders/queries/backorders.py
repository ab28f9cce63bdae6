"""What can be asked about backorders."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.orders.model.backorders import (
    Backorder,
    BackorderSortKey,
    BackorderStatus,
    Forecast,
)
from backoffice_api.domain.orders.tables import backorders
from backoffice_api.domain.replenishment import queries as replenishment
from backoffice_api.domain.stock.queries.promisable import available_somewhere

backorders_by_ids = one_per(Backorder, backorders, backorders.c.id)

backorder_list = Listing(
    Backorder,
    backorders,
    sorts={
        BackorderSortKey.QUEUE: backorders.c.priority,
        BackorderSortKey.CREATED_AT: backorders.c.created_at,
    },
    words={
        "status": On(backorders.c.status),
        "variant_id": On(backorders.c.variant_id),
        "order_id": On(backorders.c.order_id),
        "channel_id": On(backorders.c.channel_id),
    },
    descending=False,
)


def fillable_backorders(db: Connection, limit: int) -> Sequence[Backorder]:
    """Who waits for what is available now, in the order of the queue."""
    is_there = available_somewhere(backorders.c.variant_id)
    statement = (
        select_as(Backorder, backorders)
        .where(backorders.c.status == BackorderStatus.WAITING, is_there)
        .order_by(backorders.c.priority, backorders.c.id)
        .limit(limit)
    )
    return fetch(db, Backorder, statement)


def forecasts_by_backorders(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Forecast]:
    """When each backorder that waits can be filled by what is ordered from suppliers."""
    wanted = [each for each in backorders_by_ids(db, ids).values() if each.waiting]
    variant_ids = {each.variant_id for each in wanted}
    queue = fetch(
        db,
        Backorder,
        select_as(Backorder, backorders)
        .where(
            among(backorders.c.variant_id, variant_ids),
            backorders.c.status == BackorderStatus.WAITING,
        )
        .order_by(backorders.c.priority, backorders.c.id),
    )
    arriving = replenishment.promises_by_variants(db, variant_ids)
    ahead = dict.fromkeys(variant_ids, 0)
    found: dict[UUID, Forecast] = {}
    for each in queue:
        before = ahead[each.variant_id]
        ahead[each.variant_id] = upto = before + each.waiting
        days = arriving.get(each.variant_id, ())
        on = next((day.on for day in days if max(0, day.available) + day.expected >= upto), None)
        found[each.id] = Forecast(each.id, before, on)
    return {each.id: found[each.id] for each in wanted}
