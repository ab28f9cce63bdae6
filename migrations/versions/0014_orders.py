"""Kits in orders, stock that channels keep back, and backorders"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_kit", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_order_lines_kits_are_goods"), sa.text("kind = 'goods' OR NOT is_kit")
        )

    op.create_table(
        "order_line_components",
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND weight >= 0", name=op.f("ck_order_line_components_amounts_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_lines.id"],
            name=op.f("fk_order_line_components_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_order_line_components_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("line_id", "variant_id", name=op.f("pk_order_line_components")),
    )
    with op.batch_alter_table("order_line_components", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_line_components_variant_id_line_id"),
            ["variant_id", "line_id"],
            unique=False,
        )

    op.create_table(
        "channel_stock_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("buffer", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("backorder_limit", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "backorder_limit >= 0", name=op.f("ck_channel_stock_rules_backorder_limit_not_negative")
        ),
        sa.CheckConstraint("buffer >= 0", name=op.f("ck_channel_stock_rules_buffer_not_negative")),
        sa.CheckConstraint("cap >= 0", name=op.f("ck_channel_stock_rules_cap_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_channel_stock_rules_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_channel_stock_rules_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_stock_rules")),
        sa.UniqueConstraint(
            "channel_id", "variant_id", name=op.f("uq_channel_stock_rules_channel_id_variant_id")
        ),
    )
    with op.batch_alter_table("channel_stock_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_channel_stock_rules_channel_id_created_at_id"),
            ["channel_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_channel_stock_rules_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_channel_stock_rules_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_channel_stock_rules_of_all",
            ["channel_id"],
            unique=True,
            sqlite_where=sa.text("variant_id IS NULL"),
            postgresql_where=sa.text("variant_id IS NULL"),
        )

    op.create_table(
        "backorders",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "filled",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (filled + cancelled < ordered)",
            name=op.f("ck_backorders_waiting_while_open"),
        ),
        sa.CheckConstraint("cancelled >= 0", name=op.f("ck_backorders_cancelled_not_negative")),
        sa.CheckConstraint("filled >= 0", name=op.f("ck_backorders_filled_not_negative")),
        sa.CheckConstraint(
            "ordered > 0 AND filled + cancelled <= ordered",
            name=op.f("ck_backorders_pieces_bounded"),
        ),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_backorders_priority_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_backorders_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_backorders_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_backorders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_backorders_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backorders")),
        sa.UniqueConstraint("line_id", name=op.f("uq_backorders_line_id")),
    )
    with op.batch_alter_table("backorders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_backorders_channel_id_priority_id"),
            ["channel_id", "priority", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_backorders_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_backorders_order_id_priority_id"),
            ["order_id", "priority", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_backorders_priority_id"), ["priority", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_backorders_status_priority_id"),
            ["status", "priority", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_backorders_variant_id_status_priority_id"),
            ["variant_id", "status", "priority", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("backorders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_backorders_variant_id_status_priority_id"))
        batch_op.drop_index(batch_op.f("ix_backorders_status_priority_id"))
        batch_op.drop_index(batch_op.f("ix_backorders_priority_id"))
        batch_op.drop_index(batch_op.f("ix_backorders_order_id_priority_id"))
        batch_op.drop_index(batch_op.f("ix_backorders_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_backorders_channel_id_priority_id"))

    op.drop_table("backorders")
    with op.batch_alter_table("channel_stock_rules", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_channel_stock_rules_of_all",
            sqlite_where=sa.text("variant_id IS NULL"),
            postgresql_where=sa.text("variant_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_channel_stock_rules_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_channel_stock_rules_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_channel_stock_rules_channel_id_created_at_id"))

    op.drop_table("channel_stock_rules")
    with op.batch_alter_table("order_line_components", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_line_components_variant_id_line_id"))

    op.drop_table("order_line_components")
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_order_lines_kits_are_goods"), type_="check")
        batch_op.drop_column("is_kit")
