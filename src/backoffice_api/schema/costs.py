"""What variants cost and leave, on the wire: behind a scope of its own."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model.costs import CostSortKey, CostSource
from backoffice_api.domain.products.tables import cost_history
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateTimeFilter, filter_input
from backoffice_api.schema.links import attach, many
from backoffice_api.schema.money import UnitPrice, UnitPriceInput
from backoffice_api.schema.products import Variant

for _choices in (CostSortKey, CostSource):
    choice(_choices)


@described
class CostRecord:
    """What one piece cost the shop for a time."""

    unit_cost: UnitPrice | None = about("The cost of one piece. Null: it was not known.")
    source: CostSource = about("Where it comes from.")
    valid_from: datetime = about("Since when.")
    valid_to: datetime | None = about("Until when. Null: it is so now.")


@filter_input
class CostFilter:
    """Which costs. All words that are given must hold."""

    valid_from: DateTimeFilter | None = about("Beginning at such a time.", default=UNSET)


@described
class PriceMargin:
    """What is left of a price above the cost."""

    unit_price: UnitPrice = about("The price.")
    unit_cost: UnitPrice = about("The cost.")
    margin: UnitPrice = about("The difference; below zero where it is sold at a loss.")
    percent: Decimal | None = about(
        "The margin in percent of the price, to two decimals. Null where the price is zero."
    )


attach(
    Variant,
    "cost_history",
    Connection[CostRecord],
    listed_under(
        queries.cost_list,
        cost_history.c.variant_id,
        "What one piece cost the shop, and when, newest first.",
        filter=CostFilter,
        scope=Scope.COSTS_READ,
    ),
)
attach(
    Variant,
    "margins",
    list[PriceMargin],
    many(
        queries.margins_by_variants,
        "id",
        "What is left of its prices in the currency of its cost; at most one. Empty if the cost "
        "is not known.",
        scope=Scope.COSTS_READ,
    ),
)


@strawberry.input(description="What one piece of a variant costs the shop.")
class VariantSetCostInput:
    unit_cost: UnitPriceInput | None = about("The cost; null takes it away.")
    source: CostSource = about("Where it comes from.", default=CostSource.MANUAL)
