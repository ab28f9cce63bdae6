"""Orders, their lines and holds on the wire."""

from datetime import datetime
from typing import Any

import strawberry

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.discounts import queries as discounts
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model import holds as hold_model
from backoffice_api.domain.orders.model import lines as line_model
from backoffice_api.domain.orders.model import orders as model
from backoffice_api.domain.orders.model.edits import PiecesShipped
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineKind, QuantityExceeded
from backoffice_api.domain.orders.model.orders import FulfillmentStatus, OrderStatus
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.model.returning import ReturnStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.taxes.model.terms import TaxSource
from backoffice_api.schema.aggregates import (
    ActionState,
    Actor,
    ExternalId,
    HasTimeline,
    actor_of,
)
from backoffice_api.schema.channels import READ, Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.custom_fields import HasCustomFields
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.discounts import DiscountCode
from backoffice_api.schema.enums import choice
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lots import Lot
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.order_inputs import OrderFilter, OrderSort
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.stock import Reservation

choice(QuoteStatus)


def _personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


@described
class OrderAmounts:
    """What an order comes to, part by part."""

    subtotal: Money = about("The sum of the lines: prices times quantities.")
    discount: Money = about("What is taken off.")
    shipping: Money = about("What is asked for the delivery.")
    tax: Money = about("Tax on lines and delivery, as it was given or calculated.")
    total: Money = about(
        "What is to be paid: subtotal - discount + shipping, and + tax where prices do not "
        "contain it."
    )


@described
class OrderLineAmounts:
    """What a line comes to, part by part."""

    subtotal: Money = about("Price times quantity, rounded half-even to the smallest unit.")
    discount: Money = about("Its share of the order's discounts.")
    tax: Money = about("Its tax, as it was given or calculated.")


@described
class OrderAddress:
    """An address as it was when it was ordered."""

    recipient: str = _personal("address", "Who is there.")
    lines: list[str] = _personal("address", "Street, number and what else is needed; 1 to 3.")
    district: str | None = _personal("address", "Part of the city. Null if it needs none.")
    city: str = _personal("address", "City, town or village.")
    region: str | None = _personal("address", "State or province. Null if it needs none.")
    postal_code: str | None = _personal("address", "Postal code. Null if it has none.")
    country: str = _personal("address", "Country by its two letters of ISO 3166-1.")


@described
class OrderDiscount:
    """What is taken off the whole order. It is shared out over the lines, so it sums to them."""

    label: str = about("What it is called.")
    code: str | None = about("What the buyer entered. Null if nothing.")
    amount: Money = about("How much.")
    discount_code: DiscountCode | None = one(
        discounts.codes_by_ids,
        "code_id",
        "The discount code of the shop which that was. Null: it is of the channel, or none.",
    )


@node("hld", hold_model.Hold, queries.holds_by_ids, scope=READ)
class Hold(Node):
    """A reason why an order must wait."""

    kind: HoldKind = about("What kind of reason.")
    note: str = about("More about it. Empty if nothing was said.")
    placed_at: datetime = about("Since when.")
    release_at: datetime | None = about("When it ends by itself. Null: when somebody releases it.")
    released_at: datetime | None = about("When it ended. Null: it is on the order now.")
    owner: Staff | None = one(
        staff_by_ids,
        "owner_id",
        "Who has to look. Null: whoever comes first.",
        scope=Scope.ACCESS_READ,
    )

    @strawberry.field(description="Who placed it.")
    def placed_by(parent: strawberry.Parent[hold_model.Hold]) -> Actor:
        return actor_of(parent.placed_by_kind, parent.placed_by_id)

    @strawberry.field(description="Who ended it. Null: it is on the order now.")
    def released_by(parent: strawberry.Parent[hold_model.Hold]) -> Actor | None:
        kind = parent.released_by_kind
        return actor_of(kind, parent.released_by_id) if kind else None


@described
class OrderLineComponent:
    """What a line that is a kit holds of a variant, and what of the line's amounts falls to it.

    The shares of all components sum to the amounts of the line, to the smallest unit.
    """

    sku: str = about("The SKU when it was ordered.")
    per_kit: int = about("Pieces in one kit, as it was when it was ordered.")
    quantity: int = about("Pieces in what was ordered.")
    current_quantity: int = about("Pieces in what is left of it, without what was cancelled.")
    ordered: OrderLineAmounts = about("Its share of what was ordered.")
    current: OrderLineAmounts = about("Its share of what it comes to now.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is in the kit.")


