"""Who looks after tickets: by hand, taken, or given away by their teams."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.giving import give, skills_with_room
from backoffice_api.domain.tickets.commands.keeping import head, locked, moved, save_told
from backoffice_api.domain.tickets.model.events import TicketAssigned
from backoffice_api.domain.tickets.model.refusals import (
    OnlyStaffTake,
    TicketTaken,
    UnknownAssignee,
    UnknownTicketTeam,
)
from backoffice_api.domain.tickets.model.teams import TicketTeam
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import (
    TicketAssignment,
    TicketStatus,
    TicketTeamStatus,
)
from backoffice_api.domain.tickets.tables import ticket_teams, tickets

# Name of the job that gives away what waits for somebody to have room, and how many at once.
GIVE_JOB = "tickets.give_waiting"
GIVEN_AT_ONCE = 100
# What still has to be given to somebody.
_TO_GIVE = (TicketStatus.NEW, TicketStatus.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTicket(Command):
    """None: no team, nobody. A team that is named without anybody gives the ticket away itself."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    team_id: UUID | Keep | None = KEEP
    assignee_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveWaiting(Command):
    """Give away what could not be given to anybody when it came."""

    scope = Scope.TICKETS_WRITE


def assign_ticket(uow: UnitOfWork, command: AssignTicket) -> UUID:
    """Say which team, and who, looks after a ticket. Its id.

    Nothing happens if nothing differs. By hand, nobody is too busy. A team that is named without
    anybody gives the ticket away itself, if it is new to it or nobody looks after it; who looked
    after it in another team does so no longer.

    Raises:
        UnknownTicket, InvalidTransition, UnknownTicketTeam, UnknownAssignee.
    """
    team = None
    if command.team_id is not KEEP and command.team_id is not None:
        team = team_in_use(uow, command.team_id)
    if command.assignee_id is not KEEP and command.assignee_id is not None:
        check_assignee(uow, command.assignee_id)
    before = locked(uow, command.id, "assign")
    after = replace(
        before,
        team_id=patched(command.team_id, before.team_id),
        assignee_id=patched(command.assignee_id, before.assignee_id),
    )
    automatic = False
    is_moved = after.team_id != before.team_id
    if command.assignee_id is KEEP and (is_moved or (team and before.assignee_id is None)):
        given = give(uow, team, [before.skill])[0] if team else None
        after = replace(after, assignee_id=given)
        automatic = given is not None
    _put(uow, before, after, automatic=automatic)
    return before.id


def take_ticket(uow: UnitOfWork, command: TakeTicket) -> UUID:
    """Look after a ticket that nobody looks after, and begin with it. Its id.

    Taking it again changes nothing.

    Raises:
        UnknownTicket, InvalidTransition.
        TicketTaken: somebody else was faster.
        OnlyStaffTake: a program asks.
    """
    if uow.caller.staff_id is None:
        raise OnlyStaffTake
    before = locked(uow, command.id, "assign")
    if before.assignee_id not in (None, uow.caller.staff_id):
        raise TicketTaken(before.assignee_id).at("id")
    after = replace(before, assignee_id=uow.caller.staff_id)
    if before.status is TicketStatus.NEW:
        after = moved(uow, after, "start")
    _put(uow, before, after, automatic=False)
    return before.id


def give_waiting(uow: UnitOfWork, command: GiveWaiting) -> int:
    """Give away tickets that wait in teams which give theirs away: what is due first, first.

    How many were given. At most `GIVEN_AT_ONCE` of each team are looked at, and none whose skill
    nobody has who has room: they would stand in the way of the others for ever.
    """
    statement = (
        select_as(TicketTeam, ticket_teams)
        .where(
            ticket_teams.c.status == TicketTeamStatus.ACTIVE,
            ticket_teams.c.assignment != TicketAssignment.BY_HAND,
            ticket_teams.c.id.in_(select(tickets.c.team_id).where(_WAITS)),
        )
        .order_by(ticket_teams.c.id)
    )
    return sum(_give_waiting_of(uow, team) for team in fetch(uow.db, TicketTeam, statement))


def check_assignee(uow: UnitOfWork, staff_id: UUID) -> None:
    """Raises: UnknownAssignee."""
    if not queries.active_staff(uow.db, [staff_id]):
        raise UnknownAssignee(staff_id).at("assignee_id")


def team_in_use(uow: UnitOfWork, id: UUID) -> TicketTeam:
    """Raises: UnknownTicketTeam."""
    team = queries.teams_by_ids(uow.db, [id]).get(id)
    if team is None or not team.is_in_use:
        raise UnknownTicketTeam(id).at("team_id")
    return team


def _put(uow: UnitOfWork, before: Ticket, after: Ticket, *, automatic: bool) -> None:
    if after != before:
        save_told(uow, before, after, _event(after, automatic=automatic))


def _event(ticket: Ticket, *, automatic: bool) -> TicketAssigned:
    return TicketAssigned(*head(ticket), ticket.team_id, ticket.assignee_id, automatic)


_WAITS = (
    tickets.c.assignee_id.is_(None)
    & tickets.c.status.in_(_TO_GIVE)
    & tickets.c.snoozed_until.is_(None)
)


def _give_waiting_of(uow: UnitOfWork, team: TicketTeam) -> int:
    skills = skills_with_room(uow, team)
    if skills is None:
        return 0
    able = tickets.c.skill.is_(None) | among(tickets.c.skill, skills)
    statement = (
        select_as(Ticket, tickets)
        .where(tickets.c.team_id == team.id, _WAITS, able)
        .order_by(tickets.c.due_order_at, tickets.c.id)
        .limit(GIVEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    waiting = fetch(uow.db, Ticket, statement)
    given = give(uow, team, [each.skill for each in waiting])
    changes: Sequence[tuple[Ticket, Ticket]] = [
        (before, replace(before, assignee_id=staff_id))
        for before, staff_id in zip(waiting, given, strict=True)
        if staff_id
    ]
    saved = save_all(uow, tickets, changes)
    for (before, _), after in zip(changes, saved, strict=True):
        uow.emit(_event(after, automatic=True), before=before, after=after)
    return len(saved)
