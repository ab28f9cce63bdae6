"""Fulfillments: what one location does for one order.

    planned > released > picking > picked > packed > ready > shipped > delivered

A fulfillment is planned over what is promised at a location; it is released to the hall when no
hold lies on its order. What waits for goods is backordered until they come. Until it is shipped
it can be cancelled, which leaves its pieces promised to the order. `location` is always a site:
the bins that pieces are picked from are those where they are promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.states import Action, Machine, move


class FulfillmentState(Choice):
    """How far a fulfillment is."""

    PLANNED = "planned", "Its pieces are promised; nobody works on it."
    BACKORDERED = "backordered", "Some of its pieces have still to come in."
    RELEASED = "released", "To be picked."
    PICKING = "picking", "Being picked."
    PICKED = "picked", "All that could be found lies ready to be packed."
    PACKED = "packed", "Lies in parcels."
    READY = "ready", "Labelled, and every document is there: the carrier may take it."
    SHIPPED = "shipped", "Has left the house."
    DELIVERED = "delivered", "All its parcels have arrived."
    CANCELLED = "cancelled", "Called off; its pieces were given back to the order."


class DispatchGate(Choice):
    """Whether a document has to be there before the goods may leave."""

    NOT_REQUIRED = "not_required", "None is needed."
    CLOSED = "closed", "It is not there yet: the goods stay."
    OPEN = "open", "It is there."


# Those in which no piece has left, and the order still counts on it.
OPEN = frozenset(
    {
        FulfillmentState.PLANNED,
        FulfillmentState.BACKORDERED,
        FulfillmentState.RELEASED,
        FulfillmentState.PICKING,
        FulfillmentState.PICKED,
        FulfillmentState.PACKED,
        FulfillmentState.READY,
    }
)
# Those in which nobody has touched its pieces.
UNTOUCHED = frozenset(
    {FulfillmentState.PLANNED, FulfillmentState.BACKORDERED, FulfillmentState.RELEASED}
)
PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000_000
SERVICE_LENGTH_MAX = 80
# How many orders are planned at once, and how many lines a fulfillment may name in one input.
ORDERS_MAX = 1_000
LINES_MAX = 1_000

_BEFORE_SHIPPED = {
    FulfillmentState.PLANNED,
    FulfillmentState.BACKORDERED,
    FulfillmentState.RELEASED,
    FulfillmentState.PICKING,
    FulfillmentState.PICKED,
    FulfillmentState.PACKED,
    FulfillmentState.READY,
}

MACHINE = Machine(
    FulfillmentState.PLANNED,
    move("update", _BEFORE_SHIPPED),
    move("split", set(UNTOUCHED)),
    move("merge", set(UNTOUCHED)),
    move("relocate", set(UNTOUCHED)),
    move("wait", {FulfillmentState.PLANNED}, FulfillmentState.BACKORDERED),
    move("fill", {FulfillmentState.BACKORDERED}, FulfillmentState.PLANNED),
    move("release", {FulfillmentState.PLANNED}, FulfillmentState.RELEASED),
    move("pick", {FulfillmentState.RELEASED, FulfillmentState.PICKING}, FulfillmentState.PICKING),
    move("finish_picking", {FulfillmentState.PICKING}, FulfillmentState.PICKED),
    move("pack", {FulfillmentState.PICKED}),
    # By itself, with the last piece.
    move("finish_packing", {FulfillmentState.PICKED}, FulfillmentState.PACKED),
    move("unpack", {FulfillmentState.PACKED, FulfillmentState.READY}, FulfillmentState.PICKED),
    move("ready", {FulfillmentState.PACKED}, FulfillmentState.READY),
    move("unready", {FulfillmentState.READY}, FulfillmentState.PACKED),
    move(
        "ship",
        {FulfillmentState.PICKED, FulfillmentState.PACKED, FulfillmentState.READY},
        FulfillmentState.SHIPPED,
    ),
    move("deliver", {FulfillmentState.SHIPPED}, FulfillmentState.DELIVERED),
    move("cancel", _BEFORE_SHIPPED, FulfillmentState.CANCELLED),
)


# Moves that follow from others, or from outside.
_BY_ITSELF = frozenset({"wait", "fill", "finish_packing", "unpack", "unready"})


class FulfillmentSortKey(Choice):
    """By what a list of fulfillments is sorted."""

    CREATED_AT = "created_at", "When it was planned."
    UPDATED_AT = "updated_at", "When it was last changed."
    PRIORITY = "priority", "Smaller numbers are worked on first."


class ParcelSortKey(Choice):
    """By what a list of parcels is sorted."""

    CREATED_AT = "created_at", "When the parcel was begun."


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """`number`: what people call it. `dispatch_gate` says whether a document is waited for.

    `service`: with which service of a carrier it is to go. `zone`: where it goes, as `BR-SP`.
    `explanation`: why it is sent from there, in sentences. `wave_id`: with what it is picked.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    order_id: UUID
    location_id: UUID
    number: str
    status: FulfillmentState
    dispatch_gate: DispatchGate
    ship_by: datetime | None
    deliver_by: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    priority: int = PRIORITY_DEFAULT
    service: str | None = None
    zone: str | None = None
    wave_id: UUID | None = None
    explanation: Sequence[str] = field(default=(), metadata=COST)

    @property
    def actions(self) -> Sequence[Action]:
        """What can be done with it. What follows by itself is none of it."""
        closed = (str(GateClosed()),) if self.dispatch_gate is DispatchGate.CLOSED else ()
        found = MACHINE.actions(self.status, {"ship": closed, "ready": closed})
        return [each for each in found if each.name not in _BY_ITSELF]


