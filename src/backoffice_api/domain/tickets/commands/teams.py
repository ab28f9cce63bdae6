"""Teams: who is in them, and how they give their tickets away."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import (
    check_distinct,
    check_range,
    check_size,
    check_text,
)
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.assigning import check_assignee
from backoffice_api.domain.tickets.model.events import (
    TicketTeamArchived,
    TicketTeamCreated,
    TicketTeamMemberRemoved,
    TicketTeamMemberSet,
    TicketTeamRestored,
    TicketTeamUpdated,
)
from backoffice_api.domain.tickets.model.refusals import (
    TicketTeamNameTaken,
    TooManyOnTicketTeam,
    UnknownTicketTeam,
    UnknownTicketTeamMember,
)
from backoffice_api.domain.tickets.model.teams import TEAM_MACHINE, TicketTeam, TicketTeamMember
from backoffice_api.domain.tickets.model.words import (
    CAPACITY_MAX,
    CLOSE_AFTER_DAYS,
    DAYS_MAX,
    MEMBERS_MAX,
    REOPEN_WITHIN_DAYS,
    SKILL_LENGTH_MAX,
    SKILLS_MAX,
    TicketAssignment,
    TicketTeamStatus,
)
from backoffice_api.domain.tickets.tables import ticket_team_members, ticket_teams


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTicketTeam(Command):
    scope = Scope.TICKETS_MANAGE
    name: str
    assignment: TicketAssignment = TicketAssignment.BY_HAND
    is_default: bool = False
    close_after_days: int = CLOSE_AFTER_DAYS
    reopen_within_days: int = REOPEN_WITHIN_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTicketTeam(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_teams
    id: UUID
    name: str | Keep = KEEP
    assignment: TicketAssignment | Keep = KEEP
    is_default: bool | Keep = KEEP
    close_after_days: int | Keep = KEEP
    reopen_within_days: int | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTicketTeam(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_teams
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTicketTeam(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_teams
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTicketTeamMember(Command):
    """`id` is that of the team. `capacity` None: any number of tickets."""

    scope = Scope.TICKETS_MANAGE
    table = ticket_teams
    id: UUID
    staff_id: UUID
    capacity: int | None = None
    skills: tuple[str, ...] = ()
    is_available: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTicketTeamMember(Command):
    """`id` is that of the team."""

    scope = Scope.TICKETS_MANAGE
    table = ticket_teams
    id: UUID
    staff_id: UUID


def create_ticket_team(uow: UnitOfWork, command: CreateTicketTeam) -> UUID:
    """Make a team. If it is the default, the one that was is so no longer. Its id.

    Raises:
        TicketTeamNameTaken, InvalidText, ForbiddenCharacter, OutOfRange.
    """
    team = TicketTeam(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        status=TEAM_MACHINE.start,
        assignment=command.assignment,
        is_default=command.is_default,
        close_after_days=command.close_after_days,
        reopen_within_days=command.reopen_within_days,
    )
    _check(uow, team)
    _yield_default(uow, team)
    add(uow, ticket_teams, [team], turns=[0])
    uow.emit(TicketTeamCreated(team.id, team.version, team.name), after=team)
    return team.id


def update_ticket_team(uow: UnitOfWork, command: UpdateTicketTeam) -> UUID:
    """Change what is given of a team; what is absent stays. Its id.

    Raises:
        UnknownTicketTeam, InvalidTransition.
        TicketTeamNameTaken, InvalidText, ForbiddenCharacter, OutOfRange.
    """
    before = _locked(uow, command.id)
    TEAM_MACHINE.check("update", before.status)
    after = replace(
        before,
        name=patched(command.name, before.name),
        assignment=patched(command.assignment, before.assignment),
        is_default=patched(command.is_default, before.is_default),
        close_after_days=patched(command.close_after_days, before.close_after_days),
        reopen_within_days=patched(command.reopen_within_days, before.reopen_within_days),
    )
    if after == before:
        return before.id
    _check(uow, after)
    _yield_default(uow, after)
    after = save(uow, ticket_teams, before, after)
    uow.emit(TicketTeamUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def archive_ticket_team(uow: UnitOfWork, command: ArchiveTicketTeam) -> UUID:
    """Take a team out of use. Its tickets stay with it; it gets none any more. Its id.

    Raises:
        UnknownTicketTeam, InvalidTransition.
    """
    before = _locked(uow, command.id)
    status = TEAM_MACHINE.check("archive", before.status)
    after = save(uow, ticket_teams, before, replace(before, status=status, is_default=False))
    uow.emit(TicketTeamArchived(after.id, after.version, after.name), before=before, after=after)
    return after.id


def restore_ticket_team(uow: UnitOfWork, command: RestoreTicketTeam) -> UUID:
    """Take an archived team into use again. Its id.

    Raises:
        UnknownTicketTeam, InvalidTransition.
        TicketTeamNameTaken: another one has its name by now.
    """
    before = _locked(uow, command.id)
    after = replace(before, status=TEAM_MACHINE.check("restore", before.status))
    _check(uow, after)
    after = save(uow, ticket_teams, before, after)
    uow.emit(TicketTeamRestored(after.id, after.version, after.name), before=before, after=after)
    return after.id


def set_ticket_team_member(uow: UnitOfWork, command: SetTicketTeamMember) -> UUID:
    """Say that somebody is in a team, for how many tickets and with which skills. Id of the team.

    Who is new, or back, comes last: nobody has to catch up on what the others were given.

    Raises:
        UnknownTicketTeam, InvalidTransition, UnknownAssignee.
        TooManyOnTicketTeam: there is no room for another one.
        InvalidText, ForbiddenCharacter, OutOfRange, TooMany, Duplicate.
    """
    faults = Faults()
    check_range(command.capacity, faults, "capacity", minimum=1, maximum=CAPACITY_MAX)
    check_size(command.skills, faults, "skills", maximum=SKILLS_MAX)
    check_distinct(command.skills, faults, "skills")
    for position, skill in enumerate(command.skills):
        check_text(skill, faults, "skills", position, maximum=SKILL_LENGTH_MAX)
    faults.check()
    check_assignee(uow, command.staff_id)
    team = _locked(uow, command.id)
    TEAM_MACHINE.check("update", team.status)
    members = {each.staff_id: each for each in _members(uow, team)}
    before = members.get(command.staff_id)
    if before is None and len(members) >= MEMBERS_MAX:
        raise TooManyOnTicketTeam(MEMBERS_MAX)
    back = before is None or (command.is_available and not before.is_available)
    after = TicketTeamMember(
        team_id=team.id,
        staff_id=command.staff_id,
        capacity=command.capacity,
        skills=sorted(command.skills),
        is_available=command.is_available,
        last_turn=_turns(uow, team) if before is None or back else before.last_turn,
    )
    if before and replace(after, last_turn=before.last_turn) == before:
        return team.id
    _put_member(uow, before, after)
    saved = save(uow, ticket_teams, team, team)
    event = TicketTeamMemberSet(
        saved.id,
        saved.version,
        saved.name,
        after.staff_id,
        after.capacity,
        tuple(after.skills),
        after.is_available,
    )
    uow.emit(event, before=before, after=after)
    return team.id


def remove_ticket_team_member(uow: UnitOfWork, command: RemoveTicketTeamMember) -> UUID:
    """Take somebody out of a team. What they look after stays theirs. Id of the team.

    Raises:
        UnknownTicketTeam, InvalidTransition, UnknownTicketTeamMember.
    """
    team = _locked(uow, command.id)
    TEAM_MACHINE.check("update", team.status)
    if command.staff_id not in {each.staff_id for each in _members(uow, team)}:
        raise UnknownTicketTeamMember(command.staff_id).at("staff_id")
    member = ticket_team_members.c
    gone = (member.team_id == team.id, member.staff_id == command.staff_id)
    uow.db.execute(delete(ticket_team_members).where(*gone))
    saved = save(uow, ticket_teams, team, team)
    uow.emit(TicketTeamMemberRemoved(saved.id, saved.version, saved.name, command.staff_id))
    return team.id


def _locked(uow: UnitOfWork, id: UUID) -> TicketTeam:
    """Raises: UnknownTicketTeam."""
    statement = select_as(TicketTeam, ticket_teams).where(ticket_teams.c.id == id)
    if found := fetch(uow.db, TicketTeam, statement.with_for_update()):
        return found[0]
    raise UnknownTicketTeam(id).at("id")


def _members(uow: UnitOfWork, team: TicketTeam) -> list[TicketTeamMember]:
    return list(queries.members_by_teams(uow.db, [team.id]).get(team.id, ()))


def _turns(uow: UnitOfWork, team: TicketTeam) -> int:
    statement = select(ticket_teams.c.turns).where(ticket_teams.c.id == team.id)
    return int(uow.db.execute(statement).scalar_one())


def _put_member(uow: UnitOfWork, before: TicketTeamMember | None, after: TicketTeamMember) -> None:
    values = {
        "capacity": after.capacity,
        "skills": list(after.skills),
        "is_available": after.is_available,
        "last_turn": after.last_turn,
    }
    if before is None:
        keys = {"team_id": after.team_id, "staff_id": after.staff_id}
        uow.db.execute(ticket_team_members.insert(), keys | values)
        return
    member = ticket_team_members.c
    this = (member.team_id == after.team_id, member.staff_id == after.staff_id)
    uow.db.execute(update(ticket_team_members).where(*this).values(values))


def _check(uow: UnitOfWork, team: TicketTeam) -> None:
    faults = Faults()
    check_text(team.name, faults, "name")
    for name in ("close_after_days", "reopen_within_days"):
        check_range(getattr(team, name), faults, name, minimum=0, maximum=DAYS_MAX)
    same = select(ticket_teams.c.id).where(
        ticket_teams.c.name == team.name,
        ticket_teams.c.status == TicketTeamStatus.ACTIVE,
        ticket_teams.c.id != team.id,
    )
    if uow.db.execute(same).scalar():
        faults.add(TicketTeamNameTaken().at("name"))
    faults.check()


def _yield_default(uow: UnitOfWork, team: TicketTeam) -> None:
    """Let the team that was the default be so no longer, if this one is now."""
    if not team.is_default:
        return
    statement = select_as(TicketTeam, ticket_teams).where(
        ticket_teams.c.is_default, ticket_teams.c.id != team.id
    )
    for before in fetch(uow.db, TicketTeam, statement.with_for_update()):
        after = save(uow, ticket_teams, before, replace(before, is_default=False))
        uow.emit(TicketTeamUpdated(after.id, after.version, after.name), before=before, after=after)
