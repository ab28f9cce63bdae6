"""Stock counts"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "count_tasks",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "counting",
                "counted",
                "recount",
                "review",
                "posted",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", tables.line(250), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("recount_pieces", sa.Integer(), nullable=False),
        sa.Column("recount_percent", sa.Integer(), nullable=False),
        sa.Column("posted_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'posted') = (posted_at IS NOT NULL)",
            name=op.f("ck_count_tasks_posted_at_a_moment"),
        ),
        sa.CheckConstraint(
            "recount_percent BETWEEN 0 AND 100", name=op.f("ck_count_tasks_percent_bounded")
        ),
        sa.CheckConstraint(
            "recount_pieces BETWEEN 0 AND 1000000000", name=op.f("ck_count_tasks_pieces_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_count_tasks_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_tasks")),
    )
    with op.batch_alter_table("count_tasks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_count_tasks_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_count_tasks_location_id_created_at_id"),
            ["location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_tasks_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_tasks_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "count_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("task_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "bucket",
            sa.Enum(
                "sellable",
                "quality_check",
                "quarantine",
                "damaged",
                "in_transit",
                name="bucket",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lot_id", tables.Id(), nullable=True),
        sa.Column("lot_key", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "counted",
                "recount",
                "recounted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("first_counted", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", tables.Instant(), nullable=True),
        sa.Column("counted_by_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "status NOT IN ('counted', 'recounted') OR counted IS NOT NULL",
            name=op.f("ck_count_lines_counted_has_number"),
        ),
        sa.CheckConstraint(
            "(expected IS NULL) = (counted IS NULL)", name=op.f("ck_count_lines_compared")
        ),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_count_lines_counted_not_negative")),
        sa.CheckConstraint(
            "first_counted >= 0", name=op.f("ck_count_lines_first_counted_not_negative")
        ),
        sa.CheckConstraint(
            "lot_key = coalesce(lot_id, variant_id)", name=op.f("ck_count_lines_lot_key_is_lot")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_count_lines_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lots.id"], name=op.f("fk_count_lines_lot_id_stock_lots")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["count_tasks.id"], name=op.f("fk_count_lines_task_id_count_tasks")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_count_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_lines")),
        sa.UniqueConstraint(
            "task_id",
            "variant_id",
            "location_id",
            "bucket",
            "lot_key",
            name=op.f("uq_count_lines_task_id_variant_id_location_id_bucket_lot_key"),
        ),
    )
    with op.batch_alter_table("count_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_count_lines_location_id_position_id"),
            ["location_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_lines_position_id"), ["position", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_count_lines_status_position_id"),
            ["status", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_lines_task_id_position_id"),
            ["task_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_lines_task_id_status_position"),
            ["task_id", "status", "position"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_count_lines_variant_id_position_id"),
            ["variant_id", "position", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("count_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_count_lines_variant_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_count_lines_task_id_status_position"))
        batch_op.drop_index(batch_op.f("ix_count_lines_task_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_count_lines_status_position_id"))
        batch_op.drop_index(batch_op.f("ix_count_lines_position_id"))
        batch_op.drop_index(batch_op.f("ix_count_lines_location_id_position_id"))

    op.drop_table("count_lines")
    with op.batch_alter_table("count_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_count_tasks_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_count_tasks_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_count_tasks_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_count_tasks_created_at_id"))

    op.drop_table("count_tasks")
