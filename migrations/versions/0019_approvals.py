"""Approvals"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "order",
                "purchase_order",
                "bill",
                "refund",
                "write_off",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("second_limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("scope", tables.line(80), nullable=True),
        sa.Column("names_staff", sa.Boolean(), nullable=False),
        sa.Column("expires_after_h", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "limit_minor >= 0", name=op.f("ck_approval_rules_limit_minor_not_negative")
        ),
        sa.CheckConstraint(
            "second_limit_minor IS NULL OR second_limit_minor > limit_minor",
            name=op.f("ck_approval_rules_limits_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rules")),
        sa.UniqueConstraint(
            "kind",
            "currency",
            "channel_id",
            name=op.f("uq_approval_rules_kind_currency_channel_id"),
        ),
    )
    op.create_index(
        op.f("ix_approval_rules_channel_id_created_at_id"),
        "approval_rules",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_rules_created_at_id"),
        "approval_rules",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_rules_is_active_created_at_id"),
        "approval_rules",
        ["is_active", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_approval_rules_of_all",
        "approval_rules",
        ["kind", "currency"],
        unique=True,
        sqlite_where=sa.text("channel_id IS NULL"),
        postgresql_where=sa.text("channel_id IS NULL"),
    )
    op.create_table(
        "approval_delegations",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("from_staff_id", tables.Id(), nullable=False),
        sa.Column("to_staff_id", tables.Id(), nullable=False),
        sa.Column("starts_at", tables.Instant(), nullable=False),
        sa.Column("ends_at", tables.Instant(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "from_staff_id <> to_staff_id", name=op.f("ck_approval_delegations_to_another")
        ),
        sa.CheckConstraint(
            "starts_at <= ends_at", name=op.f("ck_approval_delegations_period_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["from_staff_id"],
            ["staff.id"],
            name=op.f("fk_approval_delegations_from_staff_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["to_staff_id"], ["staff.id"], name=op.f("fk_approval_delegations_to_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_delegations")),
    )
    op.create_index(
        op.f("ix_approval_delegations_ends_at_id"),
        "approval_delegations",
        ["ends_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_delegations_from_staff_id_starts_at_id"),
        "approval_delegations",
        ["from_staff_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_delegations_is_current_starts_at_id"),
        "approval_delegations",
        ["is_current", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_delegations_starts_at_id"),
        "approval_delegations",
        ["starts_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_delegations_to_staff_id_starts_at_id"),
        "approval_delegations",
        ["to_staff_id", "starts_at", "id"],
        unique=False,
    )
    op.create_table(
        "approval_requests",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "order",
                "purchase_order",
                "bill",
                "refund",
                "write_off",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("label", tables.line(250), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "granted",
                "declined",
                "withdrawn",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule_id", tables.Id(), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("asked_by_kind", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", tables.Id(), nullable=True),
        sa.Column("made_by_kind", sa.String(length=10), nullable=True),
        sa.Column("made_by_id", tables.Id(), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("decided_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'granted') = (granted = needed)",
            name=op.f("ck_approval_requests_granted_by_all"),
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)",
            name=op.f("ck_approval_requests_decided_when_ended"),
        ),
        sa.CheckConstraint(
            "granted BETWEEN 0 AND needed", name=op.f("ck_approval_requests_granted_bounded")
        ),
        sa.CheckConstraint(
            "needed BETWEEN 1 AND 2", name=op.f("ck_approval_requests_needed_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["approval_rules.id"],
            name=op.f("fk_approval_requests_rule_id_approval_rules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_requests")),
    )
    op.create_index(
        op.f("ix_approval_requests_amount_minor_id"),
        "approval_requests",
        ["amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_asked_by_id_created_at_id"),
        "approval_requests",
        ["asked_by_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_channel_id_created_at_id"),
        "approval_requests",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_created_at_id"),
        "approval_requests",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_kind_created_at_id"),
        "approval_requests",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_rule_id"), "approval_requests", ["rule_id"], unique=False
    )
    op.create_index(
        op.f("ix_approval_requests_status_created_at_id"),
        "approval_requests",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_status_expires_at_id"),
        "approval_requests",
        ["status", "expires_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_subject_id_created_at_id"),
        "approval_requests",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_requests_updated_at_id"),
        "approval_requests",
        ["updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_approval_requests_pending",
        "approval_requests",
        ["kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "approval_rule_staff",
        sa.Column("rule_id", tables.Id(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["approval_rules.id"],
            name=op.f("fk_approval_rule_staff_rule_id_approval_rules"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_approval_rule_staff_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("rule_id", "staff_id", name=op.f("pk_approval_rule_staff")),
    )
    op.create_index(
        op.f("ix_approval_rule_staff_staff_id_rule_id"),
        "approval_rule_staff",
        ["staff_id", "rule_id"],
        unique=False,
    )
    op.create_table(
        "approval_decisions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("request_id", tables.Id(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.Column("for_staff_id", tables.Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["for_staff_id"], ["staff.id"], name=op.f("fk_approval_decisions_for_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_requests.id"],
            name=op.f("fk_approval_decisions_request_id_approval_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_decisions")),
        sa.UniqueConstraint(
            "request_id",
            "actor_kind",
            "actor_id",
            name=op.f("uq_approval_decisions_request_id_actor_kind_actor_id"),
        ),
    )
    op.create_index(
        op.f("ix_approval_decisions_for_staff_id"),
        "approval_decisions",
        ["for_staff_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_decisions_request_id_decided_at_id"),
        "approval_decisions",
        ["request_id", "decided_at", "id"],
        unique=False,
    )
    # The limits of purchasing become rules, and what waits for approval a request each.
    op.execute(
        "INSERT INTO approval_rules (id, version, created_at, updated_at, kind, currency, "
        "limit_minor, names_staff, is_active) SELECT id, 1, created_at, updated_at, "
        "'purchase_order', currency, limit_minor, false, true FROM purchase_approval_limits"
    )
    op.execute(
        "INSERT INTO approval_requests (id, version, created_at, updated_at, kind, subject_id, "
        "label, amount_minor, currency, status, rule_id, needed, granted, asked_by_kind, "
        "asked_by_id, made_by_kind, made_by_id) SELECT asked.id, 1, asked.updated_at, "
        "asked.updated_at, 'purchase_order', asked.id, asked.number, asked.total_minor, "
        "asked.currency, 'pending', rule.id, 1, 0, asked.submitted_by_kind, "
        "asked.submitted_by_id, asked.created_by_kind, asked.created_by_id "
        "FROM purchase_orders AS asked LEFT JOIN approval_rules AS rule "
        "ON rule.currency = asked.currency AND rule.kind = 'purchase_order' "
        "WHERE asked.status = 'pending_approval'"
    )


def downgrade() -> None:
    op.drop_table("approval_decisions")
    op.drop_table("approval_rule_staff")
    op.drop_table("approval_requests")
    op.drop_table("approval_delegations")
    op.drop_table("approval_rules")
