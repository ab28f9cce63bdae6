"""What must be true of stored mails."""

from sqlalchemy import and_, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.mailboxes.model.received import ReceivedMailOutcome, ReceivedMailStatus
from backoffice_api.domain.mailboxes.tables import received_mails, sent_mails
from backoffice_api.domain.tickets.tables import ticket_messages

_received, _sent, _messages = received_mails.c, sent_mails.c, ticket_messages.c

CHECKS: tuple[Check, ...] = (
    Check(
        "MAIL1",
        "A mail that opened a ticket or answered in one is a message of a ticket.",
        select(_received.id).where(
            _received.status == ReceivedMailStatus.TAKEN,
            _received.outcome.in_((ReceivedMailOutcome.OPENED, ReceivedMailOutcome.ANSWERED)),
            _received.message_id.is_(None),
        ),
    ),
    Check(
        "MAIL2",
        "A message of a ticket says of its mail what the mail says of itself.",
        select(_sent.id, _sent.message_id)
        .outerjoin(ticket_messages, _messages.id == _sent.message_id)
        .where(
            or_(
                _messages.sent_state.is_(None),
                _messages.sent_state != _sent.status,
                and_(_messages.mail_id.is_not(None), _messages.mail_id != _sent.mail_id),
            )
        ),
    ),
)
