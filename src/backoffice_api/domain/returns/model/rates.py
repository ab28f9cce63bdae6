"""How often things come back, and how much of a strain a customer's returns are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.returns.model.reasons import RootCause

WINDOW_MAX = timedelta(days=732)
RATES_MAX = 250
SCORE_MAX = 100
# Below so many pieces, a share says nothing of whoever bought them.
PIECES_MIN = 5


class RateBy(Choice):
    """For what rates are asked, each by itself."""

    PRODUCT = "product", "Each product."
    VARIANT = "variant", "Each variant."
    SUPPLIER = "supplier", "Each supplier that is preferred for what was sold."
    CHANNEL = "channel", "Each channel."
    REASON = "reason", "Each reason, of all that was sold."
    ROOT_CAUSE = "root_cause", "Each root cause, of all that was sold."


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """Of `shipped` pieces that were ordered in a stretch of time, so many came back since.

    One of the ids says of what; None where nobody has said it: no reason, no supplier.
    """

    shipped: int
    returned: int
    product_id: UUID | None = None
    variant_id: UUID | None = None
    supplier_id: UUID | None = None
    channel_id: UUID | None = None
    reason_id: UUID | None = None
    root_cause: RootCause | None = None

    @property
    def basis_points(self) -> int:
        """Hundredths of a percent, rounded to the nearest."""
        return (20_000 * self.returned + self.shipped) // (2 * self.shipped) if self.shipped else 0


@dataclass(eq=False)
class WindowTooWide(Invalid):
    """Rates are of a stretch of time that has an end, and is not too long."""

    maximum_days: int
    message = "Ask for at most {maximum_days} days, from an earlier moment up to a later one."


def check_window(since: datetime, until: datetime) -> None:
    """Raises: WindowTooWide."""
    if not timedelta() < until - since <= WINDOW_MAX:
        raise WindowTooWide(WINDOW_MAX.days).at("until")


class StrainKind(Choice):
    """What makes a customer's returns a strain."""

    RETURN_RATE = "return_rate", "The share of what was sent that came back."
    REJECTED = "rejected", "The share of what came back for which nothing could be given."
    MISSING = "missing", "The share of what came back that was not in the parcel."
    CLAIMS = "claims", "How often goods are said to be lost or broken on their way."
    FRAUD = "fraud", "How often the reason was found to be a pretence."


# How many points each part gives at most.
POINTS_MAX = {
    StrainKind.RETURN_RATE: 40,
    StrainKind.REJECTED: 15,
    StrainKind.MISSING: 15,
    StrainKind.CLAIMS: 10,
    StrainKind.FRAUD: 20,
}
_POINTS_PER_CLAIM = 3
_POINTS_PER_FRAUD = 10


@dataclass(frozen=True, slots=True)
class StrainFacts:
    """What is on record of a customer: pieces, but for `claims` and `frauds`, which are lines."""

    shipped: int = 0
    returned: int = 0
    received: int = 0
    rejected: int = 0
    missing: int = 0
    claims: int = 0
    frauds: int = 0


@dataclass(frozen=True, slots=True)
class StrainPart:
    """One part of a score: `count` of `whole` (None: of nothing in particular) give `points`."""

    kind: StrainKind
    count: int
    whole: int | None
    points: int


@dataclass(frozen=True, slots=True)
class ReturnScore:
    """How much of a strain a customer's returns are, from 0 to 100, and why."""

    points: int
    parts: tuple[StrainPart, ...]


def score_of(facts: StrainFacts) -> ReturnScore:
    """The score, which is the sum of its parts. Shares of few pieces say nothing."""
    parts = (
        _share(StrainKind.RETURN_RATE, facts.returned, facts.shipped),
        _share(StrainKind.REJECTED, facts.rejected, facts.received),
        _share(StrainKind.MISSING, facts.missing, facts.received),
        _number(StrainKind.CLAIMS, facts.claims, _POINTS_PER_CLAIM),
        _number(StrainKind.FRAUD, facts.frauds, _POINTS_PER_FRAUD),
    )
    return ReturnScore(sum(each.points for each in parts), parts)


def _share(kind: StrainKind, count: int, whole: int) -> StrainPart:
    says = whole >= PIECES_MIN
    points = POINTS_MAX[kind] * min(count, whole) // whole if says else 0
    return StrainPart(kind, count, whole, points)


def _number(kind: StrainKind, count: int, each: int) -> StrainPart:
    return StrainPart(kind, count, None, min(POINTS_MAX[kind], count * each))
