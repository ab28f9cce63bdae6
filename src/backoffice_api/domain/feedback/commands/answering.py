"""Answers: given once by the link, or written down by the shop; changed, removed."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.counting import count
from backoffice_api.domain.feedback.commands.links import survey_of
from backoffice_api.domain.feedback.commands.opening import ticket_of_survey
from backoffice_api.domain.feedback.commands.reviewing import review_line
from backoffice_api.domain.feedback.model.links import KEY, SurveyLinkNotGood, read
from backoffice_api.domain.feedback.model.measures import FeedbackKind, check_score, month_of
from backoffice_api.domain.feedback.model.policies import FeedbackPolicy
from backoffice_api.domain.feedback.model.product_reviews import (
    NotBought,
    ProductReviewOrigin,
    ReviewDraft,
)
from backoffice_api.domain.feedback.model.surveys import (
    CHANGES_MAX,
    COMMENT_LENGTH_MAX,
    MACHINE,
    AnswerSource,
    Survey,
    SurveyAnswered,
    SurveyChanged,
    SurveyRemoved,
    SurveyStatus,
    SurveyUsed,
    TooManyAnswers,
)
from backoffice_api.domain.feedback.tables import surveys
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.keys import key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

PRODUCTS_AT_ONCE_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedLine:
    """What the customer thinks of what they bought."""

    order_line_id: UUID
    review: ReviewDraft
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerByLink(Command):
    """The code is the right to it: it is run as the system, for whoever has one.

    `score` None: only products are reviewed. `stop`: whether the customer does not want to be
    asked anything any more; None: they say nothing of that.
    """

    scope = None
    code: Secret
    score: int | None = None
    comment: str = ""
    lines: tuple[RatedLine, ...] = ()
    stop: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer(Command):
    """What a customer told somebody of the shop. Exactly one of the two ids is given."""

    scope = Scope.FEEDBACK_WRITE
    score: int
    ticket_id: UUID | None = None
    order_id: UUID | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAnswer(Command):
    scope = Scope.FEEDBACK_WRITE
    table = surveys
    id: UUID


def answer_by_link(uow: UnitOfWork, command: AnswerByLink) -> UUID:
    """Take the answer of whoever has a code, or the change of it. Id of the survey.

    Raises:
        SurveyLinkNotGood, TooManyAnswers, ScoreOffScale, InvalidText, ForbiddenCharacter, TooMany.
        NotBought: a line is of another order, or nothing of it was sent.
    """
    id = read(key(uow.db, KEY), command.code, uow.now)
    before = queries.surveys_by_ids(uow.db, [id]).get(id)
    if before is None or before.status is SurveyStatus.REMOVED:
        raise SurveyLinkNotGood
    if before.changes >= CHANGES_MAX:
        raise TooManyAnswers(CHANGES_MAX)
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=PRODUCTS_AT_ONCE_MAX)
    faults.check()
    wanted = replace(before, changes=before.changes + 1)
    if command.stop is not None:
        wanted = replace(wanted, stopped_at=uow.now if command.stop else None)
    if command.score is None:
        after = save(uow, surveys, before, wanted)
        uow.emit(SurveyUsed(after.id, after.version, after.kind), before=before, after=after)
    else:
        wanted = _scored(wanted, command.score, command.comment, AnswerSource.CUSTOMER, uow.now)
        after = _answered(uow, before, wanted)
    _review(uow, after, command.lines)
    return after.id


def record_answer(uow: UnitOfWork, command: RecordAnswer) -> UUID:
    """Write down what a customer said. Id of the survey; one is made if there is none.

    Raises:
        UnknownTicket, UnknownOrder, ScoreOffScale, InvalidText, ForbiddenCharacter.
        InvalidTransition: the answer was removed.
    """
    before = survey_of(uow, command.ticket_id, command.order_id)
    wanted = replace(before, changes=before.changes + 1)
    wanted = _scored(wanted, command.score, command.comment, AnswerSource.STAFF, uow.now)
    return _answered(uow, before, wanted).id


def remove_answer(uow: UnitOfWork, command: RemoveAnswer) -> UUID:
    """Have an answer count nowhere, and forget it. Id of the survey; there is no other one.

    Raises:
        UnknownSurvey, InvalidTransition.
    """
    before = queries.survey(uow.db, command.id)
    wanted = replace(
        before,
        status=MACHINE.check("remove", before.status),
        score=None,
        comment="",
        counted_on=None,
    )
    after = save(uow, surveys, before, wanted)
    count(uow, before.places, after.places)
    event = SurveyRemoved(after.id, after.version, after.measure)
    uow.emit(event, before=before, after=after)
    return after.id


def _scored(
    survey: Survey, score: int, comment: str, source: AnswerSource, now: datetime
) -> Survey:
    """The survey with an answer. It counts from when the first one was given.

    Raises:
        ScoreOffScale, InvalidText, ForbiddenCharacter, InvalidTransition.
    """
    check_score(survey.measure, score)
    faults = Faults()
    check_text(comment, faults, "comment", minimum=0, maximum=COMMENT_LENGTH_MAX)
    faults.check()
    is_change = survey.status is SurveyStatus.ANSWERED
    return replace(
        survey,
        status=MACHINE.check("change" if is_change else "answer", survey.status),
        obstacle=None,
        score=score,
        comment=comment,
        source=source,
        answered_at=survey.answered_at or now,
        counted_on=survey.counted_on or month_of(now),
    )


def _answered(uow: UnitOfWork, before: Survey, wanted: Survey) -> Survey:
    policy = queries.Policies(uow.db).active(before.kind, before.channel_id)
    if policy:
        wanted = replace(wanted, opened_ticket_id=ticket_of_survey(uow, policy, wanted))
    after = save(uow, surveys, before, wanted)
    count(uow, before.places, after.places)
    is_change = before.status is SurveyStatus.ANSWERED
    _tell(uow, policy, before, after, is_change=is_change)
    return after


def _tell(
    uow: UnitOfWork,
    policy: FeedbackPolicy | None,
    before: Survey,
    after: Survey,
    *,
    is_change: bool,
) -> None:
    assert after.score is not None, "what is answered has a score"
    kind = SurveyChanged if is_change else SurveyAnswered
    event = kind(
        after.id,
        after.version,
        after.measure,
        after.score,
        policy is not None and policy.is_low(after.score),
        after.ticket_id,
        after.order_id,
    )
    uow.emit(event, before=before, after=after)


def _review(uow: UnitOfWork, survey: Survey, lines: tuple[RatedLine, ...]) -> None:
    """Keep what is said of products, if the shop takes reviews of what this is about."""
    if not lines:
        return
    policy = queries.Policies(uow.db).active(FeedbackKind.REVIEW, survey.channel_id)
    if policy is None or survey.kind is not FeedbackKind.ORDER:
        raise NotBought().at("lines")
    for position, each in enumerate(lines):
        try:
            review_line(
                uow,
                each.order_line_id,
                each.review,
                order_id=survey.order_id,
                author=each.author,
                origin=ProductReviewOrigin.CUSTOMER,
            )
        except NotBought as refusal:
            raise refusal.at("lines", position) from None
