"""Rules of replenishment, suggestions with their reasons, and what can be promised when."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.replenishment import model, queries
from backoffice_api.domain.replenishment.model import (
    COVERAGE_DAYS_DEFAULT,
    SERVICE_LEVEL_DEFAULT,
    ReplenishmentMethod,
    ReplenishmentRuleSortKey,
)
from backoffice_api.domain.stock import queries as stock
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateTimeFilter, IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.purchasing import PurchaseOrder
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.stock import READ as STOCK_READ
from backoffice_api.schema.stock import Location
from backoffice_api.schema.suppliers import READ, Supplier, SupplierItem

for _choices in (ReplenishmentMethod, ReplenishmentRuleSortKey):
    choice(_choices)


@node("rpl", model.ReplenishmentRule, queries.rules_by_ids, scope=READ)
class ReplenishmentRule(Node, Versioned, HasTimeline):
    """How one variant is kept in stock at one location."""

    method: ReplenishmentMethod = about("How it is decided when to buy, and how much.")
    minimum: int | None = about("MIN_MAX: bought at or below so many pieces.")
    maximum: int | None = about("Bought up to so many pieces. Null: as long as they last.")
    reorder_point: int | None = about("Bought at or below so many. Null: it is computed.")
    safety: int | None = about("Safety stock. Null: it is computed.")
    service_level_permille: int = about(
        "Share of order cycles without a stock-out, in thousandths."
    )
    coverage_days: int = about("Without a maximum, what is bought lasts for so many days.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is kept.")
    location: Location = one(
        stock.locations_by_ids, "location_id", "Where it is kept.", scope=STOCK_READ
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids, "supplier_id", "Where it is bought. Null: where preferred."
    )


@described
class ReplenishmentExplanation:
    """Why so many pieces are suggested: every number that the quantity follows from.

    Stock and orders are those of now; demand and lead times were measured at `measuredAt`.
    """

    text: str = about("The reasons in one sentence.")
    position: int = about("On hand less reserved, and what is ordered and not yet here.")
    on_hand: int = about("Pieces that are at the location.")
    reserved: int = about("Pieces of these that are promised.")
    incoming: int = about("Pieces on approved purchase orders that have not arrived.")
    drafted: int = about("Pieces on drafts of purchase orders and on those that need approval.")
    measured_at: datetime = about("When demand and lead times were measured.")
    demand_days: int = about("Over how many full days demand was measured.")
    demand_total: BigInt = about("Pieces that were shipped in these days.")
    demand_per_day: Decimal = about("Their mean per day.")
    demand_deviation: Decimal = about("Standard deviation of the pieces per day.")
    lead_time_days: Decimal = about("Days from sending an order to the first receipt, on average.")
    lead_deviation_days: Decimal = about("Standard deviation of these days.")
    lead_samples: int = about(
        "Over how many orders they were measured. 0: they are as the supplier says."
    )
    service_level_permille: int = about("Share of cycles without a stock-out, in thousandths.")
    safety: int = about("Safety stock.")
    reorder_point: int = about("It is bought at or below so many pieces.")
    order_up_to: int = about("It is bought up to so many pieces.")
    needed: int = about("Pieces that are missing up to there.")
    pack_size: int = about("The supplier sells multiples of so many pieces.")
    minimum_quantity: int = about("The supplier sells at least so many pieces.")


@described
class ReplenishmentSuggestion:
    """So many pieces should be bought now, and why."""

    quantity: int = about("Pieces to be bought: whole packs, no less than the supplier sells.")
    method: ReplenishmentMethod = about("How it was decided.")
    explanation: ReplenishmentExplanation = about("Why so many.")
    rule: ReplenishmentRule = one(queries.rules_by_ids, "id", "The rule that suggests it.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is to be bought.")
    location: Location = one(
        stock.locations_by_ids, "location_id", "Where it is to arrive.", scope=STOCK_READ
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids, "supplier_id", "Who sells it. Null: nobody is known to."
    )
    supplier_item: SupplierItem | None = one(
        purchasing.items_by_ids, "supplier_item_id", "As the supplier sells it. Null: not known."
    )


@described
class AvailableToPromise:
    """What can be promised of a variant on a day."""

    on: date = about("The day.")
    available: int = about("Pieces that are available now: on hand less reserved less safety.")
    expected: int = about("Pieces that approved purchase orders bring until the end of the day.")
    quantity: int = about("The two together.")


attach(
    Variant,
    "available_to_promise",
    list[AvailableToPromise],
    many(
        queries.promises_by_variants,
        "id",
        "What can be promised at all locations from each day on at which something arrives; at "
        "most 100 days. Empty if nothing is expected.",
        scope=READ,
    ),
)


@filter_input
class ReplenishmentRuleFilter:
    """Which rules. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    supplier_id: IdFilter | None = about("Bought from such a supplier.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of rules of replenishment.")
class ReplenishmentRuleSort:
    key: ReplenishmentRuleSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ReplenishmentSuggestionFilter:
    """Which suggestions. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    supplier_id: IdFilter | None = about("To be bought from such a supplier.", default=UNSET)


@strawberry.input(
    description="How a variant is kept at a location; takes the place of the rule that was."
)
class ReplenishmentRuleInput:
    variant_id: strawberry.ID = about("What is kept.")
    location_id: strawberry.ID = about("Where: a physical location.")
    method: ReplenishmentMethod = about(
        "How it is decided when to buy.", default=ReplenishmentMethod.REORDER_POINT
    )
    minimum: int | None = about("MIN_MAX: buy at or below so many pieces.", default=None)
    maximum: int | None = about("Buy up to so many pieces.", default=None)
    reorder_point: int | None = about("Buy at or below so many. Null: compute it.", default=None)
    safety: int | None = about("Safety stock. Null: compute it.", default=None)
    service_level_permille: int = about(
        "Share of order cycles without a stock-out, in thousandths, 500 to 999.",
        default=SERVICE_LEVEL_DEFAULT,
    )
    coverage_days: int = about(
        "Without a maximum, what is bought lasts for so many days, 1 to 730.",
        default=COVERAGE_DAYS_DEFAULT,
    )
    supplier_id: strawberry.ID | None = about(
        "Where it is bought. Null: where preferred.", default=None
    )


@strawberry.input(description="Rules of replenishment: all of them, or none.")
class ReplenishmentRulesSetInput:
    rules: list[ReplenishmentRuleInput] = about("At most 1,000, each for another place.")


@strawberry.input(description="A suggestion that is to be ordered.")
class ChosenSuggestionInput:
    rule_id: strawberry.ID = about("The rule that suggests it.")
    quantity: int | None = about("How many pieces. Null: as suggested now.", default=None)


@strawberry.input(description="Suggestions that are to be ordered: all of them, or none.")
class PurchaseOrdersFromSuggestionsInput:
    chosen: list[ChosenSuggestionInput] = about("At most 1,000, each rule once.")


@payload
class ReplenishmentRulesPayload(MutationPayload):
    """What a mutation of rules answers."""

    rules: list[ReplenishmentRule] = many(
        queries.rules_by_touched,
        "value",
        "The rules as they are now, in the order of the input. Empty: refused, or removed.",
    )


@payload
class PurchaseOrdersPayload(MutationPayload):
    """What ordering suggestions answers."""

    purchase_orders: list[PurchaseOrder] = many(
        queries.orders_by_made,
        "value",
        "Drafts, one per supplier and location. Empty if it was refused.",
    )
