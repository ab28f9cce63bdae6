"""Pieces that go from one placed order to another: what goes with them, to the cent.

What is taken off one order is just what the other gets: of subtotal, discount and tax. Where
rounding a part by itself would come to another amount, the difference goes along as discount, or
as a charge for rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.lines import (
    LineQuantity,
    OrderLine,
    at_price,
    with_current,
)
from backoffice_api.domain.orders.model.orders import Order

MERGED_MAX = 20


class MergedShipping(Choice):
    """What becomes of what was asked for the delivery of orders that go into another."""

    KEEP = "keep", "It is asked for as before, by the order that they go into."
    REFUND = "refund", "It is not asked for any more: one delivery is enough."


@dataclass(frozen=True, slots=True)
class Moved:
    """Pieces that leave a line: what is left of it, and the line that they make elsewhere.

    `rounding_minor`: what has to be charged besides, so that both come to the same as before.
    """

    left: OrderLine
    line: OrderLine
    rounding_minor: int


@dataclass(frozen=True, slots=True)
class OrderSplit(Event):
    """Pieces went to an order of their own. `lines` are those of this order."""

    type = "order.split"
    subject = "ord"
    summary = "Part of order {order} went on as order {into}."
    id: UUID
    version: int
    order: str
    into_id: UUID
    into: str
    lines: Sequence[LineQuantity]


@dataclass(frozen=True, slots=True)
class OrderSplitOff(Event):
    """The order is a part of another one, which was placed before: nobody has ordered anew."""

    type = "order.split_off"
    subject = "ord"
    summary = "Order {order} was made of a part of order {whole}: {total}."
    id: UUID
    version: int
    order: str
    whole_id: UUID
    whole: str
    total: str


@dataclass(frozen=True, slots=True)
class OrderMerged(Event):
    """All that was left of an order went to another one, which is told of by `order.extended`."""

    type = "order.merged"
    subject = "ord"
    summary = "Order {order} went on in order {into}."
    id: UUID
    version: int
    order: str
    into_id: UUID
    into: str


@dataclass(frozen=True, slots=True)
class OrderExtended(Event):
    """What was left of other orders was added to this one."""

    type = "order.extended"
    subject = "ord"
    summary = "Other orders went on in order {order}."
    id: UUID
    version: int
    order: str
    from_ids: Sequence[UUID]


@dataclass(eq=False)
class NotMergeable(Refused):
    """Orders can be merged that are alike in what an order has only once.

    `difference` names what: channel, customer, currency, tax, address, shipped or itself.
    """

    order: str
    difference: str
    message = "Order {order} cannot be merged: {difference}."


@dataclass(eq=False)
class WentOn(Refused):
    """The order went on in another one, which has to be changed instead."""

    into: str
    message = "The order went on in order {into}."


@dataclass(eq=False)
class ShippingExceeded(Refused):
    """More of the delivery is to go along than is asked for it."""

    maximum: str
    message = "At most {maximum} is asked for the delivery."


def moved(line: OrderLine, quantity: int, *, id: UUID, order_id: UUID, position: int) -> Moved:
    """So many pieces of a line, taken off it and made a line of another order."""
    left = with_current(replace(line, cancelled=line.cancelled + quantity))
    subtotal = line.current_subtotal_minor - left.current_subtotal_minor
    discount = line.current_discount_minor - left.current_discount_minor
    made = at_price(
        replace(
            line,
            id=id,
            order_id=order_id,
            position=position,
            quantity=quantity,
            cancelled=0,
            shipped=0,
            returned=0,
            added=0,
            cancelled_with_order=0,
            external_key=None,
            delivered=0,
            price_given=True,
            tax_minor=line.current_tax_minor - left.current_tax_minor,
        ),
        line.unit_price,
    )
    excess = made.subtotal_minor - subtotal
    made = replace(made, discount_minor=discount + max(0, excess))
    return Moved(left, with_current(made), max(0, -excess))


def difference(target: Order, other: Order) -> str | None:
    """What stands in the way of merging two orders, in a word. None: nothing in their own rows."""
    facts = {
        "itself": target.id != other.id,
        "channel": target.channel_id == other.channel_id,
        "customer": (
            target.customer_id == other.customer_id
            if target.customer_id or other.customer_id
            else target.email is not None and target.email == other.email
        ),
        "currency": target.currency == other.currency,
        "tax": target.tax_included == other.tax_included and target.tax_source is other.tax_source,
    }
    return next((name for name, is_same in facts.items() if not is_same), None)


def discount_of(lines: Sequence[OrderLine], currency: str) -> Money:
    """What the lines bear of discounts."""
    return Money(sum(line.discount_minor for line in lines), currency)
