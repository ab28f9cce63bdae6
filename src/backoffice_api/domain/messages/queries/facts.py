"""What there is to say of an order and of what happened to it: the facts that templates get."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import Customer
from backoffice_api.domain.fulfillment.tables import parcels
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import columns_of
from backoffice_api.domain.messages.model.facts import (
    CustomerFacts,
    Facts,
    FulfillmentFacts,
    InvoiceFacts,
    LineFacts,
    OrderFacts,
    ParcelFacts,
    RefundFacts,
    ReminderFacts,
    ShopFacts,
    SurveyFacts,
)
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order, OrderAddress
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.domain.tracking.model.trackings import Tracking
from backoffice_api.domain.tracking.tables import trackings

LINES_MAX = 100
NO_ORDER = OrderFacts(
    number="",
    placed_on="",
    subtotal="",
    discount="",
    shipping="",
    tax="",
    total="",
    recipient="",
    city="",
    lines=(),
)
PARCELS_MAX = 50


@dataclass(frozen=True, slots=True)
class Followed:
    """A tracking of an order. `fulfillment_id` None: no parcel of the shop is known for it."""

    tracking: Tracking
    fulfillment_id: UUID | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Who is to be written to, of which order, and what can be said of it. None: of no order."""

    order: Order | None
    recipient: str | None
    locale: str | None
    lines: Sequence[OrderLine]
    address: OrderAddress | None
    customer: Customer | None
    shop: str
    parcels: Sequence[Followed]

    def facts(self, data: Mapping[str, Any], fulfillment_id: UUID | None = None) -> Facts:
        """What templates get. `data`: that of the event; empty: of none.

        `fulfillment_id`: which one the event is about.
        """
        meant = self._meant(data, fulfillment_id)[:PARCELS_MAX]
        address = self.address
        name = self.customer.name if self.customer else address.recipient if address else ""
        return Facts(
            shop=ShopFacts(name=self.shop),
            customer=CustomerFacts(name=name),
            order=self._order_facts(),
            fulfillment=FulfillmentFacts(number=_text(data, "fulfillment")),
            parcels=tuple(_parcel(each.tracking) for each in meant),
            refund=RefundFacts(amount=_text(data, "amount")),
            invoice=InvoiceFacts(number=_text(data, "number"), total=_text(data, "total")),
            reminder=ReminderFacts(
                kind=_text(data, "kind"),
                amount=_text(data, "amount"),
                fee=_text(data, "fee"),
                due_on=_text(data, "due_on"),
                days_overdue=str(data.get("days_overdue", "")),
            ),
            survey=SurveyFacts(
                link=_text(data, "link"),
                ticket=_text(data, "ticket"),
                closes_on=_text(data, "closes_on"),
            ),
        )

    def _order_facts(self) -> OrderFacts:
        order, address = self.order, self.address
        if order is None:
            return NO_ORDER
        return OrderFacts(
            number=order.name,
            placed_on=order.placed_at.date().isoformat() if order.placed_at else "",
            subtotal=_money(order.current_subtotal_minor, order),
            discount=_money(order.current_discount_minor, order),
            shipping=_money(order.current_shipping_minor, order),
            tax=_money(order.current_tax_minor, order),
            total=_money(order.current_total_minor, order),
            recipient=address.recipient if address else "",
            city=address.city if address else "",
            lines=tuple(_line(each, order) for each in self.lines[:LINES_MAX]),
        )

    def _meant(self, data: Mapping[str, Any], fulfillment_id: UUID | None) -> Sequence[Followed]:
        """The parcels that the event is about, else all of the order that have left."""
        number = data.get("number")
        if named := [each for each in self.parcels if each.tracking.number == number]:
            return named
        if fulfillment_id is not None:
            return [each for each in self.parcels if each.fulfillment_id == fulfillment_id]
        return [each for each in self.parcels if each.has_left]


def _money(minor: int, order: Order) -> str:
    return str(Money(minor, order.currency))


def _line(line: OrderLine, order: Order) -> LineFacts:
    return LineFacts(
        sku=line.sku,
        title=line.title,
        quantity=line.quantity - line.cancelled,
        subtotal=_money(line.current_subtotal_minor, order),
    )


def known_of(db: Connection, order_ids: Collection[UUID]) -> Mapping[UUID, Known]:
    """What is known of orders. A constant number of statements."""
    found = orders.orders_by_ids(db, order_ids)
    if not found:
        return {}
    lines = orders.lines_by_orders(db, found)
    addresses = orders.shipping_addresses_by_orders(db, found)
    channels = orders.channels_by_ids(db, {each.channel_id for each in found.values()})
    of = {each.customer_id for each in found.values() if each.customer_id}
    people = customers.customers_by_ids(db, of) if of else {}
    parcels = _parcels(db, found)
    known = {}
    for id, order in found.items():
        customer = people.get(order.customer_id) if order.customer_id else None
        known[id] = Known(
            order=order,
            recipient=order.email or (customer.email if customer else None),
            locale=customer.locale if customer else None,
            lines=lines.get(id, ()),
            address=addresses.get(id),
            customer=customer,
            shop=channels[order.channel_id].name,
            parcels=parcels.get(id, ()),
        )
    return known


def known_of_customers(db: Connection, customer_ids: Collection[UUID]) -> Mapping[UUID, Known]:
    """What is known of customers, where it is about no order. One statement."""
    found = customers.customers_by_ids(db, customer_ids) if customer_ids else {}
    return {id: without_order(each.email, each) for id, each in found.items()}


def without_order(recipient: str | None, customer: Customer | None) -> Known:
    """Who is to be written to about no order."""
    return Known(
        order=None,
        recipient=recipient,
        locale=customer.locale if customer else None,
        lines=(),
        address=None,
        customer=customer,
        shop="",
        parcels=(),
    )


def _parcels(db: Connection, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Followed]]:
    """The trackings of orders, without those of labels that were given back."""
    statement = (
        select(parcels.c.fulfillment_id, parcels.c.shipped_at, *columns_of(Tracking, trackings))
        .join_from(trackings, parcels, parcels.c.id == trackings.c.parcel_id, isouter=True)
        .where(trackings.c.order_id.in_(tuple(order_ids)))
        .where(trackings.c.state != TrackingState.CANCELLED)
        .order_by(trackings.c.created_at, trackings.c.id)
    )
    found: dict[UUID, list[Followed]] = {}
    for fulfillment_id, shipped_at, *row in db.execute(statement):
        each = Tracking(*row)
        assert each.order_id is not None, "those of orders were asked for"
        followed = Followed(each, fulfillment_id, shipped_at is not None)
        found.setdefault(each.order_id, []).append(followed)
    return found


def _parcel(tracking: Tracking) -> ParcelFacts:
    return ParcelFacts(
        carrier=tracking.carrier,
        number=tracking.number,
        state=tracking.state.value,
        cause=tracking.cause.value if tracking.cause else "",
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
