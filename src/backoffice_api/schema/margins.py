"""Margins on the wire: behind the right to see costs."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.margins import queries
from backoffice_api.domain.margins.model import restating
from backoffice_api.domain.margins.model.margins import MarginDimension
from backoffice_api.domain.margins.model.restating import RestatementSortKey
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Product
from backoffice_api.schema.suppliers import Supplier

COSTS = Scope.COSTS_READ
choice(MarginDimension)
choice(RestatementSortKey, name="MarginRestatementSortKey")


@described
class Margin:
    """What is left of sales. All but the revenue lessen it where they are above zero."""

    revenue: Money = about("Goods and shipping that were sold, without tax.")
    discounts: Money = about("What was taken off them.")
    cost: Money = about("What the goods had cost, and what their bills came to besides.")
    freight: Money = about("Labels and carriers.")
    fees: Money = about("Fees of providers, chargebacks, and what was written off.")
    returns: Money = about("Sales that came back, less fees for that.")
    support: Money = about("What was given without a duty.")
    contribution: Money = about("What is left.")
    percent: Decimal | None = about(
        "What is left, in percent of revenue less discounts. Null where there is none."
    )


@described
class MarginGroup:
    """The margin of one thing in one currency. All links null: what belongs to none."""

    margin: Margin = about("What is left.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "The channel, if it is by these."
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "The supplier, if it is by these.",
        scope=Scope.PURCHASING_READ,
    )
    product: Product | None = one(
        products.products_by_ids, "product_id", "The product, if it is by these."
    )
    order: Order | None = one(
        orders.orders_by_ids, "order_id", "The order, if it is by these.", scope=Scope.ORDERS_READ
    )


for _owner, _query, _what in (
    (Order, queries.margins_by_orders, "it"),
    (OrderLine, queries.margins_by_lines, "the line"),
    (Customer, queries.margins_by_customers, "its orders"),
):
    attach(
        _owner,
        "margins",
        list[Margin],
        many(
            _query,
            "id",
            f"What is left of {_what}: one for each currency that something was posted in, mostly "
            "one. None before anything has left.",
            scope=COSTS,
        ),
    )


@node("mrs", restating.Restatement, queries.restatements_by_ids, scope=COSTS)
class MarginRestatement(Node):
    """What no line caused alone was shared out over what was sold in a time."""

    created_at: datetime = about("When that was done.")
    number: int = about("Its number: margins can be asked for as it stated them.")
    from_on: date = about("From this day on.")
    to_on: date = about("Up to but without this day; what was shared out counts on the day before.")
    reason: str = about("Why.")


@strawberry.input(description="The order of a list of restatements.")
class MarginRestatementSort:
    key: RestatementSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Of which time margins are restated, and why.")
class MarginsRestateInput:
    from_: date = strawberry.field(description="From this day on.", name="from")
    to: date = about("Up to but without this day; at most 366 days in all.")
    reason: str = about("Why, for those who compare the figures.")


@payload
class MarginsRestatePayload(MutationPayload):
    """What restating margins answers."""

    restatement: MarginRestatement | None = one(
        queries.restatements_by_ids, "value", "The restatement. Null if it was refused."
    )
