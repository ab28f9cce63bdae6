"""Surveys: one question to one customer about one ticket or one order, and the answer.

    planned > asked > answered > removed, or suppressed where nobody is to be asked

There is at most one for each ticket and each order. An answer counts from the month in which it
was first given, however often it is changed, until it is removed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackKind,
    FeedbackMeasure,
    Place,
    places,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

CONTENT = {"personal": "content"}
COMMENT_LENGTH_MAX = 5_000
# Whoever has a link may change their mind so often.
CHANGES_MAX = 20
# What could not be asked for so long is not asked any more.
ASKED_WITHIN = timedelta(days=7)


class SurveyStatus(Choice):
    """How far a survey is."""

    PLANNED = "planned", "The customer is to be asked."
    SUPPRESSED = "suppressed", "The customer is not asked; see the obstacle."
    ASKED = "asked", "The customer was asked, and has not answered."
    ANSWERED = "answered", "There is an answer, and it counts."
    REMOVED = "removed", "The answer was removed: it counts nowhere."


class SurveyObstacle(Choice):
    """Why a customer was not asked."""

    NOT_WANTED = "not_wanted", "Nobody wants to know any more: the policy was switched off."
    NO_TEMPLATE = "no_template", "There is no enabled message for it."
    NO_RECIPIENT = "no_recipient", "No address is known."
    NO_CONSENT = "no_consent", "The customer has not agreed to be asked."
    OBJECTED = "objected", "The customer does not want to be asked any more."
    ASKED_LATELY = "asked_lately", "The customer was asked about something else not long ago."
    TOO_OLD = "too_old", "What it is about happened too long ago."
    NOT_OVER = "not_over", "What it is about goes on: a ticket was opened again."


class AnswerSource(Choice):
    """Who wrote an answer down."""

    CUSTOMER = "customer", "The customer, by the link."
    STAFF = "staff", "Somebody of the shop, who was told."


class SurveySortKey(Choice):
    """By what a list of surveys is sorted."""

    CREATED_AT = "created_at", "When it was planned."
    UPDATED_AT = "updated_at", "When it was last changed."


_S = SurveyStatus

MACHINE = Machine(
    _S.PLANNED,
    move("suppress", {_S.PLANNED}, _S.SUPPRESSED),
    move("plan", {_S.SUPPRESSED}, _S.PLANNED),
    move("ask", {_S.PLANNED, _S.SUPPRESSED}, _S.ASKED),
    move("answer", {_S.PLANNED, _S.SUPPRESSED, _S.ASKED}, _S.ANSWERED),
    move("change", {_S.ANSWERED}),
    move("remove", {_S.ANSWERED}, _S.REMOVED),
)
# What the worker does by itself: nobody asks for it.
_DERIVED = frozenset({"suppress", "plan", "ask"})


@dataclass(frozen=True, slots=True)
class Survey:
    """`order_id` is also set for a ticket that is about one order.

    `agent_id`, `team_id`, `carrier_id`: whom the answer is about. `ask_at`: when the customer is
    asked. `closes_at`: until then the link takes an answer. `counted_on`: first day of the month
    in which the answer counts; None: it counts nowhere. `stopped_at`: since when the customer does
    not want to be asked anything. `opened_ticket_id`: the ticket that a low score has opened.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: FeedbackKind
    measure: FeedbackMeasure
    status: SurveyStatus
    ticket_id: UUID | None
    order_id: UUID | None
    customer_id: UUID | None
    channel_id: UUID | None
    agent_id: UUID | None
    team_id: UUID | None
    carrier_id: UUID | None
    ask_at: datetime
    asked_at: datetime | None
    closes_at: datetime | None
    obstacle: SurveyObstacle | None
    message_id: UUID | None
    score: int | None
    comment: str = field(metadata=CONTENT)
    source: AnswerSource | None
    answered_at: datetime | None
    counted_on: date | None
    changes: int
    stopped_at: datetime | None
    opened_ticket_id: UUID | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in _DERIVED]

    @property
    def places(self) -> Iterable[Place]:
        """Where its answer counts."""
        return places(self.measure, self.counted_on, self.score, self._of)

    @property
    def _of(self) -> Mapping[FeedbackDimension, UUID | None]:
        return {
            FeedbackDimension.CHANNEL: self.channel_id,
            FeedbackDimension.AGENT: self.agent_id,
            FeedbackDimension.TEAM: self.team_id,
            FeedbackDimension.CARRIER: self.carrier_id,
        }


@dataclass(frozen=True, slots=True)
class SurveyPlanned(Event):
    type = "survey.planned"
    subject = "srv"
    summary = "A customer is to be asked about a {kind}."
    id: UUID
    version: int
    kind: FeedbackKind
    ticket_id: UUID | None
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class SurveyAsked(Event):
    """`closes_at`: until then there can be an answer."""

    type = "survey.asked"
    subject = "srv"
    summary = "A customer was asked about a {kind}."
    id: UUID
    version: int
    kind: FeedbackKind
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class SurveySuppressed(Event):
    type = "survey.suppressed"
    subject = "srv"
    summary = "A customer is not asked about a {kind}: {obstacle}."
    id: UUID
    version: int
    kind: FeedbackKind
    obstacle: SurveyObstacle


@dataclass(frozen=True, slots=True)
class SurveyLinkMade(Event):
    type = "survey.link_made"
    subject = "srv"
    summary = "A link to answer a survey was made; it is good until {closes_at}."
    id: UUID
    version: int
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class SurveyAnswered(Event):
    """`ticket_id`, `order_id`: what it is about. `is_low`: somebody has to look."""

    type = "survey.answered"
    subject = "srv"
    summary = "A survey was answered: {score} ({measure})."
    id: UUID
    version: int
    measure: FeedbackMeasure
    score: int
    is_low: bool
    ticket_id: UUID | None
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class SurveyChanged(Event):
    type = "survey.changed"
    subject = "srv"
    summary = "The answer to a survey was changed: {score} ({measure})."
    id: UUID
    version: int
    measure: FeedbackMeasure
    score: int
    is_low: bool
    ticket_id: UUID | None
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class SurveyUsed(Event):
    """Products were reviewed by its link, or its customer said whether they want to be asked."""

    type = "survey.used"
    subject = "srv"
    summary = "The link of a survey was used for something else than its answer."
    id: UUID
    version: int
    kind: FeedbackKind


@dataclass(frozen=True, slots=True)
class SurveyRemoved(Event):
    type = "survey.removed"
    subject = "srv"
    summary = "The answer to a survey was removed ({measure})."
    id: UUID
    version: int
    measure: FeedbackMeasure


@dataclass(eq=False)
class UnknownSurvey(Missing):
    """There is no survey with this id."""

    id: UUID
    message = "There is no such survey."


@dataclass(eq=False)
class TooManyAnswers(Refused):
    """The answer was changed too often by its link."""

    maximum: int
    message = "An answer can be changed {maximum} times at most."
