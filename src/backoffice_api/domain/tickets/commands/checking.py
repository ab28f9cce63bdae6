"""Checklists: their templates, and the lists of tickets that are made of them and ticked off."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import change
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.checklists import (
    ITEM_LENGTH_MAX,
    ITEMS_MAX,
    PER_TICKET_MAX,
    TEMPLATES_MAX,
    TITLE_LENGTH_MAX,
    ChecklistItem,
    ChecklistTemplate,
    ChecklistTemplateArchived,
    ChecklistTemplateRestored,
    ChecklistTemplateSet,
    EmptyChecklist,
    ItemTickedAlready,
    TicketChecklist,
    TicketChecklistAdded,
    TicketChecklistRemoved,
    TicketChecklistTicked,
    TicketChecklistUnticked,
    UnknownChecklistItem,
)
from backoffice_api.domain.tickets.model.macros import MACHINE
from backoffice_api.domain.tickets.model.tickets import MACHINE as TICKETS
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.desk import (
    checklist_templates,
    ticket_checklist_items,
    ticket_checklists,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChecklistTemplate(Command):
    """Names a template by its code and says all of it."""

    scope = Scope.TICKETS_MANAGE
    code: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveChecklistTemplate(Command):
    scope = Scope.TICKETS_MANAGE
    table = checklist_templates
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreChecklistTemplate(Command):
    scope = Scope.TICKETS_MANAGE
    table = checklist_templates
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTicketChecklist(Command):
    """`id` is that of the ticket. Of a template, or with a title and items of its own."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    template_id: UUID | None = None
    title: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TickTicketChecklist(Command):
    """`is_ticked` False: it is to be done again."""

    scope = Scope.TICKETS_WRITE
    table = ticket_checklists
    id: UUID
    position: int
    is_ticked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTicketChecklist(Command):
    scope = Scope.TICKETS_WRITE
    table = ticket_checklists
    id: UUID


