"""Lots and serial numbers on the wire, and how stock treats variants."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model import lots as model
from backoffice_api.domain.stock.model.costs import ValuationMethod
from backoffice_api.domain.stock.model.lots import LotSortKey, LotStatus, Tracking
from backoffice_api.domain.stock.queries import lots as queries
from backoffice_api.domain.stock.queries import settings
from backoffice_api.domain.stock.tables import movements
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import READ, StockLevel, StockMovement

for _choices in (LotSortKey, LotStatus):
    choice(_choices)
choice(Tracking, name="StockTracking")
choice(ValuationMethod, name="StockValuationMethod")


@described
class LotPlace:
    """Where pieces of a lot lie."""

    on_hand: int = about("How many pieces of it.")
    level: StockLevel = one(stock.levels_by_ids, "level_id", "The level that they are part of.")


@node("lot", model.Lot, queries.lots_by_ids, scope=READ)
class Lot(Node, Versioned, HasTimeline):
    """Pieces of one variant that belong together: a batch, or one piece with a serial number."""

    code: str = about("What stands on it; unique among the lots of the variant.")
    kind: Tracking = about("Whether it is a batch or one piece.")
    expires_on: date | None = about("The last day on which it is good. Null: it does not expire.")
    received_on: date | None = about("When it was first heard of.")
    status: LotStatus = about("Whether it may leave the house.")
    actions: list[ActionState] = about("What can be done with it now.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is made of.")
    places: list[LotPlace] = many(
        queries.lot_levels_by_lots, "id", "Where there are pieces of it now."
    )
    movements: Connection[StockMovement] = listed_under(
        stock.movement_list, movements.c.lot_id, "All that became of its pieces, newest first."
    )


attach(
    StockMovement,
    "lot",
    Lot | None,
    one(queries.lots_by_ids, "lot_id", "The lot of the pieces. Null: they are not tracked."),
)


@described
class StockSettings:
    """How stock treats a variant."""

    tracking: Tracking = about("How its pieces are told apart.")
    valuation: ValuationMethod = about("What pieces that leave are taken to have cost.")


attach(
    Variant,
    "stock_settings",
    StockSettings,
    one(settings.by_variants, "id", "How stock treats it.", scope=READ),
)


@described
class LotSuggestion:
    """So many pieces are best taken of this lot."""

    quantity: int = about("How many pieces to take.")
    available: int = about("How many pieces there are of it.")
    lot: Lot = one(queries.lots_by_ids, "lot_id", "Of which lot.")


@filter_input
class LotFilter:
    """Which lots. All words that are given must hold."""

    status: list[LotStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    level_id: IdFilter | None = about(
        "With pieces at such a stock level; null: with none anywhere.", default=UNSET
    )
    expires_on: DateFilter | None = about("Expires on such a day.", default=UNSET)
    received_on: DateFilter | None = about("Received on such a day.", default=UNSET)
    created_at: DateTimeFilter | None = about("First heard of at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of lots.")
class LotSort:
    key: LotSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What is to change of a lot. What is absent stays.")
class LotUpdateInput:
    expires_on: date | None = about(
        "The last day on which it is good; null: it does not expire.", default=UNSET
    )


@strawberry.input(description="How the pieces of a variant are to be told apart.")
class StockSetTrackingInput:
    variant_id: strawberry.ID = about("A variant of which there are no pieces.")
    tracking: Tracking = about("How they are told apart.")


@strawberry.input(description="How the pieces of a variant are to be valued.")
class StockSetValuationInput:
    variant_id: strawberry.ID = about("A variant of which there are no pieces.")
    method: ValuationMethod = about("What pieces that leave are taken to have cost.")


@error(model.LotNeeded)
class LotNeededError(UserError):
    """The variant is tracked: it must be said which lot or serial number is meant."""

    sku: str = about("SKU of the variant.")
    tracking: Tracking = about("How its pieces are told apart.")


@error(model.InsufficientLot)
class InsufficientLotError(UserError):
    """There are not so many pieces of the lot there."""

    lot: str = about("Code of the lot.")
    requested: int = about("How many pieces are wanted.")
    available: int = about("How many pieces there are of it there.")


@error(model.StillInStock)
class StillInStockError(UserError):
    """How pieces are told apart or valued changes only while there are none."""

    quantity: int = about("How many pieces there are.")


@payload
class LotPayload(MutationPayload):
    """What a mutation of a lot answers."""

    lot: Lot | None = one(
        queries.lots_by_ids, "value", "The lot as it is now. Null if it was refused."
    )


@payload
class StockSettingsPayload(MutationPayload):
    """What a change of how stock treats a variant answers."""

    variant: Variant | None = one(
        products.variants_by_ids, "value", "The variant. Null if it was refused."
    )
