"""What else is changed of a ticket: what it says of itself, who takes part, what it is about."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import change
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.assigning import check_assignee
from backoffice_api.domain.tickets.commands.keeping import (
    add_participants,
    find_by,
    head,
    locked,
    save_told,
)
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.model.drafts import (
    ParticipantDraft,
    TicketLinkDraft,
    check_language,
    check_participant,
    check_skill,
    check_subject,
    check_tags,
)
from backoffice_api.domain.tickets.model.events import (
    TicketLinked,
    TicketParticipantAdded,
    TicketParticipantRemoved,
    TicketUnlinked,
    TicketUpdated,
)
from backoffice_api.domain.tickets.model.refusals import (
    TakesPartAlready,
    TooManyOnTicket,
    UnknownLinkSubject,
    UnknownTicketLink,
    UnknownTicketParticipant,
)
from backoffice_api.domain.tickets.model.tickets import Ticket, TicketLink, TicketParticipant
from backoffice_api.domain.tickets.model.words import (
    LINKS_MAX,
    PARTICIPANTS_MAX,
    TAGS_MAX,
    TicketPriority,
    TicketRole,
)
from backoffice_api.domain.tickets.tables import (
    ticket_links,
    ticket_participants,
    ticket_tags,
    tickets,
)
from backoffice_api.domain.views.ports import Subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    subject: str | Keep = KEEP
    priority: TicketPriority | Keep = KEEP
    customer_id: UUID | Keep | None = KEEP
    language: str | Keep | None = KEEP
    skill: str | Keep | None = KEEP
    tags: tuple[str, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class TagTicket(Command):
    """Put tags on a ticket, and take others off, whatever else it has."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTicketParticipant(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    participant: ParticipantDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTicketParticipant(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    participant_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    link: TicketLinkDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkTicket(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    link_id: UUID


def update_ticket(uow: UnitOfWork, command: UpdateTicket) -> UUID:
    """Change what is given of a ticket; what is absent stays. Its id.

    Nothing happens if nothing differs.

    Raises:
        UnknownTicket, InvalidTransition, UnknownCustomer.
        InvalidText, ForbiddenCharacter, InvalidLocale, TooMany, Duplicate: the input is wrong.
    """
    before = locked(uow, command.id, "update")
    after = replace(
        before,
        subject=patched(command.subject, before.subject),
        priority=patched(command.priority, before.priority),
        customer_id=patched(command.customer_id, before.customer_id),
        language=patched(command.language, before.language),
        skill=patched(command.skill, before.skill),
    )
    faults = Faults()
    check_subject(after.subject, faults)
    check_skill(after.skill, faults)
    after = replace(after, language=check_language(after.language, faults))
    present = tuple(queries.tags_by_tickets(uow.db, [before.id]).get(before.id, ()))
    tags = present if command.tags is KEEP else tuple(sorted(command.tags))
    check_tags(tags, faults)
    customer_id = after.customer_id
    is_new = customer_id is not None and customer_id != before.customer_id
    if customer_id and is_new and not customers_by_ids(uow.db, [customer_id]):
        faults.add(UnknownCustomer(customer_id).at("customer_id"))
    faults.check()
    _put(uow, before, after, present, tags)
    return before.id


def tag_ticket(uow: UnitOfWork, command: TagTicket) -> UUID:
    """Put tags on a ticket, and take others off. Its id. Nothing happens if nothing differs.

    Raises:
        UnknownTicket, InvalidTransition.
        InvalidText, ForbiddenCharacter, TooMany, Duplicate: the tags are wrong.
        TooManyOnTicket: it has no room for more.
    """
    before = locked(uow, command.id, "update")
    faults = Faults()
    check_tags(command.added, faults, "added")
    check_tags(command.removed, faults, "removed")
    faults.check()
    present = tuple(queries.tags_by_tickets(uow.db, [before.id]).get(before.id, ()))
    tags = tuple(sorted({*present, *command.added} - {*command.removed}))
    if len(tags) > TAGS_MAX:
        raise TooManyOnTicket(TAGS_MAX).at("added")
    _put(uow, before, before, present, tags)
    return before.id


def add_ticket_participant(uow: UnitOfWork, command: AddTicketParticipant) -> UUID:
    """Let somebody take part in a ticket. Id of the ticket.

    Raises:
        UnknownTicket, InvalidTransition, UnknownAssignee, TakesPartAlready, TooManyOnTicket.
        ParticipantWithoutAddress, InvalidEmail, InvalidText: the input is wrong.
    """
    faults = Faults()
    draft = check_participant(command.participant, faults, "participant")
    faults.check()
    if draft.staff_id:
        check_assignee(uow, draft.staff_id)
    before = locked(uow, command.id, "update")
    present = queries.participants_by_tickets(uow.db, [before.id]).get(before.id, ())
    if len(present) >= PARTICIPANTS_MAX:
        raise TooManyOnTicket(PARTICIPANTS_MAX)
    key = email_key(draft.email) if draft.email else None
    for each in present:
        same_address = key is not None and each.email and email_key(each.email) == key
        if same_address or (draft.staff_id and each.staff_id == draft.staff_id):
            raise TakesPartAlready().at("participant")
    made = TicketParticipant(
        id=uow.new_id(),
        ticket_id=before.id,
        role=draft.role,
        staff_id=draft.staff_id,
        customer_id=before.customer_id if draft.role is TicketRole.REQUESTER else None,
        name=draft.name,
        email=draft.email,
    )
    add_participants(uow, [made])
    event = TicketParticipantAdded(*head(before), made.id, made.role, made.staff_id)
    save_told(uow, before, before, event)
    return before.id


