"""Photos brought by links"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_link_uploads",
        sa.Column("upload_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_link_uploads_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_return_link_uploads")),
    )
    op.create_index(
        op.f("ix_return_link_uploads_order_id_created_at_upload_id"),
        "return_link_uploads",
        ["order_id", "created_at", "upload_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("return_link_uploads")
