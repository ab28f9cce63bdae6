"""Links to answer surveys, made by staff: for a chat, a letter, a telephone call."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.planning import new_survey, tell_planned
from backoffice_api.domain.feedback.model.links import KEY, SurveyLink, SurveyLinkNotGood, signed
from backoffice_api.domain.feedback.model.measures import MEASURES, FeedbackKind
from backoffice_api.domain.feedback.model.policies import OPEN_DAYS_MAX
from backoffice_api.domain.feedback.model.surveys import (
    MACHINE,
    Survey,
    SurveyLinkMade,
    SurveyStatus,
)
from backoffice_api.domain.feedback.queries.subjects import About, about_orders, about_tickets
from backoffice_api.domain.feedback.tables import surveys
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.keys import key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import UnknownOrder
from backoffice_api.domain.tickets.model.refusals import UnknownTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSurveyLink(Command):
    """Exactly one of the two ids is given. `days`: for how long it is good."""

    scope = Scope.FEEDBACK_WRITE
    ticket_id: UUID | None = None
    order_id: UUID | None = None
    days: int = 30


def create_survey_link(uow: UnitOfWork, command: CreateSurveyLink) -> SurveyLink:
    """Make a code by which a customer can answer, or change their answer. It is shown once.

    Raises:
        UnknownTicket, UnknownOrder, OutOfRange.
        SurveyLinkNotGood: the answer was removed.
    """
    faults = Faults()
    check_range(command.days, faults, "days", minimum=1, maximum=OPEN_DAYS_MAX)
    faults.check()
    before = survey_of(uow, command.ticket_id, command.order_id)
    if before.status is SurveyStatus.REMOVED:
        raise SurveyLinkNotGood
    closes_at = (uow.now + timedelta(days=command.days)).replace(microsecond=0)
    wanted = replace(before, closes_at=max(closes_at, before.closes_at or closes_at))
    if before.status in (SurveyStatus.PLANNED, SurveyStatus.SUPPRESSED):
        # Whoever gets the link is asked by that: no message follows.
        status = MACHINE.check("ask", before.status)
        wanted = replace(wanted, status=status, obstacle=None, asked_at=uow.now)
    after = save(uow, surveys, before, wanted)
    code = signed(key(uow.db, KEY), after.id, closes_at)
    event = SurveyLinkMade(after.id, after.version, closes_at)
    uow.emit(event, before=before, after=after)
    return SurveyLink(after.id, closes_at, code)


def survey_of(uow: UnitOfWork, ticket_id: UUID | None, order_id: UUID | None) -> Survey:
    """The survey of a ticket or an order, made now if there is none.

    Raises:
        UnknownTicket, UnknownOrder.
    """
    if ticket_id is not None:
        there = queries.surveys_by_tickets(uow.db, [ticket_id]).get(ticket_id)
        about = None if there else about_tickets(uow.db, [ticket_id]).get(ticket_id)
        unknown: UnknownTicket | UnknownOrder = UnknownTicket(ticket_id)
    else:
        assert order_id is not None, "one of the two is given"
        there = queries.surveys_by_orders(uow.db, [order_id]).get(order_id)
        about = None if there else about_orders(uow.db, [order_id]).get(order_id)
        unknown = UnknownOrder(order_id)
    if there:
        return there
    if about is None:
        raise unknown.at("subject", "ticket_id" if ticket_id else "order_id")
    return _made(uow, FeedbackKind.TICKET if ticket_id else FeedbackKind.ORDER, about)


def _made(uow: UnitOfWork, kind: FeedbackKind, about: About) -> Survey:
    policy = queries.Policies(uow.db).active(kind, about.channel_id)
    measure = policy.measure if policy else MEASURES[kind][0]
    made = new_survey(uow, kind, measure, about, uow.now)
    add(uow, surveys, [made])
    tell_planned(uow, None, made)
    return made
