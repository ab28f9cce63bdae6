"""kernel"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_holders",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_holders")),
    )


def downgrade() -> None:
    op.drop_table("key_holders")
