"""What is looked for in an order, how much it weighs, and what a score leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.events import Event

SCORE_MAX = 100
THRESHOLD_MAX = 1_000_000
WINDOW_HOURS_MAX = 24 * 366
VALUES_MAX = 500
PROVIDER_WAIT_MAX_S = 86_400


class SignalKind(Choice):
    """What a signal is about."""

    ADDRESS = "address", "Where the goods go."
    CUSTOMER = "customer", "Who ordered, and how to reach them."
    PRODUCT = "product", "What is known of the goods."
    RISK = "risk", "Whether it might be fraud."


class RiskCode(Choice):
    """What can be found in an order. Threshold and window are those of its rule."""

    ADDRESS_MISSING = "address_missing", "There is no address to send the goods to."
    ADDRESS_INCOMPLETE = "address_incomplete", "The address lacks what its country needs."
    ADDRESS_PO_BOX = "address_po_box", "The address is a box at a post office."
    ADDRESS_UNUSUAL = "address_unusual", "The address is written in an unusual way."
    CUSTOMER_UNREACHABLE = "customer_unreachable", "Neither an e-mail address nor a number."
    DISPOSABLE_MAIL = "disposable_mail", "The e-mail address is of a service for a few minutes."
    PRODUCT_WEIGHT = "product_weight", "The weight of some goods is not known."
    PRODUCT_CUSTOMS = "product_customs", "Goods go abroad whose customs data are not complete."
    AMOUNT_HISTORY = (
        "amount_history",
        "More than so many percent (threshold) of what the customer usually orders.",
    )
    AMOUNT_CHANNEL = (
        "amount_channel",
        "More than so many percent (threshold) of what is usual in the channel.",
    )
    COUNTRY_ADDRESSES = "country_addresses", "Goods and invoice go to different countries."
    COUNTRY_CUSTOMER = "country_customer", "The goods go to another country than the customer's."
    VELOCITY_EMAIL = (
        "velocity_email",
        "So many orders (threshold) with the same e-mail address in the window.",
    )
    VELOCITY_ADDRESS = (
        "velocity_address",
        "So many orders (threshold) to the same address in the window.",
    )
    VELOCITY_CUSTOMER = (
        "velocity_customer",
        "So many orders (threshold) of the same customer in the window.",
    )
    FIRST_EXPRESS = "first_express", "The first order of a customer, to be delivered fast."
    FAILED_PAYMENTS = (
        "failed_payments",
        "So many payments (threshold) failed, of the order or of the customer in the window.",
    )
    PROVIDER = "provider", "What the outside provider says; the score is its own."
    PROVIDER_SILENT = "provider_silent", "The outside provider did not answer in time."


_C = RiskCode

KINDS: Mapping[RiskCode, SignalKind] = {
    **dict.fromkeys(RiskCode, SignalKind.RISK),
    _C.ADDRESS_MISSING: SignalKind.ADDRESS,
    _C.ADDRESS_INCOMPLETE: SignalKind.ADDRESS,
    _C.ADDRESS_PO_BOX: SignalKind.ADDRESS,
    _C.ADDRESS_UNUSUAL: SignalKind.ADDRESS,
    _C.CUSTOMER_UNREACHABLE: SignalKind.CUSTOMER,
    _C.PRODUCT_WEIGHT: SignalKind.PRODUCT,
    _C.PRODUCT_CUSTOMS: SignalKind.PRODUCT,
}


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a finding weighs, and from where on it is one. Scores go from 0 to 100."""

    score: int
    threshold: int = 0
    window_h: int = 0
    values: tuple[str, ...] = ()


