"""Transfers between locations"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("from_location_id", tables.Id(), nullable=False),
        sa.Column("to_location_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "ready",
                "in_transit",
                "partially_received",
                "received",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", tables.line(250), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("shipped_at", tables.Instant(), nullable=True),
        sa.Column("received_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "from_location_id <> to_location_id", name=op.f("ck_transfers_leads_elsewhere")
        ),
        sa.ForeignKeyConstraint(
            ["from_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_transfers_from_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_transfers_to_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    with op.batch_alter_table("transfers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transfers_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_expected_on_id"), ["expected_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_from_location_id_created_at_id"),
            ["from_location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_reference_id"), ["reference", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_to_location_id_created_at_id"),
            ["to_location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_transfers_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "transfer_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("transfer_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.CheckConstraint("lost >= 0", name=op.f("ck_transfer_lines_lost_not_negative")),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000000", name=op.f("ck_transfer_lines_quantity_positive")
        ),
        sa.CheckConstraint(
            "received + rejected + lost <= shipped",
            name=op.f("ck_transfer_lines_received_was_shipped"),
        ),
        sa.CheckConstraint("received >= 0", name=op.f("ck_transfer_lines_received_not_negative")),
        sa.CheckConstraint("rejected >= 0", name=op.f("ck_transfer_lines_rejected_not_negative")),
        sa.CheckConstraint(
            "shipped <= quantity", name=op.f("ck_transfer_lines_shipped_was_wanted")
        ),
        sa.CheckConstraint("shipped >= 0", name=op.f("ck_transfer_lines_shipped_not_negative")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_lines_transfer_id_transfers")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_transfer_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_lines")),
        sa.UniqueConstraint(
            "transfer_id", "variant_id", name=op.f("uq_transfer_lines_transfer_id_variant_id")
        ),
    )
    with op.batch_alter_table("transfer_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transfer_lines_variant_id"), ["variant_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("transfer_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_lines_variant_id"))

    op.drop_table("transfer_lines")
    with op.batch_alter_table("transfers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfers_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_to_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_reference_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_from_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_expected_on_id"))
        batch_op.drop_index(batch_op.f("ix_transfers_created_at_id"))

    op.drop_table("transfers")
