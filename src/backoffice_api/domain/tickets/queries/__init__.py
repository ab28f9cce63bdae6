"""What can be asked about tickets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, case, func, select

from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.filters import On, Present, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets.model.refusals import UnknownTicket
from backoffice_api.domain.tickets.model.teams import (
    TicketAgent,
    TicketTeam,
    TicketTeamMember,
    TicketWorkload,
)
from backoffice_api.domain.tickets.model.tickets import (
    LIVE,
    Ticket,
    TicketLink,
    TicketMessage,
    TicketMove,
    TicketParticipant,
)
from backoffice_api.domain.tickets.model.words import (
    TicketAuthor,
    TicketMessageSortKey,
    TicketRelation,
    TicketSortKey,
    TicketStatus,
    TicketTeamSortKey,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import (
    ticket_links,
    ticket_messages,
    ticket_moves,
    ticket_participants,
    ticket_tags,
    ticket_team_members,
    ticket_teams,
    tickets,
)

tickets_by_ids = one_per(Ticket, tickets, tickets.c.id)
tickets_by_numbers = one_per(Ticket, tickets, tickets.c.number)
teams_by_ids = one_per(TicketTeam, ticket_teams, ticket_teams.c.id)
messages_by_ids = one_per(TicketMessage, ticket_messages, ticket_messages.c.id)
links_by_ids = one_per(TicketLink, ticket_links, ticket_links.c.id)
participants_by_ids = one_per(TicketParticipant, ticket_participants, ticket_participants.c.id)
agents_by_ids = one_per(TicketAgent, staff, staff.c.id)
moves_by_tickets = many_per(
    TicketMove, ticket_moves, ticket_moves.c.ticket_id, ticket_moves.c.at, ticket_moves.c.id
)
links_by_tickets = many_per(
    TicketLink, ticket_links, ticket_links.c.ticket_id, ticket_links.c.created_at, ticket_links.c.id
)
participants_by_tickets = many_per(
    TicketParticipant,
    ticket_participants,
    ticket_participants.c.ticket_id,
    ticket_participants.c.id,
)
members_by_teams = many_per(
    TicketTeamMember,
    ticket_team_members,
    ticket_team_members.c.team_id,
    ticket_team_members.c.staff_id,
)
tickets_by_subjects = many_per(
    Ticket,
    tickets,
    ticket_links.c.subject_id,
    tickets.c.created_at.desc(),
    tickets.c.id.desc(),
    where=(ticket_links.c.ticket_id == tickets.c.id,),
)

# When a message was written, if it is one of the customer.
SAID_BY_CUSTOMER = case(
    (ticket_messages.c.author == TicketAuthor.CUSTOMER, ticket_messages.c.created_at)
)
# When a message answers a customer; None: it does not.
RESPONDED = case(
    (
        and_(
            ticket_messages.c.author == TicketAuthor.STAFF,
            ticket_messages.c.visibility == TicketVisibility.PUBLIC,
        ),
        ticket_messages.c.created_at,
    )
)


ticket_list = Listing(
    Ticket,
    tickets,
    sorts={
        TicketSortKey.CREATED_AT: tickets.c.created_at,
        TicketSortKey.UPDATED_AT: tickets.c.updated_at,
        TicketSortKey.DUE_AT: tickets.c.due_order_at,
        TicketSortKey.PRIORITY: tickets.c.priority_rank,
        TicketSortKey.LAST_MESSAGE_AT: tickets.c.last_message_at,
        TicketSortKey.NUMBER: tickets.c.serial,
    },
    words={
        "status": On(tickets.c.status),
        "priority": On(tickets.c.priority),
        "source": On(tickets.c.source),
        "team_id": On(tickets.c.team_id),
        "assignee_id": On(tickets.c.assignee_id),
        "is_snoozed": Present(tickets.c.snoozed_until),
        "due_at": On(tickets.c.next_due_at),
        "customer_id": On(tickets.c.customer_id),
        "participant": Within(
            tickets.c.id,
            ticket_participants.c.ticket_id,
            ticket_participants.c.email_key,
            email_key,
        ),
        "subject_id": Within(tickets.c.id, ticket_links.c.ticket_id, ticket_links.c.subject_id),
        "tag": Within(tickets.c.id, ticket_tags.c.ticket_id, ticket_tags.c.tag),
        "number": On(tickets.c.number),
        "opened_by_rule": On(tickets.c.opened_by_rule),
        "created_at": On(tickets.c.created_at),
        "last_message_at": On(tickets.c.last_message_at),
        "resolved_at": On(tickets.c.resolved_at),
    },
    searched="tic",
    scopes={"participant": Scope.PERSONAL_READ},
    search_scope=Scope.PERSONAL_READ,
)

ticket_message_list = Listing(
    TicketMessage,
    ticket_messages,
    sorts={TicketMessageSortKey.CREATED_AT: ticket_messages.c.created_at},
    descending=False,
)

team_list = Listing(
    TicketTeam,
    ticket_teams,
    sorts={
        TicketTeamSortKey.NAME: ticket_teams.c.name,
        TicketTeamSortKey.CREATED_AT: ticket_teams.c.created_at,
    },
    words={"status": On(ticket_teams.c.status)},
    descending=False,
)


def tags_by_tickets(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[str]]:
    """The tags of each ticket, by code point. One statement."""
    statement = (
        select(ticket_tags.c.ticket_id, ticket_tags.c.tag)
        .where(among(ticket_tags.c.ticket_id, ids))
        .order_by(ticket_tags.c.ticket_id, ticket_tags.c.tag)
    )
    found: dict[UUID, list[str]] = {}
    for row in db.execute(statement):
        found.setdefault(row[0], []).append(row[1])
    return found


def ticket(db: Connection, id: UUID) -> Ticket:
    """Raises: UnknownTicket."""
    if found := tickets_by_ids(db, [id]).get(id):
        return found
    raise UnknownTicket(id).at("id")


def message_of_mail(db: Connection, mail_id: str) -> TicketMessage | None:
    """The message that is this mail. None: there is none."""
    statement = select_as(TicketMessage, ticket_messages).where(
        ticket_messages.c.mail_id == mail_id
    )
    found = fetch(db, TicketMessage, statement)
    return found[0] if found else None


def first_message(db: Connection, ticket_id: UUID) -> UUID:
    """Id of the first message of a ticket that has one."""
    of = ticket_messages.c
    statement = (
        select(of.id).where(of.ticket_id == ticket_id).order_by(of.created_at, of.id).limit(1)
    )
    found: UUID = db.execute(statement).scalar_one()
    return found


def follower(db: Connection, ticket_id: UUID) -> UUID | None:
    """Id of the newest ticket that goes on with a closed one. None: none does."""
    link = ticket_links.c
    statement = (
        select(link.ticket_id)
        .join(tickets, tickets.c.id == link.ticket_id)
        .where(
            link.subject_id == ticket_id,
            link.relation == TicketRelation.FOLLOWS,
            # What was merged goes on elsewhere, perhaps in the closed one itself. Where it does,
            # that one has its links, too.
            tickets.c.status != TicketStatus.MERGED,
            # Made later, so that who goes from one to the next comes to an end.
            link.ticket_id > ticket_id,
        )
        .order_by(link.created_at.desc(), link.id.desc())
        .limit(1)
    )
    found: UUID | None = db.execute(statement).scalar()
    return found


def of_cause(db: Connection, cause_key: str) -> UUID | None:
    """Id of the ticket that was opened for a cause. None: there is none."""
    statement = select(tickets.c.id).where(tickets.c.cause_key == cause_key)
    found: UUID | None = db.execute(statement).scalar()
    return found


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What follows from the messages of a ticket that has some."""

    last_message_at: datetime
    last_customer_message_at: datetime | None
    first_responded_at: datetime | None


