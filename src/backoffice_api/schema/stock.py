"""Locations, stock levels, movements and reservations on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model import levels as of_levels
from backoffice_api.domain.stock.model import locations as of_locations
from backoffice_api.domain.stock.model import movements as of_movements
from backoffice_api.domain.stock.model import reservations as of_reservations
from backoffice_api.domain.stock.model.levels import AdjustmentKind, LevelSortKey
from backoffice_api.domain.stock.model.locations import (
    PRIORITY_DEFAULT,
    LocationKind,
    LocationSortKey,
    LocationStatus,
)
from backoffice_api.domain.stock.model.movements import MovementKind, MovementSortKey
from backoffice_api.domain.stock.model.reservations import (
    ReservationSortKey,
    ReservationStatus,
)
from backoffice_api.domain.stock.tables import levels
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import BigInt

READ = Scope.STOCK_READ

for _choices in (
    LocationKind,
    LocationSortKey,
    LocationStatus,
    MovementKind,
    MovementSortKey,
    ReservationSortKey,
    ReservationStatus,
):
    choice(_choices)
choice(AdjustmentKind, name="StockAdjustmentKind")
choice(LevelSortKey, name="StockLevelSortKey")


@node("loc", of_locations.Location, queries.locations_by_ids, scope=READ)
class Location(Node, Versioned, HasTimeline):
    """Where stock lies, or, if it is virtual, where it comes from and goes to."""

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    kind: LocationKind = about("What it is; the kind says whether it is physical or virtual.")
    priority: int = about("Stock is promised from locations with smaller numbers first.")
    negative_allowed: bool = about(
        "More may be promised and shipped than there is, of the variants that are kept there."
    )
    status: LocationStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    levels: Connection["StockLevel"] = listed_under(
        queries.level_list,
        levels.c.location_id,
        "What is kept there, last come first. A virtual location keeps nothing.",
    )


@node("lvl", of_levels.StockLevel, queries.levels_by_ids, scope=READ)
class StockLevel(Node, Versioned, HasTimeline):
    """How many pieces of one variant there are at one physical location."""

    on_hand: int = about("Pieces that are there.")
    reserved: int = about("Pieces of these that are promised.")
    safety: int = about("Pieces of these that are not to be promised.")
    available: int = about(
        "Pieces that can be promised: on hand less reserved less safety. Negative where the safety "
        "stock is eaten into, or more is promised than there is."
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is kept.")
    location: Location = one(queries.locations_by_ids, "location_id", "Where it is kept.")


@described
class StockPosition:
    """The sums of one variant over all locations."""

    on_hand: int = about("Pieces that are there.")
    reserved: int = about("Pieces of these that are promised.")
    safety: int = about("Pieces of these that are not to be promised.")
    available: int = about("Pieces that can be promised: on hand less reserved less safety.")
    by_location: Connection[StockLevel] = listed_under(
        queries.level_list,
        levels.c.variant_id,
        "The same for each location where the variant is kept.",
        key="variant_id",
    )


attach(
    Variant,
    "stock",
    StockPosition,
    one(
        queries.positions_by_variants,
        "id",
        "How many pieces there are, over all locations; zeros if it is kept nowhere.",
        scope=READ,
    ),
)


def _cause_id(movement: of_movements.Movement) -> str | None:
    if movement.cause_kind is None or movement.cause_id is None:
        return None
    return ids.text(movement.cause_kind, movement.cause_id)


@node("mov", of_movements.Movement, queries.movements_by_ids, scope=READ)
class StockMovement(Node):
    """Pieces that left one location and entered another: an entry of the ledger, never changed."""

    sequence: BigInt = about("Its place in the ledger. Grows; may have gaps.")
    kind: MovementKind = about("Why they moved.")
    quantity: int = about("How many pieces, above zero.")
    reason: str | None = about("Why, as the caller said.")
    occurred_at: datetime = about("When they moved.")
    recorded_at: datetime = about("When that was written down.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What was moved.")
    from_location: Location = one(
        queries.locations_by_ids, "from_location_id", "Where they came from."
    )
    to_location: Location = one(queries.locations_by_ids, "to_location_id", "Where they went.")

    cause: Node | None = linked_node(
        _cause_id,
        "What it was done for, as an order. Null if that is not on record, or if the caller may "
        "not see it.",
    )

    @strawberry.field(description="Who recorded it.")
    def actor(parent: strawberry.Parent[of_movements.Movement]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


def _owner_id(reservation: of_reservations.Reservation) -> str:
    return ids.text("ord", reservation.owner_id)


def _line_id(reservation: of_reservations.Reservation) -> str:
    return ids.text("oln", reservation.line_id)


@node("rsv", of_reservations.Reservation, queries.reservations_by_ids, scope=READ)
class Reservation(Node, Versioned, HasTimeline):
    """Pieces of one stock level that are promised to one line of an order.

    What is taken off a part of it becomes a reservation of its own.
    """

    quantity: int = about("How many pieces.")
    status: ReservationStatus = about("What became of the promise.")
    expires_at: datetime | None = about("Until when a soft one is held. Null for all others.")
    actions: list[ActionState] = about("What can be done with it now.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is promised.")
    location: Location = one(queries.locations_by_ids, "location_id", "Where it lies.")
    level: StockLevel = one(queries.levels_by_ids, "level_id", "The level that it is held of.")

    owner: Node | None = linked_node(
        _owner_id, "The order that it is for. Null if the caller may not see it."
    )
    line: Node | None = linked_node(
        _line_id, "The line that it is for. Null if the caller may not see it."
    )


@filter_input
class LocationFilter:
    """Which locations. All words that are given must hold."""

    status: list[LocationStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[LocationKind] | None = about("Of one of these kinds.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@filter_input
class StockLevelFilter:
    """Which levels. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    on_hand: IntFilter | None = about("With so many pieces on hand.", default=UNSET)
    available: IntFilter | None = about("With so many pieces available.", default=UNSET)


