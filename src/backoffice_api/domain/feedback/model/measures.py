"""Measures: what is asked on which scale, and what the answers come to.

Answers are counted one by one, by their score: from these counts follow the average, the spread,
the share of the satisfied and the Net Promoter Score, for any period that is made of months.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid

# Stands for "all of them", where a place names whose the answers are.
EVERYTHING = UUID(int=0)
_HUNDREDTH = Decimal("0.01")


class FeedbackMeasure(Choice):
    """What was asked, and on which scale."""

    TICKET_CSAT = "ticket_csat", "How satisfied somebody is with how a ticket was handled: 1 to 5."
    ORDER_CSAT = "order_csat", "How satisfied somebody is with an order: 1 to 5."
    ORDER_NPS = (
        "order_nps",
        "How likely somebody is to recommend the shop after an order: 0 to 10.",
    )
    PRODUCT_RATING = "product_rating", "How good somebody finds a product: 1 to 5."


class FeedbackKind(Choice):
    """What opinions are about."""

    TICKET = "ticket", "A ticket that was resolved."
    ORDER = "order", "An order that was delivered."
    REVIEW = "review", "A product."


class FeedbackDimension(Choice):
    """By what answers are told apart."""

    ALL = "all", "Not at all: one figure for everything."
    CHANNEL = "channel", "By channel."
    AGENT = "agent", "By who looked after the ticket when it was resolved."
    TEAM = "team", "By the team that the ticket was with when it was resolved."
    CARRIER = "carrier", "By carrier, of orders that came with one only."
    PRODUCT = "product", "By product."
    VARIANT = "variant", "By variant."


MEASURES: Mapping[FeedbackKind, tuple[FeedbackMeasure, ...]] = {
    FeedbackKind.TICKET: (FeedbackMeasure.TICKET_CSAT,),
    FeedbackKind.ORDER: (FeedbackMeasure.ORDER_CSAT, FeedbackMeasure.ORDER_NPS),
    FeedbackKind.REVIEW: (FeedbackMeasure.PRODUCT_RATING,),
}

# The lowest and the highest score of each; and from which one on somebody counts as satisfied.
SCALES: Mapping[FeedbackMeasure, tuple[int, int]] = {
    FeedbackMeasure.TICKET_CSAT: (1, 5),
    FeedbackMeasure.ORDER_CSAT: (1, 5),
    FeedbackMeasure.ORDER_NPS: (0, 10),
    FeedbackMeasure.PRODUCT_RATING: (1, 5),
}
_SATISFIED_FROM = 4
# Reichheld, "The One Number You Need to Grow" (Harvard Business Review, December 2003).
_PROMOTER_FROM, _DETRACTOR_TO = 9, 6


@dataclass(eq=False)
class ScoreOffScale(Invalid):
    """The score is not one of those that were asked for."""

    lowest: int
    highest: int
    message = "The score lies between {lowest} and {highest}."


@dataclass(eq=False)
class MeasureDoesNotFit(Invalid):
    """This measure is not one for this kind of thing."""

    measure: FeedbackMeasure
    message = "{measure} is not asked about this."


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an answer counts: one of these for each dimension that it has."""

    measure: FeedbackMeasure
    dimension: FeedbackDimension
    subject_id: UUID
    period: date
    score: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What answers on one scale come to. `counts`: how many there are of each score."""

    measure: FeedbackMeasure
    counts: Mapping[int, int]

    @property
    def answers(self) -> int:
        return sum(self.counts.values())

    @property
    def average(self) -> Decimal | None:
        """To two decimals, rounded half to even. None: there is no answer."""
        if not (answers := self.answers):
            return None
        total = sum(score * count for score, count in self.counts.items())
        return (Decimal(total) / answers).quantize(_HUNDREDTH, ROUND_HALF_EVEN)

    @property
    def satisfied_percent(self) -> Decimal | None:
        """The share of the scores 4 and 5 (CSAT). None: no answer, or another scale."""
        if self.measure is FeedbackMeasure.ORDER_NPS or not (answers := self.answers):
            return None
        return _percent(self._among(_SATISFIED_FROM, 5), answers)

    @property
    def net_promoter(self) -> Decimal | None:
        """The share of 9 and 10 less that of 0 to 6, -100 to 100. None: no answer, or no NPS."""
        if self.measure is not FeedbackMeasure.ORDER_NPS or not (answers := self.answers):
            return None
        return _percent(self._among(_PROMOTER_FROM, 10) - self._among(0, _DETRACTOR_TO), answers)

    def _among(self, lowest: int, highest: int) -> int:
        return sum(count for score, count in self.counts.items() if lowest <= score <= highest)


def check_score(measure: FeedbackMeasure, score: int) -> None:
    """Refuse a score that is not on the scale.

    Raises:
        ScoreOffScale.
    """
    lowest, highest = SCALES[measure]
    if not lowest <= score <= highest:
        raise ScoreOffScale(lowest, highest).at("score")


def month_of(moment: datetime) -> date:
    """The month in which a moment lies, in UTC, as its first day."""
    return moment.date().replace(day=1)


def places(
    measure: FeedbackMeasure,
    period: date | None,
    score: int | None,
    of: Mapping[FeedbackDimension, UUID | None],
) -> Iterable[Place]:
    """Where an answer counts. Nowhere, without a period: it does not count."""
    if period is None or score is None:
        return ()
    whose = {FeedbackDimension.ALL: EVERYTHING, **of}
    return tuple(
        Place(measure, dimension, subject_id, period, score)
        for dimension, subject_id in whose.items()
        if subject_id is not None
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(_HUNDREDTH, ROUND_HALF_EVEN)
