"""What fulfillment has to know of a site, and how routing weighs: set up once, kept as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.fulfillment.model.routing import Weights
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text

COST_MINOR_MAX = 1_000_000_000
WEIGHT_MAX = 1_000_000
PERCENT_MAX = 100
TOLERANCE_PERCENT_DEFAULT = 5
TOLERANCE_G_DEFAULT = 50


class WeightCheck(Choice):
    """What is done where a parcel weighs something else than what is in it."""

    OFF = "off", "Nothing: nobody compares."
    FLAG = "flag", "The parcel is flagged, and may leave."
    REFUSE = "refuse", "The weight is refused: look into the parcel."


class SiteSortKey(Choice):
    """By what a list of sites is sorted."""

    CREATED_AT = "created_at", "When the site was set up."


@dataclass(frozen=True, slots=True)
class FulfillmentSite:
    """Where a site stands, what sending from it costs, and how it works.

    Its id is that of the location. Costs are in minor units of the shop's own currency: what one
    shipment costs, and each piece in it. `calendar_id` None: the calendar `default`.
    `release_gate`: what waits for a document is not even picked. `tolerance_*`: by how much a
    parcel may weigh more or less than what is in it; the larger of the two counts.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    country: str | None
    region: str | None
    postal_code: str | None
    shipment_cost_minor: int = field(metadata=COST)
    piece_cost_minor: int = field(metadata=COST)
    calendar_id: UUID | None
    release_gate: bool
    weight_check: WeightCheck
    tolerance_percent: int
    tolerance_g: int


@dataclass(frozen=True, slots=True)
class RoutingStrategy:
    """How routing weighs, by a code. That with the code `default` is used where none is named."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    split_weight: int
    distance_weight: int
    cost_weight: int
    priority_weight: int

    @property
    def weights(self) -> Weights:
        return Weights(
            self.split_weight, self.distance_weight, self.cost_weight, self.priority_weight
        )


DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class FulfillmentSiteSet(Event):
    type = "fulfillment_site.set"
    subject = "fst"
    summary = "How a location fulfills orders was set."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class RoutingStrategySet(Event):
    type = "routing_strategy.set"
    subject = "rst"
    summary = "The routing strategy {code} was set."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class WalkSet(Event):
    type = "location.walk_set"
    subject = "loc"
    summary = "The order of the walk was set: {places} places."
    id: UUID
    version: int
    places: int


@dataclass(eq=False)
class UnknownStrategy(Missing):
    """There is no routing strategy with this code."""

    name: str
    message = "There is no routing strategy {name!r:.90}."


@dataclass(eq=False)
class NotWithin(Refused):
    """A place of the walk is no part of the site."""

    id: UUID
    message = "The location is no part of the site."


@dataclass(frozen=True, slots=True)
class WalkPlace:
    """A location's place in the walk of its site."""

    location_id: UUID
    site_id: UUID
    position: int


def tolerated_g(expected_g: int, percent: int, grams: int) -> int:
    """By how many grams a parcel may weigh more or less than it should."""
    return max(expected_g * percent // 100, grams)


def check_strategy(faults: Faults, code: str, weights: Sequence[tuple[str, int]]) -> None:
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    for name, weight in weights:
        check_range(weight, faults, name, minimum=0, maximum=WEIGHT_MAX)