@filter_input
class StockMovementFilter:
    """Which movements. All words that are given must hold."""

    kind: list[MovementKind] | None = about("Of one of these kinds.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("From or to such a location.", default=UNSET)
    cause_id: IdFilter | None = about("Done for this, as an order.", default=UNSET)
    occurred_at: DateTimeFilter | None = about("Happened at such a time.", default=UNSET)


@filter_input
class ReservationFilter:
    """Which reservations. All words that are given must hold."""

    status: list[ReservationStatus] | None = about("In one of these states.", default=UNSET)
    owner_id: IdFilter | None = about("For such an order.", default=UNSET)
    line_id: IdFilter | None = about("For such a line of an order.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of locations.")
class LocationSort:
    key: LocationSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of stock levels.")
class StockLevelSort:
    key: LevelSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of movements.")
class StockMovementSort:
    key: MovementSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of reservations.")
class ReservationSort:
    key: ReservationSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one location, in one of these ways.")
class LocationLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A physical location to be made.")
class LocationCreateInput:
    code: str = about("Its short name, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    kind: LocationKind = about("A physical kind; it stays.", default=LocationKind.WAREHOUSE)
    priority: int = about(
        "0 to 1,000,000: stock is promised from locations with smaller numbers first.",
        default=PRIORITY_DEFAULT,
    )
    negative_allowed: bool = about(
        "Let more be promised and shipped than there is, of the variants that are kept there.",
        default=False,
    )


@strawberry.input(description="What is to change of a location. What is absent stays.")
class LocationUpdateInput:
    code: str | None = about("Its short name.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    priority: int | None = about("Smaller numbers are asked first.", default=UNSET)
    negative_allowed: bool | None = about(
        "Let more be promised and shipped than there is.", default=UNSET
    )


@strawberry.input(
    description="A level that is to change: by `delta` pieces, or to `setTo` pieces, one of both."
)
class StockAdjustLineInput:
    variant_id: strawberry.ID = about("What is counted.")
    location_id: strawberry.ID = about("A physical location that is in use.")
    delta: int | None = about("How many pieces more; negative for less.", default=None)
    set_to: int | None = about("How many pieces there are.", default=None)
    expected_on_hand: int | None = about(
        "Refuse unless there are so many pieces now.", default=None
    )

    def value(self) -> of_levels.AdjustLine:
        """Raises: MalformedId."""
        return of_levels.AdjustLine(
            variant_id=ids.parse("sku", self.variant_id),
            location_id=ids.parse("loc", self.location_id),
            delta=self.delta,
            set_to=self.set_to,
            expected_on_hand=self.expected_on_hand,
        )


@strawberry.input(description="Levels that are to change: all of them, or none.")
class StockAdjustInput:
    kind: AdjustmentKind = about(
        "Why. `meta.reason` says it in words.", default=AdjustmentKind.CORRECTION
    )
    lines: list[StockAdjustLineInput] = about("At most 1,000, each for another level.")


@strawberry.input(description="How many pieces of a variant are not to be promised at a location.")
class StockSafetyLineInput:
    variant_id: strawberry.ID = about("What is kept.")
    location_id: strawberry.ID = about("A physical location that is in use.")
    safety: int = about("How many pieces, 0 or more.")

    def value(self) -> of_levels.SafetyLine:
        """Raises: MalformedId."""
        return of_levels.SafetyLine(
            variant_id=ids.parse("sku", self.variant_id),
            location_id=ids.parse("loc", self.location_id),
            safety=self.safety,
        )


@strawberry.input(description="Safety stocks that are to be set: all of them, or none.")
class StockSetSafetyInput:
    lines: list[StockSafetyLineInput] = about("At most 1,000, each for another level.")


@described
class StockShortage:
    """What is missing of one variant."""

    requested: int = about("How many pieces are wanted.")
    available: int = about("How many pieces can be had.")
    sku: str | None = about("SKU of the variant. Null if there is no such variant.")
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "The variant. Null if there is none."
    )


@error(of_levels.InsufficientStock)
class InsufficientStockError(UserError):
    """There is not enough to promise or to take away."""

    shortages: list[StockShortage] = about("Every variant that falls short.")


@error(of_levels.StockNotAsExpected)
class StockNotAsExpectedError(UserError):
    """There is another number of pieces than the caller believed."""

    expected: int = about("How many pieces were expected.")
    actual: int = about("How many pieces there are.")


@payload
class LocationPayload(MutationPayload):
    """What a mutation of a location answers."""

    location: Location | None = one(
        queries.locations_by_ids, "value", "The location as it is now. Null if it was refused."
    )


@payload
class StockPayload(MutationPayload):
    """What a mutation of stock levels answers."""

    levels: list[StockLevel] = many(
        queries.levels_by_touched,
        "value",
        "The level of each line, in their order, as it is now. Empty if it was refused.",
    )
    movements: list[StockMovement] = many(
        queries.movements_by_touched,
        "value",
        "What was written into the ledger: one entry for each line that changed something.",
    )
