"""Budgets"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_budgets",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("product_id", tables.Id(), nullable=True),
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_ledger_budgets_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_ledger_budgets_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_ledger_budgets_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_ledger_budgets_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_budgets")),
        sa.UniqueConstraint("name", name=op.f("uq_ledger_budgets_name")),
    )
    op.create_index(
        op.f("ix_ledger_budgets_channel_id"), "ledger_budgets", ["channel_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_budgets_is_active_name_id"),
        "ledger_budgets",
        ["is_active", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_budgets_location_id"), "ledger_budgets", ["location_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_budgets_product_id"), "ledger_budgets", ["product_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_budgets_supplier_id"), "ledger_budgets", ["supplier_id"], unique=False
    )
    op.create_table(
        "ledger_budget_lines",
        sa.Column("budget_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", tables.Id(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_on < to_on", name=op.f("ck_ledger_budget_lines_from_before_to")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_ledger_budget_lines_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["budget_id"],
            ["ledger_budgets.id"],
            name=op.f("fk_ledger_budget_lines_budget_id_ledger_budgets"),
        ),
        sa.PrimaryKeyConstraint("budget_id", "position", name=op.f("pk_ledger_budget_lines")),
    )
    op.create_index(
        op.f("ix_ledger_budget_lines_account_id"),
        "ledger_budget_lines",
        ["account_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("ledger_budget_lines")
    op.drop_table("ledger_budgets")
