"""Price lists"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_lists",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("customer_tag", tables.line(60), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("valid_from", tables.Instant(), nullable=True),
        sa.Column("valid_to", tables.Instant(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("activated_at", tables.Instant(), nullable=True),
        sa.Column("archived_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'archived') = (archived_at IS NOT NULL)",
            name=op.f("ck_price_lists_archived_at_when_archived"),
        ),
        sa.CheckConstraint(
            "status <> 'active' OR activated_at IS NOT NULL",
            name=op.f("ck_price_lists_active_since"),
        ),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_price_lists_priority_not_negative")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to",
            name=op.f("ck_price_lists_ends"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_price_lists_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lists")),
        sa.UniqueConstraint("code", name=op.f("uq_price_lists_code")),
    )
    with op.batch_alter_table("price_lists", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_lists_channel_id_created_at_id"),
            ["channel_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_price_lists_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_price_lists_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_price_lists_currency_created_at_id"),
            ["currency", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_price_lists_customer_tag_created_at_id"),
            ["customer_tag", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_price_lists_priority_id"), ["priority", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_price_lists_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "list_prices",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("price_list_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", tables.Instant(), nullable=False),
        sa.Column("valid_to", tables.Instant(), nullable=True),
        sa.CheckConstraint("minimum_quantity > 0", name=op.f("ck_list_prices_minimum_positive")),
        sa.CheckConstraint(
            "price_micro >= 0", name=op.f("ck_list_prices_price_micro_not_negative")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_list_prices_ends")
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_lists.id"],
            name=op.f("fk_list_prices_price_list_id_price_lists"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_list_prices_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_prices")),
    )
    with op.batch_alter_table("list_prices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_list_prices_price_list_id_valid_from_id"),
            ["price_list_id", "valid_from", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_list_prices_price_list_id_variant_id_minimum_quantity_valid_from"),
            ["price_list_id", "variant_id", "minimum_quantity", "valid_from"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_list_prices_valid_from_id"), ["valid_from", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_list_prices_variant_id_valid_from_id"),
            ["variant_id", "valid_from", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("list_prices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_prices_variant_id_valid_from_id"))
        batch_op.drop_index(batch_op.f("ix_list_prices_valid_from_id"))
        batch_op.drop_index(
            batch_op.f("ix_list_prices_price_list_id_variant_id_minimum_quantity_valid_from")
        )
        batch_op.drop_index(batch_op.f("ix_list_prices_price_list_id_valid_from_id"))

    op.drop_table("list_prices")
    with op.batch_alter_table("price_lists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_lists_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_priority_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_customer_tag_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_currency_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_code_id"))
        batch_op.drop_index(batch_op.f("ix_price_lists_channel_id_created_at_id"))

    op.drop_table("price_lists")
