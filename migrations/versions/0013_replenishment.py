"""Replenishment rules and what they aim at"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replenishment_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "min_max",
                "reorder_point",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("reorder_point", sa.Integer(), nullable=True),
        sa.Column("safety", sa.Integer(), nullable=True),
        sa.Column("service_level_permille", sa.Integer(), nullable=False),
        sa.Column("coverage_days", sa.Integer(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "method <> 'min_max' OR (minimum IS NOT NULL AND maximum > minimum)",
            name=op.f("ck_replenishment_rules_min_max_given"),
        ),
        sa.CheckConstraint(
            "minimum >= 0", name=op.f("ck_replenishment_rules_minimum_not_negative")
        ),
        sa.CheckConstraint(
            "reorder_point >= 0", name=op.f("ck_replenishment_rules_reorder_point_not_negative")
        ),
        sa.CheckConstraint("safety >= 0", name=op.f("ck_replenishment_rules_safety_not_negative")),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_replenishment_rules_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_replenishment_rules_supplier_id_suppliers"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_replenishment_rules_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_rules")),
        sa.UniqueConstraint(
            "variant_id", "location_id", name=op.f("uq_replenishment_rules_variant_id_location_id")
        ),
    )
    with op.batch_alter_table("replenishment_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_replenishment_rules_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_replenishment_rules_location_id_created_at_id"),
            ["location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_replenishment_rules_supplier_id_created_at_id"),
            ["supplier_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_replenishment_rules_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "replenishment_targets",
        sa.Column("rule_id", tables.Id(), nullable=False),
        sa.Column("measured_at", tables.Instant(), nullable=False),
        sa.Column("demand_days", sa.Integer(), nullable=False),
        sa.Column("demand_total", sa.BigInteger(), nullable=False),
        sa.Column("demand_squares", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("supplier_item_id", tables.Id(), nullable=True),
        sa.Column("lead_time_millidays", sa.Integer(), nullable=False),
        sa.Column("lead_deviation_millidays", sa.Integer(), nullable=False),
        sa.Column("lead_samples", sa.Integer(), nullable=False),
        sa.Column("safety", sa.Integer(), nullable=False),
        sa.Column("reorder_point", sa.Integer(), nullable=False),
        sa.Column("order_up_to", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "demand_total >= 0", name=op.f("ck_replenishment_targets_demand_total_not_negative")
        ),
        sa.CheckConstraint(
            "lead_time_millidays >= 0",
            name=op.f("ck_replenishment_targets_lead_time_millidays_not_negative"),
        ),
        sa.CheckConstraint(
            "order_up_to >= reorder_point", name=op.f("ck_replenishment_targets_fills_up")
        ),
        sa.CheckConstraint(
            "reorder_point >= 0", name=op.f("ck_replenishment_targets_reorder_point_not_negative")
        ),
        sa.CheckConstraint(
            "safety >= 0", name=op.f("ck_replenishment_targets_safety_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["replenishment_rules.id"],
            name=op.f("fk_replenishment_targets_rule_id_replenishment_rules"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_replenishment_targets_supplier_id_suppliers"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_item_id"],
            ["supplier_items.id"],
            name=op.f("fk_replenishment_targets_supplier_item_id_supplier_items"),
        ),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_replenishment_targets")),
    )
    with op.batch_alter_table("replenishment_targets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_replenishment_targets_supplier_id_rule_id"),
            ["supplier_id", "rule_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("replenishment_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replenishment_targets_supplier_id_rule_id"))

    op.drop_table("replenishment_targets")
    with op.batch_alter_table("replenishment_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replenishment_rules_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_replenishment_rules_supplier_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_replenishment_rules_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_replenishment_rules_created_at_id"))

    op.drop_table("replenishment_rules")