@node("oln", line_model.OrderLine, queries.lines_by_ids, scope=READ)
class OrderLine(Node):
    """So many pieces of one thing at one price."""

    position: int = about("Its place in the order, from 0.")
    kind: LineKind = about("Whether it stands for something that is kept in stock.")
    sku: str = about("The SKU when it was ordered; a code of the shop's for charges, or empty.")
    title: str = about("What it was called when it was ordered.")
    quantity: int = about("Pieces that were ordered, with those that were added later.")
    added: int = about("Of these, pieces that were added after the order was placed.")
    cancelled: int = about("Of these, pieces that were called off or taken off by an edit.")
    shipped: int = about("Pieces that have left the house.")
    delivered: int = about("Of the shipped ones, pieces that have arrived, as carriers told.")
    returned: int = about("Of the shipped ones, pieces that came back.")
    current_quantity: int = about("What is left of it: ordered pieces without cancelled ones.")
    unit_price: UnitPrice = about("The price of one piece.")
    price_given: bool = about("Somebody set the price; otherwise it is the list price.")
    ordered: OrderLineAmounts = about("What was ordered came to.")
    current: OrderLineAmounts = about("What it comes to now, without what was cancelled.")
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "What was ordered. Null for charges."
    )
    is_kit: bool = about("It is a kit: what is reserved and shipped are its components.")
    components: list[OrderLineComponent] = many(
        queries.shares_by_lines,
        "id",
        "What it is made of if it is a kit, at most 50. Empty if it is none.",
    )
    order: "Order" = one(queries.orders_by_ids, "order_id", "The order it belongs to.")
    reservations: Connection[Reservation] = listed_under(
        stock.reservation_list,
        stock.reservation_list.table.c.line_id,
        "Stock that is or was promised to it, newest first.",
        scope=Scope.STOCK_READ,
    )


@described
class OrderQuoteLine:
    """A line as it was offered."""

    kind: LineKind = about("Whether it stands for something that is kept in stock.")
    sku: str = about("The SKU; a code of the shop's for charges, or empty.")
    title: str = about("What it was called.")
    quantity: int = about("Pieces that were offered.")
    unit_price: UnitPrice = about("The price of one piece.")
    amounts: OrderLineAmounts = about("What the line came to.")


@described
class OrderQuote:
    """A version of what was offered to the buyer, as it was."""

    number: int = about("Which version, from 1.")
    status: QuoteStatus = about("What became of it.")
    sent_at: datetime = about("When it was sent.")
    valid_until: datetime = about("Until when it can be accepted.")
    ended_at: datetime | None = about("When it was accepted or ended. Null: it is open.")
    amounts: OrderAmounts = about("What it came to, part by part.")
    offered: list[OrderQuoteLine] = about("What was offered; at most 250 lines.")


