"""What happens to tickets and teams."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.tickets.model.words import (
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSource,
    TicketStatus,
)


@dataclass(frozen=True, slots=True)
class TicketOpened(Event):
    """`message_id`: its first message. `opened_by_rule` None: somebody opened it."""

    type = "ticket.opened"
    subject = "tic"
    summary = "Ticket {number} was opened."
    id: UUID
    version: int
    number: str
    message_id: UUID
    source: TicketSource
    priority: TicketPriority
    customer_id: UUID | None
    team_id: UUID | None
    opened_by_rule: str | None


@dataclass(frozen=True, slots=True)
class TicketRecorded(Event):
    """It was taken over from another system, with its history."""

    type = "ticket.recorded"
    subject = "tic"
    summary = "Ticket {number} was taken over."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class TicketUpdated(Event):
    type = "ticket.updated"
    subject = "tic"
    summary = "Ticket {number} was changed."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class TicketAnswered(Event):
    """Its customer wrote."""

    type = "ticket.answered"
    subject = "tic"
    summary = "The customer wrote on ticket {number}."
    id: UUID
    version: int
    number: str
    message_id: UUID
    source: TicketSource


@dataclass(frozen=True, slots=True)
class TicketReplied(Event):
    """The shop wrote to the customer."""

    type = "ticket.replied"
    subject = "tic"
    summary = "The shop wrote to the customer on ticket {number}."
    id: UUID
    version: int
    number: str
    message_id: UUID


@dataclass(frozen=True, slots=True)
class TicketNoted(Event):
    """Somebody wrote what only the shop reads."""

    type = "ticket.noted"
    subject = "tic"
    summary = "A note was written on ticket {number}."
    id: UUID
    version: int
    number: str
    message_id: UUID


@dataclass(frozen=True, slots=True)
class TicketMoved(Event):
    """It came from one state to another."""

    type = "ticket.moved"
    subject = "tic"
    summary = "Ticket {number} is {to_status}, and was {from_status}."
    id: UUID
    version: int
    number: str
    from_status: TicketStatus
    to_status: TicketStatus


@dataclass(frozen=True, slots=True)
class TicketAssigned(Event):
    """Who looks after it now. None: nobody, no team. `automatic`: the team gave it away itself."""

    type = "ticket.assigned"
    subject = "tic"
    summary = "Ticket {number} was given to somebody else."
    id: UUID
    version: int
    number: str
    team_id: UUID | None
    assignee_id: UUID | None
    automatic: bool


@dataclass(frozen=True, slots=True)
class TicketSnoozed(Event):
    type = "ticket.snoozed"
    subject = "tic"
    summary = "Ticket {number} sleeps until {until}."
    id: UUID
    version: int
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TicketWoken(Event):
    type = "ticket.woken"
    subject = "tic"
    summary = "Ticket {number} does not sleep any more."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class TicketMerged(Event):
    """It goes on in the ticket `into_id`."""

    type = "ticket.merged"
    subject = "tic"
    summary = "Ticket {number} goes on in another one."
    id: UUID
    version: int
    number: str
    into_id: UUID


@dataclass(frozen=True, slots=True)
class TicketAbsorbed(Event):
    """It goes on with what was said in others, too."""

    type = "ticket.absorbed"
    subject = "tic"
    summary = "Ticket {number} goes on with what was said in others."
    id: UUID
    version: int
    number: str
    merged_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class TicketSplit(Event):
    """Some of its messages are a ticket of their own now."""

    type = "ticket.split"
    subject = "tic"
    summary = "Some messages of ticket {number} are a ticket of their own now."
    id: UUID
    version: int
    number: str
    split_id: UUID
    message_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class TicketLinked(Event):
    """`linked_kind`: prefix of the id of the thing."""

    type = "ticket.linked"
    subject = "tic"
    summary = "Ticket {number} was linked to something."
    id: UUID
    version: int
    number: str
    linked_kind: str
    linked_id: UUID
    relation: TicketRelation


@dataclass(frozen=True, slots=True)
class TicketUnlinked(Event):
    type = "ticket.unlinked"
    subject = "tic"
    summary = "Ticket {number} is not linked to something any more."
    id: UUID
    version: int
    number: str
    linked_kind: str
    linked_id: UUID
    relation: TicketRelation


@dataclass(frozen=True, slots=True)
class TicketParticipantAdded(Event):
    type = "ticket.participant_added"
    subject = "tic"
    summary = "Somebody takes part in ticket {number}."
    id: UUID
    version: int
    number: str
    participant_id: UUID
    role: TicketRole
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketParticipantRemoved(Event):
    type = "ticket.participant_removed"
    subject = "tic"
    summary = "Somebody does not take part in ticket {number} any more."
    id: UUID
    version: int
    number: str
    participant_id: UUID
    role: TicketRole
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketTeamCreated(Event):
    type = "ticket_team.created"
    subject = "tem"
    summary = "A team was made: {name}."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TicketTeamUpdated(Event):
    type = "ticket_team.updated"
    subject = "tem"
    summary = "The team {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TicketTeamArchived(Event):
    type = "ticket_team.archived"
    subject = "tem"
    summary = "The team {name} is out of use."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TicketTeamRestored(Event):
    type = "ticket_team.restored"
    subject = "tem"
    summary = "The team {name} is in use again."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TicketTeamMemberSet(Event):
    type = "ticket_team.member_set"
    subject = "tem"
    summary = "A member of the team {name} was set."
    id: UUID
    version: int
    name: str
    staff_id: UUID
    capacity: int | None
    skills: tuple[str, ...]
    is_available: bool


@dataclass(frozen=True, slots=True)
class TicketTeamMemberRemoved(Event):
    type = "ticket_team.member_removed"
    subject = "tem"
    summary = "The team {name} has a member less."
    id: UUID
    version: int
    name: str
    staff_id: UUID
