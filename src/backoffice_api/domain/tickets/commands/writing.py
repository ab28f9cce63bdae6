"""What is written on tickets: what customers say, what they are answered, what only the shop reads.

Each is a command of its own, and a plain function that others call inside theirs.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.customers.queries.accounts import contacts_of
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.keeping import (
    find_by,
    head,
    locked,
    moved,
    save_told,
    settled,
    with_message,
    write_message,
)
from backoffice_api.domain.tickets.commands.noticing import tell_followers
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.model.drafts import (
    MessageDraft,
    TicketLinkDraft,
    check_message,
)
from backoffice_api.domain.tickets.model.events import (
    TicketAnswered,
    TicketNoted,
    TicketReplied,
    TicketWoken,
)
from backoffice_api.domain.tickets.model.tickets import WAITING, Ticket, after_answer
from backoffice_api.domain.tickets.model.words import (
    LINKS_OPENED_MAX,
    REOPEN_WITHIN_DAYS,
    TicketAfterReply,
    TicketAuthor,
    TicketRelation,
    TicketSource,
    TicketStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveOnTicket(Command):
    """What the customer wrote on a ticket, or whoever takes part on their side."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    message: MessageDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyToTicket(Command):
    """`then`: what the ticket waits for afterwards."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    body: str
    html: str | None = None
    attachment_ids: tuple[UUID, ...] = ()
    then: TicketAfterReply = TicketAfterReply.AWAIT_CUSTOMER
    source: TicketSource = TicketSource.API


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOnTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    body: str
    html: str | None = None
    attachment_ids: tuple[UUID, ...] = ()
    author: TicketAuthor = TicketAuthor.STAFF
    source: TicketSource = TicketSource.API


@dataclass(frozen=True, slots=True)
class Written:
    """A message, and the ticket that it is on: not always the one that was named."""

    ticket_id: UUID
    message_id: UUID


def receive(uow: UnitOfWork, command: ReceiveOnTicket) -> Written:
    """Take what a customer wrote. Which message it is, and on which ticket.

    What waits for them, or is resolved, is open again, and sleeps no longer. What was merged goes
    on where it was merged into. What was closed too long ago to be reopened goes on in a new
    ticket, which is linked to it. The same mail again is the message that it was.

    Raises:
        UnknownTicket, UnknownMediaFile.
        InvalidText, ForbiddenCharacter, InvalidEmail, TooMany: the message is wrong.
    """
    faults = Faults()
    draft = check_message(command.message, faults)
    faults.check()
    draft = replace(draft, author=TicketAuthor.CUSTOMER, visibility=TicketVisibility.PUBLIC)
    if draft.mail_id and (known := queries.message_of_mail(uow.db, draft.mail_id)):
        return Written(known.ticket_id, known.id)
    before = locked(uow, command.id)
    if before.merged_into_id:
        before = locked(uow, before.merged_into_id)
    if before.status is TicketStatus.CLOSED and _is_over(uow, before):
        return _go_on(uow, before, draft)
    message = write_message(uow, before, draft)
    tell_followers(uow, before, message.id)
    after = settled(uow, with_message(before, message), after_answer(before.status))
    events = [TicketAnswered(*head(before), message.id, message.source)]
    if after.snoozed_until:
        after = replace(after, snoozed_until=None)
        save_told(uow, before, after, *events, TicketWoken(*head(before)))
    else:
        save_told(uow, before, after, *events)
    find_by(uow, after, message.body)
    return Written(before.id, message.id)


def reply(uow: UnitOfWork, command: ReplyToTicket) -> Written:
    """Write to the customer. Which message it is.

    Raises:
        UnknownTicket, InvalidTransition, UnknownMediaFile.
        InvalidText, ForbiddenCharacter, TooMany: the message is wrong.
    """
    draft = _drafted(command, TicketAuthor.STAFF, TicketVisibility.PUBLIC)
    before = locked(uow, command.id, "reply")
    message = write_message(uow, before, draft)
    tell_followers(uow, before, message.id)
    after = _after_reply(uow, with_message(before, message), command.then)
    save_told(uow, before, after, TicketReplied(*head(before), message.id))
    find_by(uow, after, message.body)
    return Written(before.id, message.id)


def note(uow: UnitOfWork, command: NoteOnTicket) -> Written:
    """Write what only the shop reads. Which message it is.

    Raises:
        UnknownTicket, InvalidTransition, UnknownMediaFile.
        InvalidText, ForbiddenCharacter, TooMany: the message is wrong.
    """
    draft = _drafted(command, command.author, TicketVisibility.INTERNAL)
    before = locked(uow, command.id, "note")
    message = write_message(uow, before, draft)
    tell_followers(uow, before, message.id)
    after = with_message(before, message)
    save_told(uow, before, after, TicketNoted(*head(before), message.id))
    find_by(uow, after, message.body)
    return Written(before.id, message.id)


def _drafted(
    command: ReplyToTicket | NoteOnTicket, author: TicketAuthor, visibility: TicketVisibility
) -> MessageDraft:
    faults = Faults()
    draft = MessageDraft(
        body=command.body,
        html=command.html,
        author=author,
        visibility=visibility,
        source=command.source,
        attachment_ids=command.attachment_ids,
    )
    draft = check_message(draft, faults)
    faults.check()
    return draft


def _after_reply(uow: UnitOfWork, of: Ticket, then: TicketAfterReply) -> Ticket:
    if then is TicketAfterReply.AWAIT_CUSTOMER:
        return moved(uow, of, "await_customer")
    if then is TicketAfterReply.RESOLVE:
        return moved(uow, of, "resolve")
    if of.status is TicketStatus.NEW:
        return moved(uow, of, "start")
    if of.status in WAITING:
        return moved(uow, of, "resume")
    return moved(uow, of, "reopen") if of.status is TicketStatus.RESOLVED else of


def _is_over(uow: UnitOfWork, of: Ticket) -> bool:
    """It was closed too long ago for its customer to reopen it."""
    team = queries.teams_by_ids(uow.db, [of.team_id]).get(of.team_id) if of.team_id else None
    days = team.reopen_within_days if team else REOPEN_WITHIN_DAYS
    return of.closed_at is None or of.closed_at + timedelta(days=days) < uow.now


def _go_on(uow: UnitOfWork, of: Ticket, draft: MessageDraft) -> Written:
    """Go on with a closed ticket in another one: that which did so before, or in a new one.

    A new one is of the same team, and about the same things and for the same customer if it is
    somebody of the closed one who writes: a stranger, who will be answered, has no part in that,
    and the customer does not go on there. The closed one is locked, so that what comes twice at
    once makes one.
    """
    if (later := queries.follower(uow.db, of.id)) is not None:
        return receive(uow, ReceiveOnTicket(id=later, message=draft))
    is_stranger = draft.author_email is not None and not takes_part(uow, of, draft.author_email)
    about = [
        TicketLinkDraft(subject_kind=each.subject_kind, subject_id=each.subject_id)
        for each in queries.links_by_tickets(uow.db, [of.id]).get(of.id, ())
        if each.relation is TicketRelation.ABOUT and not is_stranger
    ]
    relation = TicketRelation.ABOUT if is_stranger else TicketRelation.FOLLOWS
    earlier = TicketLinkDraft(subject_kind="tic", subject_id=of.id, relation=relation)
    team = queries.teams_by_ids(uow.db, [of.team_id]).get(of.team_id) if of.team_id else None
    opened = open_ticket(
        uow,
        OpenTicket(
            subject=of.subject,
            message=draft,
            priority=of.priority,
            customer_id=None if is_stranger else of.customer_id,
            language=of.language,
            skill=of.skill,
            team_id=team.id if team and team.is_in_use else None,
            links=(earlier, *about[: LINKS_OPENED_MAX - 1]),
        ),
    )
    return Written(opened, queries.first_message(uow.db, opened))


def takes_part(uow: UnitOfWork, of: Ticket, email: str) -> bool:
    """Whether this is the address of somebody of a ticket, of its customer, or of a contact."""
    known = [each.email for each in queries.participants_by_tickets(uow.db, [of.id]).get(of.id, ())]
    if of.customer_id:
        known += [each.email for each in customers_by_ids(uow.db, [of.customer_id]).values()]
        known += [each.email for each in contacts_of(uow.db, of.customer_id)]
    return email_key(email) in {email_key(each) for each in known if each}
