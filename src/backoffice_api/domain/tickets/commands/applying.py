"""Macros are applied: several things are done to a ticket in one command."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.assigning import AssignTicket, assign_ticket
from backoffice_api.domain.tickets.commands.changing import (
    TagTicket,
    UpdateTicket,
    tag_ticket,
    update_ticket,
)
from backoffice_api.domain.tickets.commands.drafting import put_draft, take_draft
from backoffice_api.domain.tickets.commands.keeping import locked, moved, save_told
from backoffice_api.domain.tickets.commands.writing import (
    NoteOnTicket,
    ReplyToTicket,
    note,
    reply,
)
from backoffice_api.domain.tickets.model.macros import (
    MACHINE,
    MacroWriting,
    NothingSaid,
    TicketMacro,
    TicketMacroApplied,
    action_towards,
)
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.queries.answers import Wanted, checked_locale, say
from backoffice_api.domain.tickets.tables import tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTicketMacro(Command):
    """`order_id`, `locale`: of what, and in which language its answer speaks; None: what fits."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    macro_id: UUID
    order_id: UUID | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTicketDraft(Command):
    """`id` is that of the ticket. `then`: what it waits for afterwards, if the customer gets it."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    base_revision: int
    then: TicketAfterReply = TicketAfterReply.AWAIT_CUSTOMER


def apply_macro(uow: UnitOfWork, command: ApplyTicketMacro) -> UUID:
    """Do to a ticket all that a macro says. Id of the ticket.

    A dry run shows the ticket as it would be, with what would be written.

    Raises:
        UnknownTicket, UnknownTicketMacro, UnknownTicketTeam, UnknownOrder, InvalidLocale.
        InvalidTransition: the macro is archived, or the ticket cannot go where it leads.
        NothingSaid, BadTemplate, MessageTooLong: its answer cannot be written of this ticket.
    """
    wanted = Wanted(
        agent=uow.caller.actor.name,
        order_id=command.order_id,
        locale=checked_locale(command.locale),
    )
    before = locked(uow, command.id, "update")
    macro = desk.macro(uow.db, command.macro_id, "macro_id")
    MACHINE.check("use", macro.status)
    text = _text(uow, before, macro, wanted)
    _sort(uow, before.id, macro)
    if macro.writing is not None:
        _write(uow, before.id, macro, macro.writing, text)
    present = locked(uow, before.id)
    if macro.move_to is not None and (action := action_towards(present.status, macro.move_to)):
        after = moved(uow, present, action)
    else:
        after = present
    event = TicketMacroApplied(present.id, present.version, macro.id, macro.code)
    save_told(uow, present, after, event)
    return before.id


def send_draft(uow: UnitOfWork, command: SendTicketDraft) -> UUID:
    """Send the draft of a ticket, or keep it as a note if it is internal. Id of the ticket.

    Raises:
        UnknownTicket, InvalidTransition, InvalidText, NoTicketDraft.
        TicketDraftChanged: somebody else saved it since it was read.
    """
    ticket = locked(uow, command.id)
    draft = take_draft(uow, ticket.id, command.base_revision)
    if draft.visibility is TicketVisibility.INTERNAL:
        note(uow, NoteOnTicket(id=ticket.id, body=draft.text))
    else:
        reply(uow, ReplyToTicket(id=ticket.id, body=draft.text, then=command.then))
    return ticket.id


def _text(uow: UnitOfWork, ticket: Ticket, macro: TicketMacro, wanted: Wanted) -> str:
    """What the macro says of the ticket; empty: it says nothing."""
    if macro.answer_id is None:
        return ""
    said = say(uow.db, ticket, macro.answer_id, wanted)
    if not said.text.strip():
        raise NothingSaid
    return said.text


def _sort(uow: UnitOfWork, id: UUID, macro: TicketMacro) -> None:
    """Set priority, tags and team."""
    if macro.priority is not None:
        update_ticket(uow, UpdateTicket(id=id, priority=macro.priority))
    if macro.add_tags or macro.remove_tags:
        added, removed = tuple(macro.add_tags), tuple(macro.remove_tags)
        tag_ticket(uow, TagTicket(id=id, added=added, removed=removed))
    if macro.team_id is not None:
        assign_ticket(uow, AssignTicket(id=id, team_id=macro.team_id))


def _write(uow: UnitOfWork, id: UUID, macro: TicketMacro, writing: MacroWriting, text: str) -> None:
    match writing:
        case MacroWriting.REPLY:
            then = _THEN.get(macro.move_to, TicketAfterReply.STAY_OPEN)
            reply(uow, ReplyToTicket(id=id, body=text, then=then))
        case MacroWriting.NOTE:
            note(uow, NoteOnTicket(id=id, body=text))
        case MacroWriting.DRAFT:
            present = desk.draft_of(uow.db, id)
            # Nobody's words are lost: it goes behind what is there.
            text = f"{present.text}\n\n{text}" if present and present.text.strip() else text
            visibility = present.visibility if present else TicketVisibility.PUBLIC
            put_draft(uow, id, text, visibility, present.version if present else 0)


_THEN = {
    None: TicketAfterReply.AWAIT_CUSTOMER,
    TicketStatus.PENDING_CUSTOMER: TicketAfterReply.AWAIT_CUSTOMER,
    TicketStatus.RESOLVED: TicketAfterReply.RESOLVE,
}
