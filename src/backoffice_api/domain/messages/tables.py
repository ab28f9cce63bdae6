"""Where templates and messages lie."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.messages.model.messages import MessageFailure, MessageStatus
from backoffice_api.domain.messages.model.templates import (
    LOCALE_LENGTH_MAX,
    MessageTemplateStatus,
)
from backoffice_api.domain.messages.model.topics import MessageChannel, MessageTopic

message_templates = Table(
    "message_templates",
    metadata,
    *aggregate_columns(),
    choice("topic", MessageTopic),
    Column("locale", line(LOCALE_LENGTH_MAX), nullable=False),
    choice("channel", MessageChannel),
    choice("status", MessageTemplateStatus),
    Column("revision", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text),
    # What is selected besides the named facts, with the rights of whoever set it.
    Column("document", Text),
    choice("owner_kind", ActorKind, nullable=True),
    Column("owner_id", Id),
    CheckConstraint(
        "document IS NULL OR (owner_kind IS NOT NULL AND owner_id IS NOT NULL)",
        name="document_has_owner",
    ),
    CheckConstraint("revision >= 1", name="revision_counts"),
    Index(
        "uq_message_templates_used",
        "topic",
        "locale",
        "channel",
        unique=True,
        sqlite_where=text("status <> 'removed'"),
        postgresql_where=text("status <> 'removed'"),
    ),
    sorted_by("created_at"),
    Index(None, "topic", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "locale", "created_at", "id"),
)

message_template_revisions = Table(
    "message_template_revisions",
    metadata,
    Column("template_id", Id, ForeignKey("message_templates.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text),
    Column("document", Text),
    PrimaryKeyConstraint("template_id", "revision"),
)
forbid_changes(message_template_revisions)

messages = Table(
    "messages",
    metadata,
    *aggregate_columns(),
    choice("topic", MessageTopic),
    choice("channel", MessageChannel),
    Column("template_id", Id, ForeignKey("message_templates.id"), nullable=False),
    Column("template_revision", Integer, nullable=False),
    Column("locale", line(LOCALE_LENGTH_MAX), nullable=False),
    Column("event_id", Id, ForeignKey("events.id")),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("resend_of_id", Id, ForeignKey("messages.id"), index=True),
    Column(
        "recipient",
        line(),
        nullable=False,
        info=personal.RECIPIENT,
    ),
    choice("status", MessageStatus),
    choice("failure", MessageFailure, nullable=True),
    Column("reason", Text, nullable=False, info=personal.NOTE),
    Column("attempts", Integer, nullable=False),
    Column("send_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("mail_key", String(32), nullable=False),
    Column("subject", Text, nullable=False, info=personal.CONTENT),
    Column("text", Text, nullable=False, info=personal.CONTENT),
    Column("html", Text, info=personal.CONTENT),
    # At most one for each event, whatever happens to those who follow the log (ADR 0031).
    UniqueConstraint("event_id", "template_id", "recipient"),
    CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name="sent_at_when_sent"),
    CheckConstraint(
        "(failure IS NOT NULL) = (status IN ('failed', 'suppressed'))", name="failure_when_failed"
    ),
    *at_least_zero("attempts"),
    sorted_by("created_at"),
    Index("ix_messages_status_send_at", "status", "send_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "topic", "created_at", "id"),
    Index(None, "failure", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "recipient", "created_at", "id"),
    Index(None, "template_id"),
    info=personal.scheduled("messages", "created_at"),
)

# How far the log was followed. No row: nobody was ever to be written to.
message_progress = Table(
    "message_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sequence", Serial, nullable=False),
)
