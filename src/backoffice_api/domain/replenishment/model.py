"""When to buy a variant for a location, and how much.

    position = on hand - reserved + ordered from suppliers and not yet here

Where the position is at or below the reorder point, as much is suggested as fills it up to the
order-up-to level, in whole packs. The reorder point covers what is expected to be sold until the
goods arrive, and the safety stock that covers what may be sold beyond that:

    reorder point = d x L + safety        safety = z x sqrt(L x sd(d)^2 + d^2 x sd(L)^2)

with the demand per day d, the lead time in days L, their standard deviations, and the quantile z
of the normal distribution for the service level: the share of order cycles without a stock-out.
Source: Silver, Pyke and Thomas, Inventory and Production Management in Supply Chains, 4th ed.,
chapter 6 (continuous review; demand and lead time independent of each other).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil, sqrt
from statistics import NormalDist
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import OutOfRange, check_range

RULES_MAX = 1_000
QUANTITY_MAX = 1_000_000_000
# How many full days of the past demand is measured over.
DEMAND_DAYS = 90
# Lead times of so many orders say more than what the supplier says.
LEAD_SAMPLES_MIN = 3
LEAD_TIME_DAYS_OF_HISTORY = 365
COVERAGE_DAYS_DEFAULT = 30
COVERAGE_DAYS_MAX = 730
SERVICE_LEVEL_DEFAULT = 950
SERVICE_LEVEL_MIN, SERVICE_LEVEL_MAX = 500, 999

# What is computed in floating point is rounded up only if it is more than dust.
_DUST = 1e-9


class ReplenishmentMethod(Choice):
    """How it is decided when to buy, and how much."""

    MIN_MAX = "min_max", "At or below a minimum, up to a maximum; both are given."
    REORDER_POINT = (
        "reorder_point",
        "At or below the reorder point that follows from demand and lead time.",
    )


class ReplenishmentRuleSortKey(Choice):
    """By what a list of rules is sorted."""

    CREATED_AT = "created_at", "When the rule was made."


@dataclass(frozen=True, slots=True)
class ReplenishmentRule:
    """How one variant is kept in stock at one location.

    `reorder_point` and `safety` None: they are computed. `maximum` None: what is bought lasts for
    `coverage_days` beyond the reorder point. `supplier_id` None: whoever is preferred.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    variant_id: UUID
    location_id: UUID
    method: ReplenishmentMethod
    minimum: int | None
    maximum: int | None
    reorder_point: int | None
    safety: int | None
    service_level_permille: int
    coverage_days: int
    supplier_id: UUID | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What was sold over `days` full days: pieces, and the sum of squares of the daily pieces."""

    days: int
    total: int
    squares: int

    @property
    def per_day(self) -> float:
        return self.total / self.days

    @property
    def variance(self) -> float:
        """Of the daily pieces, days without sales counting as zero (sample variance)."""
        if self.days < 2:
            return 0.0
        return max(0.0, (self.squares - self.total**2 / self.days) / (self.days - 1))


@dataclass(frozen=True, slots=True)
class LeadTime:
    """From sending an order to its first receipt. `samples` 0: as the supplier says."""

    mean_days: float
    deviation_days: float
    samples: int


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule came to when demand was last measured. Times are in thousandths of a day."""

    rule_id: UUID
    measured_at: datetime
    demand_days: int
    demand_total: int
    demand_squares: int
    supplier_id: UUID | None
    supplier_item_id: UUID | None
    lead_time_millidays: int
    lead_deviation_millidays: int
    lead_samples: int
    safety: int
    reorder_point: int
    order_up_to: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """So many pieces should be bought, and all that follows from. `id` is that of the rule.

    `drafted`: ordered, but not yet approved. `supplier_item_id` None: nobody is known to sell it.
    """

    id: UUID
    variant_id: UUID
    location_id: UUID
    supplier_id: UUID | None
    supplier_item_id: UUID | None
    method: ReplenishmentMethod
    service_level_permille: int
    measured_at: datetime
    demand_days: int
    demand_total: int
    demand_squares: int
    lead_time_millidays: int
    lead_deviation_millidays: int
    lead_samples: int
    safety: int
    reorder_point: int
    order_up_to: int
    on_hand: int
    reserved: int
    incoming: int
    drafted: int
    pack_size: int = 1
    minimum_quantity: int = 1

    @property
    def position(self) -> int:
        return self.on_hand - self.reserved + self.incoming + self.drafted

    @property
    def needed(self) -> int:
        """Pieces up to the order-up-to level."""
        return self.order_up_to - self.position

    @property
    def quantity(self) -> int:
        """Pieces to be bought: whole packs, no less than the supplier sells."""
        wanted = max(self.needed, self.minimum_quantity)
        return -(-wanted // self.pack_size) * self.pack_size

    @property
    def demand_per_day(self) -> Decimal:
        return _decimal(self._demand.per_day)

    @property
    def demand_deviation(self) -> Decimal:
        return _decimal(sqrt(self._demand.variance))

    @property
    def lead_time_days(self) -> Decimal:
        return Decimal(self.lead_time_millidays).scaleb(-3)

    @property
    def lead_deviation_days(self) -> Decimal:
        return Decimal(self.lead_deviation_millidays).scaleb(-3)

    @property
    def explanation(self) -> "Suggestion":
        """Itself, as that of which all the reasons are read."""
        return self

    @property
    def text(self) -> str:
        """The reasons in one sentence."""
        return (
            f"{self.position} pieces (on hand {self.on_hand}, reserved {self.reserved}, incoming "
            f"{self.incoming}, drafted {self.drafted}) are at or below the reorder point of "
            f"{self.reorder_point}; up to {self.order_up_to}, {self.needed} are needed, in packs "
            f"of {self.pack_size} and at least {self.minimum_quantity}: {self.quantity}."
        )

    @property
    def _demand(self) -> Demand:
        return Demand(self.demand_days, self.demand_total, self.demand_squares)


@dataclass(frozen=True, slots=True)
class Promise:
    """What can be promised of a variant `on` a day: what is available, and what arrives by then.

    `location_id` None: at all locations together.
    """

    variant_id: UUID
    location_id: UUID | None
    on: date
    available: int
    expected: int

    @property
    def quantity(self) -> int:
        return self.available + self.expected


@dataclass(frozen=True, slots=True)
class RulesTouched:
    """The rules that a command was about, in the order of its input."""

    rule_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class OrdersMade:
    """The drafts of purchase orders that suggestions became."""

    order_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ReplenishmentRuleEvent(Event):
    """Something that happened to a rule."""

    id: UUID
    version: int
    variant_id: UUID
    location_id: UUID


@dataclass(frozen=True, slots=True)
class ReplenishmentRuleSet(ReplenishmentRuleEvent):
    type = "replenishment_rule.set"
    subject = "rpl"
    summary = "A rule of replenishment was set."


@dataclass(frozen=True, slots=True)
class ReplenishmentRuleRemoved(ReplenishmentRuleEvent):
    type = "replenishment_rule.removed"
    subject = "rpl"
    summary = "A rule of replenishment was removed."


@dataclass(eq=False)
class UnknownReplenishmentRule(Missing):
    """There is no rule with this id."""

    id: UUID
    message = "There is no such rule of replenishment."


@dataclass(eq=False)
class MinimumAndMaximumNeeded(Invalid):
    """A rule by minimum and maximum has both, the minimum below the maximum."""

    message = "MIN_MAX takes a minimum and a maximum above it."


@dataclass(eq=False)
class NothingSuggested(Refused):
    """There is enough of it: nothing is suggested any more. Give a quantity to order anyway."""

    id: UUID
    message = "Nothing is suggested for this rule now."


@dataclass(eq=False)
class NobodySellsIt(Refused):
    """No supplier is known to sell the variant."""

    sku: str
    message = "No supplier is known to sell {sku!r:.90}."


def check_rule(rule: ReplenishmentRule, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with a rule."""
    for name in ("minimum", "maximum", "reorder_point", "safety"):
        check_range(getattr(rule, name), faults, *path, name, minimum=0, maximum=QUANTITY_MAX)
    check_range(
        rule.service_level_permille,
        faults,
        *path,
        "service_level_permille",
        minimum=SERVICE_LEVEL_MIN,
        maximum=SERVICE_LEVEL_MAX,
    )
    check_range(
        rule.coverage_days, faults, *path, "coverage_days", minimum=1, maximum=COVERAGE_DAYS_MAX
    )
    if rule.method is ReplenishmentMethod.MIN_MAX and (
        rule.minimum is None or rule.maximum is None or rule.minimum >= rule.maximum
    ):
        faults.add(MinimumAndMaximumNeeded().at(*path))
    elif rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        faults.add(OutOfRange(0, rule.maximum).at(*path, "minimum"))


def lead_time_of(samples: Sequence[float], said_days: int) -> LeadTime:
    """The lead time by what was observed, or, where that is too little, as the supplier says."""
    count = len(samples)
    if count < LEAD_SAMPLES_MIN:
        return LeadTime(float(said_days), 0.0, 0)
    mean = sum(samples) / count
    variance = sum((each - mean) ** 2 for each in samples) / (count - 1)
    return LeadTime(mean, sqrt(variance), count)


def target_of(
    rule: ReplenishmentRule,
    demand: Demand,
    lead: LeadTime,
    *,
    measured_at: datetime,
    supplier_id: UUID | None,
    supplier_item_id: UUID | None,
) -> Target:
    """When to buy by a rule, and up to how many pieces."""
    safety, reorder_point, order_up_to = _levels(rule, demand, lead)
    return Target(
        rule_id=rule.id,
        measured_at=measured_at,
        demand_days=demand.days,
        demand_total=demand.total,
        demand_squares=demand.squares,
        supplier_id=supplier_id,
        supplier_item_id=supplier_item_id,
        lead_time_millidays=round(lead.mean_days * 1000),
        lead_deviation_millidays=round(lead.deviation_days * 1000),
        lead_samples=lead.samples,
        safety=safety,
        reorder_point=reorder_point,
        order_up_to=order_up_to,
    )


def safety_stock(demand: Demand, lead: LeadTime, service_level_permille: int) -> int:
    """Pieces that cover what may be sold beyond what is expected until goods arrive."""
    z = NormalDist().inv_cdf(service_level_permille / 1000)
    spread = lead.mean_days * demand.variance + demand.per_day**2 * lead.deviation_days**2
    return _up(z * sqrt(spread))


def _levels(rule: ReplenishmentRule, demand: Demand, lead: LeadTime) -> tuple[int, int, int]:
    """Safety stock, reorder point and order-up-to level."""
    safety = rule.safety
    if safety is None:
        safety = safety_stock(demand, lead, rule.service_level_permille)
    if rule.method is ReplenishmentMethod.MIN_MAX:
        return safety, rule.minimum or 0, rule.maximum or 0
    reorder_point = rule.reorder_point
    if reorder_point is None:
        reorder_point = _up(demand.per_day * lead.mean_days) + safety
    if rule.maximum is not None:
        return safety, reorder_point, max(rule.maximum, reorder_point)
    return safety, reorder_point, reorder_point + _up(demand.per_day * rule.coverage_days)


def _up(value: float) -> int:
    return min(QUANTITY_MAX, max(0, ceil(value - _DUST)))


def _decimal(value: float) -> Decimal:
    return Decimal(round(value * 1000)).scaleb(-3)
