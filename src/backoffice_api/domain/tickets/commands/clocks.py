"""Clocks are kept right: with what happens to tickets, by the hour, and when policies change.

What a ticket's clocks are follows from its log and the terms of its policy (`model.clocks`). Here
they are worked out again, stored, and what became overdue or is at risk is told, once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from backoffice_api.domain.customers.tables import tags as customer_tags
from backoffice_api.domain.customers.tables.accounts import group_members
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, columns_of, fetch
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.model.events import (
    TicketAbsorbed,
    TicketAnswered,
    TicketAssigned,
    TicketMerged,
    TicketMoved,
    TicketOpened,
    TicketReplied,
    TicketSplit,
    TicketUpdated,
)
from backoffice_api.domain.tickets.model.kept_clocks import (
    DueTimes,
    TicketClock,
    due_times,
    renewed,
)
from backoffice_api.domain.tickets.model.policies import (
    Case,
    SlaPolicy,
    SlaTerms,
    TicketSlaAtRisk,
    TicketSlaBreached,
    first_match,
)
from backoffice_api.domain.tickets.model.tickets import LIVE
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource
from backoffice_api.domain.tickets.queries import clocks as queries
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.clocks import ticket_clocks

# Names of the jobs that run `watch_clocks` and `reapply_policies`, and how many tickets each of
# them looks at in one go.
WATCH_JOB = "tickets.watch_clocks"
REAPPLY_JOB = "tickets.reapply_policies"
BATCH_MAX = 200

# What may change a clock, or which policy holds.
CLOCK_EVENTS = (
    TicketOpened,
    TicketUpdated,
    TicketAnswered,
    TicketReplied,
    TicketMoved,
    TicketAssigned,
    TicketMerged,
    TicketAbsorbed,
    TicketSplit,
)
ClockEvent = (
    TicketOpened
    | TicketUpdated
    | TicketAnswered
    | TicketReplied
    | TicketMoved
    | TicketAssigned
    | TicketMerged
    | TicketAbsorbed
    | TicketSplit
)

_DUE = (
    "sla_policy_id",
    "first_response_due_at",
    "next_response_due_at",
    "resolution_due_at",
    "next_due_at",
)
_changed = [each for each in ticket_clocks.c if not each.computed]
_overwrite = UpdateEach(
    lambda given: (
        update(ticket_clocks)
        .where(ticket_clocks.c.id == given("id"))
        .values({each.name: given(each.name) for each in _changed if each.name != "id"})
    ),
    **{each.name: each.type for each in _changed},
)
_set_due = UpdateEach(
    lambda given: (
        update(tickets)
        .where(tickets.c.id == given("id"))
        .values({name: given(name) for name in _DUE})
    ),
    id=Id(),
    sla_policy_id=Id(),
    first_response_due_at=Instant(),
    next_response_due_at=Instant(),
    resolution_due_at=Instant(),
    next_due_at=Instant(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchClocks(Command):
    """Run by the worker every minute."""

    scope = Scope.TICKETS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReapplyPolicies(Command):
    """Work out anew what is due of live tickets. `after`: the ticket behind which to go on."""

    scope = Scope.TICKETS_WRITE
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """What clocks ask of a ticket; nobody else changes it until the transaction ends."""

    id: UUID
    version: int
    number: str
    priority: TicketPriority
    source: TicketSource
    language: str | None
    customer_id: UUID | None
    team_id: UUID | None
    sla_policy_id: UUID | None
    first_response_due_at: datetime | None
    next_response_due_at: datetime | None
    resolution_due_at: datetime | None
    next_due_at: datetime | None


def follow_tickets(uow: UnitOfWork, event: ClockEvent) -> None:
    """Keep the clocks of all tickets that a command changed, once: behind the last change."""
    told = (each.event for each in reversed(uow.told) if isinstance(each.event, CLOCK_EVENTS))
    if next(told) is not event:
        return
    ids = {each.event.id for each in uow.told if isinstance(each.event, CLOCK_EVENTS)}
    ids |= {each.event.split_id for each in uow.told if isinstance(each.event, TicketSplit)}
    keep_clocks(uow, ids)


def watch_clocks(uow: UnitOfWork, command: WatchClocks) -> int:
    """Tell what is at risk or overdue by now, of a bounded number of tickets. Of how many.

    What somebody else is at work on waits for the next time. If there may be more, another job
    goes on.
    """
    of = ticket_clocks.c
    statement = select(of.ticket_id).where(of.watch_at < uow.now).order_by(of.watch_at)
    ids = set(uow.db.execute(statement.limit(BATCH_MAX)).scalars())
    kept = keep_clocks(uow, ids, skip_locked=True)
    if len(ids) == BATCH_MAX and kept:
        uow.enqueue(Job(WATCH_JOB))
    return kept


def reapply_policies(uow: UnitOfWork, command: ReapplyPolicies) -> int:
    """Have live tickets follow the policies as they are now, a bounded number. How many.

    If there may be more, another job goes on behind the last one.
    """
    statement = select(tickets.c.id).where(tickets.c.status.in_(sorted(LIVE)))
    if command.after is not None:
        statement = statement.where(tickets.c.id > command.after)
    found = uow.db.execute(statement.order_by(tickets.c.id).limit(BATCH_MAX)).scalars().all()
    keep_clocks(uow, found)
    if len(found) == BATCH_MAX:
        uow.enqueue(Job(REAPPLY_JOB, {"after": found[-1].hex}))
    return len(found)


def keep_clocks(uow: UnitOfWork, ids: Collection[UUID], *, skip_locked: bool = False) -> int:
    """Work out the clocks of tickets anew, store them, tell what is at risk or overdue.

    How many tickets were looked at; `skip_locked`: not those that somebody else is at work on.
    The number of statements does not depend on that of the tickets.
    """
    policies = queries.policies_in_use(uow.db)
    if not ids or not (policies or queries.clocks_by_tickets(uow.db, ids)):
        return 0
    held = _held(uow, ids, skip_locked)
    stored = queries.clocks_by_tickets(uow.db, [each.id for each in held])
    known = queries.terms_of(uow.db, policies, stored.values())
    logs = queries.logs_of(uow.db, [each.id for each in held])
    cases = _cases(uow, held, policies)
    changes: list[tuple[TicketClock | None, TicketClock]] = []
    gone: list[UUID] = []
    due: list[Mapping[str, Any]] = []
    for ticket in held:
        policy = first_match(policies, cases[ticket.id])
        before = stored.get(ticket.id, ())
        after = renewed(
            before,
            logs[ticket.id],
            known[policy.terms_id] if policy else None,
            known,
            ticket_id=ticket.id,
            now=uow.now,
            new_id=uow.new_id,
        )
        by_ids = {each.id: each for each in before}
        changes += [(by_ids.pop(each.id, None), each) for each in after]
        gone += by_ids
        due += _due(ticket, policy.id if policy else None, due_times(after))
    changes = [(was, now) for was, now in changes if was != now]
    _write(uow, changes, gone, due)
    _tell(uow, {each.id: each for each in held}, changes, known)
    return len(held)


def _held(uow: UnitOfWork, ids: Collection[UUID], skip_locked: bool) -> Sequence[_Held]:
    statement = (
        select(*columns_of(_Held, tickets))
        .where(among(tickets.c.id, ids))
        .order_by(tickets.c.id)
        .with_for_update(skip_locked=skip_locked)
    )
    return fetch(uow.db, _Held, statement)


def _cases(
    uow: UnitOfWork, held: Sequence[_Held], policies: Sequence[SlaPolicy]
) -> Mapping[UUID, Case]:
    """What policies ask for, with what is known of the customers if any of them asks."""
    tags: dict[UUID, set[str]] = {}
    groups: dict[UUID, set[UUID]] = {}
    if any(each.asks_for_customer for each in policies):
        of = customer_tags.c
        customers = {each.customer_id for each in held if each.customer_id}
        statement = select(of.customer_id, of.tag).where(among(of.customer_id, customers))
        for customer_id, tag in uow.db.execute(statement):
            tags.setdefault(customer_id, set()).add(tag)
        within = group_members.c
        members = select(within.customer_id, within.group_id)
        for customer_id, group_id in uow.db.execute(
            members.where(among(within.customer_id, customers))
        ):
            groups.setdefault(customer_id, set()).add(group_id)
    nobody = UUID(int=0)
    return {
        each.id: Case(
            source=each.source,
            priority=each.priority,
            team_id=each.team_id,
            language=each.language,
            tags=frozenset(tags.get(each.customer_id or nobody, ())),
            group_ids=frozenset(groups.get(each.customer_id or nobody, ())),
        )
        for each in held
    }


def _due(ticket: _Held, policy_id: UUID | None, times: DueTimes) -> Sequence[Mapping[str, Any]]:
    """What is to be written of the due times of a ticket; nothing if they are what they were."""
    values = {**asdict(times), "next_due_at": times.next_due_at, "sla_policy_id": policy_id}
    if all(getattr(ticket, name) == value for name, value in values.items()):
        return ()
    return ({"id": ticket.id, **values},)


def _write(
    uow: UnitOfWork,
    changes: Sequence[tuple[TicketClock | None, TicketClock]],
    gone: Sequence[UUID],
    due: Sequence[Mapping[str, Any]],
) -> None:
    if gone:
        uow.db.execute(delete(ticket_clocks).where(among(ticket_clocks.c.id, gone)))
    add(uow, ticket_clocks, [after for before, after in changes if before is None])
    _overwrite(uow.db, [asdict(after) for before, after in changes if before is not None])
    _set_due(uow.db, due)


def _tell(
    uow: UnitOfWork,
    held: Mapping[UUID, _Held],
    changes: Sequence[tuple[TicketClock | None, TicketClock]],
    known: Mapping[UUID, SlaTerms],
) -> None:
    """What is newly overdue or at risk. The clocks remember it, so it is told once."""
    for before, after in changes:
        ticket = held[after.ticket_id]
        names = (ticket.id, ticket.version, ticket.number, after.kind, after.started_at)
        was_breached, was_warned = before and before.breached_at, before and before.warned_at
        if after.breached_at and after.breached_terms_id and not was_breached:
            policy_id = known[after.breached_terms_id].policy_id
            uow.emit(TicketSlaBreached(*names, after.breached_at, policy_id))
        elif after.warned_at and after.due_at and after.terms_id and not was_warned:
            policy_id = known[after.terms_id].policy_id
            uow.emit(TicketSlaAtRisk(*names, after.due_at, policy_id))
