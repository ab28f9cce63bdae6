"""Why something cannot be done with a fulfillment, and the rule about kits behind one of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.orders.model.holds import HoldKind


@dataclass(eq=False)
class UnknownFulfillmentLine(Missing):
    """The fulfillment has no line with this id."""

    line_id: UUID
    message = "The fulfillment has no such line."


@dataclass(eq=False)
class NothingToPlan(Refused):
    """All that is left of the orders is planned, or cannot be sent now."""

    message = "Nothing is left that could be planned now."


@dataclass(eq=False)
class NoSite(Refused):
    """There is no location in use from which anything could be sent."""

    message = "There is no location to send from."


@dataclass(eq=False)
class NotASite(Invalid):
    """Fulfillments are sent from sites, not from their zones and bins."""

    message = "Fulfillments are sent from sites, not from zones and bins."


@dataclass(eq=False)
class OtherOrder(Invalid):
    """Only fulfillments of one order, at one location and in one state become one."""

    message = "Only fulfillments of one order, location and state can be merged."


@dataclass(eq=False)
class KitBroken(Invalid):
    """A kit is sent whole: name its components in the same proportion as the kit holds them."""

    message = "The pieces of a kit stay together: name whole kits."


@dataclass(eq=False)
class FulfillmentEmptied(Refused):
    """Nothing would be left of the fulfillment: cancel or move it as a whole."""

    message = "Nothing would be left of it."


@dataclass(eq=False)
class OrderOnHold(Refused):
    """A hold lies on the order, or it is still to be reviewed: its goods stay where they are."""

    order: str
    holds: tuple[HoldKind, ...]
    awaits_review: bool
    message = "A hold lies on order {order}, or it is still to be reviewed."


@dataclass(eq=False)
class OrderNotOpen(Refused):
    """Only open orders are fulfilled."""

    order: str
    message = "Order {order} is not open."


def whole_units(pieces: Mapping[UUID, int], parts: Mapping[UUID, int]) -> int | None:
    """How many whole units of a line the pieces make, by variant. None: they make none exactly."""
    counts = {pieces.get(id, 0) // per for id, per in parts.items()}
    units = counts.pop() if len(counts) == 1 else -1
    exact = units >= 0 and all(pieces.get(id, 0) == units * per for id, per in parts.items())
    return units if exact and set(pieces) <= set(parts) else None


@dataclass(eq=False)
class ArrivedAtNoSuchTime(Invalid):
    """It is said to have arrived before it left, or still to come."""

    shipped_at: datetime
    message = "What left at {shipped_at} has arrived after that, and by now."
