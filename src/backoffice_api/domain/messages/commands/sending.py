"""What becomes of messages that are sent: marked before the mail server is called, then settled."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.model.messages import (
    MACHINE,
    TRIED_FOR,
    Message,
    MessageFailed,
    MessageFailure,
    MessageSent,
    pause,
)
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.domain.messages.tables import messages

SEND_JOB = "messages.send"
REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSending(Command):
    scope = Scope.MESSAGES_WRITE
    table = messages
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMessage(Command):
    """`reason`: what the mail server said, or what went wrong."""

    scope = Scope.MESSAGES_WRITE
    table = messages
    id: UUID
    outcome: MailOutcome
    reason: str = ""


def begin_sending(uow: UnitOfWork, command: BeginSending) -> UUID:
    """Mark a message as being sent, so that nobody else sends it. Its id.

    Raises:
        UnknownMessage.
        InvalidTransition: somebody else has it, or it is done with.
    """
    before = queries.message(uow.db, command.id)
    after = replace(
        before,
        status=MACHINE.check("begin", before.status),
        attempts=before.attempts + 1,
        send_at=uow.now,
    )
    return save(uow, messages, before, after).id


def settle_message(uow: UnitOfWork, command: SettleMessage) -> UUID:
    """Note what became of a message that was being sent. Its id.

    Raises:
        UnknownMessage.
        InvalidTransition: it is not being sent.
    """
    before = queries.message(uow.db, command.id)
    reason = storable(command.reason[:REASON_LENGTH_MAX])
    match command.outcome:
        case MailOutcome.TAKEN:
            status = MACHINE.check("settle", before.status)
            after = replace(before, status=status, sent_at=uow.now, reason=reason)
            after = save(uow, messages, before, after)
            event = MessageSent(after.id, after.version, after.topic, after.order_id)
            uow.emit(event, before=before, after=after)
            return after.id
        case MailOutcome.REFUSED:
            return _failed(uow, before, MessageFailure.REFUSED, reason)
        case MailOutcome.UNCERTAIN:
            return _failed(uow, before, MessageFailure.UNCERTAIN, reason)
        case MailOutcome.LATER:
            if uow.now - before.created_at > TRIED_FOR:
                return _failed(uow, before, MessageFailure.EXPIRED, reason)
            after = replace(
                before,
                status=MACHINE.check("postpone", before.status),
                send_at=uow.now + pause(before.attempts),
                reason=reason,
            )
            return save(uow, messages, before, after).id


def _failed(uow: UnitOfWork, before: Message, failure: MessageFailure, reason: str) -> UUID:
    status = MACHINE.check("fail", before.status)
    after = replace(before, status=status, failure=failure, reason=reason)
    after = save(uow, messages, before, after)
    event = MessageFailed(after.id, after.version, after.topic, after.order_id, failure)
    uow.emit(event, before=before, after=after)
    return after.id
