"""Where received pieces went, and stricter rules for purchases

Pieces that were received before went to the sellable bucket, and no lot was noted.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from backoffice_api.domain.kernel import tables

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


ANOTHER_BEFORE = (
    "status <> 'approved' OR proposed_by_kind <> decided_by_kind OR proposed_by_id <> decided_by_id"
)
ANOTHER = (
    "status <> 'approved' OR (decided_by_kind IS NOT NULL AND decided_by_id IS NOT NULL "
    "AND (proposed_by_kind <> decided_by_kind OR proposed_by_id IS NULL "
    "OR proposed_by_id <> decided_by_id))"
)


def upgrade() -> None:
    with op.batch_alter_table("purchase_receipt_lines", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("bucket", sa.String(length=40), server_default="sellable", nullable=False)
        )
        batch_op.add_column(sa.Column("lot_code", tables.line(80), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_purchase_receipt_lines_bucket"),
            sa.text(
                "bucket IN ('sellable', 'quality_check', 'quarantine', 'damaged', 'in_transit')"
            ),
        )

    with op.batch_alter_table("purchase_order_lines", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_purchase_order_lines_subtotal_minor_not_negative"),
            sa.text("subtotal_minor >= 0"),
        )
        keep_open(batch_op)

    approved_by_another(ANOTHER)


def keep_open(batch_op: BatchOperations) -> None:
    """Make the column again, which SQLite computes and which cannot be copied to another table."""
    if op.get_bind().dialect.name != "sqlite":
        return
    batch_op.drop_column("open")
    computed = sa.Computed(
        "CASE WHEN quantity - cancelled > received THEN quantity - cancelled - received ELSE 0 END",
        persisted=True,
    )
    batch_op.add_column(sa.Column("open", sa.Integer(), computed, nullable=False))


def approved_by_another(rule: str) -> None:
    name = "ck_supplier_bank_changes_approved_by_another"
    with op.batch_alter_table("supplier_bank_changes", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_="check")
        batch_op.create_check_constraint(batch_op.f(name), sa.text(rule))


def downgrade() -> None:
    approved_by_another(ANOTHER_BEFORE)
    with op.batch_alter_table("purchase_order_lines", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("ck_purchase_order_lines_subtotal_minor_not_negative"), type_="check"
        )
        keep_open(batch_op)

    with op.batch_alter_table("purchase_receipt_lines", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_purchase_receipt_lines_bucket"), type_="check")
        batch_op.drop_column("lot_code")
        batch_op.drop_column("bucket")
