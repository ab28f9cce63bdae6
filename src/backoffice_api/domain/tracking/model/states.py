"""Where a parcel is, in the words that all carriers are brought to.

    created > pre-transit > picked up > on the way (in transit, on hold, delayed, out for delivery,
    ready for pickup, attempt failed) > returning > cancelled, lost, returned, delivered

Carriers repeat themselves and tell things late. So a state is no path that was walked, but the
strongest of all that was told: the one of the highest rank, and of these the one that happened
last. Whatever the order in which it is heard, and however often, the same comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.states import Machine, move


class TrackingState(Choice):
    """Where a parcel is."""

    CREATED = "created", "Its number is known; the carrier has told nothing."
    PRE_TRANSIT = "pre_transit", "The carrier knows of it and has not got it yet."
    PICKED_UP = "picked_up", "The carrier has got it."
    IN_TRANSIT = "in_transit", "On its way."
    ON_HOLD = "on_hold", "Stands still until somebody does something."
    DELAYED = "delayed", "On its way, later than was said."
    OUT_FOR_DELIVERY = "out_for_delivery", "In the van that delivers."
    READY_FOR_PICKUP = "ready_for_pickup", "Waits to be fetched by the recipient."
    ATTEMPT_FAILED = "attempt_failed", "Could not be handed over; it will be tried again."
    DELIVERED = "delivered", "Handed over."
    RETURNING = "returning", "On its way back to the shop, or about to be."
    RETURNED = "returned", "Back at the shop."
    LOST = "lost", "Will not arrive: missing, stolen or destroyed."
    CANCELLED = "cancelled", "Never given to the carrier."


class TrackingCause(Choice):
    """Why a parcel is held, late, coming back or lost."""

    ADDRESS = "address", "The address is wrong or incomplete."
    ABSENT = "absent", "Nobody was there."
    CLOSED = "closed", "The business was closed."
    REFUSED = "refused", "The recipient did not want it."
    MOVED = "moved", "The recipient has moved."
    UNKNOWN_RECIPIENT = "unknown_recipient", "Nobody knows the recipient there."
    NOT_COLLECTED = "not_collected", "Nobody fetched it in time."
    SCHEDULED = "scheduled", "Another day was agreed."
    DOCUMENTS = "documents", "Papers are missing or wrong."
    PAYMENT = "payment", "Duty or a fee has to be paid."
    INSPECTION = "inspection", "An authority looks at it."
    SEIZED = "seized", "An authority has taken it."
    CONTENT = "content", "Its size or content may not be carried."
    DAMAGED = "damaged", "It is damaged."
    STOLEN = "stolen", "It was stolen."
    MISSING = "missing", "It cannot be found."
    DISPOSED = "disposed", "It was thrown away."
    MISROUTED = "misrouted", "It was sent the wrong way."
    OPERATIONS = "operations", "The carrier is behind with its work."
    AREA = "area", "The area is served more slowly, or not at all."
    WEATHER = "weather", "The weather."
    SHIPPER_REQUEST = "shipper_request", "The shop asked for it."
    OTHER = "other", "Something else."


class ResponsibleParty(Choice):
    """Whose matter it is."""

    CARRIER = "carrier", "The carrier's."
    SHIPPER = "shipper", "The shop's."
    RECIPIENT = "recipient", "The recipient's."
    CUSTOMS = "customs", "That of customs or another authority."
    WEATHER = "weather", "Nobody's: the weather."


_UNDER_WAY = {
    TrackingState.IN_TRANSIT,
    TrackingState.ON_HOLD,
    TrackingState.DELAYED,
    TrackingState.OUT_FOR_DELIVERY,
    TrackingState.READY_FOR_PICKUP,
    TrackingState.ATTEMPT_FAILED,
}

# A state gives way only to one of a higher rank, or to a later one of its own. Of the ends, the
# one that says more stands: what was lost or called off has sometimes arrived after all.
RANKS = {
    TrackingState.CREATED: 0,
    TrackingState.PRE_TRANSIT: 1,
    TrackingState.PICKED_UP: 2,
    **dict.fromkeys(_UNDER_WAY, 3),
    TrackingState.RETURNING: 4,
    TrackingState.CANCELLED: 5,
    TrackingState.LOST: 6,
    TrackingState.RETURNED: 7,
    TrackingState.DELIVERED: 8,
}

ENDS = frozenset(
    {
        TrackingState.DELIVERED,
        TrackingState.RETURNED,
        TrackingState.LOST,
        TrackingState.CANCELLED,
    }
)

_VERBS = {
    TrackingState.PRE_TRANSIT: "announce",
    TrackingState.PICKED_UP: "pick_up",
    TrackingState.IN_TRANSIT: "move_on",
    TrackingState.ON_HOLD: "hold",
    TrackingState.DELAYED: "delay",
    TrackingState.OUT_FOR_DELIVERY: "take_out",
    TrackingState.READY_FOR_PICKUP: "lay_ready",
    TrackingState.ATTEMPT_FAILED: "fail_attempt",
    TrackingState.RETURNING: "turn_back",
    TrackingState.CANCELLED: "cancel",
    TrackingState.LOST: "lose",
    TrackingState.RETURNED: "return",
    TrackingState.DELIVERED: "deliver",
}

MACHINE = Machine(
    TrackingState.CREATED,
    *(
        move(verb, {each for each in TrackingState if RANKS[each] <= RANKS[to]}, to)
        for to, verb in _VERBS.items()
    ),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one event says of its parcel. `key` breaks ties between events of one moment."""

    state: TrackingState
    at: datetime
    key: str
    cause: TrackingCause | None
    party: ResponsibleParty | None

    @property
    def weight(self) -> tuple[int, datetime, str]:
        return RANKS[self.state], self.at, self.key


def strongest(told: Iterable[Standing]) -> Standing | None:
    """What stands of all that was told. None: nothing was.

    The largest of a set does not depend on the order of the set, nor on repetitions.
    """
    return max(told, key=lambda each: each.weight, default=None)
