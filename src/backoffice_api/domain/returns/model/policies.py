"""Policies: until when what may come back, and who pays for it, as data.

The first policy that fits a piece decides: of lower `priority` first. Each verdict names the rule
that it comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.returns.model.inspections import ItemCondition

WINDOW_DAYS_MAX = 3_650
FEE_BASIS_POINTS_MAX = 10_000
PRIORITY_MAX = 1_000_000
POLICIES_MAX = 200
SOURCE_LENGTH_MAX = 500


class WindowStart(Choice):
    """From when the days of a window are counted."""

    DELIVERY = "delivery", "From the delivery; while that is not on record, nothing runs out."
    SHIPMENT = "shipment", "From when the pieces left the house."


class ShippingPayer(Choice):
    """Who pays for sending goods back."""

    CUSTOMER = "customer", "The customer."
    SHOP = "shop", "The shop."


class PolicyPreset(Choice):
    """What the law grants, as a policy that is ready to use."""

    BRAZIL_CDC_49 = "brazil_cdc_49", "Brazil: 7 days to withdraw from what was bought online."
    EU_2011_83 = "eu_2011_83", "European Union: 14 days to withdraw from what was bought online."


class Verdict(Choice):
    """What a policy says to a piece that is to come back."""

    ALLOWED = "allowed", "It may come back."
    REVIEW = "review", "Somebody has to look at it."
    REFUSED = "refused", "It may not come back."


class Rule(Choice):
    """Which rule a verdict comes from."""

    WITHIN_WINDOW = "within_window", "It is asked for in time."
    NO_POLICY = "no_policy", "No policy fits."
    NO_ORDER = "no_order", "No order is named: nothing can be looked up."
    OVER_LIMIT = "over_limit", "It is worth more than is approved without being looked at."
    NOT_DELIVERED = "not_delivered", "Its delivery is not on record yet."
    WINDOW_OVER = "window_over", "It is asked for too late."
    CONDITION = "condition", "It is not taken back in this condition."
    EXCLUDED = "excluded", "It is never taken back."
    NOTHING_LEFT = "nothing_left", "All that was sent comes back already, or nothing was sent."


class PolicySortKey(Choice):
    """By what a list of policies is sorted."""

    PRIORITY = "priority", "In which order they are tried."
    CODE = "code", "By their code."


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What fits is decided by channel, category and countries; None fits all.

    `countries`: where the goods went, by ISO 3166-1; empty: anywhere. `conditions`: in which pieces
    are taken back; empty: in any. `excluded`: what fits is never
    taken back. `fee_basis_points`: hundredths of a percent of the price that are kept.
    `auto_approve_minor`: up to which value what is allowed is approved without anybody; None:
    whatever it is worth; 0: never. `auto_decline`: what is refused is declined without anybody.
    `expires_days`: for how long an approved return waits for its goods. `source`: of the law.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    priority: int
    channel_id: UUID | None
    category_id: UUID | None
    countries: Sequence[str]
    window_days: int
    window_start: WindowStart
    conditions: Sequence[str]
    excluded: bool
    fee_basis_points: int
    refunds_shipping: bool
    shipping_payer: ShippingPayer
    auto_approve_minor: int | None
    auto_decline: bool
    expires_days: int
    currency: str
    preset: PolicyPreset | None
    source: str | None

    @property
    def accepted(self) -> Sequence[ItemCondition]:
        """In which conditions pieces are taken back; empty: in any."""
        return [ItemCondition(each) for each in self.conditions]

    @property
    def auto_approve(self) -> Money | None:
        if self.auto_approve_minor is None:
            return None
        return Money(self.auto_approve_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says to some pieces. `until`: when the window ends, if it is known."""

    verdict: Verdict
    rule: Rule
    policy_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of pieces that are to come back."""

    condition: ItemCondition
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(eq=False)
class UnknownReturnPolicy(Missing):
    """There is no policy with this id."""

    id: UUID
    message = "There is no such policy."


@dataclass(eq=False)
class PresetHasItsTerms(Invalid):
    """What the law grants cannot be shortened: use a policy of your own beside it."""

    message = "A preset keeps at least the days, and the costs, that the law sets."


def judged(policy: ReturnPolicy | None, piece: Piece, now: datetime) -> Judgement:
    """What a policy says to pieces, were they asked for now."""
    if policy is None:
        return Judgement(Verdict.REVIEW, Rule.NO_POLICY)
    if policy.excluded:
        return Judgement(Verdict.REFUSED, Rule.EXCLUDED, policy.id)
    begins = piece.delivered_at if policy.window_start is WindowStart.DELIVERY else piece.shipped_at
    until = begins + timedelta(days=policy.window_days) if begins else None
    if until and now > until:
        return Judgement(Verdict.REFUSED, Rule.WINDOW_OVER, policy.id, until)
    is_said = piece.condition is not ItemCondition.UNKNOWN
    if policy.conditions and is_said and piece.condition not in policy.accepted:
        return Judgement(Verdict.REFUSED, Rule.CONDITION, policy.id, until)
    if until is None:
        return Judgement(Verdict.ALLOWED, Rule.NOT_DELIVERED, policy.id)
    return Judgement(Verdict.ALLOWED, Rule.WITHIN_WINDOW, policy.id, until)
