"""What the shop writes on tickets, on its way: written, marked, settled, come back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.addresses import without_code
from backoffice_api.domain.mailboxes.model.letters import SUBJECT_LENGTH_MAX
from backoffice_api.domain.mailboxes.model.mailboxes import CHANNELS, Mailbox
from backoffice_api.domain.mailboxes.model.received import REASON_LENGTH_MAX
from backoffice_api.domain.mailboxes.model.sent import (
    COPIES_MAX,
    MACHINE,
    REFERENCES_SENT_MAX,
    SentMail,
    SentMailFailure,
    TicketMailFailed,
    TicketMailQueued,
    TicketMailSent,
)
from backoffice_api.domain.mailboxes.tables import sent_mails
from backoffice_api.domain.messages.model.messages import TRIED_FOR, pause
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.commands.mailing import note_sent
from backoffice_api.domain.tickets.model.events import TicketReplied
from backoffice_api.domain.tickets.model.words import (
    TicketRole,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import ticket_messages

SEND_JOB = "mailboxes.send"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSendingMail(Command):
    scope = Scope.TICKETS_WRITE
    table = sent_mails
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSentMail(Command):
    """`failure`: where it is known better than by the outcome."""

    scope = Scope.TICKETS_WRITE
    table = sent_mails
    id: UUID
    outcome: MailOutcome
    reason: str = ""
    failure: SentMailFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendTicketMail(Command):
    scope = Scope.TICKETS_WRITE
    table = sent_mails
    id: UUID


def mail_reply(uow: UnitOfWork, event: TicketReplied) -> None:
    """Have what the shop wrote sent to who asked, if there is a mailbox by which it answers."""
    ticket = tickets.ticket(uow.db, event.id)
    box = queries.answering_mailbox(uow.db, ticket.id, ticket.team_id)
    if box is None:
        return
    conversation = queries.conversation_on(uow.db, box.id, ticket.id)
    recipients = _recipients(uow, ticket.id)
    mail_id = f"{event.message_id.hex}@{box.address.rpartition('@')[2]}"
    subject = (
        ticket.subject if ticket.subject.lower().startswith("re:") else f"Re: {ticket.subject}"
    )
    made = SentMail(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        mailbox_id=box.id,
        ticket_id=ticket.id,
        message_id=event.message_id,
        status=MACHINE.start,
        failure=None,
        reason="",
        attempts=0,
        first_at=uow.now,
        send_at=uow.now,
        sent_at=None,
        mail_id=mail_id,
        recipient=recipients[0] if recipients else "",
        copies=recipients[1:],
        conversation=conversation if box.kind in CHANNELS else None,
        subject=subject[:SUBJECT_LENGTH_MAX],
        references=_references(uow, ticket.id),
    )
    if failure := _in_the_way(uow, made, box):
        made = replace(made, status=MACHINE.check("suppress", made.status), failure=failure)
    add(uow, sent_mails, [made])
    note_sent(uow, made.message_id, made.status, made.mail_id)
    if made.failure:
        uow.emit(TicketMailFailed(made.id, 1, ticket.id, made.failure), after=made)
    else:
        uow.emit(TicketMailQueued(made.id, 1, ticket.id), after=made)


def begin_sending_mail(uow: UnitOfWork, command: BeginSendingMail) -> UUID:
    """Mark a mail as being sent, so that nobody else sends it. Its id.

    Raises:
        UnknownSentMail.
        InvalidTransition: somebody else has it, or it is done with.
    """
    before = queries.sent(uow.db, command.id)
    wanted = replace(
        before,
        status=MACHINE.check("begin", before.status),
        attempts=before.attempts + 1,
        send_at=uow.now,
    )
    return _saved(uow, before, wanted).id


def settle_sent_mail(uow: UnitOfWork, command: SettleSentMail) -> UUID:
    """Note what became of a mail that was being sent. Its id.

    Raises:
        UnknownSentMail.
        InvalidTransition: it is not being sent.
    """
    before = queries.sent(uow.db, command.id)
    reason = storable(command.reason[:REASON_LENGTH_MAX])
    match command.outcome:
        case MailOutcome.TAKEN:
            status = MACHINE.check("settle", before.status)
            wanted = replace(before, status=status, sent_at=uow.now, reason=reason)
            after = _saved(uow, before, wanted)
            event = TicketMailSent(after.id, after.version, after.ticket_id)
            uow.emit(event, before=before, after=after)
            return after.id
        case MailOutcome.REFUSED:
            failure = command.failure or SentMailFailure.REFUSED
        case MailOutcome.UNCERTAIN:
            failure = SentMailFailure.UNCERTAIN
        case MailOutcome.LATER if uow.now - before.first_at > TRIED_FOR:
            failure = SentMailFailure.EXPIRED
        case MailOutcome.LATER:
            status = MACHINE.check("postpone", before.status)
            send_at = uow.now + pause(before.attempts)
            wanted = replace(before, status=status, send_at=send_at, reason=reason)
            return _saved(uow, before, wanted).id
    return _failed(uow, before, "fail", failure, reason)


def resend_ticket_mail(uow: UnitOfWork, command: ResendTicketMail) -> UUID:
    """Try once more to send a mail, under the Message-ID that it has. Its id.

    Raises:
        UnknownSentMail, InvalidTransition.
    """
    before = queries.sent(uow.db, command.id)
    wanted = replace(
        before,
        status=MACHINE.check("resend", before.status),
        failure=None,
        attempts=0,
        first_at=uow.now,
        send_at=uow.now,
    )
    if not wanted.recipient and not wanted.conversation:
        recipients = _recipients(uow, wanted.ticket_id)
        wanted = replace(
            wanted, recipient=recipients[0] if recipients else "", copies=recipients[1:]
        )
    box = queries.mailbox(uow.db, before.mailbox_id)
    if failure := _in_the_way(uow, wanted, box):
        wanted = replace(wanted, status=MACHINE.check("suppress", wanted.status), failure=failure)
    after = _saved(uow, before, wanted)
    event = TicketMailQueued(after.id, after.version, after.ticket_id)
    uow.emit(event, before=before, after=after)
    return after.id


def note_bounce(uow: UnitOfWork, sent: SentMail, reason: str) -> None:
    """Note that a mail came back. Once is enough."""
    if (
        sent.failure is SentMailFailure.BOUNCED
        or sent.status not in MACHINE.moves["bounce"].present
    ):
        return
    _failed(uow, sent, "bounce", SentMailFailure.BOUNCED, storable(reason[:REASON_LENGTH_MAX]))


def _failed(
    uow: UnitOfWork, before: SentMail, action: str, failure: SentMailFailure, reason: str
) -> UUID:
    status = MACHINE.check(action, before.status)
    after = _saved(uow, before, replace(before, status=status, failure=failure, reason=reason))
    event = TicketMailFailed(after.id, after.version, after.ticket_id, failure)
    uow.emit(event, before=before, after=after)
    return after.id


def _saved(uow: UnitOfWork, before: SentMail, wanted: SentMail) -> SentMail:
    """Write a mail, and at its message what became of it."""
    after = save(uow, sent_mails, before, wanted)
    if after.status is not before.status:
        note_sent(uow, after.message_id, after.status)
    return after


def _in_the_way(uow: UnitOfWork, mail: SentMail, box: Mailbox) -> SentMailFailure | None:
    """Why a mail cannot be sent. None: nothing stands in its way."""
    if box.kind in CHANNELS:
        return None if mail.conversation else SentMailFailure.NO_RECIPIENT
    if not mail.recipient:
        return SentMailFailure.NO_RECIPIENT
    if queries.own_addresses(uow.db, [without_code(mail.recipient)]):
        return SentMailFailure.OWN_ADDRESS
    return None


def _recipients(uow: UnitOfWork, ticket_id: UUID) -> Sequence[str]:
    """Who asked, then who gets a copy; without the shop itself."""
    found = [
        each
        for each in tickets.participants_by_tickets(uow.db, [ticket_id]).get(ticket_id, ())
        if each.email and each.role is not TicketRole.FOLLOWER
    ]
    asked = [each.email for each in found if each.role is TicketRole.REQUESTER and each.email]
    copies = [each.email for each in found if each.role is TicketRole.CC and each.email]
    own = queries.own_addresses(uow.db, {without_code(each) for each in copies})
    others = [each for each in copies if without_code(each) not in own]
    once = {email_key(each): each for each in reversed([*asked, *others])}
    return list(reversed(once.values()))[: 1 + COPIES_MAX] if asked else others[:COPIES_MAX]


def _references(uow: UnitOfWork, ticket_id: UUID) -> Sequence[str]:
    """The mails of a ticket that its customer knows, the last one last."""
    rows = ticket_messages.c
    statement = (
        select(rows.mail_id)
        .where(
            rows.ticket_id == ticket_id,
            rows.mail_id.is_not(None),
            rows.visibility == TicketVisibility.PUBLIC,
        )
        .order_by(rows.created_at.desc(), rows.id.desc())
        .limit(REFERENCES_SENT_MAX)
    )
    return list(reversed(uow.db.execute(statement).scalars().all()))
