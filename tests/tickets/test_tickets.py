"""Tickets are opened, written on, and go from one state to another."""

from backoffice_api.domain.tickets.commands import moving
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketStatus,
)
from tests.tickets.office import Office, later


class TestReceive:
    def test_reopens_what_waits_or_is_done_and_wakes_it(self, office: Office) -> None:
        id = office.open(message={"author_email": "Ana@example.com", "mail_id": "1@example.com"})
        office.reply(id, now=later(hours=1))
        snooze = moving.SnoozeTicket(id=id, until=later(days=2))
        office.world.run(moving.snooze_ticket, snooze, now=later(hours=1))

        first = office.receive(id, now=later(hours=2), mail_id="2@example.com")
        again = office.receive(id, now=later(hours=3), mail_id="2@example.com")
        office.reply(id, now=later(hours=4), then=TicketAfterReply.RESOLVE)
        office.receive(id, "It is broken.", now=later(hours=5))

        assert again == first
        ticket = office.ticket(id)
        assert (ticket.status, ticket.reopened_count) == (TicketStatus.OPEN, 1)
        assert ticket.snoozed_until is None
        assert ticket.first_responded_at == later(hours=1)
        assert ticket.last_customer_message_at == later(hours=5)
        assert office.moves(id) == ["new", "pending_customer", "open", "resolved", "open"]
        office.verify()
