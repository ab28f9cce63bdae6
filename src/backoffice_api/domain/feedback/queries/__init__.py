"""What can be asked about surveys, reviews of products and the policies behind them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.feedback.model.measures import FeedbackKind
from backoffice_api.domain.feedback.model.policies import (
    FeedbackPolicy,
    FeedbackPolicySortKey,
)
from backoffice_api.domain.feedback.model.product_reviews import (
    ProductReview,
    ProductReviewSortKey,
    ProductReviewStatus,
    UnknownProductReview,
)
from backoffice_api.domain.feedback.model.surveys import (
    Survey,
    SurveySortKey,
    SurveyStatus,
    UnknownSurvey,
)
from backoffice_api.domain.feedback.tables import feedback_policies, product_reviews, surveys
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.messages.model.topics import SURVEY_TOPICS
from backoffice_api.domain.messages.tables import messages

policies_by_ids = one_per(FeedbackPolicy, feedback_policies, feedback_policies.c.id)
surveys_by_ids = one_per(Survey, surveys, surveys.c.id)
surveys_by_tickets = one_per(Survey, surveys, surveys.c.ticket_id)
surveys_by_orders = one_per(
    Survey, surveys, surveys.c.order_id, surveys.c.kind == FeedbackKind.ORDER
)
reviews_by_ids = one_per(ProductReview, product_reviews, product_reviews.c.id)
reviews_by_orders = many_per(
    ProductReview,
    product_reviews,
    product_reviews.c.order_id,
    product_reviews.c.written_at,
    product_reviews.c.id,
    where=(product_reviews.c.status != ProductReviewStatus.REMOVED,),
)
reviews_by_lines = one_per(
    ProductReview,
    product_reviews,
    product_reviews.c.order_line_id,
    product_reviews.c.status != ProductReviewStatus.REMOVED,
)

policy_list = Listing(
    FeedbackPolicy,
    feedback_policies,
    sorts={FeedbackPolicySortKey.CREATED_AT: feedback_policies.c.created_at},
    words={
        "kind": On(feedback_policies.c.kind),
        "channel_id": On(feedback_policies.c.channel_id),
    },
)

survey_list = Listing(
    Survey,
    surveys,
    sorts={
        SurveySortKey.CREATED_AT: surveys.c.created_at,
        SurveySortKey.UPDATED_AT: surveys.c.updated_at,
    },
    words={
        "status": On(surveys.c.status),
        "measure": On(surveys.c.measure),
        "score": On(surveys.c.score),
        "order_id": On(surveys.c.order_id),
        "ticket_id": On(surveys.c.ticket_id),
        "customer_id": On(surveys.c.customer_id),
        "channel_id": On(surveys.c.channel_id),
        "agent_id": On(surveys.c.agent_id),
        "team_id": On(surveys.c.team_id),
        "carrier_id": On(surveys.c.carrier_id),
        "created_at": On(surveys.c.created_at),
    },
)

review_list = Listing(
    ProductReview,
    product_reviews,
    sorts={
        ProductReviewSortKey.WRITTEN_AT: product_reviews.c.written_at,
        ProductReviewSortKey.UPDATED_AT: product_reviews.c.updated_at,
        ProductReviewSortKey.RATING: product_reviews.c.rating,
    },
    words={
        "status": On(product_reviews.c.status),
        "origin": On(product_reviews.c.origin),
        "rating": On(product_reviews.c.rating),
        "product_id": On(product_reviews.c.product_id),
        "variant_id": On(product_reviews.c.variant_id),
        "order_id": On(product_reviews.c.order_id),
        "customer_id": On(product_reviews.c.customer_id),
        "channel_id": On(product_reviews.c.channel_id),
        "written_at": On(product_reviews.c.written_at),
    },
)


def survey(db: Connection, id: UUID) -> Survey:
    """The survey `id`.

    Raises:
        UnknownSurvey: there is none.
    """
    if found := surveys_by_ids(db, [id]).get(id):
        return found
    raise UnknownSurvey(id).at("id")


def review(db: Connection, id: UUID) -> ProductReview:
    """The review `id`.

    Raises:
        UnknownProductReview: there is none.
    """
    if found := reviews_by_ids(db, [id]).get(id):
        return found
    raise UnknownProductReview(id).at("id")


def policy_of(db: Connection, kind: FeedbackKind, channel_id: UUID | None) -> FeedbackPolicy | None:
    """The policy set for exactly this kind and channel, switched on or not. None: there is none."""
    rows = feedback_policies.c
    statement = select_as(FeedbackPolicy, feedback_policies).where(
        rows.kind == kind,
        rows.channel_id.is_(None) if channel_id is None else rows.channel_id == channel_id,
    )
    return next(iter(fetch(db, FeedbackPolicy, statement)), None)


class Policies:
    """All policies at once: there is at most one for each kind and channel."""

    def __init__(self, db: Connection) -> None:
        found = fetch(db, FeedbackPolicy, select_as(FeedbackPolicy, feedback_policies))
        self._of = {(each.kind, each.channel_id): each for each in found}

    def active(self, kind: FeedbackKind, channel_id: UUID | None) -> FeedbackPolicy | None:
        """The policy that holds in a channel: its own, else the one for all. None: switched off."""
        policy = self._of.get((kind, channel_id)) or self._of.get((kind, None))
        return policy if policy and policy.is_active else None


def due_surveys(db: Connection, now: datetime, limit: int) -> Sequence[Survey]:
    """Surveys whose customers are to be asked now, locked; those first that wait longest."""
    statement = (
        select_as(Survey, surveys)
        .where(surveys.c.status == SurveyStatus.PLANNED, surveys.c.ask_at <= now)
        .order_by(surveys.c.ask_at, surveys.c.id)
        .limit(limit)
        .with_for_update()
    )
    return fetch(db, Survey, statement)


def objectors(
    db: Connection, customer_ids: Collection[UUID], recipients: Collection[str]
) -> tuple[frozenset[UUID], frozenset[str]]:
    """Those of the customers, and of the addresses, who do not want to be asked any more."""
    stopped = surveys.c.stopped_at.is_not(None)
    of_customers = select(surveys.c.customer_id).where(
        surveys.c.customer_id.in_(tuple(customer_ids)), stopped
    )
    of_addresses = (
        select(messages.c.recipient)
        .join(surveys, surveys.c.message_id == messages.c.id)
        .where(messages.c.recipient.in_(tuple(recipients)), stopped)
    )
    return (
        frozenset(id for id in db.execute(of_customers).scalars() if id),
        frozenset(db.execute(of_addresses).scalars()),
    )


def last_asked(db: Connection, customer_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """When each of these customers was last asked anything. Absent: never."""
    latest = func.max(surveys.c.asked_at)
    statement = (
        select(surveys.c.customer_id, latest)
        .where(surveys.c.customer_id.in_(tuple(customer_ids)), surveys.c.asked_at.is_not(None))
        .group_by(surveys.c.customer_id)
    )
    return dict(db.execute(statement).all())


def last_written(db: Connection, recipients: Collection[str]) -> Mapping[str, datetime]:
    """When somebody at each of these addresses was last asked anything. Absent: never."""
    latest = func.max(messages.c.created_at)
    statement = (
        select(messages.c.recipient, latest)
        .where(messages.c.recipient.in_(tuple(recipients)), messages.c.topic.in_(SURVEY_TOPICS))
        .group_by(messages.c.recipient)
    )
    return dict(db.execute(statement).all())
