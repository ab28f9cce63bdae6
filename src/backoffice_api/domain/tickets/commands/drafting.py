"""The shared draft of a ticket, and who is at it now.

Neither is told in the log: what nobody has said yet is of the moment, and it is not to be kept.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults, StaleVersion
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.refusals import OnlyStaffTake
from backoffice_api.domain.tickets.model.shared_drafts import (
    DRAFT_LENGTH_MAX,
    PRESENT_FOR,
    NoTicketDraft,
    TicketActivity,
    TicketDraft,
    TicketDraftChanged,
)
from backoffice_api.domain.tickets.model.tickets import MACHINE
from backoffice_api.domain.tickets.model.words import TicketVisibility
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.desk import ticket_drafts, ticket_presences

FORGET_JOB = "tickets.forget_presences"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveTicketDraft(Command):
    """`id` is that of the ticket. `base_revision`: of the draft that was read; 0: of none."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    text: str
    visibility: TicketVisibility = TicketVisibility.PUBLIC
    base_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardTicketDraft(Command):
    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    base_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPresence(Command):
    """`activity` None: who asks has left."""

    scope = Scope.TICKETS_READ
    table = tickets
    id: UUID
    activity: TicketActivity | None


@dataclass(frozen=True, slots=True)
class ForgetPresences(Command):
    """Run by the worker every minute."""

    scope = Scope.TICKETS_WRITE


def save_draft(uow: UnitOfWork, command: SaveTicketDraft) -> UUID:
    """Put a text into the draft of a ticket. Id of the ticket.

    Raises:
        UnknownTicket, InvalidTransition, InvalidText, OutOfRange.
        TicketDraftChanged: somebody else saved it since it was read; theirs stays.
    """
    faults = Faults()
    check_text(command.text, faults, "text", minimum=0, maximum=DRAFT_LENGTH_MAX)
    _check_base(command.base_revision, faults)
    faults.check()
    ticket = queries.ticket(uow.db, command.id)
    MACHINE.check("note", ticket.status)
    put_draft(uow, ticket.id, command.text, command.visibility, command.base_revision)
    return ticket.id


def discard_draft(uow: UnitOfWork, command: DiscardTicketDraft) -> UUID:
    """Throw the draft of a ticket away. Id of the ticket.

    Raises:
        UnknownTicket, NoTicketDraft.
        TicketDraftChanged: somebody else saved it since it was read.
    """
    ticket = queries.ticket(uow.db, command.id)
    take_draft(uow, ticket.id, command.base_revision)
    return ticket.id


def tell_presence(uow: UnitOfWork, command: TellPresence) -> UUID:
    """Say that one is at a ticket, for the next minute, or has left. Id of the ticket.

    Who else is there is what the ticket says of it then.

    Raises:
        UnknownTicket.
        OnlyStaffTake: the back office itself is nowhere.
    """
    actor = uow.caller.actor
    if actor.id is None:
        raise OnlyStaffTake
    ticket = queries.ticket(uow.db, command.id)
    row = ticket_presences.c
    here = row.ticket_id == ticket.id
    mine = (here, row.actor_kind == actor.kind, row.actor_id == actor.id)
    uow.db.execute(delete(ticket_presences).where(here, row.until <= uow.now))
    if command.activity is None:
        uow.db.execute(delete(ticket_presences).where(*mine))
        return ticket.id
    until = uow.now + PRESENT_FOR
    values = {"activity": command.activity, "until": until}
    if uow.db.execute(update(ticket_presences).where(*mine).values(values)).rowcount == 0:
        fresh = {
            "ticket_id": ticket.id,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "since": uow.now,
            **values,
        }
        insert_or_ignore(uow.db, ticket_presences, fresh)
    return ticket.id


def forget_presences(uow: UnitOfWork, command: ForgetPresences) -> int:
    """Forget who has left without saying so. How many that were."""
    gone = delete(ticket_presences).where(ticket_presences.c.until <= uow.now)
    return uow.db.execute(gone).rowcount


def put_draft(
    uow: UnitOfWork, ticket_id: UUID, text: str, visibility: TicketVisibility, base_revision: int
) -> TicketDraft:
    """Write the draft of a ticket over the version on which it is based. The draft as it is now.

    Raises:
        TicketDraftChanged.
    """
    before = desk.draft_of(uow.db, ticket_id)
    _check_version(before, base_revision)
    actor = uow.caller.actor
    if before is None:
        made = TicketDraft(
            id=ticket_id,
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            visibility=visibility,
            text=text,
            edited_by_kind=actor.kind,
            edited_by_id=actor.id,
        )
        add(uow, ticket_drafts, [made])
        return made
    after = replace(
        before,
        visibility=visibility,
        text=text,
        edited_by_kind=actor.kind,
        edited_by_id=actor.id,
    )
    try:
        return save(uow, ticket_drafts, before, after)
    except StaleVersion as stale:
        raise _changed(desk.draft_of(uow.db, ticket_id), base_revision) from stale


def take_draft(uow: UnitOfWork, ticket_id: UUID, base_revision: int) -> TicketDraft:
    """Take the draft of a ticket away, as it is to be sent or thrown away. What it was.

    Raises:
        NoTicketDraft, TicketDraftChanged.
    """
    before = desk.draft_of(uow.db, ticket_id)
    if before is None:
        raise NoTicketDraft
    _check_version(before, base_revision)
    row = ticket_drafts.c
    taken = delete(ticket_drafts).where(row.id == ticket_id, row.version == before.version)
    if uow.db.execute(taken).rowcount == 0:
        raise _changed(desk.draft_of(uow.db, ticket_id), base_revision)
    return before


def _check_base(version: int, faults: Faults) -> None:
    check_range(version, faults, "base_revision", minimum=0, maximum=2**31 - 1)


def _check_version(present: TicketDraft | None, base_revision: int) -> None:
    if (present.version if present else 0) != base_revision:
        raise _changed(present, base_revision)


def _changed(present: TicketDraft | None, base_revision: int) -> TicketDraftChanged:
    return TicketDraftChanged(
        expected=base_revision,
        actual=present.version if present else 0,
        edited_at=present.updated_at if present else None,
        edited_by_kind=present.edited_by_kind if present else None,
        edited_by_id=present.edited_by_id if present else None,
    )
