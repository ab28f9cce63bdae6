"""Webhooks"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_progress",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sequence", tables.Serial, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook_progress")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("event_types", tables.Json, nullable=False),
        sa.Column("conditions", tables.Json, nullable=False),
        sa.Column("changed_fields", tables.Json, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column(
            "owner_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="owner_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "paused",
                "disabled",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "pause_reason",
            sa.Enum(
                "by_hand",
                "failing",
                "no_access",
                "gone",
                name="pause_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("from_sequence", tables.Serial, nullable=False),
        sa.Column("paused_sequence", tables.Serial, nullable=True),
        sa.CheckConstraint(
            "(pause_reason IS NOT NULL) = (status IN ('paused', 'disabled'))",
            name=op.f("ck_webhooks_reason_when_paused"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(
        op.f("ix_webhooks_created_at_id"), "webhooks", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_webhooks_name_id"), "webhooks", ["name", "id"], unique=False)
    op.create_index(
        op.f("ix_webhooks_status_created_at_id"),
        "webhooks",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("webhook_id", tables.Id(), nullable=False),
        sa.Column("event_id", tables.Id(), nullable=True),
        sa.Column("sequence", tables.Serial, nullable=True),
        sa.Column("event_type", tables.line(80), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "pending",
                "sending",
                "delivered",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "failure",
            sa.Enum(
                "status",
                "redirect",
                "gone",
                "timeout",
                "unreachable",
                "address_refused",
                "forbidden",
                "no_access",
                "unfit_document",
                "too_large",
                "not_made",
                "broken_off",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", tables.Instant(), nullable=False),
        sa.Column("first_attempt_at", tables.Instant(), nullable=True),
        sa.Column("settled_at", tables.Instant(), nullable=True),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NOT NULL) = (status IN ('delivered', 'failed', 'cancelled'))",
            name=op.f("ck_webhook_deliveries_settled_at_when_settled"),
        ),
        sa.CheckConstraint(
            "status <> 'delivered' OR failure IS NULL",
            name=op.f("ck_webhook_deliveries_no_failure_when_delivered"),
        ),
        sa.CheckConstraint(
            "status <> 'failed' OR failure IS NOT NULL",
            name=op.f("ck_webhook_deliveries_failure_when_failed"),
        ),
        sa.CheckConstraint(
            "(event_id IS NULL) = (sequence IS NULL)",
            name=op.f("ck_webhook_deliveries_event_with_number"),
        ),
        sa.CheckConstraint(
            "attempts >= 0", name=op.f("ck_webhook_deliveries_attempts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_webhook_deliveries_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "webhook_id", "sequence", name=op.f("uq_webhook_deliveries_webhook_id_sequence")
        ),
        info={"person": "subject_id"},
    )
    op.create_index(
        op.f("ix_webhook_deliveries_created_at_id"),
        "webhook_deliveries",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["webhook_id", "status", "due_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_event_id"), "webhook_deliveries", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_deliveries_event_type_created_at_id"),
        "webhook_deliveries",
        ["event_type", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_failure_created_at_id"),
        "webhook_deliveries",
        ["failure", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_open",
        "webhook_deliveries",
        ["webhook_id", "subject_id", "sequence"],
        unique=False,
        sqlite_where=sa.text("status IN ('waiting', 'pending', 'sending')"),
        postgresql_where=sa.text("status IN ('waiting', 'pending', 'sending')"),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_response_status_created_at_id"),
        "webhook_deliveries",
        ["response_status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_settled_at_id"),
        "webhook_deliveries",
        ["settled_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_status_created_at_id"),
        "webhook_deliveries",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_subject_id_created_at_id"),
        "webhook_deliveries",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_webhook_id_created_at_id"),
        "webhook_deliveries",
        ["webhook_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("webhook_id", tables.Id(), nullable=False),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_secrets_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
    )
    op.create_index(
        op.f("ix_webhook_secrets_webhook_id_id"),
        "webhook_secrets",
        ["webhook_id", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_states",
        sa.Column("webhook_id", tables.Id(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", tables.Instant(), nullable=True),
        sa.Column("last_success_at", tables.Instant(), nullable=True),
        sa.Column("resting_until", tables.Instant(), nullable=True),
        sa.Column("replay_after", tables.Serial, nullable=True),
        sa.Column("replay_until", tables.Serial, nullable=True),
        sa.Column("replay_made", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(failures = 0) = (failing_since IS NULL)",
            name=op.f("ck_webhook_states_failing_since_first"),
        ),
        sa.CheckConstraint(
            "(replay_after IS NULL) = (replay_until IS NULL)",
            name=op.f("ck_webhook_states_replay_from_and_until"),
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_webhook_states_failures_not_negative")),
        sa.CheckConstraint(
            "replay_made >= 0", name=op.f("ck_webhook_states_replay_made_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_states_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhook_states")),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("delivery_id", tables.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "failure",
            sa.Enum(
                "status",
                "redirect",
                "gone",
                "timeout",
                "unreachable",
                "address_refused",
                "forbidden",
                "no_access",
                "unfit_document",
                "too_large",
                "not_made",
                "broken_off",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_delivery_id_webhook_deliveries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index(
        op.f("ix_webhook_attempts_created_at_id"),
        "webhook_attempts",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_attempts_delivery_id_created_at_id"),
        "webhook_attempts",
        ["delivery_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("webhook_attempts")
    op.drop_table("webhook_states")
    op.drop_table("webhook_secrets")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    op.drop_table("webhook_progress")
