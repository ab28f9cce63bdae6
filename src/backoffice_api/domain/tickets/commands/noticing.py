"""Noticing: who follows a ticket, and who has it, is told of what others write on it.

As mentions of colleagues, a notice is nobody else's business: the log does not tell of it.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.model.notices import MARKED_MAX, TicketNotice
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import TicketRole
from backoffice_api.domain.tickets.tables import ticket_participants
from backoffice_api.domain.tickets.tables.desk import ticket_notices


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTicketNotices(Command):
    """`ticket_ids` None: all notices of the caller."""

    scope = Scope.TICKETS_READ
    ticket_ids: tuple[UUID, ...] | None = None


def tell_followers(uow: UnitOfWork, of: Ticket, message_id: UUID) -> None:
    """Note for who follows a ticket, or has it, what somebody else wrote. Two statements."""
    who = ticket_participants.c
    statement = select(who.staff_id).where(
        who.ticket_id == of.id, who.role == TicketRole.FOLLOWER, who.staff_id.is_not(None)
    )
    wanted = {*uow.db.execute(statement).scalars(), of.assignee_id} - {uow.caller.staff_id, None}
    notices = [
        TicketNotice(uow.new_id(), id, of.id, message_id, uow.now, None)
        for id in sorted(id for id in wanted if id is not None)
    ]
    add(uow, ticket_notices, notices)


def mark_notices(uow: UnitOfWork, command: MarkTicketNotices) -> tuple[UUID, ...]:
    """Note that the caller has read what was written on tickets. Ids of the notices.

    Raises:
        TooMany.
    """
    faults = Faults()
    check_size(command.ticket_ids, faults, "ticket_ids", maximum=MARKED_MAX)
    faults.check()
    of = ticket_notices.c
    statement = (
        update(ticket_notices)
        .where(of.staff_id == uow.caller.staff_id, of.read_at.is_(None))
        .values(read_at=uow.now)
        .returning(of.id)
    )
    if command.ticket_ids is not None:
        statement = statement.where(of.ticket_id.in_(command.ticket_ids))
    return tuple(sorted(uow.db.execute(statement).scalars()))
