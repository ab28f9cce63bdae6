"""What is done with mailboxes: made, changed, disabled, enabled; what was found in asking."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import check_email, email_key
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.mailboxes import (
    CHANNELS,
    MACHINE,
    TROUBLE_LENGTH_MAX,
    DetailInAddress,
    Mailbox,
    MailboxCreated,
    MailboxDisabled,
    MailboxEnabled,
    MailboxKind,
    MailboxTaken,
    MailboxUpdated,
    check_code,
    check_folder,
)
from backoffice_api.domain.mailboxes.tables import mailbox_states, mailboxes
from backoffice_api.domain.tickets.model.refusals import UnknownTicketTeam
from backoffice_api.domain.tickets.model.words import (
    TicketPriority,
    TicketSource,
    TicketTeamStatus,
)
from backoffice_api.domain.tickets.tables import ticket_teams


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMailbox(Command):
    """`source` None: e-mail, or chat where it is a channel."""

    scope = Scope.TICKETS_MANAGE
    code: str
    name: str
    address: str
    kind: MailboxKind
    folder: str = "INBOX"
    done_folder: str | None = None
    team_id: UUID | None = None
    priority: TicketPriority = TicketPriority.NORMAL
    source: TicketSource | None = None
    opens_for_programs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMailbox(Command):
    """Its code and its kind stay: the settings know it by them."""

    scope = Scope.TICKETS_MANAGE
    table = mailboxes
    id: UUID
    name: str | Keep = KEEP
    address: str | Keep = KEEP
    folder: str | Keep = KEEP
    done_folder: str | Keep | None = KEEP
    team_id: UUID | Keep | None = KEEP
    priority: TicketPriority | Keep = KEEP
    opens_for_programs: bool | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableMailbox(Command):
    scope = Scope.TICKETS_MANAGE
    table = mailboxes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableMailbox(Command):
    scope = Scope.TICKETS_MANAGE
    table = mailboxes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAsked(Command):
    """What a worker found when it asked a mailbox. `trouble` None: all is well."""

    scope = Scope.TICKETS_MANAGE
    mailbox_id: UUID
    trouble: str | None = None
    cursor: str | Keep = KEEP


def create_mailbox(uow: UnitOfWork, command: CreateMailbox) -> UUID:
    """Make a mailbox that is used from now on. Its id.

    Raises:
        InvalidMailboxCode, InvalidText, InvalidEmail, DetailInAddress, InvalidFolder.
        UnknownTicketTeam, MailboxTaken.
    """
    faults = Faults()
    check_code(command.code, faults)
    source = command.source or (
        TicketSource.CHAT if command.kind in CHANNELS else TicketSource.EMAIL
    )
    made = Mailbox(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        address=command.address,
        kind=command.kind,
        status=MACHINE.start,
        folder=command.folder,
        done_folder=command.done_folder,
        team_id=command.team_id,
        priority=command.priority,
        source=source,
        opens_for_programs=command.opens_for_programs,
    )
    made = _checked(uow, made, faults)
    if queries.mailbox_with_code(uow.db, made.code):
        raise MailboxTaken("code").at("code")
    add(uow, mailboxes, [made], address_key=[email_key(made.address)])
    uow.emit(MailboxCreated(made.id, 1, made.code), after=made)
    return made.id


def update_mailbox(uow: UnitOfWork, command: UpdateMailbox) -> UUID:
    """Change a mailbox. Its id.

    Raises:
        UnknownMailbox, InvalidText, InvalidEmail, DetailInAddress, InvalidFolder.
        UnknownTicketTeam, MailboxTaken.
    """
    before = queries.mailbox(uow.db, command.id)
    wanted = replace(
        before,
        name=patched(command.name, before.name),
        address=patched(command.address, before.address),
        folder=patched(command.folder, before.folder),
        done_folder=patched(command.done_folder, before.done_folder),
        team_id=patched(command.team_id, before.team_id),
        priority=patched(command.priority, before.priority),
        opens_for_programs=patched(command.opens_for_programs, before.opens_for_programs),
    )
    wanted = _checked(uow, wanted, Faults())
    if wanted == before:
        return before.id
    after = save(uow, mailboxes, before, wanted, address_key=email_key(wanted.address))
    uow.emit(MailboxUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def disable_mailbox(uow: UnitOfWork, command: DisableMailbox) -> UUID:
    """Take nothing in by a mailbox any more, and send nothing. Its id.

    Raises:
        UnknownMailbox, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "disable")
    uow.emit(MailboxDisabled(after.id, after.version, after.code), before=before, after=after)
    return after.id


def enable_mailbox(uow: UnitOfWork, command: EnableMailbox) -> UUID:
    """Use a mailbox again. Its id.

    Raises:
        UnknownMailbox, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "enable")
    uow.emit(MailboxEnabled(after.id, after.version, after.code), before=before, after=after)
    return after.id


def note_asked(uow: UnitOfWork, command: NoteAsked) -> None:
    """Note that a mailbox was asked, and what was wrong, if anything was."""
    row = {
        "mailbox_id": command.mailbox_id,
        "asked_at": uow.now,
        "cursor": "",
        "trouble": None,
        "troubled_since": None,
    }
    insert_or_ignore(uow.db, mailbox_states, row)
    before = queries.states_by_mailboxes(uow.db, [command.mailbox_id])[command.mailbox_id]
    trouble = command.trouble and storable(command.trouble[:TROUBLE_LENGTH_MAX])
    since = before.troubled_since or uow.now
    uow.db.execute(
        mailbox_states.update()
        .where(mailbox_states.c.mailbox_id == command.mailbox_id)
        .values(
            asked_at=uow.now,
            cursor=patched(command.cursor, before.cursor),
            trouble=trouble,
            troubled_since=since if trouble else None,
        )
    )


def _checked(uow: UnitOfWork, wanted: Mailbox, faults: Faults) -> Mailbox:
    """The mailbox in canonical form. Raises: what is wrong with it."""
    check_text(wanted.name, faults, "name")
    check_folder(wanted.folder, faults, "folder")
    check_folder(wanted.done_folder, faults, "done_folder")
    address = wanted.address
    try:
        address = check_email(address)
    except Invalid as fault:
        faults.add(fault.at("address"))
    if "+" in address:
        faults.add(DetailInAddress().at("address"))
    _check_team(uow, wanted.team_id, faults)
    faults.check()
    same = select(mailboxes.c.id).where(
        mailboxes.c.address_key == email_key(address), mailboxes.c.id != wanted.id
    )
    if uow.db.execute(same).scalar():
        raise MailboxTaken("address").at("address")
    return replace(wanted, address=address)


def _check_team(uow: UnitOfWork, team_id: UUID | None, faults: Faults) -> None:
    if team_id is None:
        return
    there = select(ticket_teams.c.id).where(
        ticket_teams.c.id == team_id, ticket_teams.c.status == TicketTeamStatus.ACTIVE
    )
    if uow.db.execute(there).scalar() is None:
        faults.add(UnknownTicketTeam(team_id).at("team_id"))


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[Mailbox, Mailbox]:
    before = queries.mailbox(uow.db, id)
    wanted = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, mailboxes, before, wanted)
