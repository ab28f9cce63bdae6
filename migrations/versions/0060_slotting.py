"""Where goods are put away, and what is picked from"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pick_faces",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.CheckConstraint("maximum > minimum", name=op.f("ck_pick_faces_is_filled")),
        sa.CheckConstraint("minimum >= 0", name=op.f("ck_pick_faces_minimum_not_negative")),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_pick_faces_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_pick_faces_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_faces")),
        sa.UniqueConstraint(
            "location_id", "variant_id", name=op.f("uq_pick_faces_location_id_variant_id")
        ),
    )
    op.create_index(
        op.f("ix_pick_faces_created_at_id"), "pick_faces", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_pick_faces_location_id_created_at_id"),
        "pick_faces",
        ["location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pick_faces_variant_id_created_at_id"),
        "pick_faces",
        ["variant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "putaway_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("from_location_id", tables.Id(), nullable=False),
        sa.Column("to_location_id", tables.Id(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
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
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("product_id", tables.Id(), nullable=True),
        sa.Column("category_id", tables.Id(), nullable=True),
        sa.Column("shipped_min", sa.Integer(), nullable=True),
        sa.Column(
            "tracking",
            sa.Enum(
                "none",
                "lot",
                "serial",
                name="tracking",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "from_location_id <> to_location_id", name=op.f("ck_putaway_rules_goes_somewhere")
        ),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_putaway_rules_priority_not_negative")),
        sa.CheckConstraint(
            "shipped_min >= 0", name=op.f("ck_putaway_rules_shipped_min_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_putaway_rules_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["from_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_putaway_rules_from_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_putaway_rules_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["to_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_putaway_rules_to_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_putaway_rules_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_putaway_rules")),
    )
    op.create_index(
        op.f("ix_putaway_rules_category_id"), "putaway_rules", ["category_id"], unique=False
    )
    op.create_index(
        op.f("ix_putaway_rules_created_at_id"), "putaway_rules", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_putaway_rules_from_location_id_priority_id"),
        "putaway_rules",
        ["from_location_id", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_putaway_rules_priority_id"), "putaway_rules", ["priority", "id"], unique=False
    )
    op.create_index(
        op.f("ix_putaway_rules_product_id"), "putaway_rules", ["product_id"], unique=False
    )
    op.create_index(
        op.f("ix_putaway_rules_to_location_id_priority_id"),
        "putaway_rules",
        ["to_location_id", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_putaway_rules_variant_id"), "putaway_rules", ["variant_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("putaway_rules")
    op.drop_table("pick_faces")
