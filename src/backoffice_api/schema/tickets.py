"""Tickets and teams on the wire.

What people wrote takes `personal:read`, field by field; so does searching in it.
"""

from datetime import datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.media.queries import files_by_subjects
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import teams, tickets, words
from backoffice_api.domain.tickets.model.words import (
    TicketAssignment,
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSentState,
    TicketSortKey,
    TicketSource,
    TicketStatus,
    TicketTeamSortKey,
    TicketTeamStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import ticket_messages
from backoffice_api.domain.tickets.tables import tickets as ticket_table
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under, parameter
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.fulfillment import Parcel
from backoffice_api.schema.links import attach, linked_with, many, one
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payments import Payment
from backoffice_api.schema.returns import Return
from backoffice_api.schema.shipping import Shipment
from backoffice_api.schema.tracking import Tracking

READ = Scope.TICKETS_READ

for _choices in (
    TicketAssignment,
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSentState,
    TicketSortKey,
    TicketSource,
    TicketStatus,
    TicketTeamSortKey,
    TicketTeamStatus,
    TicketVisibility,
    words.TicketAfterReply,
):
    choice(_choices)


def _personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


@described
class TicketAgent:
    """A member of staff, as far as tickets show them."""

    name: str = about("The name.", personal="staff")

    @strawberry.field(description="The id of the member of staff.")
    def id(parent: strawberry.Parent[teams.TicketAgent]) -> strawberry.ID:
        return strawberry.ID(ids.text("stf", parent.id))


@described
class TicketTeamMember:
    """Somebody who gets tickets of a team."""

    capacity: int | None = about(
        "So many live tickets of the team they are given at most. Null: any number."
    )
    skills: list[str] = about("What they know, by code point; at most 30.")
    is_available: bool = about("False: they are away, and are given none.")
    agent: TicketAgent = one(queries.agents_by_ids, "staff_id", "Who it is.")


@described
class TicketWorkload:
    """What somebody of a team has to do."""

    live: int = about("How many tickets of the team they have that are not done.")
    late: int = about("Of how many of these something is due before the moment.")
    next_due_at: datetime | None = about("When something is first due. Null: nothing is.")
    agent: TicketAgent | None = one(
        queries.agents_by_ids, "assignee_id", "Who it is. Null: what nobody looks after."
    )


_Before = Annotated[
    datetime, strawberry.argument(description="What is due before then counts as late.")
]


@node("tem", teams.TicketTeam, queries.teams_by_ids, scope=READ)
class TicketTeam(Node, Versioned, HasTimeline):
    """People who look after tickets of one kind."""

    name: str = about("Its name; no other team in use has it.")
    status: TicketTeamStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    assignment: TicketAssignment = about("How it gives its tickets to its members.")
    is_default: bool = about("It gets those tickets for which nobody names a team.")
    close_after_days: int = about("So many days after a ticket was resolved, it is closed.")
    reopen_within_days: int = about(
        "So many days after a ticket was closed, its customer can reopen it by writing; what they "
        "write later opens a new one."
    )
    members: list[TicketTeamMember] = many(
        queries.members_by_teams, "id", "Who is in it, at most 250."
    )
    workload: list[TicketWorkload] = linked_with(
        queries.workloads_by_teams,
        "id",
        [parameter("before", _Before, Parameter.empty)],
        "Who has how much to do, and how much of that is late; who has most of it first. Those "
        "who have nothing are not shown.",
        default=(),
        weight=5,
    )


@node("tms", tickets.TicketMessage, queries.messages_by_ids, scope=READ)
class TicketMessage(Node):
    """What somebody wrote on a ticket."""

    created_at: datetime = about("When it was written.")
    visibility: TicketVisibility = about("Who may read it.")
    author: TicketAuthor = about("On which side its author is.")
    source: TicketSource = about("How it came in.")
    agent: TicketAgent | None = one(
        queries.agents_by_ids, "staff_id", "Who of the shop wrote it. Null: nobody, or a program."
    )
    author_name: str | None = _personal("identity", "Name of an author who is no staff, if known.")
    author_email: str | None = _personal("contact", "Address of an author who is no staff.")
    body: str = _personal("content", "The text.")
    html: str | None = _personal("content", "The same with its form. Null: it has none.")
    mail_id: str | None = _personal("contact", "Its Message-ID, if it is a mail.")
    sent_state: TicketSentState | None = about("What became of it. Null: nobody sends it out.")
    attachments: list[MediaFile] = many(
        files_by_subjects,
        "id",
        "The files that came with it, at most 20, in their order.",
        scope=Scope.PERSONAL_READ,
    )


@filter_input
class TicketMessageFilter:
    """Which messages. All words that are given must hold."""

    visibility: list[TicketVisibility] | None = about("For such readers.", default=UNSET)
    author: list[TicketAuthor] | None = about("Of authors on such a side.", default=UNSET)


@described
class TicketMove:
    """That a ticket came from one state to another."""

    at: datetime = about("When.")
    from_status: TicketStatus | None = about("From which. Null: it was opened.")
    to_status: TicketStatus = about("To which.")

    @strawberry.field(description="Who did it.")
    def actor(parent: strawberry.Parent[tickets.TicketMove]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


def _subject_id(link: tickets.TicketLink) -> str:
    return ids.text(link.subject_kind, link.subject_id)


@node("tlk", tickets.TicketLink, queries.links_by_ids, scope=READ)
class TicketLink(Node):
    """That a ticket and a thing belong together."""

    created_at: datetime = about("Since when.")
    relation: TicketRelation = about("How they belong together.")
    subject: Node | None = linked_node(_subject_id, "The thing. Null if you may not see it.")

    @strawberry.field(description="Id of the thing.")
    def subject_id(parent: strawberry.Parent[tickets.TicketLink]) -> strawberry.ID:
        return strawberry.ID(_subject_id(parent))


@node("tpa", tickets.TicketParticipant, queries.participants_by_ids, scope=READ)
class TicketParticipant(Node):
    """Somebody who takes part in a ticket."""

    role: TicketRole = about("As what.")
    agent: TicketAgent | None = one(
        queries.agents_by_ids, "staff_id", "Which member of staff it is. Null: nobody of the shop."
    )
    customer: Customer | None = one(
        customers_by_ids,
        "customer_id",
        "Which customer it is. Null: not known.",
        scope=Scope.CUSTOMERS_READ,
    )
    name: str | None = _personal("identity", "Their name. Null: not known, or staff.")
    email: str | None = _personal("contact", "Their address. Null: staff.")


@node("tic", tickets.Ticket, queries.tickets_by_ids, scope=READ)
class Ticket(Node, Versioned, HasTimeline):
    """Something that somebody wants of the shop, until it is done."""

    number: str = about("Its number, as people name it: T-001042.")
    subject: str = _personal("content", "What it is about, in a line.")
    status: TicketStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    priority: TicketPriority = about("How soon it is to be looked at.")
    source: TicketSource = about("How it came in.")
    language: str | None = about("In which language to answer, as pt-BR. Null: not known.")
    skill: str | None = about("What its assignee has to know. Null: nothing special.")
    tags: list[str] = many(queries.tags_by_tickets, "id", "Its tags, sorted; at most 30.")
    customer: Customer | None = one(
        customers_by_ids,
        "customer_id",
        "Whose it is. Null: not known.",
        scope=Scope.CUSTOMERS_READ,
    )
    team: TicketTeam | None = one(queries.teams_by_ids, "team_id", "Of which team. Null: none.")
    assignee: TicketAgent | None = one(
        queries.agents_by_ids, "assignee_id", "Who looks after it. Null: nobody."
    )
    merged_into: "Ticket | None" = one(
        queries.tickets_by_ids, "merged_into_id", "In which ticket it goes on. Null: in itself."
    )
    snoozed_until: datetime | None = about("Out of sight until then. Null: it does not sleep.")
    opened_by_rule: str | None = about("The rule that opened it. Null: somebody did.")
    first_responded_at: datetime | None = about("When the shop first wrote. Null: not yet.")
    resolved_at: datetime | None = about("Since when it is resolved. Null: it is not.")
    closed_at: datetime | None = about("Since when it is closed. Null: it is not.")
    closes_at: datetime | None = about("When it will be closed. Null: it is not resolved.")
    last_message_at: datetime = about("When somebody last wrote, public or not.")
    last_customer_message_at: datetime | None = about("When the customer last wrote. Null: never.")
    reopened_count: int = about("How often it was reopened.")
    messages: Connection[TicketMessage] = listed_under(
        queries.ticket_message_list,
        ticket_messages.c.ticket_id,
        "What was written, oldest first.",
        filter=TicketMessageFilter,
    )
    links: list[TicketLink] = many(
        queries.links_by_tickets, "id", "What belongs to it, oldest first; at most 50."
    )
    participants: list[TicketParticipant] = many(
        queries.participants_by_tickets, "id", "Who takes part, at most 50."
    )
    moves: list[TicketMove] = many(
        queries.moves_by_tickets, "id", "Through which states it went, oldest first."
    )


@filter_input
class TicketFilter:
    """Which tickets. All words that are given must hold."""

    status: list[TicketStatus] | None = about("In one of these states.", default=UNSET)
    priority: list[TicketPriority] | None = about("Of one of these priorities.", default=UNSET)
    source: list[TicketSource] | None = about("That came in one of these ways.", default=UNSET)
    team_id: IdFilter | None = about("Of such a team.", default=UNSET)
    assignee_id: IdFilter | None = about(
        "That such a member of staff looks after; `isNull: true`: nobody does.", default=UNSET
    )
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    participant: StringFilter | None = about(
        "In which whoever has such an address takes part, capitals not counting. Takes the scope "
        "personal:read.",
        default=UNSET,
    )
    subject_id: IdFilter | None = about(
        "Linked to such a thing: an order, a return, a parcel, anything with an id.", default=UNSET
    )
    tag: StringFilter | None = about("Has such a tag.", default=UNSET)
    number: StringFilter | None = about("With such a number.", default=UNSET)
    opened_by_rule: StringFilter | None = about("Opened by such a rule.", default=UNSET)
    is_snoozed: bool | None = about("Whether it sleeps.", default=UNSET)
    due_at: DateTimeFilter | None = about(
        "Of which something is due at such a time; before now: it is late.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Opened at such a time.", default=UNSET)
    last_message_at: DateTimeFilter | None = about("Last written on at such a time.", default=UNSET)
    resolved_at: DateTimeFilter | None = about("Resolved at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of tickets.")
class TicketSort:
    key: TicketSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class TicketTeamFilter:
    """Which teams. All words that are given must hold."""

    status: list[TicketTeamStatus] | None = about("In one of these states.", default=UNSET)


@strawberry.input(description="The order of a list of teams.")
class TicketTeamSort:
    key: TicketTeamSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


for _owner in (Order, Return, Parcel, Shipment, Tracking, Payment):
    attach(
        _owner,
        "tickets",
        list[Ticket],
        many(queries.tickets_by_subjects, "id", "The tickets about it, newest first.", scope=READ),
    )
attach(
    Customer,
    "tickets",
    Connection[Ticket],
    listed_under(
        queries.ticket_list,
        ticket_table.c.customer_id,
        "Its tickets, newest first.",
        scope=READ,
        filter=TicketFilter,
        sort=TicketSort,
    ),
)
