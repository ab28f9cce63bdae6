"""Locations, stock levels, movements and reservations on the wire."""

from datetime import datetime

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model import levels as of_levels
from backoffice_api.domain.stock.model import locations as of_locations
from backoffice_api.domain.stock.model import movements as of_movements
from backoffice_api.domain.stock.model import reservations as of_reservations
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationKind, LocationStatus
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.reservations import LINE_PREFIXES, ReservationStatus
from backoffice_api.domain.stock.queries import positions
from backoffice_api.domain.stock.tables import levels, locations
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import BigInt

READ = Scope.STOCK_READ

for _choices in (
    LocationKind,
    LocationStatus,
    MovementKind,
    ReservationStatus,
):
    choice(_choices)
choice(Bucket, name="StockBucket")


@described
class StockContents:
    """How many pieces there are, by the condition that they are in."""

    on_hand: int = about("Pieces that are fit for sale.")
    reserved: int = about("Pieces of these that are promised.")
    safety: int = about("Pieces of these that are not to be promised.")
    available: int = about("Pieces that can be promised: on hand less reserved less safety.")
    quality_check: int = about("Pieces that wait for an inspection.")
    quarantine: int = about("Pieces that are set aside.")
    damaged: int = about("Broken pieces.")
    owned: int = about("All pieces, in whatever condition.")


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
    depth: int = about("How deep it lies in the tree; 1 for a site.")
    actions: list[ActionState] = about("What can be done with it now.")
    parent: "Location | None" = one(
        queries.locations_by_ids, "parent_id", "What it is a part of. Null for a site."
    )
    parts: Connection["Location"] = listed_under(
        queries.location_list,
        locations.c.parent_id,
        "Zones and bins that are right below it, newest first.",
    )
    contents: StockContents = one(
        queries.contents_by_locations,
        "id",
        "How many pieces of anything there are, in all its parts, too.",
    )
    levels: Connection["StockLevel"] = listed_under(
        queries.level_list,
        levels.c.location_id,
        "What is kept there itself, last come first. A virtual location keeps nothing, but for "
        "what is in transit.",
    )


@node("lvl", of_levels.StockLevel, queries.levels_by_ids, scope=READ)
class StockLevel(Node, Versioned, HasTimeline):
    """How many pieces of one variant there are at one location, in one condition."""

    bucket: Bucket = about("In which condition they are. Only what is sellable can be promised.")
    on_hand: int = about("Pieces that are there.")
    reserved: int = about("Pieces of these that are promised.")
    safety: int = about("Pieces of these that are not to be promised.")
    available: int = about(
        "Pieces that can be promised: of what is sellable, on hand less reserved less safety. "
        "Negative where the safety stock is eaten into, or more is promised than there is."
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is kept.")
    location: Location = one(queries.locations_by_ids, "location_id", "Where it is kept.")


@described
class StockPosition:
    """The sums of one variant over all locations."""

    on_hand: int = about("Pieces that are fit for sale.")
    reserved: int = about("Pieces of these that are promised.")
    safety: int = about("Pieces of these that are not to be promised.")
    available: int = about(
        "Pieces that can be promised: on hand less reserved less safety. Of a kit, which owns no "
        "stock, as many as the scarcest of its components makes."
    )
    quality_check: int = about("Pieces that wait for an inspection.")
    quarantine: int = about("Pieces that are set aside.")
    damaged: int = about("Broken pieces.")
    in_transit: int = about("Pieces that are on their way between two locations.")
    owned: int = about("All pieces, in whatever condition and wherever.")
    by_location: Connection[StockLevel] = listed_under(
        queries.level_list,
        levels.c.variant_id,
        "The same for each location and condition in which the variant is kept.",
        key="variant_id",
    )


attach(
    Variant,
    "stock",
    StockPosition,
    one(
        positions.positions_by_variants,
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
    """Pieces that left one location or condition and entered another one.

    An entry of the ledger, never changed.
    """

    sequence: BigInt = about("Its place in the ledger. Grows; may have gaps.")
    kind: MovementKind = about("Why they moved.")
    quantity: int = about("How many pieces, above zero.")
    from_bucket: Bucket = about("The condition that they left. Of a virtual location: SELLABLE.")
    to_bucket: Bucket = about("The condition that they are in now. Of a virtual one: SELLABLE.")
    reason: str | None = about("Why, as the caller said.")
    occurred_at: datetime = about("When they moved.")
    recorded_at: datetime = about("When that was written down.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What was moved.")
    from_location: Location | None = one(
        queries.locations_by_ids,
        "from_location_id",
        "Where they came from. Null: it is out of your reach.",
    )
    to_location: Location | None = one(
        queries.locations_by_ids,
        "to_location_id",
        "Where they went. Null: it is out of your reach.",
    )

    cause: Node | None = linked_node(
        _cause_id,
        "What it was done for, as an order. Null if that is not on record, or if the caller may "
        "not see it.",
    )

    @strawberry.field(description="Who recorded it.")
    def actor(parent: strawberry.Parent[of_movements.Movement]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


def _owner_id(reservation: of_reservations.Reservation) -> str:
    return ids.text(reservation.owner_kind.value, reservation.owner_id)


def _line_id(reservation: of_reservations.Reservation) -> str:
    return ids.text(LINE_PREFIXES[reservation.owner_kind], reservation.line_id)


@node("rsv", of_reservations.Reservation, queries.reservations_by_ids, scope=READ)
class Reservation(Node, Versioned, HasTimeline):
    """Pieces of one stock level that are promised to one line of an order, or of a transfer.

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
        _owner_id, "The order or transfer that it is for. Null if the caller may not see it."
    )
    line: Node | None = linked_node(
        _line_id, "The line that it is for. Null if the caller may not see it."
    )


@described
class StockShortage:
    """What is missing of one variant."""

    requested: int = about("How many pieces are wanted.")
    available: int = about("How many pieces can be had.")
    sku: str | None = about("SKU of the variant. Null if there is no such variant.")
    kit_skus: list[str] = about("The kits that it is wanted for. Empty if it is ordered as such.")
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
