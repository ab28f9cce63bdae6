"""How tickets go from one state to another: by hand, and when their time has come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.keeping import (
    head,
    locked,
    moved,
    note_moves,
    save_told,
)
from backoffice_api.domain.tickets.model.drafts import check_snooze
from backoffice_api.domain.tickets.model.events import TicketMoved, TicketSnoozed, TicketWoken
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.tables import tickets

# Names of the jobs, and how many tickets each looks at in one go.
CLOSE_JOB = "tickets.close_resolved"
WAKE_JOB = "tickets.wake_snoozed"
BATCH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitCustomer(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitInternal(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTicketAsSpam(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmarkTicketAsSpam(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseResolved(Command):
    """Close what was resolved long enough ago."""

    scope = Scope.TICKETS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeSnoozed(Command):
    """Wake what has slept long enough."""

    scope = Scope.TICKETS_WRITE


def start_ticket(uow: UnitOfWork, command: StartTicket) -> UUID:
    """Begin with a new ticket. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "start")


def await_customer(uow: UnitOfWork, command: AwaitCustomer) -> UUID:
    """Wait for the customer. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "await_customer")


def await_internal(uow: UnitOfWork, command: AwaitInternal) -> UUID:
    """Wait for somebody else than the customer. Its id. Raises: UnknownTicket, InvalidTransition.

    The customer's clock runs on.
    """
    return _move(uow, command.id, "await_internal")


def resume_ticket(uow: UnitOfWork, command: ResumeTicket) -> UUID:
    """Wait no longer. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "resume")


def resolve_ticket(uow: UnitOfWork, command: ResolveTicket) -> UUID:
    """Say that it is done; after some days it is closed. Its id.

    Raises: UnknownTicket, InvalidTransition.
    """
    return _move(uow, command.id, "resolve")


def close_ticket(uow: UnitOfWork, command: CloseTicket) -> UUID:
    """Close what is resolved at once. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "close")


def reopen_ticket(uow: UnitOfWork, command: ReopenTicket) -> UUID:
    """Go on with what was resolved or closed. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "reopen")


def mark_ticket_as_spam(uow: UnitOfWork, command: MarkTicketAsSpam) -> UUID:
    """Say that nobody meant it. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "mark_as_spam")


def unmark_ticket_as_spam(uow: UnitOfWork, command: UnmarkTicketAsSpam) -> UUID:
    """Say that it was meant after all. Its id. Raises: UnknownTicket, InvalidTransition."""
    return _move(uow, command.id, "unmark_as_spam")


def snooze_ticket(uow: UnitOfWork, command: SnoozeTicket) -> UUID:
    """Put a ticket out of sight until a moment, or until its customer writes. Its id.

    What is due stays due.

    Raises:
        UnknownTicket, InvalidTransition, SnoozeOutOfRange.
    """
    check_snooze(command.until, uow.now)
    before = locked(uow, command.id, "snooze")
    after = replace(before, snoozed_until=command.until)
    if after != before:
        save_told(uow, before, after, TicketSnoozed(*head(before), command.until))
    return before.id


def wake_ticket(uow: UnitOfWork, command: WakeTicket) -> UUID:
    """Put a ticket in sight again before its time. Its id. Raises: UnknownTicket."""
    before = locked(uow, command.id, "wake")
    if before.snoozed_until:
        save_told(uow, before, replace(before, snoozed_until=None), TicketWoken(*head(before)))
    return before.id


def close_resolved(uow: UnitOfWork, command: CloseResolved) -> int:
    """Close tickets whose time has come, of a bounded number. How many there were.

    Those that somebody is at work on wait for the next time. If there may be more, another job
    goes on.
    """
    due = _due(uow, tickets.c.closes_at)
    changes = [(before, moved(uow, before, "close")) for before in due]
    saved = save_all(uow, tickets, changes)
    pairs = [(before, after) for (before, _), after in zip(changes, saved, strict=True)]
    note_moves(uow, pairs)
    for before, after in pairs:
        event = TicketMoved(*head(after), before.status, after.status)
        uow.emit(event, before=before, after=after)
    return _go_on(uow, saved, CLOSE_JOB)


def wake_snoozed(uow: UnitOfWork, command: WakeSnoozed) -> int:
    """Wake tickets whose time has come, of a bounded number. How many there were."""
    due = _due(uow, tickets.c.snoozed_until)
    changes = [(before, replace(before, snoozed_until=None)) for before in due]
    saved = save_all(uow, tickets, changes)
    for (before, _), after in zip(changes, saved, strict=True):
        uow.emit(TicketWoken(*head(after)), before=before, after=after)
    return _go_on(uow, saved, WAKE_JOB)


def _move(uow: UnitOfWork, id: UUID, action: str) -> UUID:
    before = locked(uow, id, action)
    after = moved(uow, before, action)
    if after != before:
        save_told(uow, before, after)
    return before.id


def _due(uow: UnitOfWork, column: ColumnElement[datetime]) -> Sequence[Ticket]:
    statement = (
        select_as(Ticket, tickets)
        .where(column <= uow.now)
        .order_by(column, tickets.c.id)
        .limit(BATCH_MAX)
        .with_for_update(skip_locked=True)
    )
    return fetch(uow.db, Ticket, statement)


def _go_on(uow: UnitOfWork, done: Sequence[Ticket], job: str) -> int:
    if len(done) == BATCH_MAX:
        uow.enqueue(Job(job))
    return len(done)