def facts_of_messages(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, MessageFacts]:
    """What follows from the messages of each of these tickets. One statement."""
    of = ticket_messages.c
    statement = (
        select(
            of.ticket_id,
            func.max(of.created_at),
            func.max(SAID_BY_CUSTOMER),
            func.min(RESPONDED),
        )
        .where(among(of.ticket_id, ids))
        .group_by(of.ticket_id)
    )
    return {row[0]: MessageFacts(*row[1:]) for row in db.execute(statement)}


def default_team(db: Connection) -> TicketTeam | None:
    """The team that gets what nobody names a team for. None: there is none."""
    statement = select_as(TicketTeam, ticket_teams).where(ticket_teams.c.is_default)
    found = fetch(db, TicketTeam, statement)
    return found[0] if found else None


def loads(db: Connection, team_id: UUID, staff_ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """How many live tickets of a team each of the staff has. Absent: none."""
    statement = (
        select(tickets.c.assignee_id, func.count())
        .where(
            tickets.c.team_id == team_id,
            among(tickets.c.assignee_id, staff_ids),
            tickets.c.status.in_(sorted(LIVE)),
        )
        .group_by(tickets.c.assignee_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def workloads_by_teams(
    db: Connection, ids: Iterable[UUID], before: datetime
) -> Mapping[UUID, Sequence[TicketWorkload]]:
    """What each of a team has to do, and what is late before a moment; who has most late first.

    One statement. Those who have nothing to do are absent.
    """
    of = tickets.c
    live, late = func.count(), func.sum(case((of.next_due_at < before, 1), else_=0))
    statement = (
        select(of.team_id, of.assignee_id, live, late, func.min(of.next_due_at))
        .where(among(of.team_id, ids), of.status.in_(sorted(LIVE)))
        .group_by(of.team_id, of.assignee_id)
        .order_by(of.team_id, late.desc(), live.desc(), of.assignee_id)
    )
    found: dict[UUID, list[TicketWorkload]] = {}
    for row in db.execute(statement):
        found.setdefault(row[0], []).append(TicketWorkload(*row[1:]))
    return found


def active_staff(db: Connection, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these are members of staff whose account is in use."""
    statement = select(staff.c.id).where(
        among(staff.c.id, ids), staff.c.status == StaffStatus.ACTIVE
    )
    return frozenset(db.execute(statement).scalars())
