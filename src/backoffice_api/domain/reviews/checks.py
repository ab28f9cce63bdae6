"""What must be true of stored reviews."""

from sqlalchemy import and_, exists, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.tables import holds
from backoffice_api.domain.reviews.model.reviews import ReviewStatus
from backoffice_api.domain.reviews.tables import review_signals, reviews

_review = reviews.c
_has_signals = exists().where(review_signals.c.review_id == _review.id, review_signals.c.score > 0)

CHECKS: tuple[Check, ...] = (
    Check(
        "RV1",
        "A review has a score exactly if it found something that weighs.",
        select(_review.id, _review.score).where(
            or_(and_(_review.score > 0, ~_has_signals), and_(_review.score == 0, _has_signals))
        ),
    ),
    Check(
        "RV2",
        "The hold of a review is on its order.",
        select(_review.id, _review.hold_id)
        .join(holds, holds.c.id == _review.hold_id)
        .where(holds.c.order_id != _review.order_id),
    ),
    Check(
        "RV3",
        "What a provider is asked about waits for it, and only that.",
        select(_review.id, _review.status).where(
            (_review.status == ReviewStatus.WAITING) != _review.provider_due_at.is_not(None)
        ),
    ),
)
