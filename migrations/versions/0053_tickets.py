"""tickets"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_notices",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("message_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("read_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["ticket_messages.id"],
            name=op.f("fk_ticket_notices_message_id_ticket_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_ticket_notices_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_notices_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_notices")),
        sa.UniqueConstraint(
            "message_id", "staff_id", name=op.f("uq_ticket_notices_message_id_staff_id")
        ),
    )
    op.create_index(
        op.f("ix_ticket_notices_created_at_id"),
        "ticket_notices",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_notices_read_at_id"), "ticket_notices", ["read_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_notices_staff_id_created_at_id"),
        "ticket_notices",
        ["staff_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_notices_ticket_id_created_at_id"),
        "ticket_notices",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("ticket_notices")
