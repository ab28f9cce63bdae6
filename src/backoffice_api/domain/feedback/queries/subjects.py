"""What opinions are about: orders that have arrived, tickets that are resolved."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import Fulfillment, FulfillmentState
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import ALL_SENT, Order, OrderStatus
from backoffice_api.domain.shipping.tables import carriers
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import TicketStatus
from backoffice_api.domain.tickets.tables import ticket_links
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.domain.tracking.tables import trackings

_OVER = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
_ENDED = frozenset({FulfillmentState.DELIVERED, FulfillmentState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What somebody is asked about, and whom the answer concerns. `is_over`: it may be judged."""

    ticket_id: UUID | None = None
    order_id: UUID | None = None
    customer_id: UUID | None = None
    channel_id: UUID | None = None
    agent_id: UUID | None = None
    team_id: UUID | None = None
    carrier_id: UUID | None = None
    happened_at: datetime
    is_over: bool


def delivered_orders(db: Connection, ids: Collection[UUID]) -> Sequence[About]:
    """Those of the orders of which everything has arrived."""
    return [each for each in about_orders(db, ids).values() if each.is_over]


def resolved_tickets(db: Connection, ids: Collection[UUID]) -> Sequence[About]:
    """Those of the tickets that are resolved, or closed."""
    return [each for each in about_tickets(db, ids).values() if each.is_over]


def about_orders(db: Connection, ids: Collection[UUID]) -> Mapping[UUID, About]:
    """What is known of orders. A constant number of statements."""
    if not ids:
        return {}
    found = orders.orders_by_ids(db, ids)
    parts = fulfillment.fulfillments_by_orders(db, found)
    of_carriers = _carriers(db, found)
    return {
        id: About(
            order_id=id,
            customer_id=order.customer_id,
            channel_id=order.channel_id,
            carrier_id=of_carriers.get(id),
            happened_at=_arrived_at(order, parts.get(id, ())),
            is_over=_has_arrived(order, parts.get(id, ())),
        )
        for id, order in found.items()
    }


def about_tickets(db: Connection, ids: Collection[UUID]) -> Mapping[UUID, About]:
    """What is known of tickets. A constant number of statements.

    The order is named where a ticket is about one, and no other.
    """
    if not ids:
        return {}
    found: Mapping[UUID, Ticket] = tickets.tickets_by_ids(db, ids)
    of_tickets = _orders_of(db, found)
    of = orders.orders_by_ids(db, of_tickets.values())
    return {
        id: About(
            ticket_id=id,
            order_id=of_tickets.get(id),
            customer_id=ticket.customer_id,
            channel_id=of[of_tickets[id]].channel_id if id in of_tickets else None,
            agent_id=ticket.assignee_id,
            team_id=ticket.team_id,
            happened_at=ticket.resolved_at or ticket.updated_at,
            is_over=ticket.status in _OVER,
        )
        for id, ticket in found.items()
    }


def _has_arrived(order: Order, parts: Sequence[Fulfillment]) -> bool:
    return (
        order.status is not OrderStatus.CANCELLED
        and order.fulfillment_status in ALL_SENT
        and all(each.status in _ENDED for each in parts)
        and any(each.status is FulfillmentState.DELIVERED for each in parts)
    )


def _arrived_at(order: Order, parts: Sequence[Fulfillment]) -> datetime:
    return max((each.delivered_at for each in parts if each.delivered_at), default=order.dated_at)


def _carriers(db: Connection, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Who brought each order, where that was one carrier that the shop knows."""
    statement = (
        select(trackings.c.order_id, carriers.c.id)
        .join(carriers, carriers.c.code == trackings.c.carrier)
        .where(among(trackings.c.order_id, ids), trackings.c.state != TrackingState.CANCELLED)
        .distinct()
    )
    return _only_ones(db.execute(statement).all())


def _orders_of(db: Connection, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """The order of each ticket that is linked to one, and no other."""
    statement = (
        select(ticket_links.c.ticket_id, ticket_links.c.subject_id)
        .where(among(ticket_links.c.ticket_id, ids), ticket_links.c.subject_kind == "ord")
        .distinct()
    )
    return _only_ones(db.execute(statement).all())


def _only_ones(pairs: Iterable[tuple[UUID, UUID]]) -> Mapping[UUID, UUID]:
    found: dict[UUID, set[UUID]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
