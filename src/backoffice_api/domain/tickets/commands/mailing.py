"""What messages of tickets know of the mails that carry them."""

from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tickets.model.words import TicketSentState
from backoffice_api.domain.tickets.tables import ticket_messages


def note_sent(
    uow: UnitOfWork, message_id: UUID, state: TicketSentState, mail_id: str | None = None
) -> None:
    """Note at a message how far its mail is. `mail_id` None: it stays as it was."""
    values: dict[str, object] = {"sent_state": state}
    if mail_id is not None:
        values["mail_id"] = mail_id
    mine = ticket_messages.c.id == message_id
    uow.db.execute(ticket_messages.update().where(mine).values(values))
