"""Words and rules of slotting.

A rule says where pieces go that lie at a location where goods come in. A pick face is a place that
is picked from, and is filled from others as soon as there are few. What is to be done follows from
what lies where: nothing is stored of it, so what was done is no task any more, whoever did it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.capacity import Capacity, CapacityPolicy, Fill
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.lots import Tracking

# Over which time it is measured how fast a variant sells.
VELOCITY_WINDOW = timedelta(days=30)
RULES_MAX = 1_000
PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000_000


class PutawayRuleSortKey(Choice):
    """By what a list of rules is sorted."""

    PRIORITY = "priority", "The order in which rules are asked."
    CREATED_AT = "created_at", "When the rule was made."


class PickFaceSortKey(Choice):
    """By what a list of pick faces is sorted."""

    CREATED_AT = "created_at", "When the pick face was made."


@dataclass(frozen=True, slots=True)
class PutawayRule:
    """Pieces at `from_location_id` that are like this go to `to_location_id`.

    Of several rules that fit, the one with the smallest `priority` counts whose location has room.
    None: it does not matter. `shipped_min`: so many pieces at least left for customers within
    `VELOCITY_WINDOW`. `tracking`: told apart like this.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    from_location_id: UUID
    to_location_id: UUID
    priority: int
    bucket: Bucket
    variant_id: UUID | None
    product_id: UUID | None
    category_id: UUID | None
    shipped_min: int | None
    tracking: Tracking | None


@dataclass(frozen=True, slots=True)
class PickFace:
    """With `minimum` pieces of the variant or fewer at the location, it is filled to `maximum`."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    location_id: UUID
    variant_id: UUID
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Lying:
    """Pieces that lie where goods come in, of one lot where they are told apart.

    `category_ids`: all in which their product is filed, and all above these.
    """

    level_id: UUID
    variant_id: UUID
    product_id: UUID
    location_id: UUID
    bucket: Bucket
    pieces: int
    since: datetime
    tracking: Tracking
    category_ids: frozenset[UUID] = frozenset()
    shipped: int = 0
    lot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Carry:
    """Pieces that are to be carried from one location to another one.

    `subject`: what says so, one of our ids.
    """

    subject: str
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    bucket: Bucket
    pieces: int
    since: datetime
    lot_id: UUID | None = None


def fits(rule: PutawayRule, lying: Lying) -> bool:
    """Whether pieces are such as a rule is for."""
    return (
        rule.from_location_id == lying.location_id
        and rule.bucket is lying.bucket
        and rule.variant_id in (None, lying.variant_id)
        and rule.product_id in (None, lying.product_id)
        and (rule.category_id is None or rule.category_id in lying.category_ids)
        and (rule.shipped_min is None or lying.shipped >= rule.shipped_min)
        and rule.tracking in (None, lying.tracking)
    )


class Room:
    """How much room is left at locations, while pieces are given places one after the other."""

    def __init__(
        self,
        capacities: Mapping[UUID, Capacity],
        fills: Mapping[UUID, Fill],
        sizes: Mapping[UUID, Fill],
    ) -> None:
        self._capacities = capacities
        self._fills = dict(fills)
        self._sizes = sizes

    def takes(self, location_id: UUID, variant_id: UUID, pieces: int) -> int:
        """How many of the pieces fit; those are given the room. Where it only warns, all do."""
        capacity = self._capacities.get(location_id)
        if capacity is None or capacity.policy is CapacityPolicy.WARN:
            return pieces
        size = self._sizes.get(variant_id, Fill(1))
        before = self._fills.get(location_id, Fill())
        low, high = 0, pieces
        while low < high:  # the most that does not exceed it
            middle = (low + high + 1) // 2
            if (before + size.times(middle)).exceeds(capacity):
                high = middle - 1
            else:
                low = middle
        self._fills[location_id] = before + size.times(low)
        return low


def placed(
    rules: Sequence[tuple[str, PutawayRule]], lying: Sequence[Lying], room: Room
) -> Sequence[Carry]:
    """Where pieces go, by the rules in their order; what finds no room stays where it is.

    Rules come with their ids as they are shown.
    """
    found = []
    for each in lying:
        left = each.pieces
        for subject, rule in rules:
            if left and fits(rule, each):
                pieces = room.takes(rule.to_location_id, each.variant_id, left)
                left -= pieces
                if pieces:
                    found.append(
                        Carry(
                            subject,
                            each.variant_id,
                            each.location_id,
                            rule.to_location_id,
                            each.bucket,
                            pieces,
                            each.since,
                            each.lot_id,
                        )
                    )
    return found


@dataclass(frozen=True, slots=True)
class PutawayRuleCreated(Event):
    type = "putaway_rule.created"
    subject = "pwr"
    summary = "A rule of putting away was made."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PutawayRuleRemoved(Event):
    type = "putaway_rule.removed"
    subject = "pwr"
    summary = "A rule of putting away was removed."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PickFaceSet(Event):
    type = "pick_face.set"
    subject = "pfc"
    summary = "A pick face is filled from {minimum} to {maximum} pieces."
    id: UUID
    version: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class PickFaceRemoved(Event):
    type = "pick_face.removed"
    subject = "pfc"
    summary = "A pick face is not filled any more."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownPutawayRule(Missing):
    """There is no rule of putting away with this id."""

    id: UUID
    message = "There is no such rule of putting away."


@dataclass(eq=False)
class UnknownPickFace(Missing):
    """There is no pick face with this id."""

    id: UUID
    message = "There is no such pick face."


@dataclass(eq=False)
class PutawayStays(Invalid):
    """A rule names the same location twice: pieces would stay where they are."""

    message = "A rule of putting away names two locations."


@dataclass(eq=False)
class PickFaceNeverFilled(Invalid):
    """The maximum of a pick face lies above its minimum."""

    message = "The maximum lies above the minimum."


def check_rule(faults: Faults, rule: PutawayRule) -> None:
    check_range(rule.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    check_range(rule.shipped_min, faults, "shipped_min", minimum=0, maximum=QUANTITY_MAX)
    if rule.from_location_id == rule.to_location_id:
        faults.add(PutawayStays().at("to_location_id"))


def check_face(faults: Faults, minimum: int, maximum: int) -> None:
    check_range(minimum, faults, "minimum", minimum=0, maximum=QUANTITY_MAX)
    check_range(maximum, faults, "maximum", minimum=1, maximum=QUANTITY_MAX)
    if maximum <= minimum:
        faults.add(PickFaceNeverFilled().at("maximum"))
