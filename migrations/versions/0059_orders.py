"""What channels were told of stock"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_stock_told",
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("told_at", tables.Instant(), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=True),
        sa.Column("drift", sa.Integer(), nullable=True),
        sa.Column("reported_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(reported IS NULL) = (reported_at IS NULL)",
            name=op.f("ck_channel_stock_told_reported_whole"),
        ),
        sa.CheckConstraint(
            "quantity >= 0", name=op.f("ck_channel_stock_told_quantity_not_negative")
        ),
        sa.CheckConstraint(
            "reported >= 0", name=op.f("ck_channel_stock_told_reported_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_channel_stock_told_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_channel_stock_told_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("channel_id", "variant_id", name=op.f("pk_channel_stock_told")),
    )
    op.create_index(
        op.f("ix_channel_stock_told_variant_id"), "channel_stock_told", ["variant_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("channel_stock_told")
