"""A low score opens a ticket: once for each answer, with links both ways."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.feedback.model.measures import SCALES, FeedbackMeasure
from backoffice_api.domain.feedback.model.policies import FeedbackPolicy
from backoffice_api.domain.feedback.model.product_reviews import ProductReview
from backoffice_api.domain.feedback.model.surveys import Survey
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.model.drafts import MessageDraft, TicketLinkDraft
from backoffice_api.domain.tickets.model.words import (
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketSource,
    TicketTeamStatus,
    TicketVisibility,
)

RULE = "low_score"
_SUBJECTS = {
    FeedbackMeasure.TICKET_CSAT: "Low score for a ticket",
    FeedbackMeasure.ORDER_CSAT: "Low score for an order",
    FeedbackMeasure.ORDER_NPS: "Low score for an order",
    FeedbackMeasure.PRODUCT_RATING: "Low rating of a product",
}


@dataclass(frozen=True, slots=True)
class _Cause:
    """What a ticket is opened for."""

    kind: str
    id: UUID
    measure: FeedbackMeasure
    score: int
    text: str
    customer_id: UUID | None
    about: tuple[tuple[str, UUID | None], ...]


def ticket_of_survey(uow: UnitOfWork, policy: FeedbackPolicy, survey: Survey) -> UUID | None:
    """The ticket that an answer calls for, opened now or before. None: it calls for none."""
    if survey.opened_ticket_id or survey.score is None or not policy.is_low(survey.score):
        return survey.opened_ticket_id
    about = (("tic", survey.ticket_id), ("ord", survey.order_id))
    cause = _Cause(
        "srv", survey.id, survey.measure, survey.score, survey.comment, survey.customer_id, about
    )
    return _opened(uow, policy, cause)


def ticket_of_review(uow: UnitOfWork, policy: FeedbackPolicy, review: ProductReview) -> UUID | None:
    """The ticket that a review calls for, opened now or before. None: it calls for none."""
    if review.opened_ticket_id or not policy.is_low(review.rating):
        return review.opened_ticket_id
    text = "\n\n".join(each for each in (review.title, review.text) if each)
    measure = FeedbackMeasure.PRODUCT_RATING
    about = (("prd", review.product_id), ("ord", review.order_id))
    cause = _Cause("rvw", review.id, measure, review.rating, text, review.customer_id, about)
    return _opened(uow, policy, cause)


def _opened(uow: UnitOfWork, policy: FeedbackPolicy, cause: _Cause) -> UUID:
    _, highest = SCALES[cause.measure]
    judged = f"{cause.score} of {highest}"
    links = (
        TicketLinkDraft(
            subject_kind=cause.kind, subject_id=cause.id, relation=TicketRelation.CAUSE
        ),
        *(
            TicketLinkDraft(subject_kind=kind, subject_id=id)
            for kind, id in cause.about
            if id is not None
        ),
    )
    command = OpenTicket(
        subject=f"{_SUBJECTS[cause.measure]}: {judged}",
        message=MessageDraft(
            body=cause.text.strip() or judged,
            author=TicketAuthor.SYSTEM,
            visibility=TicketVisibility.INTERNAL,
            source=TicketSource.RULE,
        ),
        priority=TicketPriority.HIGH,
        customer_id=cause.customer_id,
        team_id=_team(uow, policy),
        links=links,
        opened_by_rule=RULE,
        cause_key=f"{RULE} {cause.id.hex}",
    )
    return open_ticket(uow, command)


def _team(uow: UnitOfWork, policy: FeedbackPolicy) -> UUID | None:
    """The team of the policy. None: it names none, or one that is out of use."""
    if policy.team_id is None:
        return None
    team = tickets.teams_by_ids(uow.db, [policy.team_id]).get(policy.team_id)
    return team.id if team and team.status is TicketTeamStatus.ACTIVE else None
