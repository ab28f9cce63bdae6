"""How much locations hold"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "location_capacities",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("pieces_max", sa.Integer(), nullable=True),
        sa.Column("volume_max_cm3", sa.BigInteger(), nullable=True),
        sa.Column("weight_max_g", sa.BigInteger(), nullable=True),
        sa.Column(
            "policy",
            sa.Enum(
                "refuse",
                "warn",
                name="policy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "pieces_max >= 0", name=op.f("ck_location_capacities_pieces_max_not_negative")
        ),
        sa.CheckConstraint(
            "pieces_max IS NOT NULL OR volume_max_cm3 IS NOT NULL OR weight_max_g IS NOT NULL",
            name=op.f("ck_location_capacities_bounds_something"),
        ),
        sa.CheckConstraint(
            "volume_max_cm3 >= 0", name=op.f("ck_location_capacities_volume_max_cm3_not_negative")
        ),
        sa.CheckConstraint(
            "weight_max_g >= 0", name=op.f("ck_location_capacities_weight_max_g_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_location_capacities_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_capacities")),
        sa.UniqueConstraint("location_id", name=op.f("uq_location_capacities_location_id")),
    )


def downgrade() -> None:
    op.drop_table("location_capacities")
