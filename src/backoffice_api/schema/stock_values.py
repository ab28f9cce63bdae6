"""What stock is worth, and how it was: on the wire."""

from datetime import date

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.stock.model.costs import CostKind, ValuationMethod
from backoffice_api.domain.stock.queries import costs as queries
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.stock import StockMovement

COSTS = Scope.COSTS_READ
choice(CostKind, name="StockCostKind")


@described
class MovementCost:
    """What the pieces of a movement were worth when they came in or left. It never changes."""

    kind: CostKind = about("Whether they came in or left.")
    unit_cost: UnitPrice = about("What one of them cost, to a millionth.")
    total: Money = about("What all of them cost; below zero for what left.")


attach(
    StockMovement,
    "cost",
    MovementCost | None,
    one(
        queries.entries_by_movements,
        "id",
        "What the pieces were worth then. Null: they stayed in the house, or are not valued.",
        scope=COSTS,
    ),
)


@described
class VariantValuation:
    """What the pieces of a variant are worth now, wherever they lie."""

    method: ValuationMethod = about("What pieces that leave are taken to have cost.")
    quantity: BigInt = about("How many pieces there are, in whatever condition.")
    unit_cost: UnitPrice = about(
        "What the next one costs that leaves, on average; by FIFO, what came in last cost."
    )
    total: Money = about("What all of them are worth.")


attach(
    Variant,
    "valuation",
    VariantValuation | None,
    one(
        queries.costs_by_variants,
        "id",
        "What its pieces are worth. Null: no cost was ever given.",
        scope=COSTS,
    ),
)


@described
class StockValue:
    """What stock was worth when a day ended."""

    on: date = about("The day; it ends at midnight UTC.")
    totals: list[Money] = about("One amount per currency.")


@described
class StockOn:
    """How many pieces of a variant there were when a day ended."""

    on: date = about("The day; it ends at midnight UTC.")
    on_hand: int = about("Pieces that were fit for sale.")
    quality_check: int = about("Pieces that waited for an inspection.")
    quarantine: int = about("Pieces that were set aside.")
    damaged: int = about("Broken pieces.")
    in_transit: int = about("Pieces that were on their way.")
    owned: int = about("All pieces, in whatever condition.")


@strawberry.input(description="Which snapshots are to be made anew.")
class StockForgetSnapshotsInput:
    since: date = about("Those of months that began on this day or later.")


@payload
class StockSnapshotsPayload(MutationPayload):
    """Which snapshots are made anew."""

    @strawberry.field(description="The first days of the months that were forgotten.")
    def months(parent: strawberry.Parent[Outcome]) -> list[date]:
        return list(parent.value.months) if parent.value else []
