"""Margins"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "margin_restatements",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "from_on <= to_on AND number > 0", name=op.f("ck_margin_restatements_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_margin_restatements")),
        sa.UniqueConstraint("number", name=op.f("uq_margin_restatements_number")),
    )
    op.create_index(
        op.f("ix_margin_restatements_created_at_id"),
        "margin_restatements",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "margin_shares",
        sa.Column("restatement_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "revenue",
                "discounts",
                "cost",
                "freight",
                "fees",
                "returns",
                "support",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("product_id", tables.Id(), nullable=True),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("order_line_id", tables.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_margin_shares_moves_something")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_margin_shares_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_margin_shares_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_margin_shares_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_margin_shares_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["restatement_id"],
            ["margin_restatements.id"],
            name=op.f("fk_margin_shares_restatement_id_margin_restatements"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_margin_shares_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("restatement_id", "position", name=op.f("pk_margin_shares")),
    )
    op.create_index(
        op.f("ix_margin_shares_booked_on"), "margin_shares", ["booked_on"], unique=False
    )
    op.create_index(op.f("ix_margin_shares_order_id"), "margin_shares", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_margin_shares_order_line_id"), "margin_shares", ["order_line_id"], unique=False
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("margin_restatements", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("margin_shares", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("margin_shares")
    op.drop_table("margin_restatements")
