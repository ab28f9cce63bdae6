"""Bookkeeping"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "books_openings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_books_openings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books_openings")),
        sa.UniqueConstraint("only", name=op.f("uq_books_openings_only")),
    )
    op.create_table(
        "order_line_postings",
        sa.Column("entry_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "sales",
                "discount",
                "tax",
                "shipping",
                "shipping_tax",
                "cost",
                "freight",
                "allowance",
                "goodwill",
                "chargeback",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entry_id", "position"],
            ["journal_postings.entry_id", "journal_postings.position"],
            name=op.f("fk_order_line_postings_entry_id_position_journal_postings"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_line_postings_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_order_line_postings_order_line_id_order_lines"),
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_order_line_postings")),
    )
    op.create_index(
        op.f("ix_order_line_postings_order_id"), "order_line_postings", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_order_line_postings_order_line_id"),
        "order_line_postings",
        ["order_line_id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("books_openings", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("order_line_postings", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("order_line_postings")
    op.drop_table("books_openings")
