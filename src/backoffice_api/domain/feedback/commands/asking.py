"""Asking: a message with a link of its own goes to whoever is to be asked now.

Each is asked once, whatever happens to the worker: the survey and its message are written in one
transaction, and whoever asks holds a lock meanwhile, so that nobody is asked twice in a short time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.policies import FOLLOWER
from backoffice_api.domain.feedback.model.links import KEY, signed
from backoffice_api.domain.feedback.model.measures import FeedbackKind
from backoffice_api.domain.feedback.model.policies import FeedbackPolicy
from backoffice_api.domain.feedback.model.surveys import (
    ASKED_WITHIN,
    MACHINE,
    Survey,
    SurveyAsked,
    SurveyObstacle,
    SurveySuppressed,
)
from backoffice_api.domain.feedback.queries.people import Person, people_of
from backoffice_api.domain.feedback.tables import feedback_progress, surveys
from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.keys import key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages.commands.surveying import Question, write_questions
from backoffice_api.domain.messages.model.topics import MessageTopic

ASK_JOB = "feedback.ask_due"
SURVEYS_MAX = 100
_TOPICS = {
    FeedbackKind.TICKET: MessageTopic.TICKET_SURVEY,
    FeedbackKind.ORDER: MessageTopic.ORDER_SURVEY,
}


@dataclass(frozen=True, slots=True)
class AskDue(Command):
    """Run by the worker every minute."""

    scope = Scope.FEEDBACK_WRITE


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Who is to be asked what, with the survey as it is then."""

    before: Survey
    after: Survey
    question: Question


def ask_due(uow: UnitOfWork, command: AskDue) -> int:
    """Ask those whose time has come, or say why not. How many were asked.

    A constant number of statements. If there may be more, another job goes on.
    """
    mine = feedback_progress.c.name == FOLLOWER
    uow.db.execute(select(feedback_progress.c.sequence).where(mine).with_for_update()).all()
    due = queries.due_surveys(uow.db, uow.now, SURVEYS_MAX)
    if not due:
        return 0
    if len(due) == SURVEYS_MAX:
        uow.enqueue(Job(ASK_JOB))
    wanted, obstacles = _judged(uow, due)
    messages = write_questions(uow, [each.question for each in wanted])
    asked = []
    for each, message_id in zip(wanted, messages, strict=True):
        if message_id is None:
            obstacles.append((each.before, SurveyObstacle.NO_TEMPLATE))
        else:
            asked.append((each.before, replace(each.after, message_id=message_id)))
    _suppress(uow, obstacles)
    for (before, _), after in zip(asked, save_all(uow, surveys, asked), strict=True):
        assert after.closes_at is not None, "what is asked has an end"
        event = SurveyAsked(after.id, after.version, after.kind, after.closes_at)
        uow.emit(event, before=before, after=after)
    return len(asked)


def _judged(
    uow: UnitOfWork, due: Sequence[Survey]
) -> tuple[list[_Wanted], list[tuple[Survey, SurveyObstacle]]]:
    """Whom to ask, and whom not, in the order of the surveys."""
    policies = queries.Policies(uow.db)
    people = people_of(uow.db, due)
    lately = _Lately(uow, [people[each.id] for each in due])
    secret = key(uow.db, KEY)
    wanted: list[_Wanted] = []
    obstacles: list[tuple[Survey, SurveyObstacle]] = []
    for each in due:
        policy = policies.active(each.kind, each.channel_id)
        person = people[each.id]
        obstacle = _obstacle(uow.now, each, policy, person, lately)
        if obstacle or policy is None or person.recipient is None:
            obstacles.append((each, obstacle or SurveyObstacle.NOT_WANTED))
            continue
        lately.note(person, uow.now)
        wanted.append(_wanted(uow.now, secret, each, policy, person))
    return wanted, obstacles


def _obstacle(
    now: datetime,
    survey: Survey,
    policy: FeedbackPolicy | None,
    person: Person,
    lately: "_Lately",
) -> SurveyObstacle | None:
    """Why somebody must not be asked. None: nothing is in the way."""
    if policy is None:
        return SurveyObstacle.NOT_WANTED
    if not person.is_over:
        return SurveyObstacle.NOT_OVER
    if survey.ask_at < now - ASKED_WITHIN:
        return SurveyObstacle.TOO_OLD
    if person.recipient is None:
        return SurveyObstacle.NO_RECIPIENT
    if policy.needs_consent and not person.has_agreed:
        return SurveyObstacle.NO_CONSENT
    if lately.has_objected(person):
        return SurveyObstacle.OBJECTED
    if lately.since(person, now - timedelta(days=policy.pause_days)):
        return SurveyObstacle.ASKED_LATELY
    return None


def _wanted(
    now: datetime, secret: str, survey: Survey, policy: FeedbackPolicy, person: Person
) -> _Wanted:
    assert person.recipient is not None, "there is somebody to be asked"
    closes_at = (now + timedelta(days=policy.open_days)).replace(microsecond=0)
    after = replace(
        survey,
        status=MACHINE.check("ask", survey.status),
        measure=policy.measure,
        asked_at=now,
        closes_at=closes_at,
    )
    code = signed(secret, survey.id, closes_at)
    data = {
        "link": f"{policy.link_base}{code.reveal()}",
        "ticket": person.ticket_number,
        "closes_on": closes_at.date().isoformat(),
    }
    question = Question(
        topic=_TOPICS[survey.kind], recipient=person.recipient, known=person.known, data=data
    )
    return _Wanted(survey, after, question)


def _suppress(uow: UnitOfWork, found: Sequence[tuple[Survey, SurveyObstacle]]) -> None:
    changes = [
        (each, replace(each, status=MACHINE.check("suppress", each.status), obstacle=obstacle))
        for each, obstacle in found
    ]
    for (before, _), after in zip(changes, save_all(uow, surveys, changes), strict=True):
        assert after.obstacle is not None, "what is suppressed says why"
        event = SurveySuppressed(after.id, after.version, after.kind, after.obstacle)
        uow.emit(event, before=before, after=after)


class _Lately:
    """What people were asked lately, and said: by the customer, and by the address for guests."""

    def __init__(self, uow: UnitOfWork, people: Sequence[Person]) -> None:
        customers = {each.customer_id for each in people if each.customer_id}
        recipients = {each.recipient for each in people if each.recipient}
        self._customers: dict[UUID, datetime] = dict(queries.last_asked(uow.db, customers))
        written: Mapping[str, datetime] = queries.last_written(uow.db, recipients)
        self._recipients: dict[str, datetime] = dict(written)
        self._objectors = queries.objectors(uow.db, customers, recipients)

    def has_objected(self, person: Person) -> bool:
        """Whether somebody does not want to be asked anything any more."""
        customers, recipients = self._objectors
        return person.customer_id in customers or person.recipient in recipients

    def since(self, person: Person, then: datetime) -> bool:
        """Whether somebody was asked after that moment."""
        moments = (
            self._customers.get(person.customer_id) if person.customer_id else None,
            self._recipients.get(person.recipient) if person.recipient else None,
        )
        return any(each is not None and each > then for each in moments)

    def note(self, person: Person, now: datetime) -> None:
        """They are asked now."""
        if person.customer_id:
            self._customers[person.customer_id] = now
        if person.recipient:
            self._recipients[person.recipient] = now
