"""What is asked for of tickets and teams, what is answered, and why not."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import drafts, refusals
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketAssignment,
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSource,
    TicketVisibility,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.tickets import Ticket, TicketAgent, TicketMessage, TicketTeam


@error(refusals.TicketTaken)
class TicketTakenError(UserError):
    """Somebody else looks after the ticket already."""

    assignee: TicketAgent | None = one(queries.agents_by_ids, "assignee_id", "Who does.")


@error(refusals.TooManyOnTicket)
class TooManyOnTicketError(UserError):
    """The ticket has as many of these as it can have."""

    maximum: int = about("So many it can have.")


@strawberry.input(one_of=True, description="Names one ticket, in one of these ways.")
class TicketLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    number: str | None = about("By its number, as T-001042.", default=UNSET)


@strawberry.input(description="A thing to which a ticket is linked.")
class TicketLinkInput:
    subject_id: strawberry.ID = about("Its id: an order, a return, anything with a `timeline`.")
    relation: TicketRelation = about("How they belong together.", default=TicketRelation.ABOUT)

    def value(self) -> drafts.TicketLinkDraft:
        parts = ids.split(self.subject_id)
        if parts is None:
            raise refusals.UnknownLinkSubject(self.subject_id)
        kind, id = parts
        return drafts.TicketLinkDraft(subject_kind=kind, subject_id=id, relation=self.relation)


@strawberry.input(description="Somebody who is to take part: staff as followers, others by mail.")
class TicketParticipantInput:
    role: TicketRole = about("As what.")
    staff_id: strawberry.ID | None = about("Which member of staff; of followers.", default=None)
    email: str | None = about("The address, of all others.", default=None)
    name: str | None = about("The name, if it is known.", default=None)

    def value(self) -> drafts.ParticipantDraft:
        return drafts.ParticipantDraft(
            role=self.role,
            staff_id=given_id("stf", self.staff_id),
            email=self.email,
            name=self.name,
        )


@strawberry.input(description="What somebody wrote who is no staff.")
class TicketReceiveInput:
    body: str = about("The text, at most 80,000 characters.")
    source: TicketSource = about("How it came in.", default=TicketSource.PHONE)
    author_name: str | None = about("Name of who wrote, if it is known.", default=None)
    author_email: str | None = about("Address of who wrote, if it is known.", default=None)
    attachment_ids: list[strawberry.ID] = about("Files, at most 20.", default_factory=list)


@strawberry.input(description="A ticket to be opened, with its first message.")
class TicketOpenInput:
    subject: str = about("What it is about, at most 250 characters.")
    body: str = about("The first message, at most 80,000 characters.")
    author: TicketAuthor = about(
        "Who says so. STAFF: the shop writes first.", default=TicketAuthor.CUSTOMER
    )
    visibility: TicketVisibility = about(
        "Who may read the message. Customers write in public.", default=TicketVisibility.PUBLIC
    )
    source: TicketSource = about("How it came in.", default=TicketSource.PHONE)
    author_name: str | None = about("Name of who asks, if it is known.", default=None)
    author_email: str | None = about("Address of who asks: answers go there.", default=None)
    customer_id: strawberry.ID | None = about("Whose it is, if that is known.", default=None)
    priority: TicketPriority = about(
        "How soon it is to be looked at.", default=TicketPriority.NORMAL
    )
    language: str | None = about("In which language to answer, as pt-BR.", default=None)
    skill: str | None = about("What its assignee has to know.", default=None)
    team_id: strawberry.ID | None = about("Of which team. Null: the default team.", default=None)
    assignee_id: strawberry.ID | None = about(
        "Who of the staff looks after it. Null: whoever the team gives it to.", default=None
    )
    tags: list[str] = about("At most 30, of at most 60 characters.", default_factory=list)
    links: list[TicketLinkInput] = about("What it is about, at most 10.", default_factory=list)
    participants: list[TicketParticipantInput] = about(
        "Who else takes part, at most 50.", default_factory=list
    )
    attachment_ids: list[strawberry.ID] = about("Files, at most 20.", default_factory=list)


@strawberry.input(description="What is to change of a ticket. What is absent stays.")
class TicketUpdateInput:
    subject: str | None = about("What it is about.", default=UNSET)
    priority: TicketPriority | None = about("How soon it is to be looked at.", default=UNSET)
    customer_id: strawberry.ID | None = about("Whose it is; null: not known.", default=UNSET)
    language: str | None = about("Its language; null: not known.", default=UNSET)
    skill: str | None = about("What it takes; null: nothing special.", default=UNSET)
    tags: list[str] | None = about("Take the place of all it had.", default=UNSET)


@strawberry.input(description="Tags that are put on a ticket, and others that are taken off.")
class TicketTagInput:
    added: list[str] = about("What it is to have, at most 30.", default_factory=list)
    removed: list[str] = about("What it is not to have.", default_factory=list)


@strawberry.input(description="What the shop writes to the customer.")
class TicketReplyInput:
    body: str = about("The text, at most 80,000 characters.")
    then: TicketAfterReply = about(
        "What the ticket waits for afterwards.", default=TicketAfterReply.AWAIT_CUSTOMER
    )
    attachment_ids: list[strawberry.ID] = about("Files, at most 20.", default_factory=list)


@strawberry.input(description="What only the shop reads.")
class TicketNoteInput:
    body: str = about("The text, at most 80,000 characters.")
    attachment_ids: list[strawberry.ID] = about("Files, at most 20.", default_factory=list)


@strawberry.input(description="Who is to look after a ticket. What is absent stays.")
class TicketAssignInput:
    team_id: strawberry.ID | None = about(
        "The team; null: none. Named alone, it gives the ticket away itself.", default=UNSET
    )
    assignee_id: strawberry.ID | None = about("Who of the staff; null: nobody.", default=UNSET)


@strawberry.input(description="How long a ticket is to sleep.")
class TicketSnoozeInput:
    until: datetime = about("Until then, at most 366 days; or until its customer writes.")


@strawberry.input(description="Which tickets go on in this one.")
class TicketMergeInput:
    ticket_ids: list[strawberry.ID] = about("At most 50.")


@strawberry.input(description="Which messages become a ticket of their own.")
class TicketSplitInput:
    subject: str = about("What the new one is about, at most 250 characters.")
    message_ids: list[strawberry.ID] = about("At most 250; at least one has to stay.")


@strawberry.input(description="Who takes part no longer.")
class TicketParticipantRemoveInput:
    participant_id: strawberry.ID = about("Which participant of the ticket.")


@strawberry.input(description="What does not belong to a ticket any more.")
class TicketUnlinkInput:
    link_id: strawberry.ID = about("Which link of the ticket.")


@strawberry.input(description="A team to be made.")
class TicketTeamCreateInput:
    name: str = about("Its name, at most 250 characters.")
    assignment: TicketAssignment = about(
        "How it gives its tickets away.", default=TicketAssignment.BY_HAND
    )
    is_default: bool = about("It gets what nobody names a team for.", default=False)
    close_after_days: int = about("Resolved tickets are closed then, 0 to 366.", default=7)
    reopen_within_days: int = about("Closed ones can be reopened so long, 0 to 366.", default=30)


@strawberry.input(description="What is to change of a team. What is absent stays.")
class TicketTeamUpdateInput:
    name: str | None = about("Its name.", default=UNSET)
    assignment: TicketAssignment | None = about("How it gives tickets away.", default=UNSET)
    is_default: bool | None = about("It gets what nobody names a team for.", default=UNSET)
    close_after_days: int | None = about("Resolved ones are closed then.", default=UNSET)
    reopen_within_days: int | None = about("Closed ones can be reopened so long.", default=UNSET)


@strawberry.input(description="A member of a team as they are to be.")
class TicketTeamMemberSetInput:
    staff_id: strawberry.ID = about("Which member of staff.")
    capacity: int | None = about(
        "So many live tickets at most, 1 to 10,000. Null: any number.", default=None
    )
    skills: list[str] = about("What they know, at most 30.", default_factory=list)
    is_available: bool = about("False: they are away.", default=True)


@strawberry.input(description="Who leaves a team.")
class TicketTeamMemberRemoveInput:
    staff_id: strawberry.ID = about("Which member of staff.")


@payload
class TicketPayload(MutationPayload):
    """What a mutation of a ticket answers."""

    ticket: Ticket | None = one(
        queries.tickets_by_ids, "value", "The ticket as it is now. Null if it was refused."
    )


@payload
class TicketMessagePayload(MutationPayload):
    """What a mutation answers that writes on a ticket."""

    ticket: Ticket | None = found_of(
        lambda outcome: _written(outcome, "ticket_id"),
        queries.tickets_by_ids,
        "The ticket on which it is: another one, if the one that was named was merged, or closed "
        "too long ago. Null if it was refused.",
    )
    message: TicketMessage | None = found_of(
        lambda outcome: _written(outcome, "message_id"),
        queries.messages_by_ids,
        "The message. Null if it was refused.",
    )


@payload
class TicketTeamPayload(MutationPayload):
    """What a mutation of a team answers."""

    team: TicketTeam | None = one(
        queries.teams_by_ids, "value", "The team as it is now. Null if it was refused."
    )


def _written(outcome: Outcome, name: str) -> object:
    return getattr(outcome.value, name) if outcome.value else None
