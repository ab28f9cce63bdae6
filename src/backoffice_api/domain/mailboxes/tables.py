"""Where mailboxes lie, and what they received and sent."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.contacts import EMAIL_LENGTH_MAX
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.mailboxes.model.letters import (
    MAIL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    Automatic,
)
from backoffice_api.domain.mailboxes.model.mailboxes import (
    CODE_LENGTH_MAX,
    FOLDER_LENGTH_MAX,
    MailboxKind,
    MailboxStatus,
)
from backoffice_api.domain.mailboxes.model.received import ReceivedMailOutcome, ReceivedMailStatus
from backoffice_api.domain.mailboxes.model.sent import SentMailFailure
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSentState, TicketSource

_IDENTITY = {"personal": "identity"}
_CONTACT = {"personal": "contact"}
_CONTENT = {"personal": "content"}
CONVERSATION_LENGTH_MAX = 200

mailboxes = Table(
    "mailboxes",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("address", line(EMAIL_LENGTH_MAX), nullable=False),
    Column("address_key", line(EMAIL_LENGTH_MAX), nullable=False, unique=True),
    choice("kind", MailboxKind),
    choice("status", MailboxStatus),
    Column("folder", line(FOLDER_LENGTH_MAX), nullable=False),
    Column("done_folder", line(FOLDER_LENGTH_MAX)),
    Column("team_id", Id, ForeignKey("ticket_teams.id")),
    choice("priority", TicketPriority),
    choice("source", TicketSource),
    Column("opens_for_programs", Boolean, nullable=False),
    sorted_by("code"),
    sorted_by("created_at"),
    Index(None, "team_id", "created_at", "id"),
    Index(None, "status", "code", "id"),
)

# What is known of a mailbox beside its configuration; written by whoever asks it.
mailbox_states = Table(
    "mailbox_states",
    metadata,
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), primary_key=True),
    Column("asked_at", Instant, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("trouble", Text),
    Column("troubled_since", Instant),
    CheckConstraint("(trouble IS NULL) = (troubled_since IS NULL)", name="trouble_has_begun"),
)

received_mails = Table(
    "received_mails",
    metadata,
    *aggregate_columns(),
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), nullable=False),
    # It names the mail itself, in the storage of mails: that goes with its person.
    Column("content_key", String(64), nullable=False, info={"file": "mail"}),
    Column("byte_size", Integer, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    choice("status", ReceivedMailStatus),
    choice("outcome", ReceivedMailOutcome, nullable=True),
    Column("reason", Text, nullable=False, info=_CONTENT),
    Column("attempts", Integer, nullable=False),
    Column("is_wanted", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("mail_id", line(MAIL_ID_LENGTH_MAX), info=_CONTACT),
    Column("sender", line(EMAIL_LENGTH_MAX), nullable=False, info=_CONTACT),
    Column("sender_key", line(EMAIL_LENGTH_MAX), nullable=False, info=_CONTACT),
    Column("sender_name", line(NAME_LENGTH_MAX), nullable=False, info=_IDENTITY),
    Column("subject", line(SUBJECT_LENGTH_MAX), nullable=False, info=_CONTENT),
    Column("sent_at", Instant),
    choice("automatic", Automatic, nullable=True),
    Column("quoted_from", Integer),
    Column("ticket_id", Id, ForeignKey("tickets.id")),
    Column("message_id", Id, ForeignKey("ticket_messages.id")),
    # The same bytes in the same mailbox are the same mail, however often they are fetched.
    UniqueConstraint("mailbox_id", "content_key"),
    CheckConstraint("(ended_at IS NULL) = (status = 'pending')", name="ends_when_handled"),
    CheckConstraint("(outcome IS NULL) = (status = 'pending')", name="outcome_when_handled"),
    CheckConstraint("status <> 'taken' OR ticket_id IS NOT NULL", name="taken_into_a_ticket"),
    *at_least_zero("byte_size", "attempts"),
    sorted_by("created_at"),
    Index(None, "mailbox_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "outcome", "created_at", "id"),
    Index(None, "ticket_id", "created_at", "id"),
    Index(None, "sender_key", "created_at", "id"),
    Index(None, "mail_id", "created_at", "id"),
    Index(None, "message_id"),
    Index(None, "is_kept", "ended_at", "id"),
)

received_mail_parts = Table(
    "received_mail_parts",
    metadata,
    Column("mail_id", Id, ForeignKey("received_mails.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", line(NAME_LENGTH_MAX), nullable=False, info=_CONTENT),
    Column("media_type", line(NAME_LENGTH_MAX), nullable=False),
    Column("byte_size", Integer, nullable=False),
    Column("file_id", Id, ForeignKey("media_files.id", ondelete="SET NULL"), index=True),
    Column("fault", line(), nullable=False),
)

sent_mails = Table(
    "sent_mails",
    metadata,
    *aggregate_columns(),
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), nullable=False, index=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    # A message is sent by one mail, whoever reacts to it, and however often.
    Column("message_id", Id, ForeignKey("ticket_messages.id"), nullable=False, unique=True),
    choice("status", TicketSentState),
    choice("failure", SentMailFailure, nullable=True),
    Column("reason", Text, nullable=False, info=_CONTENT),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("send_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("mail_id", line(MAIL_ID_LENGTH_MAX), nullable=False, unique=True),
    Column("recipient", line(EMAIL_LENGTH_MAX), nullable=False, info=_CONTACT),
    Column("copies", Json, nullable=False, info=_CONTACT),
    Column("conversation", line(CONVERSATION_LENGTH_MAX), info=_CONTACT),
    Column("subject", line(SUBJECT_LENGTH_MAX), nullable=False, info=_CONTENT),
    Column("references", Json, nullable=False, info=_CONTACT),
    CheckConstraint(
        "(failure IS NOT NULL) = (status IN ('failed', 'suppressed'))", name="failure_when_failed"
    ),
    *at_least_zero("attempts"),
    sorted_by("created_at"),
    Index("ix_sent_mails_status_send_at", "status", "send_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "failure", "created_at", "id"),
    Index(None, "ticket_id", "created_at", "id"),
    Index(None, "mailbox_id", "created_at", "id"),
)

# Which ticket a conversation belongs to, on a channel that keeps them apart itself.
ticket_conversations = Table(
    "ticket_conversations",
    metadata,
    Column("mailbox_id", Id, ForeignKey("mailboxes.id"), primary_key=True),
    Column("conversation", line(CONVERSATION_LENGTH_MAX), primary_key=True, info=_CONTACT),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Index(None, "ticket_id", "mailbox_id"),
    info={"goes": True},
)
