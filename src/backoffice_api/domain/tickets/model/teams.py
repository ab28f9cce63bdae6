"""Teams: rows, and whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tickets.model.words import TicketAssignment, TicketTeamStatus

# With what others are compared who can have any number of tickets.
CAPACITY_USUAL = 50

TEAM_MACHINE = Machine(
    TicketTeamStatus.ACTIVE,
    move("update", {TicketTeamStatus.ACTIVE}),
    move("archive", {TicketTeamStatus.ACTIVE}, TicketTeamStatus.ARCHIVED),
    move("restore", {TicketTeamStatus.ARCHIVED}, TicketTeamStatus.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class TicketTeam:
    """People who look after tickets of one kind.

    `is_default`: it gets those tickets for which nobody names a team. `close_after_days`: so long
    after it was resolved, a ticket is closed. `reopen_within_days`: so long after it was closed,
    a customer's message opens it again; later, it opens a new one.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    status: TicketTeamStatus
    assignment: TicketAssignment
    is_default: bool
    close_after_days: int
    reopen_within_days: int

    @property
    def is_in_use(self) -> bool:
        return self.status is TicketTeamStatus.ACTIVE

    @property
    def actions(self) -> Sequence[Action]:
        return TEAM_MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class TicketAgent:
    """A member of staff, as far as tickets show them."""

    id: UUID
    name: str = field(metadata={"personal": "staff"})


@dataclass(frozen=True, slots=True)
class TicketTeamMember:
    """`capacity`: so many live tickets of the team they are given at most; None: any number.

    `is_available` False: they are away, and are given none. `last_turn` grows with each ticket
    that the team gave away by itself: whose is smallest has waited longest.
    """

    team_id: UUID
    staff_id: UUID
    capacity: int | None
    skills: Sequence[str]
    is_available: bool
    last_turn: int


@dataclass(frozen=True, slots=True)
class TicketWorkload:
    """What somebody of a team has to do. `assignee_id` None: what nobody looks after.

    `late`: how many of the live ones have something due before a moment. `next_due_at`: when the
    first of all is due; None: nothing is.
    """

    assignee_id: UUID | None
    live: int
    late: int
    next_due_at: datetime | None


def next_member(
    assignment: TicketAssignment,
    members: Sequence[TicketTeamMember],
    loads: Mapping[UUID, int],
    skill: str | None,
) -> TicketTeamMember | None:
    """Who gets the next ticket. None: nobody, as nobody has room, the skill, or is there.

    `loads`: how many live tickets of the team each member of staff has; absent: none.
    """
    fit = [
        each
        for each in members
        if has_room(each, loads) and (skill is None or skill in each.skills)
    ]
    if not fit or assignment is TicketAssignment.BY_HAND:
        return None
    if assignment is TicketAssignment.ROUND_ROBIN:
        return min(fit, key=lambda each: (each.last_turn, each.staff_id))
    return min(fit, key=lambda each: (_part(each, loads), each.last_turn, each.staff_id))


def has_room(member: TicketTeamMember, loads: Mapping[UUID, int]) -> bool:
    """Whether somebody is there, and has not as many tickets as they are given at most."""
    is_full = member.capacity is not None and loads.get(member.staff_id, 0) >= member.capacity
    return member.is_available and not is_full


def _part(member: TicketTeamMember, loads: Mapping[UUID, int]) -> Fraction:
    """The part of their capacity that is taken."""
    return Fraction(loads.get(member.staff_id, 0), member.capacity or CAPACITY_USUAL)
