"""Fulfillments, parcels, waves and pick lists on the wire."""

from datetime import datetime

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model import fulfillments as model
from backoffice_api.domain.fulfillment.model import packing, picking
from backoffice_api.domain.fulfillment.model import waves as of_waves
from backoffice_api.domain.fulfillment.model.fulfillments import (
    DispatchGate,
    FulfillmentSortKey,
    FulfillmentState,
    ParcelSortKey,
)
from backoffice_api.domain.fulfillment.model.packing import PackagingSortKey
from backoffice_api.domain.fulfillment.model.refusals import OrderOnHold
from backoffice_api.domain.fulfillment.model.waves import WaveSortKey, WaveStatus
from backoffice_api.domain.fulfillment.queries import picking as of_picking
from backoffice_api.domain.fulfillment.queries import promises
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.queries.lots import lots_by_ids
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lots import Lot
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import Location

READ = Scope.FULFILLMENT_READ

for _choices in (
    DispatchGate,
    FulfillmentSortKey,
    PackagingSortKey,
    ParcelSortKey,
    WaveSortKey,
    WaveStatus,
):
    choice(_choices)
choice(FulfillmentState)


@described
class FulfillmentPick:
    """So many pieces were taken from a location."""

    quantity: int = about("How many pieces.")
    picked_at: datetime = about("When.")
    location: Location = one(stock.locations_by_ids, "location_id", "From where.")
    lot: Lot | None = one(lots_by_ids, "lot_id", "Of which lot. Null: it is not tracked.")


@node("fln", model.FulfillmentLine, queries.fulfillment_lines_by_ids, scope=READ)
class FulfillmentLine(Node):
    """So many pieces of a line of the order; of a kit, of one of its components."""

    position: int = about("Its place in the fulfillment, from 0.")
    quantity: int = about("Pieces that are to be sent.")
    picked: int = about("Of these, pieces that were found.")
    packed: int = about("Of these, pieces that lie in parcels.")
    shipped: int = about("Pieces that have left the house.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is sent.")
    order_line: OrderLine = one(
        orders.lines_by_ids, "order_line_id", "The line of the order.", scope=Scope.ORDERS_READ
    )
    picks: list[FulfillmentPick] = many(
        queries.picks_by_lines, "id", "From where it was taken, in the order it was."
    )


@described
class PickStop:
    """So many pieces that are to be taken from a location."""

    quantity: int = about("How many pieces.")
    walk: int = about("The place of the location in the walk of this list, from 0.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where to go.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What to take.")
    line: FulfillmentLine = one(
        queries.fulfillment_lines_by_ids, "fulfillment_line_id", "For which line."
    )
    fulfillment: "Fulfillment" = one(
        queries.fulfillments_by_ids, "fulfillment_id", "For which fulfillment."
    )


@node("pbk", model.PutBack, queries.put_backs_by_ids, scope=READ)
class PutBack(Node):
    """Pieces that were picked and are not wanted any more."""

    quantity: int = about("How many pieces.")
    noted_at: datetime = about("Since when.")
    done_at: datetime | None = about("When they were put back. Null: they were not.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is to be put back.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where it came from.")
    lot: Lot | None = one(lots_by_ids, "lot_id", "Of which lot. Null: it is not tracked.")


@described
class ParcelLine:
    """So many pieces of a line of the fulfillment in a parcel."""

    quantity: int = about("How many pieces.")
    line: FulfillmentLine = one(
        queries.fulfillment_lines_by_ids, "fulfillment_line_id", "Of which line."
    )


@node("pkg", packing.Packaging, queries.packagings_by_ids, scope=READ)
class Packaging(Node, Versioned, HasTimeline):
    """A kind of box."""

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    length_mm: int = about("Inner length in millimetres.")
    width_mm: int = about("Inner width in millimetres.")
    height_mm: int = about("Inner height in millimetres.")
    weight_g: int = about("What it weighs empty, in grams.")