@node("ord", model.Order, queries.orders_by_ids, scope=READ)
class Order(Node, Versioned, HasTimeline, HasCustomFields):
    """What somebody ordered, and where it stands between offer and delivery."""

    number: str | None = about("Its number, unique in its channel. Null for drafts.")
    recorded: bool = about("It was completed in another system and taken over as it was.")
    status: OrderStatus = about("Where it stands between offer and end.")
    fulfillment_status: FulfillmentStatus = about("How far its goods are. Nobody sets it.")
    has_hold: bool = about("A hold is on it.")
    placed_at: datetime | None = about("When it was placed. Null for drafts.")
    closed_at: datetime | None = about("When it was closed. Null if it is not.")
    cancelled_at: datetime | None = about("When it was cancelled. Null if it was not.")
    uncancel_until: datetime | None = about(
        "Until when its cancellation can be undone. Null: it cannot be, or is not cancelled."
    )
    reserved_until: datetime | None = about(
        "Until when stock is held for the draft. Null: none is, or the order is placed."
    )
    email: str | None = _personal("contact", "Where the buyer gets mail. Null if not known.")
    phone: str | None = _personal("contact", "Where the buyer can be called. Null if not known.")
    note: str = about("What the staff should know. Empty if nothing.")
    currency: CurrencyCode = about("The currency of all its amounts.")
    tax_included: bool = about("Prices contain the tax; otherwise it is added.")
    tax_source: TaxSource = about("Where taxes come from that nobody gives.")
    total: Money = about("What was ordered came to, whatever was cancelled since.")
    ordered: OrderAmounts = about("What was ordered came to, part by part.")
    current: OrderAmounts = about("What it comes to now, without what was cancelled.")
    payment_status: PaymentStatus = about("How far it is paid. Nobody sets it.")
    return_status: ReturnStatus = about("How far its goods have come back. Nobody sets it.")
    authorized: Money = about("What is authorised and can still be captured.")
    captured: Money = about("What was paid, whatever was paid back since.")
    refunded: Money = about("What was paid back.")
    charged_back: Money = about("What banks took back after disputes. It is no refund.")
    allowance: Money = about("What returns gave back: it is not to be paid any more.")
    written_off: Money = about("What of it was given up as never to be paid, and did not come.")
    outstanding: Money | None = about(
        "What is still to be paid: current total - allowance - captured + refunded. Negative "
        "where too much was paid; null where payments are not known here."
    )
    actions: list[ActionState] = about("What can be done with it now, and what is in the way.")
    channel: Channel = one(queries.channels_by_ids, "channel_id", "Where it came from.")
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "Who ordered. Null for guests.",
        scope=Scope.CUSTOMERS_READ,
    )
    merged_into: "Order | None" = one(
        queries.orders_by_ids, "merged_into_id", "The order that it went on in. Null: none."
    )
    split_from: "Order | None" = one(
        queries.orders_by_ids, "split_from_id", "The order that it was a part of. Null: none."
    )
    lines: Connection[OrderLine] = listed_under(
        queries.line_list,
        queries.line_list.table.c.order_id,
        "What was ordered, in the order in which it was entered.",
    )
    discounts: list[OrderDiscount] = many(
        queries.discounts_by_orders, "id", "What is taken off the whole order; at most 50."
    )
    shipping_address: OrderAddress | None = one(
        queries.shipping_addresses_by_orders, "id", "Where the goods go. Null if not known."
    )
    billing_address: OrderAddress | None = one(
        queries.billing_addresses_by_orders,
        "id",
        "Who the invoice is made out to. Null: as the goods.",
    )
    quoted_until: datetime | None = about(
        "Until when the prices of the open quote bind. Null: none is open."
    )
    quotes: list[OrderQuote] = many(
        queries.quotes_by_orders, "id", "What was offered, newest version first; at most 50."
    )
    holds: list[Hold] = many(
        queries.open_holds_by_orders, "id", "Holds that are on it now, oldest first; at most 20."
    )
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )


attach(Hold, "order", Order, one(queries.orders_by_ids, "order_id", "The order it is on."))
attach(
    Hold,
    "line",
    OrderLine | None,
    one(queries.lines_by_ids, "line_id", "The line that waits. Null: the whole order does."),
)


@error(QuantityExceeded)
class QuantityExceededError(UserError):
    """More is asked for than there is left."""

    maximum: int = about("How many pieces are left.")


@error(PiecesShipped)
class PiecesShippedError(UserError):
    """Pieces that have left the house stay as they are."""

    shipped: int = about("How many pieces that is.")


@payload
class OrderPayload(MutationPayload):
    """What a mutation of an order answers."""

    order: Order | None = one(
        queries.orders_by_ids, "value", "The order as it is now. Null if it was refused."
    )


for _name, _column, _text in (
    ("merged_orders", orders.c.merged_into_id, "The orders that went on in it, newest first."),
    ("split_orders", orders.c.split_from_id, "The orders that parts of it became, newest first."),
):
    attach(
        Order,
        _name,
        Connection[Order],
        listed_under(queries.order_list, _column, _text),
    )


attach(
    Customer,
    "orders",
    Connection[Order],
    listed_under(
        queries.order_list,
        queries.order_list.table.c.customer_id,
        "Its orders, newest first.",
        filter=OrderFilter,
        sort=OrderSort,
        scope=READ,
    ),
)


attach(
    Lot,
    "customers",
    list[Customer],
    many(
        queries.customers_by_lots,
        "id",
        "Who got a piece of it, last ones first, at most 1,000; guests and all others by `orders` "
        "with the filter `lotId`.",
        scope=Scope.CUSTOMERS_READ,
    ),
)
