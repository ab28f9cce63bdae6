"""Discount codes"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discount_codes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("label", tables.line(250), nullable=False),
        sa.Column("percent_bp", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("valid_from", tables.Instant(), nullable=True),
        sa.Column("valid_until", tables.Instant(), nullable=True),
        sa.Column("usage_limit", sa.Integer(), nullable=True),
        sa.Column("once_per_customer", sa.Boolean(), nullable=False),
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
        sa.Column("disabled_at", tables.Instant(), nullable=True),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(status = 'disabled') = (disabled_at IS NOT NULL)",
            name=op.f("ck_discount_codes_disabled_at_when_disabled"),
        ),
        sa.CheckConstraint(
            "(percent_bp IS NULL) <> (amount_minor IS NULL)",
            name=op.f("ck_discount_codes_share_or_amount"),
        ),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_discount_codes_amount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "currency IS NOT NULL OR (amount_minor IS NULL AND minimum_minor IS NULL)",
            name=op.f("ck_discount_codes_amounts_with_currency"),
        ),
        sa.CheckConstraint(
            "minimum_minor >= 0", name=op.f("ck_discount_codes_minimum_minor_not_negative")
        ),
        sa.CheckConstraint(
            "percent_bp > 0 AND percent_bp <= 10000", name=op.f("ck_discount_codes_percent_bounded")
        ),
        sa.CheckConstraint(
            "usage_limit >= 0", name=op.f("ck_discount_codes_usage_limit_not_negative")
        ),
        sa.CheckConstraint(
            "used >= 0 AND used <= coalesce(usage_limit, used)",
            name=op.f("ck_discount_codes_used_at_most_limit"),
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_discount_codes_ends")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_discount_codes_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_discount_codes_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_discount_codes_code")),
    )
    op.create_index(
        op.f("ix_discount_codes_channel_id_created_at_id"),
        "discount_codes",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_codes_code_id"), "discount_codes", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_discount_codes_created_at_id"),
        "discount_codes",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_codes_customer_id_created_at_id"),
        "discount_codes",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_codes_status_created_at_id"),
        "discount_codes",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_codes_used_id"), "discount_codes", ["used", "id"], unique=False
    )
    op.create_index(
        op.f("ix_discount_codes_valid_until_id"),
        "discount_codes",
        ["valid_until", "id"],
        unique=False,
    )
    op.create_table(
        "discount_uses",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("code_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("used_at", tables.Instant(), nullable=False),
        sa.Column("given_back_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_discount_uses_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_discount_uses_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_discount_uses_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_uses")),
    )
    op.create_index(
        op.f("ix_discount_uses_code_id_customer_id"),
        "discount_uses",
        ["code_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_uses_customer_id"), "discount_uses", ["customer_id"], unique=False
    )
    op.create_index(
        "uq_discount_uses_of_order",
        "discount_uses",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("given_back_at IS NULL"),
        postgresql_where=sa.text("given_back_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("discount_uses")
    op.drop_table("discount_codes")