@node("pcl", model.Parcel, queries.parcels_by_ids, scope=READ)
class Parcel(Node, Versioned, HasTimeline):
    """A box that goes to the customer."""

    code: str = about("What is printed on it and scanned, unique.")
    weight_g: int | None = about("What it weighs, in grams. Null: nobody weighed it.")
    length_mm: int | None = about("Its length in millimetres. Null: not measured.")
    width_mm: int | None = about("Its width in millimetres. Null: not measured.")
    height_mm: int | None = about("Its height in millimetres. Null: not measured.")
    weight_flag: bool = about("It weighs something else than what is in it.")
    shipped_at: datetime | None = about("When it left. Null: it did not.")
    delivered_at: datetime | None = about("When it arrived. Null: it did not.")
    removed_at: datetime | None = about("When it was taken apart. Null: it was not.")
    actions: list[ActionState] = about("What can be done with it now.")
    packaging: Packaging | None = one(
        queries.packagings_by_ids, "packaging_id", "What kind of box. Null: nobody said."
    )
    lines: list[ParcelLine] = many(
        queries.lines_by_parcels, "id", "What is in it, at most 1,000 lines."
    )
    fulfillment: "Fulfillment" = one(
        queries.fulfillments_by_ids, "fulfillment_id", "What it is a part of."
    )
    order: Order = one(
        orders.orders_by_ids, "order_id", "For which order.", scope=Scope.ORDERS_READ
    )


@node("wav", of_waves.Wave, queries.waves_by_ids, scope=READ)
class Wave(Node, Versioned, HasTimeline):
    """Fulfillments that are picked together."""

    name: str = about("What people call it.")
    status: WaveStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    cut_off_at: datetime | None = about("What leaves until then was taken. Null: anything.")
    service: str | None = about("What goes with this service was taken. Null: anything.")
    zone: str | None = about("What goes there was taken. Null: anything.")
    released_at: datetime | None = about("When it was handed to the hall. Null: it was not.")
    done_at: datetime | None = about("When all of it was picked. Null: it is not.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where it is picked.")
    fulfillments: Connection["Fulfillment"] = listed_under(
        queries.fulfillment_list,
        queries.fulfillment_list.table.c.wave_id,
        "What is in it, newest first.",
    )


@node("ful", model.Fulfillment, queries.fulfillments_by_ids, scope=READ)
class Fulfillment(Node, Versioned, HasTimeline):
    """What one location does for one order."""

    number: str = about("What people call it: the order's number and a count.")
    status: FulfillmentState = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now, and what is in the way.")
    dispatch_gate: DispatchGate = about("Whether a document has to be there before it may leave.")
    priority: int = about("Smaller numbers are worked on first.")
    service: str | None = about("With which service of a carrier it goes. Null: nobody said.")
    zone: str | None = about("Where it goes, as `BR-SP`. Null: not known.")
    explanation: list[str] = about(
        "Why it is sent from there, and why the order is split.", scope=Scope.COSTS_READ
    )
    ship_by: datetime | None = about("Until when it has to leave. Null: no calendar says.")
    deliver_by: datetime | None = about("Until when it should arrive. Null: no calendar says.")
    shipped_at: datetime | None = about("When it left. Null: it did not.")
    delivered_at: datetime | None = about("When all of it had arrived. Null: it has not.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where it is sent from.")
    order: Order = one(
        orders.orders_by_ids, "order_id", "For which order.", scope=Scope.ORDERS_READ
    )
    wave: Wave | None = one(
        queries.waves_by_ids, "wave_id", "With what it is picked. Null: by itself."
    )
    lines: list[FulfillmentLine] = many(
        queries.lines_by_fulfillments, "id", "What is sent, at most 1,000 lines."
    )
    stops: list[PickStop] = many(
        of_picking.stops_by_fulfillments,
        "id",
        "What is still to be picked and where, in walking order. Empty: it is not being picked.",
    )
    parcels: list[Parcel] = many(
        queries.parcels_by_fulfillments, "id", "Its boxes, at most 200, the oldest first."
    )
    put_backs: list[PutBack] = many(
        queries.put_backs_by_fulfillments, "id", "What was picked for it in vain, the oldest first."
    )


