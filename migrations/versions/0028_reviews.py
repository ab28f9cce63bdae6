"""Reviews of orders"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_progress",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_review_progress")),
    )
    op.create_table(
        "review_policies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("review_at", sa.Integer(), nullable=False),
        sa.Column("reject_at", sa.Integer(), nullable=False),
        sa.Column("provider", tables.line(60), nullable=True),
        sa.Column("provider_wait_s", sa.Integer(), nullable=False),
        sa.Column("home_country", sa.String(length=2), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "review_at BETWEEN 1 AND reject_at AND reject_at <= 101",
            name=op.f("ck_review_policies_thresholds_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_review_policies_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_policies")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_review_policies_channel_id")),
    )
    op.create_table(
        "risk_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column(
            "code",
            sa.Enum(
                "address_missing",
                "address_incomplete",
                "address_po_box",
                "address_unusual",
                "customer_unreachable",
                "disposable_mail",
                "product_weight",
                "product_customs",
                "amount_history",
                "amount_channel",
                "country_addresses",
                "country_customer",
                "velocity_email",
                "velocity_address",
                "velocity_customer",
                "first_express",
                "failed_payments",
                "provider",
                "provider_silent",
                name="code",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("window_h", sa.Integer(), nullable=True),
        sa.Column("values", tables.Json, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_risk_rules_score_bounded")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_risk_rules_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_rules")),
        sa.UniqueConstraint("channel_id", "code", name=op.f("uq_risk_rules_channel_id_code")),
    )
    op.create_index(
        op.f("ix_risk_rules_channel_id_created_at_id"),
        "risk_rules",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_risk_rules_code_created_at_id"),
        "risk_rules",
        ["code", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_risk_rules_created_at_id"), "risk_rules", ["created_at", "id"], unique=False
    )
    op.create_index(
        "uq_risk_rules_of_all",
        "risk_rules",
        ["code"],
        unique=True,
        sqlite_where=sa.text("channel_id IS NULL"),
        postgresql_where=sa.text("channel_id IS NULL"),
    )
    op.create_table(
        "review_keys",
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "address_missing",
                "address_incomplete",
                "address_po_box",
                "address_unusual",
                "customer_unreachable",
                "disposable_mail",
                "product_weight",
                "product_customs",
                "amount_history",
                "amount_channel",
                "country_addresses",
                "country_customer",
                "velocity_email",
                "velocity_address",
                "velocity_customer",
                "first_express",
                "failed_payments",
                "provider",
                "provider_silent",
                name="code",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("placed_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_review_keys_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "code", name=op.f("pk_review_keys")),
    )
    op.create_index(
        op.f("ix_review_keys_code_digest_placed_at"),
        "review_keys",
        ["code", "digest", "placed_at"],
        unique=False,
    )
    op.create_table(
        "reviews",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "accept",
                "review",
                "reject",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "open",
                "accepted",
                "rejected",
                "void",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("assignee_id", tables.Id(), nullable=True),
        sa.Column("hold_id", tables.Id(), nullable=True),
        sa.Column("provider", tables.line(60), nullable=True),
        sa.Column("provider_due_at", tables.Instant(), nullable=True),
        sa.Column("decided_at", tables.Instant(), nullable=True),
        sa.Column("decided_by_kind", sa.String(length=10), nullable=True),
        sa.Column("decided_by_id", tables.Id(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "legitimate",
                "fraud",
                "chargeback",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (status IN ('waiting', 'open'))",
            name=op.f("ck_reviews_decided_when_ended"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (outcome_at IS NULL)",
            name=op.f("ck_reviews_outcome_at_with_outcome"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_reviews_score_bounded")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["staff.id"], name=op.f("fk_reviews_assignee_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_reviews_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["order_holds.id"], name=op.f("fk_reviews_hold_id_order_holds")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_reviews_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("order_id", name=op.f("uq_reviews_order_id")),
    )
    op.create_index(
        op.f("ix_reviews_assignee_id_created_at_id"),
        "reviews",
        ["assignee_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reviews_channel_id_created_at_id"),
        "reviews",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_reviews_created_at_id"), "reviews", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_reviews_hold_id"), "reviews", ["hold_id"], unique=False)
    op.create_index(
        op.f("ix_reviews_outcome_created_at_id"),
        "reviews",
        ["outcome", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_reviews_score_id"), "reviews", ["score", "id"], unique=False)
    op.create_index(
        op.f("ix_reviews_status_created_at_id"),
        "reviews",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reviews_status_provider_due_at_id"),
        "reviews",
        ["status", "provider_due_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reviews_status_score_id"), "reviews", ["status", "score", "id"], unique=False
    )
    op.create_index(op.f("ix_reviews_updated_at_id"), "reviews", ["updated_at", "id"], unique=False)
    op.create_index(
        op.f("ix_reviews_verdict_created_at_id"),
        "reviews",
        ["verdict", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "review_signals",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("review_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "address_missing",
                "address_incomplete",
                "address_po_box",
                "address_unusual",
                "customer_unreachable",
                "disposable_mail",
                "product_weight",
                "product_customs",
                "amount_history",
                "amount_channel",
                "country_addresses",
                "country_customer",
                "velocity_email",
                "velocity_address",
                "velocity_customer",
                "first_express",
                "failed_payments",
                "provider",
                "provider_silent",
                name="code",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "address",
                "customer",
                "product",
                "risk",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("facts", tables.Json, nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_review_signals_score_bounded")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_signals_review_id_reviews")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_signals")),
        sa.UniqueConstraint("review_id", "code", name=op.f("uq_review_signals_review_id_code")),
    )
    op.create_index(
        op.f("ix_review_signals_code_review_id"),
        "review_signals",
        ["code", "review_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_signals_review_id_position_id"),
        "review_signals",
        ["review_id", "position", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("review_signals")
    op.drop_table("reviews")
    op.drop_table("review_keys")
    op.drop_table("risk_rules")
    op.drop_table("review_policies")
    op.drop_table("review_progress")
