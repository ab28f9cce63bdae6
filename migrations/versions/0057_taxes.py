"""Rates of tax, and what orders were taxed at"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tax_rates",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(120), nullable=False),
        sa.Column("place", tables.line(83), nullable=False),
        sa.Column("country", tables.line(2), nullable=True),
        sa.Column("region", tables.line(80), nullable=True),
        sa.Column("tax_class", tables.line(80), nullable=True),
        sa.Column("hs_prefix", tables.line(10), nullable=True),
        sa.Column(
            "buyers",
            sa.Enum(
                "all",
                "businesses",
                name="buyers",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "standard",
                "zero",
                "exempt",
                "reverse_charge",
                "intra_community",
                "export",
                "outside",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("reason", tables.line(250), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(category = 'standard') = (rate_ppm > 0)", name=op.f("ck_tax_rates_rate_of_standard")
        ),
        sa.CheckConstraint(
            "rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rates_rate_bounded")
        ),
        sa.CheckConstraint(
            "region IS NULL OR country IS NOT NULL", name=op.f("ck_tax_rates_region_of_country")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_tax_rates_ends")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
    )
    op.create_index(
        op.f("ix_tax_rates_country_place_id"), "tax_rates", ["country", "place", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tax_rates_created_at_id"), "tax_rates", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tax_rates_is_active_place_id"),
        "tax_rates",
        ["is_active", "place", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tax_rates_place_id"), "tax_rates", ["place", "id"], unique=False)
    op.create_index(
        op.f("ix_tax_rates_tax_class_place_id"),
        "tax_rates",
        ["tax_class", "place", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tax_rates_valid_from_id"), "tax_rates", ["valid_from", "id"], unique=False
    )
    op.create_table(
        "channel_taxes",
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", tables.line(80), nullable=True),
        sa.Column("time_zone", tables.line(250), nullable=False),
        sa.Column("shipping_class", tables.line(80), nullable=True),
        sa.Column(
            "rounding",
            sa.Enum(
                "line",
                "order",
                name="rounding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", tables.line(80), nullable=True),
        sa.Column("needs_provider", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_channel_taxes_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_taxes")),
    )
    op.create_table(
        "order_taxes",
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "rates",
                "asked",
                "answered",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", tables.line(80), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", tables.line(80), nullable=True),
        sa.Column(
            "place_source",
            sa.Enum(
                "shipping",
                "billing",
                "channel",
                "given",
                name="place_source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_business", sa.Boolean(), nullable=False),
        sa.Column("shipping_given", sa.Boolean(), nullable=False),
        sa.Column("lines", tables.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_taxes_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_taxes")),
    )
    op.create_table(
        "variant_tax_classes",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("tax_class", tables.line(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_variant_tax_classes_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_variant_tax_classes")),
    )
    op.create_index(
        op.f("ix_variant_tax_classes_tax_class"), "variant_tax_classes", ["tax_class"], unique=False
    )


def downgrade() -> None:
    op.drop_table("variant_tax_classes")
    op.drop_table("order_taxes")
    op.drop_table("channel_taxes")
    op.drop_table("tax_rates")
