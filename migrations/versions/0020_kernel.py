"""Messages from outside"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("topic", tables.line(20), nullable=False),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column("event_id", tables.line(200), nullable=False),
        sa.Column("type", tables.line(250), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "handled",
                "unknown",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", tables.Instant(), nullable=False),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "topic", "provider", "event_id", name=op.f("uq_inbox_topic_provider_event_id")
        ),
    )
    op.create_index(
        op.f("ix_inbox_status_received_at_id"),
        "inbox",
        ["status", "received_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("inbox")
