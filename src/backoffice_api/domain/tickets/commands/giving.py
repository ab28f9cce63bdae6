"""How teams give their tickets away: in turn, or by load, to those who are there and able.

Whoever gives away for a team counts its turns first, and so waits for who is doing the same. Turns
and loads are read behind that: no two tickets are given away by the same ones.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import BigInteger, update

from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.teams import (
    TicketTeam,
    TicketTeamMember,
    has_room,
    next_member,
)
from backoffice_api.domain.tickets.model.words import TicketAssignment
from backoffice_api.domain.tickets.tables import ticket_team_members, ticket_teams

_PUT_TURNS = UpdateEach(
    lambda given: (
        update(ticket_team_members)
        .where(
            ticket_team_members.c.team_id == given("team_id"),
            ticket_team_members.c.staff_id == given("staff_id"),
        )
        .values(last_turn=given("last_turn"))
    ),
    team_id=Id(),
    staff_id=Id(),
    last_turn=BigInteger(),
)


@dataclass(slots=True)
class Round:
    """Some tickets of a team that are given away one after the other, in memory."""

    team: TicketTeam
    turn: int
    members: dict[UUID, TicketTeamMember]
    loads: dict[UUID, int]
    served: set[UUID] = field(default_factory=set)

    def next(self, skill: str | None) -> UUID | None:
        """Who gets the next ticket. None: nobody can."""
        members = tuple(self.members.values())
        chosen = next_member(self.team.assignment, members, self.loads, skill)
        if chosen is None:
            return None
        self.turn += 1
        self.members[chosen.staff_id] = replace(chosen, last_turn=self.turn)
        self.loads[chosen.staff_id] = self.loads.get(chosen.staff_id, 0) + 1
        self.served.add(chosen.staff_id)
        return chosen.staff_id


def give(uow: UnitOfWork, team: TicketTeam, skills: Iterable[str | None]) -> list[UUID | None]:
    """Who gets tickets of the team that take these skills, in their order. None: nobody now.

    Five statements, however many tickets there are.
    """
    wanted = list(skills)
    if team.assignment is TicketAssignment.BY_HAND or not wanted:
        return [None] * len(wanted)
    round = _begin(uow, team, len(wanted))
    given = [round.next(skill) for skill in wanted]
    turns = [
        {"team_id": team.id, "staff_id": id, "last_turn": round.members[id].last_turn}
        for id in sorted(round.served)
    ]
    _PUT_TURNS(uow.db, turns)
    return given


def skills_with_room(uow: UnitOfWork, team: TicketTeam) -> Collection[str] | None:
    """The skills for which somebody of the team could be given a ticket. None: nobody could be."""
    members = _members(uow, team)
    loads = queries.loads(uow.db, team.id, members)
    free = [each for each in members.values() if has_room(each, loads)]
    return {skill for each in free for skill in each.skills} if free else None


def _begin(uow: UnitOfWork, team: TicketTeam, count: int) -> Round:
    turns = ticket_teams.c.turns
    counting = (
        update(ticket_teams)
        .where(ticket_teams.c.id == team.id)
        .values(turns=turns + count)
        .returning(turns)
    )
    turn = int(uow.db.execute(counting).scalar_one()) - count
    members = _members(uow, team)
    return Round(team, turn, members, dict(queries.loads(uow.db, team.id, members)))


def _members(uow: UnitOfWork, team: TicketTeam) -> dict[UUID, TicketTeamMember]:
    """Those of the team whose account is in use."""
    found = queries.members_by_teams(uow.db, [team.id]).get(team.id, ())
    there = queries.active_staff(uow.db, [each.staff_id for each in found])
    return {each.staff_id: each for each in found if each.staff_id in there}
