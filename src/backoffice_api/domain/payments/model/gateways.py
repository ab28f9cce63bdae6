"""What gateways tell of payments: whole states, not steps.

A state is what a provider knows of one payment by now, in cumulative sums. Whoever applies a state
adds what is missing of it; so a state that is told twice, late or in another order than it came
about is harmless.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice


class GatewayStatus(Choice):
    """How far a payment is at the provider."""

    PENDING = "pending", "Nothing has happened yet."
    REQUIRES_ACTION = "requires_action", "The buyer must do something."
    OPEN = "open", "The sums say how far it is."
    CANCELLED = "cancelled", "What was not captured is given up."
    FAILED = "failed", "It was refused."


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What may be kept of a card. `expires` is year and month, as 2027-05."""

    brand: str | None
    last_four: str | None
    expires: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """One payment as its provider sees it. `key` is our key, `reference` the provider's name.

    Sums are in minor units of `currency` and never fall. `failure`: why it was refused.
    """

    key: str
    reference: str
    status: GatewayStatus
    currency: str
    authorized_minor: int = 0
    captured_minor: int = 0
    action_url: str | None = None
    failure: str | None = None
    card: CardFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRefund:
    """One refund as its provider sees it. `succeeded` None: not decided yet.

    `payment_reference` is what the provider calls the payment (None: it does not say),
    `amount_minor` what goes back.
    `key` is ours; None where somebody refunded in the provider's own screens.
    """

    key: str | None
    reference: str
    payment_reference: str | None
    succeeded: bool | None
    currency: str
    amount_minor: int
    failure: str | None = None


class DisputeNews(Choice):
    """What a provider tells of a dispute."""

    OPENED = "opened", "A buyer disputes a payment; an answer is wanted."
    UNDER_REVIEW = "under_review", "The bank looks at the answer."
    WON = "won", "The shop keeps the money."
    LOST = "lost", "The bank took the money back."


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayDispute:
    """One dispute as its provider sees it. `payment_reference` None: it does not say."""

    reference: str
    payment_reference: str | None
    news: DisputeNews
    currency: str
    amount_minor: int
    reason: str = ""
    respond_by: datetime | None = None


GatewayNews = GatewayState | GatewayRefund | GatewayDispute


class OperationKind(Choice):
    """What a gateway is asked to do."""

    AUTHORIZE = "authorize", "Set the amount aside, or capture it at once."
    CAPTURE = "capture", "Pay what was set aside."
    VOID = "void", "Give up what was set aside."
    REFUND = "refund", "Pay back."


class OperationStatus(Choice):
    """Whether a gateway has answered."""

    PENDING = "pending", "Not answered yet."
    SUCCEEDED = "succeeded", "Done."
    FAILED = "failed", "Refused."


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a gateway is asked to do, once. Its id is our idempotency key there.

    `target_minor`: what the captured sum should then be. `attempts`: how often a worker has begun
    to ask; above zero the gateway may know of it, though no answer has come.
    """

    id: UUID
    created_at: datetime
    updated_at: datetime
    payment_id: UUID
    refund_id: UUID | None
    kind: OperationKind
    status: OperationStatus
    amount_minor: int
    target_minor: int
    token: str | None
    attempts: int
