"""Policies: who is asked about what, how soon, how often, and what a low score does."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from backoffice_api.domain.feedback.model.measures import FeedbackKind, FeedbackMeasure
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing
from backoffice_api.domain.kernel.events import Event

DELAY_HOURS_MAX = 24 * 90
OPEN_DAYS_MAX = 365
PAUSE_DAYS_MAX = 3_650
LINK_BASE_LENGTH_MAX = 500


class FeedbackPolicySortKey(Choice):
    """By what a list of policies is sorted."""

    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """One per kind and channel; `channel_id` None: for what has no policy of its own.

    `delay_h`: so many hours after the event the customer is asked. `open_days`: for so long they
    can answer, and change their answer. `pause_days`: nobody is asked again within so many days.
    `link_base`: the address before the code of a link. `low_score`: this score or a lower one
    is a cause of a ticket; None: none is. `publish_from`: reviews with this rating or a higher one
    need nobody to look at them; None: all do.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: FeedbackKind
    channel_id: UUID | None
    measure: FeedbackMeasure
    is_active: bool
    delay_h: int
    open_days: int
    pause_days: int
    needs_consent: bool
    link_base: str
    low_score: int | None
    publish_from: int | None

    def is_low(self, score: int) -> bool:
        """Whether somebody has to look at what is behind this score."""
        return self.low_score is not None and score <= self.low_score


@dataclass(frozen=True, slots=True)
class FeedbackPolicySet(Event):
    type = "feedback_policy.set"
    subject = "fbk"
    summary = "The policy for feedback on a {kind} was set."
    id: UUID
    version: int
    kind: FeedbackKind
    channel_id: UUID | None
    is_active: bool


@dataclass(eq=False)
class UnknownFeedbackPolicy(Missing):
    """There is no policy with this id."""

    id: UUID
    message = "There is no such policy."


@dataclass(eq=False)
class InvalidLinkBase(Invalid):
    """It is no address to which the code of a link could be added."""

    message = "This takes an address as https://shop.example/survey-links/, without ? and #."


@dataclass(eq=False)
class OnlyForReviews(Invalid):
    """Only reviews of products are published."""

    message = "Only reviews of products are published."


def check_link_base(given: str) -> None:
    """Refuse what is no address behind which the code of a link could stand.

    Raises:
        InvalidLinkBase.
    """
    try:
        parts = urlsplit(given)
        host = parts.hostname
    except ValueError:
        raise InvalidLinkBase().at("link_base") from None
    is_plain = given.isascii() and given.isprintable() and not set(given) & set(" <>\"'?#")
    is_bounded = len(given) <= LINK_BASE_LENGTH_MAX and given.endswith("/")
    if not (parts.scheme == "https" and host and is_plain and is_bounded):
        raise InvalidLinkBase().at("link_base")
