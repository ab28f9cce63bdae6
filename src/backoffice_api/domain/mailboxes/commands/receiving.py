"""Mails are kept before they are understood, and forgotten when they are not needed any more."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.received import (
    ATTEMPTS_MAX,
    MACHINE,
    REASON_LENGTH_MAX,
    MailIgnored,
    MailParked,
    MailReceived,
    MailRetried,
    NotKeptAnyMore,
    ReceivedMail,
    ReceivedMailOutcome,
    ReceivedMailStatus,
)
from backoffice_api.domain.mailboxes.tables import received_mails

READ_JOB = "mailboxes.read_mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMail(Command):
    """A mail that is in the storage under `content_key`. `is_whole` False: only its beginning."""

    scope = Scope.TICKETS_WRITE
    mailbox_id: UUID
    content_key: str
    byte_size: int
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginReading(Command):
    scope = Scope.TICKETS_WRITE
    table = received_mails
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkMail(Command):
    scope = Scope.TICKETS_WRITE
    table = received_mails
    id: UUID
    outcome: ReceivedMailOutcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryReceivedMail(Command):
    scope = Scope.TICKETS_WRITE
    table = received_mails
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissReceivedMail(Command):
    scope = Scope.TICKETS_WRITE
    table = received_mails
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMails(Command):
    """These mails are not in the storage any more."""

    scope = Scope.TICKETS_WRITE
    mail_ids: tuple[UUID, ...]


def keep_mail(uow: UnitOfWork, command: KeepMail) -> bool:
    """Note a mail that came in, and have it read. False: it is there already."""
    made = ReceivedMail(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        mailbox_id=command.mailbox_id,
        content_key=command.content_key,
        byte_size=command.byte_size,
        is_kept=True,
        status=MACHINE.start,
        outcome=None,
        reason="",
        attempts=0,
        is_wanted=False,
        ended_at=None,
        mail_id=None,
        sender="",
        sender_name="",
        subject="",
        sent_at=None,
        automatic=None,
        quoted_from=None,
        ticket_id=None,
        message_id=None,
    )
    if not command.is_whole:
        made = ended(uow, made, "park", ReceivedMailOutcome.TOO_LARGE, "")
    row = {name: getattr(made, name) for name in ReceivedMail.__dataclass_fields__}
    if not insert_or_ignore(uow.db, received_mails, {**row, "sender_key": ""}):
        return False
    uow.emit(MailReceived(made.id, 1, made.mailbox_id, made.byte_size), after=made)
    if made.status is MACHINE.start:
        uow.enqueue(Job(READ_JOB, {"mail_id": made.id.hex}))
    return True


def begin_reading(uow: UnitOfWork, command: BeginReading) -> bool:
    """Count an attempt to read a mail, before it is made. False: it is not to be read (any more).

    Raises:
        UnknownReceivedMail.
    """
    before = queries.received(uow.db, command.id)
    if before.status is not ReceivedMailStatus.PENDING:
        return False
    if before.attempts >= ATTEMPTS_MAX:
        _parked(uow, before, ReceivedMailOutcome.TOO_MANY_TRIES, f"{before.attempts} tries")
        return False
    MACHINE.check("begin", before.status)
    save(uow, received_mails, before, replace(before, attempts=before.attempts + 1))
    return True


def park_mail(uow: UnitOfWork, command: ParkMail) -> UUID:
    """Leave a mail to a person. Its id.

    Raises:
        UnknownReceivedMail, InvalidTransition.
    """
    before = queries.received(uow.db, command.id)
    return _parked(uow, before, command.outcome, command.reason).id


def retry_received_mail(uow: UnitOfWork, command: RetryReceivedMail) -> UUID:
    """Have a mail read again, and taken whoever wrote it, and however often. Its id.

    Raises:
        UnknownReceivedMail, InvalidTransition, NotKeptAnyMore.
    """
    before = queries.received(uow.db, command.id)
    status = MACHINE.check("retry", before.status)
    if not before.is_kept:
        raise NotKeptAnyMore().at("id")
    wanted = replace(
        before,
        status=status,
        outcome=None,
        reason="",
        attempts=0,
        is_wanted=True,
        ended_at=None,
        ticket_id=None,
        message_id=None,
    )
    after = save(uow, received_mails, before, wanted)
    uow.emit(MailRetried(after.id, after.version), before=before, after=after)
    uow.enqueue(Job(READ_JOB, {"mail_id": after.id.hex}))
    return after.id


def dismiss_received_mail(uow: UnitOfWork, command: DismissReceivedMail) -> UUID:
    """Want nothing made of a parked mail. Its id.

    Raises:
        UnknownReceivedMail, InvalidTransition.
    """
    before = queries.received(uow.db, command.id)
    wanted = ended(uow, before, "dismiss", ReceivedMailOutcome.DISMISSED, before.reason)
    after = save(uow, received_mails, before, wanted)
    event = MailIgnored(after.id, after.version, ReceivedMailOutcome.DISMISSED)
    uow.emit(event, before=before, after=after)
    return after.id


def forget_mails(uow: UnitOfWork, command: ForgetMails) -> int:
    """Note that mails themselves are not kept any more. How many these were."""
    mine = among(received_mails.c.id, command.mail_ids)
    forgotten = update(received_mails).where(mine, received_mails.c.is_kept)
    return uow.db.execute(forgotten.values(is_kept=False)).rowcount


def ended(
    uow: UnitOfWork, mail: ReceivedMail, action: str, outcome: ReceivedMailOutcome, reason: str
) -> ReceivedMail:
    """The mail after `action`, with what became of it; not written yet.

    Raises:
        InvalidTransition.
    """
    return replace(
        mail,
        status=MACHINE.check(action, mail.status),
        outcome=outcome,
        reason=storable(reason[:REASON_LENGTH_MAX]),
        ended_at=uow.now,
    )


def _parked(
    uow: UnitOfWork, before: ReceivedMail, outcome: ReceivedMailOutcome, reason: str
) -> ReceivedMail:
    after = save(uow, received_mails, before, ended(uow, before, "park", outcome, reason))
    uow.emit(MailParked(after.id, after.version, outcome), before=before, after=after)
    return after
