"""What can be asked about what stock is worth, and how it was."""

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.stock.commands import snapshots as on_snapshots
from backoffice_api.domain.stock.model.costs import ValueOn
from backoffice_api.domain.stock.queries import past
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.stock import READ
from backoffice_api.schema.stock_values import (
    COSTS,
    StockForgetSnapshotsInput,
    StockOn,
    StockSnapshotsPayload,
    StockValue,
)

On = Annotated[date, strawberry.argument(description="Which day; it ends at midnight UTC.")]
VariantId = Annotated[strawberry.ID, strawberry.argument(description="Which variant.")]
WithinId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only at this location and its parts. Null: everywhere."),
]


def _within(arguments: Mapping[str, Any]) -> Any:
    within_id = arguments.get("within_id")
    return given_id("loc", within_id)


def _value(db: Db, _: Context, arguments: Mapping[str, Any]) -> ValueOn:
    on = arguments["on"]
    return ValueOn(on, past.value_on(db, on, _within(arguments)))


def _stock_on(db: Db, _: Context, arguments: Mapping[str, Any]) -> StockOn:
    on = arguments["on"]
    variant_id = ids.parse("sku", arguments["variant_id"])
    found = past.contents_on(db, on, variant_id, _within(arguments))
    return StockOn(
        on=on,
        on_hand=found.on_hand,
        quality_check=found.quality_check,
        quarantine=found.quarantine,
        damaged=found.damaged,
        in_transit=found.in_transit,
        owned=found.owned,
    )


@strawberry.type
class StockValueQuery:
    stock_value: StockValue = asked(
        _value,
        [
            parameter("on", On, inspect.Parameter.empty),
            parameter("within_id", WithinId),
        ],
        "What stock was worth when a day ended; of a part of the tree, its pieces at what a piece "
        "was worth anywhere.",
        scope=COSTS,
        weight=50,
    )
    stock_on: StockOn = asked(
        _stock_on,
        [
            parameter("variant_id", VariantId, inspect.Parameter.empty),
            parameter("on", On, inspect.Parameter.empty),
            parameter("within_id", WithinId),
        ],
        "How many pieces of a variant there were when a day ended.",
        scope=READ,
        weight=5,
    )


@strawberry.type
class StockValueMutation:
    @mutation(on_snapshots.forget_snapshots, StockSnapshotsPayload)
    def stock_forget_snapshots(input: StockForgetSnapshotsInput) -> on_snapshots.ForgetSnapshots:
        """Have snapshots of months made anew from the ledger, as when `verify` finds them wrong."""
        return on_snapshots.ForgetSnapshots(since=input.since)
