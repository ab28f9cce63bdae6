"""Planning: the log is followed, and whoever is concerned by what happened is to be asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.policies import FOLLOWER
from backoffice_api.domain.feedback.model.measures import FeedbackKind, FeedbackMeasure
from backoffice_api.domain.feedback.model.surveys import (
    MACHINE,
    Survey,
    SurveyObstacle,
    SurveyPlanned,
    SurveyStatus,
)
from backoffice_api.domain.feedback.queries.subjects import (
    About,
    delivered_orders,
    resolved_tickets,
)
from backoffice_api.domain.feedback.tables import feedback_progress, surveys
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentDelivered
from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.model.events import TicketMoved
from backoffice_api.domain.tickets.model.words import TicketStatus

FOLLOW_JOB = "feedback.follow_events"
EVENTS_MAX = 200
_HEARD = Test("type", Operator.IN, (FulfillmentDelivered.type, TicketMoved.type))


@dataclass(frozen=True, slots=True)
class FollowFeedback(Command):
    """Run by the worker every half minute."""

    scope = Scope.FEEDBACK_WRITE


def follow_events(uow: UnitOfWork, command: FollowFeedback) -> int:
    """Plan what the next events ask for. How many surveys that made.

    Delivering and resolving know nothing of it. If there may be more events, another job goes on.
    """
    mine = feedback_progress.c.name == FOLLOWER
    statement = select(feedback_progress.c.sequence).where(mine).with_for_update()
    known = uow.db.execute(statement).scalar()
    if known is None:  # There never was a policy.
        return 0
    page = log.feed(uow.db, known, EVENTS_MAX, _HEARD)
    if not page.rows:
        return 0
    made = _plan(uow, page.rows)
    uow.db.execute(update(feedback_progress).where(mine).values(sequence=page.rows[-1].sequence))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return made


def _plan(uow: UnitOfWork, told: Sequence[Logged]) -> int:
    policies = queries.Policies(uow.db)
    orders = {
        UUID(hex=each.data["order_id"]) for each in told if each.type == FulfillmentDelivered.type
    }
    tickets = {
        each.subject_id
        for each in told
        if each.type == TicketMoved.type and each.data["to_status"] == TicketStatus.RESOLVED.value
    }
    return _planned(uow, policies, FeedbackKind.ORDER, delivered_orders(uow.db, orders)) + _planned(
        uow, policies, FeedbackKind.TICKET, resolved_tickets(uow.db, tickets)
    )


def _planned(
    uow: UnitOfWork, policies: queries.Policies, kind: FeedbackKind, about: Collection[About]
) -> int:
    """Plan one survey for each of these that has none yet. How many."""
    wanted = [
        new_survey(
            uow, kind, policy.measure, each, each.happened_at + timedelta(hours=policy.delay_h)
        )
        for each in about
        if (policy := policies.active(kind, each.channel_id))
    ]
    if not wanted:
        return 0
    _plan_again(uow, wanted)
    rows = [{name: getattr(each, name) for name in _COLUMNS} for each in wanted]
    insert_or_ignore(uow.db, surveys, *rows)
    made = queries.surveys_by_ids(uow.db, [each.id for each in wanted])
    for each in made.values():
        tell_planned(uow, None, each)
    return len(made)


def _plan_again(uow: UnitOfWork, wanted: Sequence[Survey]) -> None:
    """Tickets that were opened again when it was time to ask, and are resolved once more."""
    anew: Mapping[UUID, Survey] = {each.ticket_id: each for each in wanted if each.ticket_id}
    there = queries.surveys_by_tickets(uow.db, anew) if anew else {}
    changes = [
        (
            each,
            replace(
                each,
                status=MACHINE.check("plan", each.status),
                obstacle=None,
                ask_at=anew[id].ask_at,
                agent_id=anew[id].agent_id,
                team_id=anew[id].team_id,
            ),
        )
        for id, each in there.items()
        if each.status is SurveyStatus.SUPPRESSED and each.obstacle is SurveyObstacle.NOT_OVER
    ]
    after = save_all(uow, surveys, changes)
    for (before, _), each in zip(changes, after, strict=True):
        tell_planned(uow, before, each)


def new_survey(
    uow: UnitOfWork, kind: FeedbackKind, measure: FeedbackMeasure, about: About, ask_at: datetime
) -> Survey:
    """A survey of which nobody was asked yet."""
    return Survey(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=kind,
        measure=measure,
        status=MACHINE.start,
        ticket_id=about.ticket_id,
        order_id=about.order_id,
        customer_id=about.customer_id,
        channel_id=about.channel_id,
        agent_id=about.agent_id,
        team_id=about.team_id,
        carrier_id=about.carrier_id,
        ask_at=ask_at,
        asked_at=None,
        closes_at=None,
        obstacle=None,
        message_id=None,
        score=None,
        comment="",
        source=None,
        answered_at=None,
        counted_on=None,
        changes=0,
        stopped_at=None,
        opened_ticket_id=None,
    )


def tell_planned(uow: UnitOfWork, before: Survey | None, made: Survey) -> None:
    """Tell that somebody is to be asked."""
    event = SurveyPlanned(made.id, made.version, made.kind, made.ticket_id, made.order_id)
    uow.emit(event, before=before, after=made)


_COLUMNS = tuple(Survey.__dataclass_fields__)
