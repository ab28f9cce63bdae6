"""What is promised to buyers, and what is about to be broken of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, and_, case, func, select

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model.fulfillments import (
    OPEN,
    DispatchGate,
    Fulfillment,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.queries.sites import working_days_by_sites
from backoffice_api.domain.fulfillment.tables import fulfillments
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.orders.model.orders import Order, OrderStatus
from backoffice_api.domain.orders.queries import orders_by_ids

RISKS_MAX = 250


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when an order leaves and arrives. None: no calendar says."""

    ship_by: datetime | None
    deliver_by: datetime | None


@dataclass(frozen=True, slots=True)
class Risk:
    """A fulfillment, its id, that is late by so many minutes; negative: so many are left."""

    id: UUID
    late_minutes: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How a site kept its days. `due` had to leave; of these, `waiting` are still here."""

    location_id: UUID
    due: int
    on_time: int
    late: int
    waiting: int
    delivered: int
    delivered_late: int


_WAITS = {
    FulfillmentState.PLANNED: "It is not released.",
    FulfillmentState.BACKORDERED: "It waits for goods.",
    FulfillmentState.RELEASED: "Nobody has begun to pick it.",
    FulfillmentState.PICKING: "It is being picked.",
    FulfillmentState.PICKED: "It is not packed.",
    FulfillmentState.PACKED: "It has no label.",
    FulfillmentState.READY: "The carrier has not taken it.",
}


def promises_by_orders(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Promise]:
    """Until when orders leave and arrive: the latest of their fulfillments; else by the calendar.

    It lacks orders that are not placed, or cancelled.
    """
    found = orders_by_ids(db, ids)
    planned = queries.fulfillments_by_orders(db, found)
    # The calendar of no site in particular: that with the code `default`.
    usual = working_days_by_sites(db, [UUID(int=0)]).get(UUID(int=0))
    answers: dict[UUID, Promise] = {}
    for id, order in found.items():
        if order.placed_at is None or order.status is OrderStatus.CANCELLED:
            continue
        present = [
            each
            for each in planned.get(id, ())
            if each.status is not FulfillmentState.CANCELLED and each.ship_by
        ]
        if present:
            answers[id] = Promise(
                max(each.ship_by for each in present if each.ship_by),
                max((each.deliver_by for each in present if each.deliver_by), default=None),
            )
        else:
            ship_by = usual.ship_by(order.placed_at) if usual else None
            answers[id] = Promise(ship_by, usual.deliver_by(ship_by) if usual and ship_by else None)
    return answers


def sla_risk(db: Connection, now: datetime, within: timedelta) -> Sequence[Risk]:
    """What has to leave soon and has not left, the latest first, at most `RISKS_MAX`."""
    of = fulfillments.c
    statement = (
        select_as(Fulfillment, fulfillments)
        .where(of.status.in_(OPEN), of.ship_by <= now + within)
        .order_by(of.ship_by, of.id)
        .limit(RISKS_MAX)
    )
    found = fetch(db, Fulfillment, statement)
    of_orders = orders_by_ids(db, {each.order_id for each in found})
    return [
        Risk(
            each.id,
            int((now - each.ship_by).total_seconds() // 60),
            tuple(_reasons(each, of_orders[each.order_id])),
        )
        for each in found
        if each.ship_by
    ]


def punctuality(db: Connection, since: datetime, now: datetime) -> Sequence[Punctuality]:
    """How each site has kept the days on which fulfillments had to leave, from `since` on."""
    of = fulfillments.c
    kept, left = of.shipped_at <= of.ship_by, of.shipped_at.is_not(None)
    statement = (
        select(
            of.location_id,
            func.count(),
            *(
                func.sum(case((condition, 1), else_=0))
                for condition in (
                    and_(left, kept),
                    and_(left, ~kept),
                    ~left,
                    of.delivered_at.is_not(None),
                    of.delivered_at > of.deliver_by,
                )
            ),
        )
        .where(of.ship_by >= since, of.ship_by <= now, of.status != FulfillmentState.CANCELLED)
        .group_by(of.location_id)
        .order_by(of.location_id)
        .limit(RISKS_MAX)
    )
    return [Punctuality(row[0], *map(int, row[1:])) for row in db.execute(statement)]


def _reasons(each: Fulfillment, order: Order) -> Iterable[str]:
    if order.has_hold:
        yield "A hold lies on the order."
    if each.dispatch_gate is DispatchGate.CLOSED:
        yield "A document is missing."
    yield _WAITS[each.status]
