"""Why commands on tickets are refused."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused


@dataclass(eq=False)
class UnknownTicket(Missing):
    """There is no ticket with this id."""

    id: UUID
    message = "There is no such ticket."


@dataclass(eq=False)
class UnknownTicketMessage(Missing):
    """The ticket has no message with this id."""

    id: UUID
    message = "The ticket has no such message."


@dataclass(eq=False)
class UnknownTicketTeam(Missing):
    """There is no team with this id, or it is out of use."""

    id: UUID
    message = "There is no such team in use."


@dataclass(eq=False)
class UnknownTicketTeamMember(Missing):
    """The team has no such member."""

    id: UUID
    message = "The team has no such member."


@dataclass(eq=False)
class UnknownAssignee(Missing):
    """There is no member of staff with this id who could look after a ticket."""

    id: UUID
    message = "There is nobody of the staff with this id who could look after tickets."


@dataclass(eq=False)
class UnknownTicketLink(Missing):
    """The ticket has no link with this id."""

    id: UUID
    message = "The ticket has no such link."


@dataclass(eq=False)
class UnknownTicketParticipant(Missing):
    """Nobody with this id takes part in the ticket."""

    id: UUID
    message = "Nobody with this id takes part in the ticket."


@dataclass(eq=False)
class UnknownLinkSubject(Missing):
    """There is nothing of this kind with this id to which a ticket could be linked."""

    subject: str
    message = "There is no {subject!r:.60} to which a ticket could be linked."


@dataclass(eq=False)
class TicketTaken(Refused):
    """Somebody else looks after the ticket already. `assignee_id`: who."""

    assignee_id: UUID
    message = "Somebody else looks after this ticket."


@dataclass(eq=False)
class OnlyStaffTake(Refused):
    """A program wants to take a ticket; only people can look after one."""

    message = "Only a person of the staff can take a ticket."


@dataclass(eq=False)
class TicketMergedIntoItself(Invalid):
    """A ticket is to go on in itself."""

    message = "A ticket cannot be merged into itself."


@dataclass(eq=False)
class NothingToMerge(Invalid):
    """No ticket is named that is to be merged into another."""

    message = "Name at least one ticket to merge."


@dataclass(eq=False)
class NothingToSplit(Invalid):
    """No message is named that is to become another ticket."""

    message = "Name at least one message to split off."


@dataclass(eq=False)
class NoMessageLeft(Refused):
    """All messages of a ticket are to become another one."""

    message = "At least one message has to stay."


@dataclass(eq=False)
class SnoozeOutOfRange(Invalid):
    """A ticket is to sleep until a moment that is past, or too far away."""

    days_max: int
    message = "A ticket sleeps until a later moment, at most {days_max} days from now."


@dataclass(eq=False)
class ParticipantWithoutAddress(Invalid):
    """Who is to take part is neither staff nor has an address, or both at once."""

    message = "Name a member of staff as a follower, or an address as requester or copy."


@dataclass(eq=False)
class TakesPartAlready(Refused):
    """Somebody is to take part who does so already."""

    message = "They take part already."


@dataclass(eq=False)
class TooManyOnTicket(Refused):
    """The ticket has as many of these as it can have."""

    maximum: int
    message = "A ticket has at most {maximum} of these."


@dataclass(eq=False)
class TicketTeamNameTaken(Refused):
    """Another team in use has the name."""

    message = "Another team has this name."


@dataclass(eq=False)
class TooManyOnTicketTeam(Refused):
    """The team has as many members as it can have."""

    maximum: int
    message = "A team has at most {maximum} members."
