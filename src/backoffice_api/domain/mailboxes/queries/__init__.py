"""What can be asked about mailboxes, received and sent mails."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.filters import On, OnKey
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.mailboxes.model.mailboxes import (
    CHANNELS,
    Mailbox,
    MailboxKind,
    MailboxSortKey,
    MailboxState,
    MailboxStatus,
    UnknownMailbox,
)
from backoffice_api.domain.mailboxes.model.received import (
    RAW_KEPT,
    ReceivedMail,
    ReceivedMailPart,
    ReceivedMailSortKey,
    ReceivedMailStatus,
    UnknownReceivedMail,
)
from backoffice_api.domain.mailboxes.model.sent import SentMail, SentMailSortKey, UnknownSentMail
from backoffice_api.domain.mailboxes.tables import (
    mailbox_states,
    mailboxes,
    received_mail_parts,
    received_mails,
    sent_mails,
    ticket_conversations,
)
from backoffice_api.domain.messages.model.messages import SENDING_MAX
from backoffice_api.domain.tickets.model.words import TicketSentState
from backoffice_api.domain.tickets.tables import ticket_messages

mailboxes_by_ids = one_per(Mailbox, mailboxes, mailboxes.c.id)
states_by_mailboxes = one_per(MailboxState, mailbox_states, mailbox_states.c.mailbox_id)
received_by_ids = one_per(ReceivedMail, received_mails, received_mails.c.id)
received_by_messages = one_per(
    ReceivedMail,
    received_mails,
    received_mails.c.message_id,
    received_mails.c.status == ReceivedMailStatus.TAKEN,
)
parts_by_mails = many_per(
    ReceivedMailPart,
    received_mail_parts,
    received_mail_parts.c.mail_id,
    received_mail_parts.c.position,
)
sent_by_ids = one_per(SentMail, sent_mails, sent_mails.c.id)
sent_by_messages = one_per(SentMail, sent_mails, sent_mails.c.message_id)

mailbox_list = Listing(
    Mailbox,
    mailboxes,
    sorts={
        MailboxSortKey.CODE: mailboxes.c.code,
        MailboxSortKey.CREATED_AT: mailboxes.c.created_at,
    },
    words={"status": On(mailboxes.c.status), "code": On(mailboxes.c.code)},
    descending=False,
)

received_list = Listing(
    ReceivedMail,
    received_mails,
    sorts={ReceivedMailSortKey.CREATED_AT: received_mails.c.created_at},
    words={
        "status": On(received_mails.c.status),
        "outcome": On(received_mails.c.outcome),
        "mailbox_id": On(received_mails.c.mailbox_id),
        "ticket_id": On(received_mails.c.ticket_id),
        "sender": OnKey(received_mails.c.sender_key, email_key),
        "mail_id": On(received_mails.c.mail_id),
        "created_at": On(received_mails.c.created_at),
    },
    scopes={"sender": Scope.PERSONAL_READ, "mail_id": Scope.PERSONAL_READ},
)

sent_list = Listing(
    SentMail,
    sent_mails,
    sorts={SentMailSortKey.CREATED_AT: sent_mails.c.created_at},
    words={
        "status": On(sent_mails.c.status),
        "failure": On(sent_mails.c.failure),
        "mailbox_id": On(sent_mails.c.mailbox_id),
        "ticket_id": On(sent_mails.c.ticket_id),
        "created_at": On(sent_mails.c.created_at),
    },
)


def mailbox(db: Connection, id: UUID) -> Mailbox:
    """The mailbox `id`. Raises: UnknownMailbox."""
    if found := mailboxes_by_ids(db, [id]).get(id):
        return found
    raise UnknownMailbox(id).at("id")


def received(db: Connection, id: UUID) -> ReceivedMail:
    """The received mail `id`. Raises: UnknownReceivedMail."""
    if found := received_by_ids(db, [id]).get(id):
        return found
    raise UnknownReceivedMail(id).at("id")


def sent(db: Connection, id: UUID) -> SentMail:
    """The sent mail `id`. Raises: UnknownSentMail."""
    if found := sent_by_ids(db, [id]).get(id):
        return found
    raise UnknownSentMail(id).at("id")


def mailbox_with_code(db: Connection, code: str) -> Mailbox | None:
    """The mailbox with this code, used or not. None: there is none."""
    statement = select_as(Mailbox, mailboxes).where(mailboxes.c.code == code)
    return next(iter(fetch(db, Mailbox, statement)), None)


def active_mailboxes(db: Connection, *kinds: MailboxKind) -> Sequence[Mailbox]:
    """Mailboxes that are used, of these kinds or of all, by their codes."""
    rows = mailboxes.c
    statement = select_as(Mailbox, mailboxes).where(rows.status == MailboxStatus.ACTIVE)
    if kinds:
        statement = statement.where(rows.kind.in_(kinds))
    return fetch(db, Mailbox, statement.order_by(rows.code))


def own_addresses(db: Connection, addresses: Collection[str]) -> set[str]:
    """Which of these addresses are mailboxes of the shop, by their keys."""
    statement = select(mailboxes.c.address_key).where(among(mailboxes.c.address_key, addresses))
    return set(db.execute(statement).scalars())


def answering_mailbox(db: Connection, ticket_id: UUID, team_id: UUID | None) -> Mailbox | None:
    """By which mailbox the shop answers on a ticket. None: there is none that is used.

    The one to which its customer wrote last; else one of its team; else the one that is there the
    longest. Channels answer only where they were written to.
    """
    rows, got = mailboxes.c, received_mails.c
    active = rows.status == MailboxStatus.ACTIVE
    by_mail = (
        select_as(Mailbox, mailboxes)
        .join(received_mails, got.mailbox_id == rows.id)
        .where(got.ticket_id == ticket_id, got.status == ReceivedMailStatus.TAKEN, active)
        .order_by(got.created_at.desc(), got.id.desc())
        .limit(1)
    )
    if found := fetch(db, Mailbox, by_mail):
        return found[0]
    others = select_as(Mailbox, mailboxes).where(active, rows.kind.not_in(CHANNELS))
    found = fetch(db, Mailbox, others.order_by(rows.created_at, rows.id).limit(100))
    of_team = [each for each in found if team_id is not None and each.team_id == team_id]
    return next(iter(of_team or found), None)


def count_from(db: Connection, sender: str, since: datetime) -> int:
    """How many mails of a sender were taken since then."""
    rows = received_mails.c
    statement = select(func.count()).where(
        rows.sender_key == email_key(sender),
        rows.created_at > since,
        rows.status == ReceivedMailStatus.TAKEN,
    )
    found: int = db.execute(statement).scalar_one()
    return found


def is_received(db: Connection, mailbox_id: UUID, content_key: str) -> bool:
    """Whether a mail came in already, even if it itself is not kept any more."""
    rows = received_mails.c
    statement = select(rows.id).where(
        rows.mailbox_id == mailbox_id, rows.content_key == content_key
    )
    return db.execute(statement).first() is not None


def conversation_of(db: Connection, mailbox_id: UUID, conversation: str) -> UUID | None:
    """The ticket to which a conversation on a channel belongs. None: to none yet."""
    rows = ticket_conversations.c
    statement = select(rows.ticket_id).where(
        rows.mailbox_id == mailbox_id, rows.conversation == conversation
    )
    found: UUID | None = db.execute(statement).scalar()
    return found


def conversation_on(db: Connection, mailbox_id: UUID, ticket_id: UUID) -> str | None:
    """The conversation on a channel by which a ticket is answered. None: none."""
    rows = ticket_conversations.c
    statement = select(rows.conversation).where(
        rows.ticket_id == ticket_id, rows.mailbox_id == mailbox_id
    )
    found: str | None = db.execute(statement.order_by(rows.conversation).limit(1)).scalar()
    return found


def taken_before(db: Connection, mail_id: str, sender_key: str) -> ReceivedMail | None:
    """The mail of this Message-ID and sender that stands in a ticket already. None: none does."""
    rows = received_mails.c
    statement = select_as(ReceivedMail, received_mails).where(
        rows.mail_id == mail_id,
        rows.sender_key == sender_key,
        rows.status == ReceivedMailStatus.TAKEN,
    )
    return next(iter(fetch(db, ReceivedMail, statement.order_by(rows.created_at).limit(1))), None)


def tickets_of_mails(db: Connection, mail_ids: Collection[str]) -> Mapping[str, UUID]:
    """The tickets in which mails stand, by their Message-IDs."""
    rows = ticket_messages.c
    statement = select(rows.mail_id, rows.ticket_id).where(among(rows.mail_id, mail_ids))
    return {row[0]: row[1] for row in db.execute(statement)} if mail_ids else {}


def sent_with_mail_id(db: Connection, mail_id: str) -> SentMail | None:
    """The mail that we sent under a Message-ID. None: we sent none."""
    statement = select_as(SentMail, sent_mails).where(sent_mails.c.mail_id == mail_id)
    return next(iter(fetch(db, SentMail, statement)), None)


def due_mails(
    db: Connection, now: datetime, limit: int, kinds: Collection[MailboxKind]
) -> Sequence[UUID]:
    """Mails to be sent now by mailboxes of these kinds that are used, the longest waiting first."""
    rows = sent_mails.c
    statement = (
        select(rows.id)
        .join(mailboxes, mailboxes.c.id == rows.mailbox_id)
        .where(
            rows.status == TicketSentState.QUEUED,
            rows.send_at <= now,
            mailboxes.c.kind.in_(tuple(kinds)),
            mailboxes.c.status == MailboxStatus.ACTIVE,
        )
        .order_by(rows.send_at, rows.id)
        .limit(limit)
    )
    return list(db.execute(statement).scalars())


def abandoned_mails(db: Connection, now: datetime, limit: int) -> Sequence[UUID]:
    """Mails whose worker has ended while it was sending them."""
    rows = sent_mails.c
    statement = (
        select(rows.id)
        .where(rows.status == TicketSentState.SENDING, rows.send_at <= now - SENDING_MAX)
        .order_by(rows.send_at, rows.id)
        .limit(limit)
    )
    return list(db.execute(statement).scalars())


def to_forget(db: Connection, now: datetime, limit: int) -> Sequence[ReceivedMail]:
    """Mails that were handled so long ago that they themselves are not kept any more."""
    rows = received_mails.c
    statement = (
        select_as(ReceivedMail, received_mails)
        .where(
            rows.is_kept,
            rows.ended_at < now - RAW_KEPT,
            rows.status.in_((ReceivedMailStatus.TAKEN, ReceivedMailStatus.IGNORED)),
        )
        .order_by(rows.ended_at, rows.id)
        .limit(limit)
    )
    return fetch(db, ReceivedMail, statement)
