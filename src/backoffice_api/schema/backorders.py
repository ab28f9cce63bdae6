"""Backorders on the wire: what was sold and is not there, and when it will be."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model import backorders as model
from backoffice_api.domain.orders.model.backorders import BackorderSortKey, BackorderStatus
from backoffice_api.domain.orders.queries import backorders as queries
from backoffice_api.domain.products import queries as products
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import READ
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant

for _choices in (BackorderSortKey, BackorderStatus):
    choice(_choices)


@described
class BackorderForecast:
    """When a backorder can be filled by what is ordered from suppliers."""

    ahead: int = about("Pieces of the variant that are to be filled before it.")
    expected_on: date | None = about(
        "When enough of it has arrived for this one. Null: not enough is ordered, or nobody said "
        "when it comes."
    )


@node("bko", model.Backorder, queries.backorders_by_ids, scope=READ)
class Backorder(Node, Versioned, HasTimeline):
    """Pieces of a line that were sold and were not there. Stock that arrives fills the queue."""

    status: BackorderStatus = about("What became of them.")
    ordered: int = about("Pieces that were not there when they were sold.")
    filled: int = about("Of these, pieces that are promised since.")
    cancelled: int = about("Of these, pieces that were called off.")
    waiting: int = about("Of these, pieces that are still not there.")
    priority: int = about("Smaller numbers are filled first; among equals, the older one.")
    actions: list[ActionState] = about("What can be done with it now.")
    forecast: BackorderForecast | None = one(
        queries.forecasts_by_backorders, "id", "When it can be filled. Null: it waits no more."
    )
    order: Order = one(orders.orders_by_ids, "order_id", "The order.")
    line: OrderLine = one(orders.lines_by_ids, "line_id", "The line of the order.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is waited for.")


attach(
    Order,
    "backorders",
    Connection[Backorder],
    listed_under(
        queries.backorder_list,
        queries.backorder_list.table.c.order_id,
        "What of it was not there when it was placed.",
    ),
)


@filter_input
class BackorderFilter:
    """Which backorders. All words that are given must hold."""

    status: list[BackorderStatus] | None = about("In one of these states.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)


@strawberry.input(description="The order of a list of backorders.")
class BackorderSort:
    key: BackorderSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="The place of a backorder in the queue.")
class BackorderPrioritizeInput:
    priority: int = about("0 to 1,000,000; smaller numbers are filled first. New ones have 100.")


@payload
class BackorderPayload(MutationPayload):
    """What a mutation of a backorder answers."""

    backorder: Backorder | None = one(
        queries.backorders_by_ids, "value", "The backorder as it is now. Null if it was refused."
    )
