"""What must be true of stored feedback."""

from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from backoffice_api.domain.feedback.model.measures import (
    EVERYTHING,
    FeedbackDimension,
    FeedbackMeasure,
)
from backoffice_api.domain.feedback.tables import feedback_counts, product_reviews, surveys
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.orders.tables import order_lines
from backoffice_api.domain.products.tables import variants

_OF_SURVEYS = {
    FeedbackDimension.CHANNEL: surveys.c.channel_id,
    FeedbackDimension.AGENT: surveys.c.agent_id,
    FeedbackDimension.TEAM: surveys.c.team_id,
    FeedbackDimension.CARRIER: surveys.c.carrier_id,
}
_OF_REVIEWS = {
    FeedbackDimension.CHANNEL: product_reviews.c.channel_id,
    FeedbackDimension.PRODUCT: product_reviews.c.product_id,
    FeedbackDimension.VARIANT: product_reviews.c.variant_id,
}


def _counted(table: Any, measure: Any, score: Any, of: Any) -> list[Select[Any]]:
    """One row for each answer and place; with the columns of the counts, and 1."""
    everything = {FeedbackDimension.ALL: literal(EVERYTHING, Id)}
    return [
        select(
            measure.label("measure"),
            literal(dimension, feedback_counts.c.dimension.type).label("dimension"),
            subject.label("subject_id"),
            table.c.counted_on.label("period"),
            score.label("score"),
            literal(1).label("answers"),
        ).where(table.c.counted_on.is_not(None), subject.is_not(None))
        for dimension, subject in {**everything, **of}.items()
    ]


_rating = literal(FeedbackMeasure.PRODUCT_RATING, feedback_counts.c.measure.type)
_both = union_all(
    *_counted(surveys, surveys.c.measure, surveys.c.score, _OF_SURVEYS),
    *_counted(product_reviews, _rating, product_reviews.c.rating, _OF_REVIEWS),
    select(
        *(each for each in feedback_counts.c if each.name != "answers"), -feedback_counts.c.answers
    ),
).subquery("both")
_keys = [each for each in _both.c if each.name != "answers"]

_line = order_lines.c
_review = product_reviews.c

CHECKS: tuple[Check, ...] = (
    Check(
        "V2",
        "Answers are counted once wherever they belong: what counts is what there is.",
        select(*_keys, func.sum(_both.c.answers).label("missing"))
        .group_by(*_keys)
        .having(func.sum(_both.c.answers) != 0),
    ),
    Check(
        "V3",
        "What is reviewed as bought was sent, with that order and as that variant.",
        select(_review.id, _line.order_id, _line.variant_id, _line.shipped)
        .join(order_lines, _line.id == _review.order_line_id)
        .where(
            (_line.shipped == 0)
            | (_line.order_id != _review.order_id)
            | (_line.variant_id != _review.variant_id)
        ),
    ),
    Check(
        "V4",
        "A review is of the product that its variant is of.",
        select(_review.id, variants.c.product_id)
        .join(variants, variants.c.id == _review.variant_id)
        .where(variants.c.product_id != _review.product_id),
    ),
)
