"""Mailboxes"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(40), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("address", tables.line(254), nullable=False),
        sa.Column("address_key", tables.line(254), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "imap",
                "webhook",
                "fake_channel",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "disabled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("folder", tables.line(120), nullable=False),
        sa.Column("done_folder", tables.line(120), nullable=True),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "email",
                "form",
                "phone",
                "chat",
                "marketplace",
                "rule",
                "api",
                "import",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opens_for_programs", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_mailboxes_team_id_ticket_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxes")),
        sa.UniqueConstraint("address_key", name=op.f("uq_mailboxes_address_key")),
        sa.UniqueConstraint("code", name=op.f("uq_mailboxes_code")),
    )
    op.create_index(op.f("ix_mailboxes_code_id"), "mailboxes", ["code", "id"], unique=False)
    op.create_index(
        op.f("ix_mailboxes_created_at_id"), "mailboxes", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_mailboxes_status_code_id"), "mailboxes", ["status", "code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_mailboxes_team_id_created_at_id"),
        "mailboxes",
        ["team_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "mailbox_states",
        sa.Column("mailbox_id", tables.Id(), nullable=False),
        sa.Column("asked_at", tables.Instant(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("troubled_since", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(trouble IS NULL) = (troubled_since IS NULL)",
            name=op.f("ck_mailbox_states_trouble_has_begun"),
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name=op.f("fk_mailbox_states_mailbox_id_mailboxes")
        ),
        sa.PrimaryKeyConstraint("mailbox_id", name=op.f("pk_mailbox_states")),
    )
    op.create_table(
        "ticket_conversations",
        sa.Column("mailbox_id", tables.Id(), nullable=False),
        sa.Column("conversation", tables.line(200), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.id"],
            name=op.f("fk_ticket_conversations_mailbox_id_mailboxes"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_conversations_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "conversation", name=op.f("pk_ticket_conversations")),
        info={"goes": True},
    )
    op.create_index(
        op.f("ix_ticket_conversations_ticket_id_mailbox_id"),
        "ticket_conversations",
        ["ticket_id", "mailbox_id"],
        unique=False,
    )
    op.create_table(
        "received_mails",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("mailbox_id", tables.Id(), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "taken",
                "ignored",
                "parked",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "opened",
                "answered",
                "noted",
                "bounced",
                "repeated",
                "own",
                "automatic",
                "dismissed",
                "unreadable",
                "too_large",
                "too_often",
                "too_many_tries",
                "refused",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.Column("mail_id", tables.line(250), nullable=True),
        sa.Column("sender", tables.line(254), nullable=False),
        sa.Column("sender_key", tables.line(254), nullable=False),
        sa.Column("sender_name", tables.line(120), nullable=False),
        sa.Column("subject", tables.line(250), nullable=False),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column(
            "automatic",
            sa.Enum(
                "no",
                "reply",
                "notice",
                "bounce",
                name="automatic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("quoted_from", sa.Integer(), nullable=True),
        sa.Column("ticket_id", tables.Id(), nullable=True),
        sa.Column("message_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status = 'pending')",
            name=op.f("ck_received_mails_ends_when_handled"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (status = 'pending')",
            name=op.f("ck_received_mails_outcome_when_handled"),
        ),
        sa.CheckConstraint(
            "status <> 'taken' OR ticket_id IS NOT NULL",
            name=op.f("ck_received_mails_taken_into_a_ticket"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_received_mails_attempts_not_negative")),
        sa.CheckConstraint("byte_size >= 0", name=op.f("ck_received_mails_byte_size_not_negative")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name=op.f("fk_received_mails_mailbox_id_mailboxes")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["ticket_messages.id"],
            name=op.f("fk_received_mails_message_id_ticket_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_received_mails_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mails")),
        sa.UniqueConstraint(
            "mailbox_id", "content_key", name=op.f("uq_received_mails_mailbox_id_content_key")
        ),
    )
    op.create_index(
        op.f("ix_received_mails_created_at_id"),
        "received_mails",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_is_kept_ended_at_id"),
        "received_mails",
        ["is_kept", "ended_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_mail_id_created_at_id"),
        "received_mails",
        ["mail_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_mailbox_id_created_at_id"),
        "received_mails",
        ["mailbox_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_message_id"), "received_mails", ["message_id"], unique=False
    )
    op.create_index(
        op.f("ix_received_mails_outcome_created_at_id"),
        "received_mails",
        ["outcome", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_sender_key_created_at_id"),
        "received_mails",
        ["sender_key", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_status_created_at_id"),
        "received_mails",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_received_mails_ticket_id_created_at_id"),
        "received_mails",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "sent_mails",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("mailbox_id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("message_id", tables.Id(), nullable=False),
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
                "own_address",
                "too_large",
                "refused",
                "expired",
                "uncertain",
                "bounced",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", tables.Instant(), nullable=False),
        sa.Column("send_at", tables.Instant(), nullable=False),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column("mail_id", tables.line(250), nullable=False),
        sa.Column("recipient", tables.line(254), nullable=False),
        sa.Column("copies", tables.Json, nullable=False),
        sa.Column("conversation", tables.line(200), nullable=True),
        sa.Column("subject", tables.line(250), nullable=False),
        sa.Column("references", tables.Json, nullable=False),
        sa.CheckConstraint(
            "(failure IS NOT NULL) = (status IN ('failed', 'suppressed'))",
            name=op.f("ck_sent_mails_failure_when_failed"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_sent_mails_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name=op.f("fk_sent_mails_mailbox_id_mailboxes")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["ticket_messages.id"],
            name=op.f("fk_sent_mails_message_id_ticket_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_sent_mails_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_mails")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_sent_mails_mail_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_sent_mails_message_id")),
    )
    op.create_index(
        op.f("ix_sent_mails_created_at_id"), "sent_mails", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_sent_mails_failure_created_at_id"),
        "sent_mails",
        ["failure", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_sent_mails_mailbox_id"), "sent_mails", ["mailbox_id"], unique=False)
    op.create_index(
        op.f("ix_sent_mails_mailbox_id_created_at_id"),
        "sent_mails",
        ["mailbox_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sent_mails_status_created_at_id"),
        "sent_mails",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_sent_mails_status_send_at", "sent_mails", ["status", "send_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_sent_mails_ticket_id_created_at_id"),
        "sent_mails",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "received_mail_parts",
        sa.Column("mail_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", tables.line(120), nullable=False),
        sa.Column("media_type", tables.line(120), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("file_id", tables.Id(), nullable=True),
        sa.Column("fault", tables.line(250), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["media_files.id"],
            name=op.f("fk_received_mail_parts_file_id_media_files"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["received_mails.id"],
            name=op.f("fk_received_mail_parts_mail_id_received_mails"),
        ),
        sa.PrimaryKeyConstraint("mail_id", "position", name=op.f("pk_received_mail_parts")),
    )
    op.create_index(
        op.f("ix_received_mail_parts_file_id"), "received_mail_parts", ["file_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("received_mail_parts")
    op.drop_table("sent_mails")
    op.drop_table("received_mails")
    op.drop_table("ticket_conversations")
    op.drop_table("mailbox_states")
    op.drop_table("mailboxes")
