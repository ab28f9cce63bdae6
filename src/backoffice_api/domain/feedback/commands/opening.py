"""A low score is a cause of a ticket: the rules say whose it is, once for each answer."""

from uuid import UUID

from backoffice_api.domain.feedback.model.measures import SCALES, FeedbackMeasure
from backoffice_api.domain.feedback.model.policies import FeedbackPolicy
from backoffice_api.domain.feedback.model.product_reviews import ProductReview
from backoffice_api.domain.feedback.model.surveys import Survey
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tickets.commands.watching import open_of_cause
from backoffice_api.domain.tickets.model.acts import Subject
from backoffice_api.domain.tickets.model.rules import Happened, TicketCause

_TITLES = {
    FeedbackMeasure.TICKET_CSAT: "Low score for a ticket",
    FeedbackMeasure.ORDER_CSAT: "Low score for an order",
    FeedbackMeasure.ORDER_NPS: "Low score for an order",
    FeedbackMeasure.PRODUCT_RATING: "Low rating of a product",
}


def ticket_of_survey(uow: UnitOfWork, policy: FeedbackPolicy, survey: Survey) -> UUID | None:
    """The ticket that an answer calls for, opened now or before. None: no rule opens one."""
    if survey.opened_ticket_id or survey.score is None or not policy.is_low(survey.score):
        return survey.opened_ticket_id
    judged = _judged(survey.measure, survey.score)
    about = (Subject("tic", survey.ticket_id),) if survey.ticket_id else ()
    happened = Happened(
        cause=TicketCause.LOW_RATING,
        subject=Subject("srv", survey.id),
        occurred_at=uow.now,
        title=f"{_TITLES[survey.measure]}: {judged}",
        text=survey.comment.strip() or judged,
        order_id=survey.order_id,
        customer_id=survey.customer_id,
        about=about,
    )
    return open_of_cause(uow, happened)


def ticket_of_review(uow: UnitOfWork, policy: FeedbackPolicy, review: ProductReview) -> UUID | None:
    """The ticket that a review calls for, opened now or before. None: no rule opens one."""
    if review.opened_ticket_id or not policy.is_low(review.rating):
        return review.opened_ticket_id
    judged = _judged(FeedbackMeasure.PRODUCT_RATING, review.rating)
    said = [each.strip() for each in (review.title, review.text) if each.strip()]
    happened = Happened(
        cause=TicketCause.LOW_RATING,
        subject=Subject("rvw", review.id),
        occurred_at=uow.now,
        title=f"{_TITLES[FeedbackMeasure.PRODUCT_RATING]}: {judged}",
        text="\n\n".join(said) or judged,
        order_id=review.order_id,
        customer_id=review.customer_id,
        about=(Subject("prd", review.product_id),),
    )
    return open_of_cause(uow, happened)


def _judged(measure: FeedbackMeasure, score: int) -> str:
    return f"{score} of {SCALES[measure][1]}"