@dataclass(frozen=True, slots=True)
class FulfillmentLine:
    """So many pieces of a line of the order; of a kit, of one of its components.

    `quantity` counts pieces of the variant. Of these, `picked` were found, `packed` lie in
    parcels, `shipped` have left the house.
    """

    id: UUID
    fulfillment_id: UUID
    order_line_id: UUID
    variant_id: UUID
    position: int
    quantity: int
    picked: int
    packed: int
    shipped: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box. `code` is what is printed on it and scanned. Weight in grams, sizes in millimetres.

    None: not measured.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    fulfillment_id: UUID
    order_id: UUID
    code: str
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    packaging_id: UUID | None = None
    weight_flag: bool = False
    removed_at: datetime | None = None

    @property
    def actions(self) -> Sequence[Action]:
        reason: tuple[str, ...] = ("It has left the house.",) if self.shipped_at else ()
        if self.removed_at:
            reason = ("It was taken apart.",)
        return [
            Action(name, allowed=not reason, blocked_by=reason)
            for name in ("pack", "update", "remove")
        ]


@dataclass(frozen=True, slots=True)
class Pick:
    """So many pieces of a line were taken from a location; of a lot, if they are tracked."""

    id: UUID
    fulfillment_line_id: UUID
    location_id: UUID
    lot_id: UUID | None
    quantity: int
    picked_at: datetime


@dataclass(frozen=True, slots=True)
class PutBack:
    """Pieces that were picked and are not wanted any more: somebody has to put them back."""

    id: UUID
    fulfillment_id: UUID
    variant_id: UUID
    location_id: UUID
    lot_id: UUID | None
    quantity: int
    noted_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePieces:
    """So many pieces of a line of a fulfillment."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What was planned: ids of the fulfillments, order by order."""

    fulfillment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """So many pieces of a line of the fulfillment in a parcel."""

    parcel_id: UUID
    fulfillment_line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class FulfillmentShipped(Event):
    type = "fulfillment.shipped"
    subject = "ful"
    summary = "Fulfillment {fulfillment} of order {order} was shipped."
    id: UUID
    version: int
    fulfillment: str
    order: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class FulfillmentDelivered(Event):
    """`reason`: how somebody knows of it who has said so by hand. None: a carrier told it."""

    type = "fulfillment.delivered"
    subject = "ful"
    summary = "Fulfillment {fulfillment} of order {order} was delivered."
    id: UUID
    version: int
    fulfillment: str
    order: str
    order_id: UUID
    reason: str | None = None


@dataclass(eq=False)
class UnknownFulfillment(Missing):
    """There is no fulfillment with this id."""

    id: UUID
    message = "There is no such fulfillment."


@dataclass(eq=False)
class UnknownParcel(Missing):
    """There is no parcel with this id."""

    id: UUID
    message = "There is no such parcel."


@dataclass(eq=False)
class GateClosed(Refused):
    """A document that has to go with the goods is not there yet."""

    message = "A document is missing: the goods stay."


@dataclass(eq=False)
class UnknownPutBack(Missing):
    """There is nothing of this id to put back any more."""

    id: UUID
    message = "There is nothing of this id to put back."
