"""No stock of kits, and movements that merge variants

What has a level is no kit, and cannot become one. Movements are found by their cause in the order in
which they are shown.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes
from backoffice_api.domain.kernel.new_rows import statements_to_refuse_new_rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


KINDS_BEFORE = "kind IN ('opening', 'receipt', 'shipment', 'return', 'transfer', 'count', 'correction', 'scrap', 'inspection')"
KINDS = "kind IN ('opening', 'receipt', 'shipment', 'return', 'transfer', 'count', 'correction', 'scrap', 'inspection', 'merge')"
INDEXES_BY_AVAILABLE = (
    ("ix_stock_levels_available_id", ["available", "id"]),
    ("ix_stock_levels_location_id_available_id", ["location_id", "available", "id"]),
)
NEEDS_LOT = (
    "{row}.lot_id IS NULL AND EXISTS (SELECT 1 FROM stock_variant_settings AS settings "
    "WHERE settings.variant_id = {row}.variant_id AND settings.tracking <> 'none')"
)


class NoWayBackError(Exception):
    """The database has rows that the revision before cannot say. Nothing was undone."""


def upgrade() -> None:
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("variant_kind", sa.String(length=40), server_default="single", nullable=False)
        )
        batch_op.drop_constraint(
            batch_op.f("fk_stock_levels_variant_id_variants"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_stock_levels_variant_id_variant_kind_variants"),
            "variants",
            ["variant_id", "variant_kind"],
            ["id", "kind"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_stock_levels_of_no_kit"), sa.text("variant_kind = 'single'")
        )
        keep_available(batch_op)

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_stock_movements_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_stock_movements_kind"), sa.text(KINDS))
        batch_op.drop_index(batch_op.f("ix_stock_movements_cause_id"))
        batch_op.create_index(
            batch_op.f("ix_stock_movements_cause_id_occurred_at_id"),
            ["cause_id", "occurred_at", "id"],
            unique=False,
        )

    guard_movements()


def keep_available(batch_op: BatchOperations) -> None:
    """Make the column again, which SQLite computes and which cannot be copied to another table."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for name, _columns in INDEXES_BY_AVAILABLE:
        batch_op.drop_index(batch_op.f(name))
    batch_op.drop_column("available")
    computed = sa.Computed(
        "CASE WHEN bucket = 'sellable' THEN on_hand - reserved - safety ELSE 0 END", persisted=True
    )
    batch_op.add_column(sa.Column("available", sa.Integer(), computed, nullable=False))
    for name, columns in INDEXES_BY_AVAILABLE:
        batch_op.create_index(batch_op.f(name), columns, unique=False)


def guard_movements() -> None:
    """Make the triggers again that have gone with the table where SQLite has built it anew."""
    dialect = op.get_bind().dialect.name
    if dialect != "sqlite":
        return
    for statement in statements_to_forbid_changes("stock_movements", dialect):
        op.execute(statement)
    for statement in statements_to_refuse_new_rows(
        "stock_movements",
        "stock_movements_need_lots",
        NEEDS_LOT,
        "movements of a tracked variant name a lot",
        dialect,
    ):
        op.execute(statement)


def downgrade() -> None:
    merges = "SELECT 1 FROM stock_movements WHERE kind = 'merge' LIMIT 1"
    if op.get_bind().exec_driver_sql(merges).first() is not None:
        raise NoWayBackError("Revision 0007 does not know movements that merge variants.")

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_stock_movements_kind"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_stock_movements_kind"), sa.text(KINDS_BEFORE)
        )
        batch_op.drop_index(batch_op.f("ix_stock_movements_cause_id_occurred_at_id"))
        batch_op.create_index(batch_op.f("ix_stock_movements_cause_id"), ["cause_id"], unique=False)

    guard_movements()
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_stock_levels_of_no_kit"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_stock_levels_variant_id_variant_kind_variants"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_stock_levels_variant_id_variants"), "variants", ["variant_id"], ["id"]
        )
        batch_op.drop_column("variant_kind")
        keep_available(batch_op)
