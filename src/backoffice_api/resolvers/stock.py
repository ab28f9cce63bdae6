"""What can be asked and done with stock."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands import levels as on_levels
from backoffice_api.domain.stock.commands import locations as on_locations
from backoffice_api.domain.stock.commands import moves as on_moves
from backoffice_api.domain.stock.model import levels as of_levels
from backoffice_api.domain.stock.queries import positions
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.stock import (
    READ,
    Location,
    LocationPayload,
    Reservation,
    StockLevel,
    StockMovement,
    StockPayload,
    StockPosition,
)
from backoffice_api.schema.stock_inputs import (
    LocationCreateInput,
    LocationFilter,
    LocationLookup,
    LocationSort,
    LocationUpdateInput,
    ReservationFilter,
    ReservationSort,
    StockAdjustInput,
    StockLevelFilter,
    StockLevelSort,
    StockMoveInput,
    StockMovementFilter,
    StockMovementSort,
    StockSetSafetyInput,
)

VariantId = Annotated[strawberry.ID, strawberry.argument(description="Which variant.")]
WithinId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only at this location and its parts. Null: everywhere."),
]


def _position(db: Db, _: Context, arguments: Mapping[str, Any]) -> of_levels.StockPosition:
    variant_id = ids.parse("sku", arguments["variant_id"])
    within_id = arguments.get("within_id")
    top_id = given_id("loc", within_id)
    return positions.position_of(db, variant_id, top_id)


@strawberry.type
class StockQuery:
    location: Location | None = lookup(
        LocationLookup,
        "One location. Null if there is none.",
        {
            "id": by_id("loc", queries.locations_by_ids),
            "code": Way(queries.locations_by_codes, str),
        },
        scope=READ,
    )
    locations: Connection[Location] = listed(
        queries.location_list,
        "Locations, newest first; virtual ones, too.",
        scope=READ,
        filter=LocationFilter,
        sort=LocationSort,
    )
    locations_count: Count = counted(
        queries.location_list, "How many locations there are.", scope=READ, filter=LocationFilter
    )
    stock_levels: Connection[StockLevel] = listed(
        queries.level_list,
        "What is kept where, newest first.",
        scope=READ,
        filter=StockLevelFilter,
        sort=StockLevelSort,
    )
    stock_levels_count: Count = counted(
        queries.level_list, "How many levels there are.", scope=READ, filter=StockLevelFilter
    )
    stock_position: StockPosition = asked(
        _position,
        [
            parameter("variant_id", VariantId, inspect.Parameter.empty),
            parameter("within_id", WithinId),
        ],
        "How many pieces of a variant there are, in one part of the tree of locations or in all.",
        scope=READ,
        weight=1,
    )
    movements: Connection[StockMovement] = listed(
        queries.movement_list,
        "The ledger of stock, newest first.",
        scope=READ,
        filter=StockMovementFilter,
        sort=StockMovementSort,
    )
    movements_count: Count = counted(
        queries.movement_list,
        "How many movements there are.",
        scope=READ,
        filter=StockMovementFilter,
    )
    reservations: Connection[Reservation] = listed(
        queries.reservation_list,
        "What is and was promised, newest first.",
        scope=READ,
        filter=ReservationFilter,
        sort=ReservationSort,
    )
    reservations_count: Count = counted(
        queries.reservation_list,
        "How many reservations there are.",
        scope=READ,
        filter=ReservationFilter,
    )


@strawberry.type
class StockMutation:
    @mutation(on_locations.create_location, LocationPayload)
    def location_create(input: LocationCreateInput) -> on_locations.CreateLocation:
        """Make a physical location. Virtual ones are there from the start."""
        return on_locations.CreateLocation(
            code=input.code,
            name=input.name,
            kind=input.kind,
            priority=input.priority,
            negative_allowed=input.negative_allowed,
            parent_id=given_id("loc", input.parent_id),
        )

    @mutation(on_locations.update_location, LocationPayload)
    def location_update(
        id: strawberry.ID, input: LocationUpdateInput
    ) -> on_locations.UpdateLocation:
        """Change a physical location. What is absent stays."""
        return on_locations.UpdateLocation(
            id=ids.parse("loc", id),
            code=keep(input.code),
            name=keep(input.name),
            priority=keep(input.priority),
            negative_allowed=keep(input.negative_allowed),
            parent_id=given_id("loc", input.parent_id) or KEEP,
        )

    @mutation(on_locations.archive_location, LocationPayload)
    def location_archive(id: strawberry.ID) -> on_locations.ArchiveLocation:
        """Take an empty location out of use."""
        return on_locations.ArchiveLocation(id=ids.parse("loc", id))

    @mutation(on_locations.restore_location, LocationPayload)
    def location_restore(id: strawberry.ID) -> on_locations.RestoreLocation:
        """Take an archived location into use again."""
        return on_locations.RestoreLocation(id=ids.parse("loc", id))

    @mutation(on_levels.adjust_stock, StockPayload)
    def stock_adjust(input: StockAdjustInput) -> on_levels.AdjustStock:
        """Change stock by hand, by a difference or to a total; every change is a movement."""
        return on_levels.AdjustStock(
            kind=input.kind, lines=tuple(each.value() for each in input.lines)
        )

    @mutation(on_moves.move_stock, StockPayload)
    def stock_move(input: StockMoveInput) -> on_moves.MoveStock:
        """Move pieces to another location or into another condition; every move is a movement."""
        return on_moves.MoveStock(lines=tuple(each.value() for each in input.lines))

    @mutation(on_levels.set_safety, StockPayload)
    def stock_set_safety(input: StockSetSafetyInput) -> on_levels.SetSafety:
        """Say how many pieces are not to be promised at a location."""
        return on_levels.SetSafety(lines=tuple(each.value() for each in input.lines))
