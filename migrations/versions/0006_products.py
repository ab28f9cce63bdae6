"""Kits, merged variants, packs, and the history of prices and costs

Variants that were there before stand alone, and their barcodes are on single pieces or, where they
count several, on inner packs. A price or cost is known to hold since its variant last changed.
"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


# What prices and costs begin their histories with. A cost takes the id of its variant, which has
# one cost at most.
BEGIN_PRICES = """\
INSERT INTO price_history (variant_id, currency, valid_from, price_micro)
SELECT prices.variant_id, prices.currency, variants.updated_at, prices.price_micro
FROM prices JOIN variants ON variants.id = prices.variant_id"""
BEGIN_COSTS = """\
INSERT INTO cost_history (id, variant_id, currency, cost_micro, source, valid_from)
SELECT costs.variant_id, costs.variant_id, costs.currency, costs.cost_micro, 'manual',
    variants.updated_at
FROM costs JOIN variants ON variants.id = costs.variant_id"""

# What the tables of 0005 have no words for.
UNKNOWN_BEFORE = (
    ("kits", "SELECT 1 FROM variants WHERE kind = 'kit'"),
    ("merged variants", "SELECT 1 FROM variants WHERE merged_into_id IS NOT NULL"),
)


class NoWayBackError(Exception):
    """The database has rows that the revision before cannot say. Nothing was undone."""


def upgrade() -> None:
    with op.batch_alter_table("barcodes", schema=None) as batch_op:
        batch_op.add_column(choice("level", "each"))
        batch_op.create_check_constraint(
            batch_op.f("ck_barcodes_level"),
            sa.text("level IN ('each', 'inner', 'case', 'pallet')"),
        )

    op.execute("UPDATE barcodes SET level = 'inner' WHERE pack_quantity > 1")

    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.add_column(choice("kind", "single"))
        batch_op.add_column(sa.Column("merged_into_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_variants_kind"), sa.text("kind IN ('single', 'kit')")
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_variants_merged_is_archived"),
            sa.text("merged_into_id IS NULL OR (status = 'archived' AND merged_into_id <> id)"),
        )
        batch_op.create_index(
            batch_op.f("ix_variants_kind_created_at"), ["kind", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_variants_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_unique_constraint(batch_op.f("uq_variants_id_kind"), ["id", "kind"])
        batch_op.create_foreign_key(
            batch_op.f("fk_variants_merged_into_id_variants"),
            "variants",
            ["merged_into_id"],
            ["id"],
        )

    op.create_table(
        "price_history",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", tables.Instant(), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "price_micro >= 0", name=op.f("ck_price_history_price_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_price_history_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint(
            "variant_id", "currency", "valid_from", name=op.f("pk_price_history")
        ),
    )
    op.create_table(
        "cost_history",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "manual",
                "supplier",
                "receipt",
                "import",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", tables.Instant(), nullable=False),
        sa.Column("valid_to", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(currency IS NULL) = (cost_micro IS NULL)", name=op.f("ck_cost_history_cost_whole")
        ),
        sa.CheckConstraint("cost_micro >= 0", name=op.f("ck_cost_history_cost_micro_not_negative")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_cost_history_ends")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_cost_history_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_history")),
    )
    with op.batch_alter_table("cost_history", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cost_history_valid_from_id"), ["valid_from", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_cost_history_variant_id_valid_from_id"),
            ["variant_id", "valid_from", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_cost_history_open",
            ["variant_id"],
            unique=True,
            postgresql_where=sa.text("valid_to IS NULL"),
            sqlite_where=sa.text("valid_to IS NULL"),
        )

    op.create_table(
        "kit_components",
        sa.Column("kit_id", tables.Id(), nullable=False),
        sa.Column("component_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("kit_kind", sa.String(length=40), server_default="kit", nullable=False),
        sa.Column("component_kind", sa.String(length=40), server_default="single", nullable=False),
        sa.CheckConstraint(
            "kit_kind = 'kit' AND component_kind = 'single'",
            name=op.f("ck_kit_components_not_nested"),
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000", name=op.f("ck_kit_components_quantity_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["component_id", "component_kind"],
            ["variants.id", "variants.kind"],
            name=op.f("fk_kit_components_component_id_component_kind_variants"),
        ),
        sa.ForeignKeyConstraint(
            ["kit_id", "kit_kind"],
            ["variants.id", "variants.kind"],
            name=op.f("fk_kit_components_kit_id_kit_kind_variants"),
        ),
        sa.PrimaryKeyConstraint("kit_id", "component_id", name=op.f("pk_kit_components")),
    )
    with op.batch_alter_table("kit_components", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kit_components_component_id_kit_id"),
            ["component_id", "kit_id"],
            unique=False,
        )

    op.execute(BEGIN_PRICES)
    op.execute(BEGIN_COSTS)


def choice(name: str, default: str) -> sa.Column[str]:
    # A plain text, whose CHECK is made by hand: a type that brings its own would name it after the
    # table that SQLite fills while it builds this one anew.
    return sa.Column(name, sa.String(length=40), server_default=default, nullable=False)


def downgrade() -> None:
    for what, rows in UNKNOWN_BEFORE:
        if op.get_bind().exec_driver_sql(f"{rows} LIMIT 1").first() is not None:
            raise NoWayBackError(f"Revision 0005 does not know {what}.")

    with op.batch_alter_table("kit_components", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kit_components_component_id_kit_id"))

    op.drop_table("kit_components")
    with op.batch_alter_table("cost_history", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_cost_history_open",
            postgresql_where=sa.text("valid_to IS NULL"),
            sqlite_where=sa.text("valid_to IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_cost_history_variant_id_valid_from_id"))
        batch_op.drop_index(batch_op.f("ix_cost_history_valid_from_id"))

    op.drop_table("cost_history")
    op.drop_table("price_history")
    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_variants_merged_into_id_variants"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_variants_id_kind"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_variants_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_variants_kind_created_at"))
        batch_op.drop_constraint(batch_op.f("ck_variants_merged_is_archived"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_variants_kind"), type_="check")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("kind")

    with op.batch_alter_table("barcodes", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_barcodes_level"), type_="check")
        batch_op.drop_column("level")
