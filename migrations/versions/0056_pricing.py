"""Sets of prices"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_sets",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_at", tables.Instant(), nullable=True),
        sa.Column("ends_at", tables.Instant(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pending_approval",
                "scheduled",
                "active",
                "undone",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by_kind", sa.String(length=10), nullable=False),
        sa.Column("created_by_id", tables.Id(), nullable=True),
        sa.Column("activated_at", tables.Instant(), nullable=True),
        sa.Column("undone_at", tables.Instant(), nullable=True),
        sa.Column("left_alone", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL)",
            name=op.f("ck_price_sets_undone_at_when_undone"),
        ),
        sa.CheckConstraint(
            "(status IN ('active', 'undone')) = (activated_at IS NOT NULL)",
            name=op.f("ck_price_sets_active_since"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR starts_at IS NULL OR starts_at < ends_at",
            name=op.f("ck_price_sets_ends"),
        ),
        sa.CheckConstraint("left_alone >= 0", name=op.f("ck_price_sets_left_alone_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_sets")),
        sa.UniqueConstraint("code", name=op.f("uq_price_sets_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_price_sets_id_currency")),
    )
    op.create_index(op.f("ix_price_sets_code_id"), "price_sets", ["code", "id"], unique=False)
    op.create_index(
        op.f("ix_price_sets_created_at_id"), "price_sets", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_price_sets_status_created_at_id"),
        "price_sets",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_sets_status_ends_at_id"),
        "price_sets",
        ["status", "ends_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_sets_status_starts_at_id"),
        "price_sets",
        ["status", "starts_at", "id"],
        unique=False,
    )
    op.create_table(
        "price_set_entries",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("price_set_id", tables.Id(), nullable=False),
        sa.Column("price_list_id", tables.Id(), nullable=True),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=True),
        sa.Column("before_micro", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "before_micro >= 0", name=op.f("ck_price_set_entries_before_micro_not_negative")
        ),
        sa.CheckConstraint(
            "minimum_quantity = 1 OR (minimum_quantity > 1 AND price_list_id IS NOT NULL)",
            name=op.f("ck_price_set_entries_minimum_in_lists"),
        ),
        sa.CheckConstraint(
            "price_micro >= 0", name=op.f("ck_price_set_entries_price_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id", "currency"],
            ["price_lists.id", "price_lists.currency"],
            name=op.f("fk_price_set_entries_price_list_id_currency_price_lists"),
        ),
        sa.ForeignKeyConstraint(
            ["price_set_id", "currency"],
            ["price_sets.id", "price_sets.currency"],
            name=op.f("fk_price_set_entries_price_set_id_currency_price_sets"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_price_set_entries_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_set_entries")),
    )
    op.create_index(
        op.f("ix_price_set_entries_price_list_id_variant_id"),
        "price_set_entries",
        ["price_list_id", "variant_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_set_entries_price_set_id_id"),
        "price_set_entries",
        ["price_set_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_set_entries_variant_id"), "price_set_entries", ["variant_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("price_set_entries")
    op.drop_table("price_sets")
