"""What can be asked and done with lots and serial numbers."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.stock.commands import lots as on_lots
from backoffice_api.domain.stock.model.lots import LotShare
from backoffice_api.domain.stock.queries import lots as queries
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.lots import (
    Lot,
    LotFilter,
    LotPayload,
    LotSort,
    LotSuggestion,
    LotUpdateInput,
    StockSettingsPayload,
    StockSetTrackingInput,
    StockSetValuationInput,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.stock import READ

VariantId = Annotated[strawberry.ID, strawberry.argument(description="Of which variant.")]
LocationId = Annotated[strawberry.ID, strawberry.argument(description="At which location.")]
Quantity = Annotated[int, strawberry.argument(description="How many pieces are wanted.")]


def _suggestion(db: Db, _: Context, arguments: Mapping[str, Any]) -> Sequence[LotShare]:
    variant_id = ids.parse("sku", arguments["variant_id"])
    location_id = ids.parse("loc", arguments["location_id"])
    today = datetime.now(UTC).date()
    return queries.suggestion(db, variant_id, location_id, arguments["quantity"], today)


@strawberry.type
class LotQuery:
    lot: Lot | None = found_by_id(
        "lot", queries.lots_by_ids, "Its id.", "One lot. Null if there is none.", scope=READ
    )
    lots: Connection[Lot] = listed(
        queries.lot_list, "Lots, newest first.", scope=READ, filter=LotFilter, sort=LotSort
    )
    lots_count: Count = counted(
        queries.lot_list, "How many lots there are.", scope=READ, filter=LotFilter
    )
    lot_suggestion: list[LotSuggestion] = asked(
        _suggestion,
        [
            parameter("variant_id", VariantId, inspect.Parameter.empty),
            parameter("location_id", LocationId, inspect.Parameter.empty),
            parameter("quantity", Quantity, inspect.Parameter.empty),
        ],
        "Which lots to take so many pieces of: what expires first, first; nothing that has "
        "expired or is blocked. Together fewer pieces if there are not more.",
        scope=READ,
        weight=5,
    )


@strawberry.type
class LotMutation:
    @mutation(on_lots.update_lot, LotPayload)
    def lot_update(id: strawberry.ID, input: LotUpdateInput) -> on_lots.UpdateLot:
        """Change until when a lot is good."""
        return on_lots.UpdateLot(
            id=ids.parse("lot", id), expires_on=keep(input.expires_on, nullable=True)
        )

    @mutation(on_lots.block_lot, LotPayload)
    def lot_block(id: strawberry.ID) -> on_lots.BlockLot:
        """Let a lot not be shipped any more, as when it is recalled. It can still be moved."""
        return on_lots.BlockLot(id=ids.parse("lot", id))

    @mutation(on_lots.unblock_lot, LotPayload)
    def lot_unblock(id: strawberry.ID) -> on_lots.UnblockLot:
        """Let a lot be shipped again."""
        return on_lots.UnblockLot(id=ids.parse("lot", id))

    @mutation(on_lots.set_tracking, StockSettingsPayload)
    def stock_set_tracking(input: StockSetTrackingInput) -> on_lots.SetTracking:
        """Say how the pieces of a variant are told apart, while there are none."""
        return on_lots.SetTracking(
            variant_id=ids.parse("sku", input.variant_id), tracking=input.tracking
        )

    @mutation(on_lots.set_valuation, StockSettingsPayload)
    def stock_set_valuation(input: StockSetValuationInput) -> on_lots.SetValuation:
        """Say what pieces that leave are taken to have cost, while there are none."""
        return on_lots.SetValuation(
            variant_id=ids.parse("sku", input.variant_id), method=input.method
        )
