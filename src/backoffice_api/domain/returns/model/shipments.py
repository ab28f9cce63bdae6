"""How goods come back: what a carrier gave for that, and where they are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.tracking.model.states import TrackingState

DROP_OFF_LENGTH_MAX = 120
INSTRUCTIONS_LENGTH_MAX = 2_000
PER_RETURN_MAX = 20

# The customer has handed it over.
UNDER_WAY = frozenset(
    {
        TrackingState.PICKED_UP,
        TrackingState.IN_TRANSIT,
        TrackingState.ON_HOLD,
        TrackingState.DELAYED,
        TrackingState.OUT_FOR_DELIVERY,
        TrackingState.READY_FOR_PICKUP,
        TrackingState.ATTEMPT_FAILED,
        TrackingState.DELIVERED,
    }
)


@dataclass(frozen=True, slots=True)
class ReturnShipment:
    """A parcel in which goods of a return are to come, under the number of its carrier.

    `drop_off_code`: what the customer shows where they hand it over, instead of a label.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    return_id: UUID
    tracking_id: UUID
    carrier: str
    number: str
    drop_off_code: str | None
    instructions: str


@dataclass(frozen=True, slots=True)
class ReturnShipmentMade(Event):
    type = "return_shipment.made"
    subject = "rsh"
    summary = "Goods of return {return_number} are to come with {carrier} {number}."
    id: UUID
    version: int
    return_id: UUID
    return_number: str
    carrier: str
    number: str


@dataclass(eq=False)
class NumberOfAnother(Refused):
    """The number is that of a parcel of the shop, or of another return."""

    carrier: str
    number: str
    message = "{carrier} {number} is another parcel."


@dataclass(eq=False)
class NotAwaited(Refused):
    """The return is not approved, or all of it is here already."""

    message = "Nothing of this return is waited for."


@dataclass(eq=False)
class UnknownReturnShipment(Missing):
    """There is no parcel of a return with this id."""

    id: UUID
    message = "There is no such parcel of a return."