def set_checklist_template(uow: UnitOfWork, command: SetChecklistTemplate) -> UUID:
    """Make a template of a checklist, or change the one with this code. Its id.

    Raises:
        InvalidText, TooMany, InvalidTransition.
    """
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    _check(command.title, command.items, faults)
    before = desk.templates_by_codes(uow.db, [command.code]).get(command.code)
    if before is None and desk.count_of(uow.db, checklist_templates) >= TEMPLATES_MAX:
        faults.add(TooMany(TEMPLATES_MAX).at("code"))
    faults.check()
    if before is None:
        after = ChecklistTemplate(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            code=command.code,
            title=command.title,
            items=list(command.items),
            status=MACHINE.start,
        )
        add(uow, checklist_templates, [after])
    else:
        status = MACHINE.check("set", before.status)
        wanted = replace(before, title=command.title, items=list(command.items), status=status)
        after = save(uow, checklist_templates, before, wanted)
    event = ChecklistTemplateSet(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def archive_checklist_template(uow: UnitOfWork, command: ArchiveChecklistTemplate) -> UUID:
    """Use a template no more. Its id.

    Raises:
        UnknownChecklistTemplate, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "archive")
    event = ChecklistTemplateArchived(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_checklist_template(uow: UnitOfWork, command: RestoreChecklistTemplate) -> UUID:
    """Use a template again. Its id.

    Raises:
        UnknownChecklistTemplate, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "restore")
    event = ChecklistTemplateRestored(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def add_checklist(uow: UnitOfWork, command: AddTicketChecklist) -> UUID:
    """Put a checklist on a ticket. Its id.

    Raises:
        UnknownTicket, UnknownChecklistTemplate, InvalidTransition.
        EmptyChecklist, InvalidText, TooMany: the input is wrong.
    """
    ticket = queries.ticket(uow.db, command.id)
    TICKETS.check("note", ticket.status)
    title, items = _wanted(uow, command)
    if len(desk.checklists_by_tickets(uow.db, [ticket.id]).get(ticket.id, ())) >= PER_TICKET_MAX:
        raise TooMany(PER_TICKET_MAX)
    made = TicketChecklist(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        ticket_id=ticket.id,
        template_id=command.template_id,
        title=title,
    )
    add(uow, ticket_checklists, [made])
    rows = [
        ChecklistItem(made.id, position, text, None, None, None)
        for position, text in enumerate(items, start=1)
    ]
    add(uow, ticket_checklist_items, rows)
    event = TicketChecklistAdded(made.id, made.version, ticket.id, made.template_id, len(rows))
    uow.emit(event, after=made)
    return made.id


def tick_checklist(uow: UnitOfWork, command: TickTicketChecklist) -> UUID:
    """Tick an item of a checklist off, or say that it is to be done again. Id of the list.

    Who ticked it, and when, is kept; of two who tick at once, the second is told so.

    Raises:
        UnknownTicketChecklist, UnknownChecklistItem, ItemTickedAlready.
    """
    before = desk.checklist(uow.db, command.id)
    items = desk.items_by_checklists(uow.db, [before.id])[before.id]
    item = next((each for each in items if each.position == command.position), None)
    if item is None:
        raise UnknownChecklistItem(command.position).at("position")
    if (item.ticked_at is not None) is command.is_ticked:
        raise ItemTickedAlready(command.position).at("position")
    # The list first: of two who tick at once, the second reads again.
    after = save(uow, ticket_checklists, before, before)
    actor = uow.caller.actor
    ticked = (uow.now, actor.kind, actor.id) if command.is_ticked else (None, None, None)
    names = ("ticked_at", "ticked_by_kind", "ticked_by_id")
    row = ticket_checklist_items.c
    uow.db.execute(
        update(ticket_checklist_items)
        .where(row.checklist_id == after.id, row.position == item.position)
        .values(dict(zip(names, ticked, strict=True)))
    )
    told = TicketChecklistTicked if command.is_ticked else TicketChecklistUnticked
    changed = change(f"items.{item.position}", item.ticked_at, ticked[0])
    event = told(after.id, after.version, after.ticket_id, item.position)
    uow.emit(event, before=before, after=after, changes=[changed])
    return after.id


def remove_checklist(uow: UnitOfWork, command: RemoveTicketChecklist) -> UUID:
    """Take a checklist off its ticket; what was ticked stays in the log. Id of the ticket.

    Raises:
        UnknownTicketChecklist.
    """
    before = desk.checklist(uow.db, command.id)
    row = ticket_checklist_items.c
    uow.db.execute(delete(ticket_checklist_items).where(row.checklist_id == before.id))
    uow.db.execute(delete(ticket_checklists).where(ticket_checklists.c.id == before.id))
    event = TicketChecklistRemoved(before.id, before.version + 1, before.ticket_id)
    uow.emit(event, before=before)
    return before.ticket_id


def _wanted(uow: UnitOfWork, command: AddTicketChecklist) -> tuple[str, tuple[str, ...]]:
    """Title and items of the list that is to be made."""
    if command.template_id is None:
        if command.title is None or not command.items:
            raise EmptyChecklist
        faults = Faults()
        _check(command.title, command.items, faults)
        faults.check()
        return command.title, command.items
    if command.items or command.title is not None:
        raise EmptyChecklist
    template = desk.checklist_template(uow.db, command.template_id, "template_id")
    MACHINE.check("use", template.status)
    return template.title, tuple(template.items)


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[ChecklistTemplate, ChecklistTemplate]:
    before = desk.checklist_template(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, checklist_templates, before, after)


def _check(title: str, items: tuple[str, ...], faults: Faults) -> None:
    check_text(title, faults, "title", maximum=TITLE_LENGTH_MAX)
    check_size(items, faults, "items", maximum=ITEMS_MAX)
    faults.check()
    if not items:
        faults.add(EmptyChecklist().at("items"))
    for position, item in enumerate(items):
        check_text(item, faults, "items", position, maximum=ITEM_LENGTH_MAX)