# What holds where the shop has set no rule of its own.
DEFAULTS: Mapping[RiskCode, Weight] = {
    _C.ADDRESS_MISSING: Weight(60),
    _C.ADDRESS_INCOMPLETE: Weight(50),
    _C.ADDRESS_PO_BOX: Weight(20),
    _C.ADDRESS_UNUSUAL: Weight(25),
    _C.CUSTOMER_UNREACHABLE: Weight(50),
    _C.DISPOSABLE_MAIL: Weight(35),
    _C.PRODUCT_WEIGHT: Weight(10),
    _C.PRODUCT_CUSTOMS: Weight(50),
    _C.AMOUNT_HISTORY: Weight(20, threshold=300),
    _C.AMOUNT_CHANNEL: Weight(20, threshold=500),
    _C.COUNTRY_ADDRESSES: Weight(25),
    _C.COUNTRY_CUSTOMER: Weight(15),
    _C.VELOCITY_EMAIL: Weight(30, threshold=4, window_h=24),
    _C.VELOCITY_ADDRESS: Weight(30, threshold=4, window_h=24),
    _C.VELOCITY_CUSTOMER: Weight(20, threshold=5, window_h=24),
    _C.FIRST_EXPRESS: Weight(15),
    _C.FAILED_PAYMENTS: Weight(30, threshold=3, window_h=24),
    _C.PROVIDER: Weight(100),
    _C.PROVIDER_SILENT: Weight(0),
}


class Verdict(Choice):
    """What a score leads to. Nothing is rejected by itself: that is for a person."""

    ACCEPT = "accept", "Nothing in the way."
    REVIEW = "review", "Somebody should look."
    REJECT = "reject", "Somebody should look, and probably reject."


class RiskRuleSortKey(Choice):
    """By what a list of rules is sorted."""

    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class RiskRule:
    """What a finding weighs in a channel; `channel_id` None: in those without a rule of their own.

    `threshold`, `window_h` None: as by default. `is_active` False: it is not looked for at all.
    `values`: mail domains that count as disposable besides those that are known.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    channel_id: UUID | None
    code: RiskCode
    score: int
    threshold: int | None
    window_h: int | None
    values: Sequence[str]
    is_active: bool


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How the orders of a channel are looked at. Channels without one have no reviews.

    A score of `review_at` or more has somebody look, of `reject_at` or more suggests to reject.
    `provider`: the outside provider that is asked, too; for at most `provider_wait_s` seconds.
    `home_country`: goods that go elsewhere are exported; None: nothing counts as export.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    channel_id: UUID
    review_at: int
    reject_at: int
    provider: str | None
    provider_wait_s: int
    home_country: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class ReviewPolicySet(Event):
    type = "review_policy.set"
    subject = "rvp"
    summary = "Orders of a channel are looked at from a score of {review_at} on."
    id: UUID
    version: int
    channel_id: UUID
    review_at: int


@dataclass(frozen=True, slots=True)
class RiskRuleSet(Event):
    type = "risk_rule.set"
    subject = "rrl"
    summary = "What {code} weighs was set to {score}."
    id: UUID
    version: int
    code: RiskCode
    channel_id: UUID | None
    score: int


@dataclass(eq=False)
class ThresholdsNotInOrder(Invalid):
    """What suggests to reject is not below what has somebody look."""

    message = "The score for rejecting is not below that for reviewing."


def weights(rules: Sequence[RiskRule]) -> Mapping[RiskCode, Weight]:
    """What each finding weighs that is looked for. A channel's own rule goes before the others."""
    found = dict(DEFAULTS)
    for rule in sorted(rules, key=lambda each: each.channel_id is not None):
        if not rule.is_active:
            found.pop(rule.code, None)
            continue
        usual = DEFAULTS[rule.code]
        found[rule.code] = Weight(
            score=rule.score,
            threshold=usual.threshold if rule.threshold is None else rule.threshold,
            window_h=usual.window_h if rule.window_h is None else rule.window_h,
            values=tuple(rule.values),
        )
    return found


def fused(scores: Sequence[int]) -> int:
    """One score from 0 to 100 of several: how sure one is if each is a hint by itself (noisy-or).

    Each takes its share of the doubt that the others leave: 50 and 50 make 75. So the order does
    not matter, a further hint never lowers it, and nothing but a 100 makes it 100 but by rounding
    (half-even, once, at the end).
    """
    doubt = Fraction(1)
    for score in scores:
        doubt *= Fraction(SCORE_MAX - score, SCORE_MAX)
    return round(SCORE_MAX * (1 - doubt))


def verdict(score: int, policy: ReviewPolicy) -> Verdict:
    if score >= policy.reject_at:
        return Verdict.REJECT
    return Verdict.REVIEW if score >= policy.review_at else Verdict.ACCEPT
