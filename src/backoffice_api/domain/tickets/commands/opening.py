"""How tickets are opened: by people, by what comes in, by rules.

A ticket gets its team, somebody who looks after it if the team gives its tickets away, and its
number, in this order: teams, then the series, so that those who open some at the same time never
wait for each other both ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.assigning import check_assignee, team_in_use
from backoffice_api.domain.tickets.commands.giving import give
from backoffice_api.domain.tickets.commands.keeping import (
    add_participants,
    head,
    new_ticket,
    note_moves,
    opened_event,
    save_told,
    settled,
    with_message,
    write_message,
)
from backoffice_api.domain.tickets.model.drafts import (
    MessageDraft,
    ParticipantDraft,
    TicketLinkDraft,
    check_cause,
    check_language,
    check_message,
    check_participant,
    check_skill,
    check_subject,
    check_tags,
)
from backoffice_api.domain.tickets.model.events import (
    TicketAssigned,
    TicketReplied,
)
from backoffice_api.domain.tickets.model.refusals import UnknownAssignee
from backoffice_api.domain.tickets.model.tickets import (
    Ticket,
    TicketLink,
    TicketMessage,
    TicketParticipant,
)
from backoffice_api.domain.tickets.model.words import (
    LINKS_OPENED_MAX,
    PARTICIPANTS_MAX,
    TicketAuthor,
    TicketPriority,
    TicketRole,
    TicketStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import ticket_links, ticket_tags, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket(Command):
    """`team_id` None: the default team. `assignee_id` None: whoever the team gives it to.

    `cause_key`: what it is opened for; for one key, there is one ticket.
    """

    scope = Scope.TICKETS_WRITE
    subject: str
    message: MessageDraft
    priority: TicketPriority = TicketPriority.NORMAL
    customer_id: UUID | None = None
    language: str | None = None
    skill: str | None = None
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    tags: tuple[str, ...] = ()
    links: tuple[TicketLinkDraft, ...] = ()
    participants: tuple[ParticipantDraft, ...] = ()
    opened_by_rule: str | None = None
    cause_key: str | None = None


def open_ticket(uow: UnitOfWork, command: OpenTicket) -> UUID:
    """Open a ticket with its first message. Its id.

    What is linked is not looked for: whoever calls knows it. If there is a ticket for `cause_key`
    or for the mail of the message, it is that one, and nothing is opened. Who wrote the message,
    if they are known by their address, is the requester.

    Raises:
        UnknownCustomer, UnknownTicketTeam, UnknownAssignee, UnknownMediaFile.
        InvalidText, ForbiddenCharacter, InvalidEmail, InvalidLocale, TooMany, Duplicate,
        ParticipantWithoutAddress: the input is wrong.
    """
    command = _checked(uow, command)
    if command.cause_key and (known := queries.of_cause(uow.db, command.cause_key)):
        return known
    mail_id = command.message.mail_id
    if mail_id and (message := queries.message_of_mail(uow.db, mail_id)):
        return message.ticket_id
    team = team_in_use(uow, command.team_id) if command.team_id else queries.default_team(uow.db)
    assignee_id = command.assignee_id
    if assignee_id is None and team is not None:
        assignee_id = give(uow, team, [command.skill])[0]
    ticket = new_ticket(
        uow,
        subject=command.subject,
        source=command.message.source,
        priority=command.priority,
        language=command.language,
        skill=command.skill,
        customer_id=command.customer_id,
        team_id=team.id if team else None,
        assignee_id=assignee_id,
        opened_by_rule=command.opened_by_rule,
        cause_key=command.cause_key,
    )
    if command.message.author is TicketAuthor.CUSTOMER:
        ticket = replace(ticket, last_customer_message_at=uow.now)
    add(uow, tickets, [ticket])
    note_moves(uow, [(None, ticket)])
    message = write_message(uow, ticket, command.message)
    _write_lists(uow, ticket, command)
    texts = (ticket.number, ticket.subject, command.message.author_email, message.body)
    search.add(uow.db, "tic", {ticket.id: texts})
    _tell(uow, ticket, message, automatic=command.assignee_id is None)
    return ticket.id


def _checked(uow: UnitOfWork, command: OpenTicket) -> OpenTicket:
    """The command in canonical form."""
    faults = Faults()
    check_subject(command.subject, faults)
    message = check_message(command.message, faults)
    check_skill(command.skill, faults)
    check_tags(command.tags, faults)
    check_cause(command.cause_key, faults)
    check_size(command.links, faults, "links", maximum=LINKS_OPENED_MAX)
    check_size(command.participants, faults, "participants", maximum=PARTICIPANTS_MAX)
    participants = tuple(
        check_participant(each, faults, "participants", position)
        for position, each in enumerate(command.participants)
    )
    language = check_language(command.language, faults)
    if command.customer_id and not customers_by_ids(uow.db, [command.customer_id]):
        faults.add(UnknownCustomer(command.customer_id).at("customer_id"))
    _check_staff(uow, participants, faults)
    faults.check()
    if command.assignee_id:
        check_assignee(uow, command.assignee_id)
    return replace(command, message=message, participants=participants, language=language)


def _check_staff(uow: UnitOfWork, participants: Sequence[ParticipantDraft], faults: Faults) -> None:
    named = {each.staff_id for each in participants if each.staff_id}
    known = queries.active_staff(uow.db, named) if named else frozenset()
    for position, each in enumerate(participants):
        if each.staff_id and each.staff_id not in known:
            faults.add(UnknownAssignee(each.staff_id).at("participants", position, "staff_id"))


def _write_lists(uow: UnitOfWork, ticket: Ticket, command: OpenTicket) -> None:
    if command.tags:
        tags = [{"ticket_id": ticket.id, "tag": tag} for tag in sorted(command.tags)]
        uow.db.execute(ticket_tags.insert(), tags)
    links = {(each.subject_id, each.relation): each for each in command.links}
    add(
        uow,
        ticket_links,
        [
            TicketLink(
                uow.new_id(),
                ticket.id,
                uow.now,
                each.subject_kind,
                each.subject_id,
                each.relation,
            )
            for each in links.values()
        ],
    )
    add_participants(uow, _participants(uow, ticket, command))


def _participants(
    uow: UnitOfWork, ticket: Ticket, command: OpenTicket
) -> Sequence[TicketParticipant]:
    """Who wrote, then who is named; each once."""
    message, given = command.message, list(command.participants)
    if message.author is TicketAuthor.CUSTOMER and message.author_email:
        requester = ParticipantDraft(
            role=TicketRole.REQUESTER, email=message.author_email, name=message.author_name
        )
        given.insert(0, requester)
    once: dict[str, ParticipantDraft] = {}
    for each in given:
        key = email_key(each.email) if each.email else str(each.staff_id)
        once.setdefault(key, each)
    return [
        TicketParticipant(
            uow.new_id(),
            ticket.id,
            each.role,
            each.staff_id,
            ticket.customer_id if each.role is TicketRole.REQUESTER else None,
            each.name,
            each.email,
        )
        for each in once.values()
    ]


def _tell(uow: UnitOfWork, ticket: Ticket, message: TicketMessage, *, automatic: bool) -> None:
    uow.emit(opened_event(ticket, message.id), after=ticket)
    if ticket.assignee_id:
        uow.emit(TicketAssigned(*head(ticket), ticket.team_id, ticket.assignee_id, automatic))
    public = message.visibility is TicketVisibility.PUBLIC
    if message.author is TicketAuthor.STAFF and public:
        # The shop wrote first: now it is for the customer to answer.
        after = settled(uow, with_message(ticket, message), TicketStatus.PENDING_CUSTOMER)
        save_told(uow, ticket, after, TicketReplied(*head(ticket), message.id))
