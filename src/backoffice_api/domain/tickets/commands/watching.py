"""Tickets that open themselves: the log is followed, and what fell due is looked for.

Each cause is kept once, with the rule that saw it, in the transaction that opens its ticket. Who
dies in the middle leaves nothing behind, and the next one begins where the last one ended: no
ticket is missing, and none is opened twice (ADR 0031 says the same of messages).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.commands.ruling import FOLLOWER
from backoffice_api.domain.tickets.model.acts import Subject
from backoffice_api.domain.tickets.model.drafts import MessageDraft, TicketLinkDraft
from backoffice_api.domain.tickets.model.rules import (
    BY_TIME,
    OPENED_WITHIN,
    Happened,
    TicketOpening,
    TicketRule,
    TicketRuleHeldBack,
    first_fitting,
)
from backoffice_api.domain.tickets.model.words import (
    SUBJECT_LENGTH_MAX,
    TicketAuthor,
    TicketRelation,
    TicketSource,
    TicketTeamStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.queries import teams_by_ids
from backoffice_api.domain.tickets.queries.causes import TOLD, Window, overdue, told_of
from backoffice_api.domain.tickets.queries.rules import (
    enabled_rules,
    opened_within_a_day,
    seen,
)
from backoffice_api.domain.tickets.tables.desk import ticket_openings, ticket_rule_progress

FOLLOW_JOB = "tickets.open_of_events"
SWEEP_JOB = "tickets.open_overdue"
# So many events are looked at in one transaction, and so many causes that are found by time.
EVENTS_MAX = 100
SWEPT_MAX = 100


@dataclass(frozen=True, slots=True)
class OpenOfEvents(Command):
    """Run by the worker every few seconds."""

    scope = Scope.TICKETS_WRITE


@dataclass(frozen=True, slots=True)
class OpenOverdue(Command):
    """Run by the worker now and then: opens tickets for what fell due."""

    scope = Scope.TICKETS_WRITE


def open_of_events(uow: UnitOfWork, command: OpenOfEvents) -> int:
    """Open the tickets that the next events are a cause of. How many that made.

    If there may be more events, another job goes on.
    """
    known = _locked_progress(uow)
    if known is None:  # No rule was ever to open anything.
        return 0
    page = log.feed(uow.db, known, EVENTS_MAX, Test("type", Operator.IN, TOLD))
    if not page.rows:
        return 0
    fresh = [each for each in page.rows if each.occurred_at >= uow.now - OPENED_WITHIN]
    made = _open(uow, enabled_rules(uow.db), told_of(uow.db, fresh))
    mine = ticket_rule_progress.c.name == FOLLOWER
    reached = page.rows[-1].sequence
    uow.db.execute(update(ticket_rule_progress).where(mine).values(sequence=reached))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return made


def open_overdue(uow: UnitOfWork, command: OpenOverdue) -> int:
    """Open tickets for what fell due since their rules were enabled. How many that made.

    If there may be more, another job goes on.
    """
    if _locked_progress(uow) is None:
        return 0
    made, left = 0, SWEPT_MAX
    for rule in enabled_rules(uow.db):
        if rule.cause not in BY_TIME or rule.enabled_at is None or rule.after_days is None:
            continue
        window = Window(rule.enabled_at, uow.now, rule.after_days)
        found = overdue(uow.db, rule.cause, window, left)
        made += _open(uow, [rule], found)
        left -= len(found)
        if left == 0:
            uow.enqueue(Job(SWEEP_JOB))
            break
    return made


def open_of_cause(uow: UnitOfWork, happened: Happened) -> UUID | None:
    """Open the ticket that something is a cause of, inside the command that knows of it.

    The ticket's id, also of one that was opened for it before. None: no rule wants one.
    """
    _open(uow, enabled_rules(uow.db), [happened])
    row = ticket_openings.c
    statement = select(row.ticket_id).where(
        row.subject_id == happened.subject.id, row.cause == happened.cause
    )
    found: UUID | None = uow.db.execute(statement).scalar()
    return found


def _locked_progress(uow: UnitOfWork) -> int | None:
    """How far the log was followed. Nobody else opens tickets by rules until the end."""
    mine = ticket_rule_progress.c.name == FOLLOWER
    statement = select(ticket_rule_progress.c.sequence).where(mine).with_for_update()
    known: int | None = uow.db.execute(statement).scalar()
    return known


def _open(uow: UnitOfWork, rules: Sequence[TicketRule], happened: Iterable[Happened]) -> int:
    """Open tickets for those of these causes that no rule has seen. How many that made."""
    once = {(each.cause, each.subject.id): each for each in reversed(list(happened))}
    known = seen(uow.db, {id for _, id in once}) if once else frozenset()
    wanted = [
        (rule, each)
        for key, each in reversed(once.items())
        if key not in known and (rule := first_fitting(rules, each)) is not None
    ]
    if not wanted:
        return 0
    by_id = {rule.id: rule for rule, _ in wanted}
    opened = Counter(opened_within_a_day(uow.db, by_id, uow.now))
    teams = teams_by_ids(uow.db, {each.team_id for each in by_id.values() if each.team_id})
    in_use = {id for id, each in teams.items() if each.status is TicketTeamStatus.ACTIVE}
    held_back: Counter[UUID] = Counter()
    rows = []
    for rule, each in wanted:
        ticket_id = None
        if opened[rule.id] < rule.daily_max:
            opened[rule.id] += 1
            ticket_id = _open_one(uow, rule, each, rule.team_id if rule.team_id in in_use else None)
        else:
            held_back[rule.id] += 1
        rows.append(_opening(uow, rule, each, ticket_id))
    add(uow, ticket_openings, rows)
    for id, causes in held_back.items():
        rule = by_id[id]
        uow.emit(TicketRuleHeldBack(id, rule.version, rule.code, causes, rule.daily_max))
    return sum(each.ticket_id is not None for each in rows)


def _open_one(uow: UnitOfWork, rule: TicketRule, happened: Happened, team_id: UUID | None) -> UUID:
    links = [_link(happened.subject, TicketRelation.CAUSE)]
    links += [_link(each, TicketRelation.ABOUT) for each in happened.about]
    if happened.order_id:
        links.append(_link(Subject("ord", happened.order_id), TicketRelation.ABOUT))
    message = MessageDraft(
        body=happened.text,
        author=TicketAuthor.SYSTEM,
        visibility=TicketVisibility.INTERNAL,
        source=TicketSource.RULE,
    )
    return open_ticket(
        uow,
        OpenTicket(
            subject=happened.title[:SUBJECT_LENGTH_MAX],
            message=message,
            priority=rule.priority,
            customer_id=happened.customer_id,
            team_id=team_id,
            tags=tuple(rule.tags),
            links=tuple(links),
            opened_by_rule=rule.code,
            cause_key=happened.key,
        ),
    )


def _link(subject: Subject, relation: TicketRelation) -> TicketLinkDraft:
    return TicketLinkDraft(subject_kind=subject.kind, subject_id=subject.id, relation=relation)


def _opening(
    uow: UnitOfWork, rule: TicketRule, happened: Happened, ticket_id: UUID | None
) -> TicketOpening:
    return TicketOpening(
        id=uow.new_id(),
        cause=happened.cause,
        subject_kind=happened.subject.kind,
        subject_id=happened.subject.id,
        rule_id=rule.id,
        ticket_id=ticket_id,
        occurred_at=happened.occurred_at,
        created_at=uow.now,
    )
