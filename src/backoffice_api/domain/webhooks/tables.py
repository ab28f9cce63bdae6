"""Where webhooks lie, what they are signed with, and what was delivered.

What was sent is not kept, so that nobody's data lies about in it. What was answered is kept in
part for 30 days: receivers may repeat there what they were sent.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.webhooks.model.addresses import URL_LENGTH_MAX
from backoffice_api.domain.webhooks.model.deliveries import DeliveryFailure, DeliveryStatus
from backoffice_api.domain.webhooks.model.webhooks import PauseReason, WebhookStatus

_OPEN = text("status IN ('waiting', 'pending', 'sending')")
_ECHO = {"personal": "content", "erasing": "empty"}

webhooks = Table(
    "webhooks",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    Column("url", String(URL_LENGTH_MAX), nullable=False),
    Column("event_types", Json, nullable=False),
    Column("conditions", Json, nullable=False),
    Column("changed_fields", Json, nullable=False),
    Column("document", Text, nullable=False),
    choice("owner_kind", ActorKind),
    Column("owner_id", Id, nullable=False),
    choice("status", WebhookStatus),
    choice("pause_reason", PauseReason, nullable=True),
    Column("from_sequence", Serial, nullable=False),
    Column("paused_sequence", Serial),
    CheckConstraint(
        "(pause_reason IS NOT NULL) = (status IN ('paused', 'disabled'))", name="reason_when_paused"
    ),
    sorted_by("created_at"),
    sorted_by("name"),
    sorted_by("status", "created_at"),
)

# Apart from the webhooks, so that no row that is read, compared or logged holds a secret.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook_id", Id, ForeignKey("webhooks.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant),
    sealed("webhook_secrets", "secret"),
    Index(None, "webhook_id", "id"),
)

# Apart as well: it changes with each delivery, and is no part of what people decide.
webhook_states = Table(
    "webhook_states",
    metadata,
    Column("webhook_id", Id, ForeignKey("webhooks.id"), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("last_success_at", Instant),
    Column("resting_until", Instant),
    Column("replay_after", Serial),
    Column("replay_until", Serial),
    Column("replay_made", Integer, nullable=False),
    CheckConstraint("(failures = 0) = (failing_since IS NULL)", name="failing_since_first"),
    CheckConstraint(
        "(replay_after IS NULL) = (replay_until IS NULL)", name="replay_from_and_until"
    ),
    *at_least_zero("failures", "replay_made"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    *aggregate_columns(),
    Column("webhook_id", Id, ForeignKey("webhooks.id"), nullable=False),
    Column("event_id", Id, ForeignKey("events.id")),
    Column("sequence", Serial),
    Column("event_type", line(80), nullable=False),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    choice("status", DeliveryStatus),
    choice("failure", DeliveryFailure, nullable=True),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # For one that is being sent: when whoever has it must be dead.
    Column("due_at", Instant, nullable=False),
    Column("first_attempt_at", Instant),
    Column("settled_at", Instant),
    Column("response_status", Integer),
    Column("duration_ms", Integer),
    Column("answer", Text, nullable=False, info=_ECHO),
    # At most one for each event, whatever happens to those who follow the log (ADR 0037).
    UniqueConstraint("webhook_id", "sequence"),
    CheckConstraint("(event_id IS NULL) = (sequence IS NULL)", name="event_with_number"),
    CheckConstraint("status <> 'failed' OR failure IS NOT NULL", name="failure_when_failed"),
    CheckConstraint("status <> 'delivered' OR failure IS NULL", name="no_failure_when_delivered"),
    CheckConstraint(
        "(settled_at IS NOT NULL) = (status IN ('delivered', 'failed', 'cancelled'))",
        name="settled_at_when_settled",
    ),
    *at_least_zero("attempts"),
    sorted_by("created_at"),
    sorted_by("webhook_id", "created_at"),
    sorted_by("status", "created_at"),
    sorted_by("failure", "created_at"),
    sorted_by("event_type", "created_at"),
    sorted_by("subject_id", "created_at"),
    sorted_by("response_status", "created_at"),
    sorted_by("settled_at"),
    Index(None, "event_id"),
    Index("ix_webhook_deliveries_due", "webhook_id", "status", "due_at", "id"),
    # Who stands before whom, among those of one subject.
    Index(
        "ix_webhook_deliveries_open",
        "webhook_id",
        "subject_id",
        "sequence",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    info={"person": "subject_id"},
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("delivery_id", Id, ForeignKey("webhook_deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    choice("failure", DeliveryFailure, nullable=True),
    Column("reason", Text, nullable=False),
    Column("response_status", Integer),
    Column("duration_ms", Integer, nullable=False),
    Column("answer", Text, nullable=False, info=_ECHO),
    sorted_by("created_at"),
    sorted_by("delivery_id", "created_at"),
)

# How far the log was followed. No row: there was never a webhook.
webhook_progress = Table(
    "webhook_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sequence", Serial, nullable=False),
)
