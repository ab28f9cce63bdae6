"""How an order would be sent, without doing anything: what a planner compares before planning."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.fulfillment.model.fulfillments import OPEN, FulfillmentState
from backoffice_api.domain.fulfillment.model.routing import Candidate, Leg, Place, Wish, route
from backoffice_api.domain.fulfillment.queries import (
    fulfillments_by_orders,
    lines_by_fulfillments,
    sites,
)
from backoffice_api.domain.fulfillment.queries.picking import promised
from backoffice_api.domain.fulfillment.queries.waiting import free_by_sites, waiting_by_lines
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.kits import parts_of
from backoffice_api.domain.orders.model.lines import OrderLine


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """So many units of a line of the order."""

    order_line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ProposedLeg:
    """What one site would send. `steps`: how far it is, from 0 to 3."""

    location_id: UUID
    pieces: int
    steps: int
    lines: tuple[ProposedLine, ...]


@dataclass(frozen=True, slots=True)
class ProposedRoute:
    """One way to send an order, with its score; smaller is better."""

    name: str
    score: int
    shipments: int
    distance: int
    cost_minor: int
    legs: tuple[ProposedLeg, ...]
    missing: tuple[ProposedLine, ...]


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """Every way to send what is left to plan, best first, and why the first one is best."""

    reasons: tuple[str, ...]
    routes: tuple[ProposedRoute, ...]


NOTHING = PlanPreview(("Nothing is left that could be planned now.",), ())


def preview(
    db: Connection,
    order_id: UUID,
    strategy: str | None,
    location_ids: Collection[UUID] | None,
) -> PlanPreview | None:
    """How an order would be sent. None: there is no such order.

    It sees the present stock without holding it; planning looks again.

    Raises:
        UnknownStrategy.
    """
    weights = sites.weights(db, strategy)
    if order_id not in orders.orders_by_ids(db, [order_id]):
        return None
    origins = [
        each for each in sites.origins(db) if location_ids is None or each.id in set(location_ids)
    ]
    wishes = _wishes(db, order_id)
    if not wishes or not origins:
        return NOTHING
    held = _held(db, order_id, {wish.line_id for wish in wishes})
    stock = Counter(free_by_sites(db, {id for wish in wishes for id in wish.parts}))
    at_sites: Counter[UUID] = Counter()
    for (_, variant_id, site_id), pieces in held.items():
        stock[site_id, variant_id] += pieces
        at_sites[site_id] += pieces
    address = orders.shipping_addresses_by_orders(db, [order_id]).get(order_id)
    to = Place(address.country, address.region, address.postal_code) if address else Place()
    found = route(wishes, origins, stock, to, weights, at_sites)
    return PlanPreview(found.reasons, tuple(_route(each) for each in found.candidates))


def _wishes(db: Connection, order_id: UUID) -> Sequence[Wish]:
    lines = [line for line in orders.lines_of(db, order_id) if line.variant_id]
    parts = _parts(db, lines)
    waiting = waiting_by_lines(db, list(parts))
    planned = _planned(db, order_id, parts)
    return [
        Wish(line.id, line.sku or line.title, left, parts[line.id])
        for line in lines
        if (left := line.unshipped - planned[line.id] - waiting.get(line.id, 0)) > 0
    ]


def _parts(db: Connection, lines: Sequence[OrderLine]) -> Mapping[UUID, Mapping[UUID, int]]:
    single = {
        line.id: {line.variant_id: 1} for line in lines if line.variant_id and not line.is_kit
    }
    return {**single, **parts_of(orders.components_of(db, lines))}


def _planned(
    db: Connection, order_id: UUID, parts: Mapping[UUID, Mapping[UUID, int]]
) -> Counter[UUID]:
    """Units of each line that open fulfillments are to send, but for those that wait."""
    present = [
        each.id
        for each in fulfillments_by_orders(db, [order_id]).get(order_id, ())
        if each.status in OPEN and each.status is not FulfillmentState.BACKORDERED
    ]
    units: Counter[UUID] = Counter()
    for of in lines_by_fulfillments(db, present).values():
        seen: dict[UUID, int] = {}
        for line in of:
            per = parts[line.order_line_id][line.variant_id]
            seen[line.order_line_id] = max(seen.get(line.order_line_id, 0), line.quantity // per)
        units.update(seen)
    return units


def _held(
    db: Connection, order_id: UUID, line_ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID, UUID], int]:
    """What is promised and in no fulfillment: pieces by line, variant and site."""
    found = {key: sum(by_location.values()) for key, by_location in promised(db, line_ids).items()}
    present = {
        each.id: each.location_id
        for each in fulfillments_by_orders(db, [order_id]).get(order_id, ())
        if each.status in OPEN and each.status is not FulfillmentState.BACKORDERED
    }
    for id, of in lines_by_fulfillments(db, present).items():
        for line in of:
            key = (line.order_line_id, line.variant_id, present[id])
            if key in found:
                found[key] = max(0, found[key] - line.quantity)
    return found


def _route(of: Candidate) -> ProposedRoute:
    return ProposedRoute(
        of.name,
        of.score,
        len(of.legs),
        of.distance,
        of.cost_minor,
        tuple(_leg(each) for each in of.legs),
        tuple(ProposedLine(id, units) for id, units in of.missing.items()),
    )


def _leg(of: Leg) -> ProposedLeg:
    lines = tuple(ProposedLine(id, units) for id, units in of.units.items())
    return ProposedLeg(of.origin.id, of.pieces, of.steps, lines)