def remove_ticket_participant(uow: UnitOfWork, command: RemoveTicketParticipant) -> UUID:
    """Let somebody take part no longer. Id of the ticket.

    Raises:
        UnknownTicket, InvalidTransition, UnknownTicketParticipant.
    """
    before = locked(uow, command.id, "update")
    present = queries.participants_by_tickets(uow.db, [before.id]).get(before.id, ())
    gone = next((each for each in present if each.id == command.participant_id), None)
    if gone is None:
        raise UnknownTicketParticipant(command.participant_id).at("participant_id")
    uow.db.execute(delete(ticket_participants).where(ticket_participants.c.id == gone.id))
    event = TicketParticipantRemoved(*head(before), gone.id, gone.role, gone.staff_id)
    save_told(uow, before, before, event)
    return before.id


def link(uow: UnitOfWork, ticket_id: UUID, draft: TicketLinkDraft) -> UUID:
    """Link a ticket to a thing of which the caller knows that it is there. Id of the link.

    Linking it again changes nothing.

    Raises:
        UnknownTicket, InvalidTransition, TooManyOnTicket.
    """
    before = locked(uow, ticket_id, "note")
    present = queries.links_by_tickets(uow.db, [before.id]).get(before.id, ())
    for each in present:
        if (each.subject_id, each.relation) == (draft.subject_id, draft.relation):
            return each.id
    if len(present) >= LINKS_MAX:
        raise TooManyOnTicket(LINKS_MAX)
    made = TicketLink(
        id=uow.new_id(),
        ticket_id=before.id,
        created_at=uow.now,
        subject_kind=draft.subject_kind,
        subject_id=draft.subject_id,
        relation=draft.relation,
    )
    add(uow, ticket_links, [made])
    event = TicketLinked(*head(before), made.subject_kind, made.subject_id, made.relation)
    save_told(uow, before, before, event)
    return made.id


def linking(subjects: Subjects) -> Callable[[UnitOfWork, LinkTicket], UUID]:
    """What links tickets to these subjects."""

    def link_ticket(uow: UnitOfWork, command: LinkTicket) -> UUID:
        """Link a ticket to a thing that the caller may see. Id of the ticket.

        Raises:
            UnknownTicket, InvalidTransition, UnknownLinkSubject, TooManyOnTicket.
        """
        _check_subjects(uow, subjects, (command.link,), "link")
        link(uow, command.id, command.link)
        return command.id

    return link_ticket


def opening(subjects: Subjects) -> Callable[[UnitOfWork, OpenTicket], UUID]:
    """What opens tickets that are linked to these subjects."""

    def open_linked_ticket(uow: UnitOfWork, command: OpenTicket) -> UUID:
        """Open a ticket, whose links lead to what the caller may see. Its id.

        Raises:
            UnknownLinkSubject: one leads elsewhere.
            What `open_ticket` raises.
        """
        _check_subjects(uow, subjects, command.links, "links")
        return open_ticket(uow, command)

    return open_linked_ticket


def unlink_ticket(uow: UnitOfWork, command: UnlinkTicket) -> UUID:
    """Remove a link of a ticket. Id of the ticket.

    Raises:
        UnknownTicket, InvalidTransition, UnknownTicketLink.
    """
    before = locked(uow, command.id, "note")
    present = queries.links_by_tickets(uow.db, [before.id]).get(before.id, ())
    gone = next((each for each in present if each.id == command.link_id), None)
    if gone is None:
        raise UnknownTicketLink(command.link_id).at("link_id")
    uow.db.execute(delete(ticket_links).where(ticket_links.c.id == gone.id))
    event = TicketUnlinked(*head(before), gone.subject_kind, gone.subject_id, gone.relation)
    save_told(uow, before, before, event)
    return before.id


def _check_subjects(
    uow: UnitOfWork, subjects: Subjects, links: tuple[TicketLinkDraft, ...], path: str
) -> None:
    """Raises: UnknownLinkSubject."""
    faults = Faults()
    for position, each in enumerate(links[:LINKS_MAX]):
        version = subjects.version(uow.db, each.subject_kind, each.subject_id, uow.caller)
        if version is None:
            fault = UnknownLinkSubject(ids.text(each.subject_kind, each.subject_id))
            where = (path,) if path == "link" else (path, position)
            faults.add(fault.at(*where, "subject_id"))
    faults.check()


def _put(
    uow: UnitOfWork,
    before: Ticket,
    after: Ticket,
    present: tuple[str, ...],
    tags: tuple[str, ...],
) -> None:
    """Write what differs of a ticket and its tags, and tell; nothing, if nothing does."""
    if after == before and tags == present:
        return
    if gone := set(present) - set(tags):
        of = ticket_tags.c
        uow.db.execute(delete(ticket_tags).where(of.ticket_id == before.id, of.tag.in_(gone)))
    if fresh := sorted(set(tags) - set(present)):
        rows = [{"ticket_id": before.id, "tag": tag} for tag in fresh]
        uow.db.execute(ticket_tags.insert(), rows)
    saved = save(uow, tickets, before, after)
    changes = [change("tags", present, tags)] if tags != present else []
    uow.emit(TicketUpdated(*head(saved)), before=before, after=saved, changes=changes)
    if after.subject != before.subject:
        find_by(uow, saved)