@described
class OrderPromise:
    """Until when an order leaves and arrives, by its fulfillments or by the calendar."""

    ship_by: datetime | None = about("Until when the last of it leaves. Null: no calendar says.")
    deliver_by: datetime | None = about("Until when the last of it arrives. Null: no calendar.")


@described
class PickList:
    """Where somebody goes for some fulfillments, in walking order."""

    stops: list[PickStop] = about("Where to go and what to take, at most 2,000 stops.")
    location: Location = one(stock.locations_by_ids, "location_id", "In which house.")


@described
class SlaRisk:
    """A fulfillment that leaves late, or is about to."""

    late_minutes: int = about("How late it is; negative: so much time is left.")
    reasons: list[str] = about("Why it has not left yet.")
    fulfillment: Fulfillment = one(queries.fulfillments_by_ids, "id", "Which fulfillment.")


@described
class DispatchFigures:
    """How a site kept the days on which its fulfillments had to leave."""

    due: int = about("Fulfillments that had to leave until now.")
    on_time: int = about("Of these, those that left in time.")
    late: int = about("Of these, those that left late.")
    waiting: int = about("Of these, those that are still here.")
    delivered: int = about("Of these, those that have arrived.")
    delivered_late: int = about("Of these, those that arrived later than promised.")
    location: Location = one(stock.locations_by_ids, "location_id", "Which site.")


attach(
    Order,
    "fulfillments",
    Connection[Fulfillment],
    listed_under(
        queries.fulfillment_list,
        queries.fulfillment_list.table.c.order_id,
        "How it is sent, newest first.",
        scope=READ,
    ),
)
attach(
    Order,
    "promise",
    OrderPromise | None,
    one(
        promises.promises_by_orders,
        "id",
        "Until when it leaves and arrives. Null: it is no open order.",
        scope=READ,
    ),
)
attach(
    Location,
    "fulfillments",
    Connection[Fulfillment],
    listed_under(
        queries.fulfillment_list,
        queries.fulfillment_list.table.c.location_id,
        "What is sent from there, newest first.",
        scope=READ,
    ),
)


@error(OrderOnHold)
class OrderOnHoldError(UserError):
    """Its goods stay where they are: a hold lies on the order, or it is still to be reviewed."""

    order: str = about("The order's number.")
    holds: list[HoldKind] = about("What lies on it. Empty: nothing does.")
    awaits_review: bool = about("It was placed a moment ago, and is still to be judged.")


@error(of_waves.NothingForWave)
class NothingForWaveError(UserError):
    """No planned fulfillment fits the wave."""

    held: int = about("How many would fit, and wait for a hold, a review or a document.")


@error(packing.WrongWeight)
class WrongWeightError(UserError):
    """The parcel weighs something else than what is in it."""

    measured_g: int = about("What it weighs.")
    expected_g: int = about("What it should weigh.")
    tolerated_g: int = about("How much more or less would do.")


@error(picking.TooMuchPicked, packing.TooMuchPacked)
class TooManyPiecesError(UserError):
    """More pieces are named than are left."""

    requested: int = about("How many were named.")
    allowed: int = about("How many are left.")


@payload
class FulfillmentPayload(MutationPayload):
    """What a mutation of a fulfillment answers."""

    fulfillment: Fulfillment | None = one(
        queries.fulfillments_by_ids, "value", "The fulfillment as it is now. Null if refused."
    )


@payload
class FulfillmentPlanPayload(MutationPayload):
    """What planning answers."""

    fulfillments: list[Fulfillment] = many(
        queries.fulfillments_by_planned, "value", "What was planned, order by order."
    )


@payload
class ParcelPayload(MutationPayload):
    """What a mutation of a parcel answers."""

    parcel: Parcel | None = one(
        queries.parcels_by_ids, "value", "The parcel as it is now. Null if it was refused."
    )


@payload
class WavePayload(MutationPayload):
    """What a mutation of a wave answers."""

    wave: Wave | None = one(
        queries.waves_by_ids, "value", "The wave as it is now. Null if it was refused."
    )


@payload
class PackagingPayload(MutationPayload):
    """What a mutation of a packaging answers."""

    packaging: Packaging | None = one(
        queries.packagings_by_ids, "value", "The packaging as it is now. Null if refused."
    )
