"""Messages to customers"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_progress",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sequence", tables.Serial, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_message_progress")),
    )
    op.create_table(
        "message_templates",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "order_placed",
                "order_shipped",
                "order_delivered",
                "order_cancelled",
                "refund_made",
                "invoice_issued",
                "parcel_delayed",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", tables.line(35), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("mail", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "disabled",
                "enabled",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_message_templates_revision_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
    )
    op.create_index(
        op.f("ix_message_templates_created_at_id"),
        "message_templates",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_message_templates_locale_created_at_id"),
        "message_templates",
        ["locale", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_message_templates_status_created_at_id"),
        "message_templates",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_message_templates_topic_created_at_id"),
        "message_templates",
        ["topic", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_message_templates_used",
        "message_templates",
        ["topic", "locale", "channel"],
        unique=True,
        sqlite_where=sa.text("status <> 'removed'"),
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.create_table(
        "message_template_revisions",
        sa.Column("template_id", tables.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["message_templates.id"],
            name=op.f("fk_message_template_revisions_template_id_message_templates"),
        ),
        sa.PrimaryKeyConstraint(
            "template_id", "revision", name=op.f("pk_message_template_revisions")
        ),
    )
    op.create_table(
        "messages",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "order_placed",
                "order_shipped",
                "order_delivered",
                "order_cancelled",
                "refund_made",
                "invoice_issued",
                "parcel_delayed",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum("mail", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("template_id", tables.Id(), nullable=False),
        sa.Column("template_revision", sa.Integer(), nullable=False),
        sa.Column("locale", tables.line(35), nullable=False),
        sa.Column("event_id", tables.Id(), nullable=True),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("resend_of_id", tables.Id(), nullable=True),
        sa.Column("recipient", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "suppressed",
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
                "no_recipient",
                "too_old",
                "too_long",
                "bad_template",
                "refused",
                "expired",
                "uncertain",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("send_at", tables.Instant(), nullable=False),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column("mail_key", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(failure IS NOT NULL) = (status IN ('failed', 'suppressed'))",
            name=op.f("ck_messages_failure_when_failed"),
        ),
        sa.CheckConstraint(
            "(sent_at IS NOT NULL) = (status = 'sent')", name=op.f("ck_messages_sent_at_when_sent")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_messages_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_messages_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_messages_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_messages_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["resend_of_id"], ["messages.id"], name=op.f("fk_messages_resend_of_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["message_templates.id"],
            name=op.f("fk_messages_template_id_message_templates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "event_id",
            "template_id",
            "recipient",
            name=op.f("uq_messages_event_id_template_id_recipient"),
        ),
    )
    op.create_index(
        op.f("ix_messages_created_at_id"), "messages", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_messages_customer_id_created_at_id"),
        "messages",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_messages_failure_created_at_id"),
        "messages",
        ["failure", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_messages_order_id_created_at_id"),
        "messages",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_messages_recipient_created_at_id"),
        "messages",
        ["recipient", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_messages_resend_of_id"), "messages", ["resend_of_id"], unique=False)
    op.create_index(
        op.f("ix_messages_status_created_at_id"),
        "messages",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_messages_status_send_at", "messages", ["status", "send_at", "id"], unique=False
    )
    op.create_index(op.f("ix_messages_template_id"), "messages", ["template_id"], unique=False)
    op.create_index(
        op.f("ix_messages_topic_created_at_id"),
        "messages",
        ["topic", "created_at", "id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("message_template_revisions", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_table("message_template_revisions")
    op.drop_table("message_templates")
    op.drop_table("message_progress")
