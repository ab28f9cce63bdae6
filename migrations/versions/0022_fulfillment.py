"""Fulfillment"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fulfillment_calendars",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("weekdays", tables.Json, nullable=False),
        sa.Column("cut_off", sa.Integer(), nullable=False),
        sa.Column("handling_days", sa.Integer(), nullable=False),
        sa.Column("transit_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cut_off BETWEEN 0 AND 1440", name=op.f("ck_fulfillment_calendars_cut_off_of_day")
        ),
        sa.CheckConstraint(
            "handling_days BETWEEN 0 AND 60", name=op.f("ck_fulfillment_calendars_handling_bounded")
        ),
        sa.CheckConstraint(
            "transit_days BETWEEN 0 AND 120", name=op.f("ck_fulfillment_calendars_transit_bounded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_calendars")),
        sa.UniqueConstraint("code", name=op.f("uq_fulfillment_calendars_code")),
    )
    op.create_index(
        op.f("ix_fulfillment_calendars_code_id"),
        "fulfillment_calendars",
        ["code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_calendars_created_at_id"),
        "fulfillment_calendars",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "packagings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.CheckConstraint("height_mm >= 0", name=op.f("ck_packagings_height_mm_not_negative")),
        sa.CheckConstraint("length_mm >= 0", name=op.f("ck_packagings_length_mm_not_negative")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_packagings_weight_g_not_negative")),
        sa.CheckConstraint("width_mm >= 0", name=op.f("ck_packagings_width_mm_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packagings")),
        sa.UniqueConstraint("code", name=op.f("uq_packagings_code")),
    )
    op.create_index(op.f("ix_packagings_code_id"), "packagings", ["code", "id"], unique=False)
    op.create_index(
        op.f("ix_packagings_created_at_id"), "packagings", ["created_at", "id"], unique=False
    )
    op.create_table(
        "routing_strategies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("split_weight", sa.Integer(), nullable=False),
        sa.Column("distance_weight", sa.Integer(), nullable=False),
        sa.Column("cost_weight", sa.Integer(), nullable=False),
        sa.Column("priority_weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cost_weight >= 0", name=op.f("ck_routing_strategies_cost_weight_not_negative")
        ),
        sa.CheckConstraint(
            "distance_weight >= 0", name=op.f("ck_routing_strategies_distance_weight_not_negative")
        ),
        sa.CheckConstraint(
            "priority_weight >= 0", name=op.f("ck_routing_strategies_priority_weight_not_negative")
        ),
        sa.CheckConstraint(
            "split_weight >= 0", name=op.f("ck_routing_strategies_split_weight_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_strategies")),
        sa.UniqueConstraint("code", name=op.f("uq_routing_strategies_code")),
    )
    op.create_index(
        op.f("ix_routing_strategies_code_id"), "routing_strategies", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_routing_strategies_created_at_id"),
        "routing_strategies",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "fulfillment_holidays",
        sa.Column("calendar_id", tables.Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["fulfillment_calendars.id"],
            name=op.f("fk_fulfillment_holidays_calendar_id_fulfillment_calendars"),
        ),
        sa.PrimaryKeyConstraint("calendar_id", "day", name=op.f("pk_fulfillment_holidays")),
    )
    op.create_table(
        "fulfillment_sites",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", tables.line(250), nullable=True),
        sa.Column("shipment_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("piece_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", tables.Id(), nullable=True),
        sa.Column("release_gate", sa.Boolean(), nullable=False),
        sa.Column(
            "weight_check",
            sa.Enum(
                "off",
                "flag",
                "refuse",
                name="weight_check",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tolerance_percent", sa.Integer(), nullable=False),
        sa.Column("tolerance_g", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "piece_cost_minor >= 0", name=op.f("ck_fulfillment_sites_piece_cost_minor_not_negative")
        ),
        sa.CheckConstraint(
            "shipment_cost_minor >= 0",
            name=op.f("ck_fulfillment_sites_shipment_cost_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "tolerance_g >= 0", name=op.f("ck_fulfillment_sites_tolerance_g_not_negative")
        ),
        sa.CheckConstraint(
            "tolerance_percent BETWEEN 0 AND 100",
            name=op.f("ck_fulfillment_sites_tolerance_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["fulfillment_calendars.id"],
            name=op.f("fk_fulfillment_sites_calendar_id_fulfillment_calendars"),
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["stock_locations.id"], name=op.f("fk_fulfillment_sites_id_stock_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_sites")),
    )
    op.create_index(
        op.f("ix_fulfillment_sites_calendar_id"), "fulfillment_sites", ["calendar_id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillment_sites_created_at_id"),
        "fulfillment_sites",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "location_walks",
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("site_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_location_walks_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_location_walks_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["stock_locations.id"],
            name=op.f("fk_location_walks_site_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_location_walks")),
        sa.UniqueConstraint("site_id", "position", name=op.f("uq_location_walks_site_id_position")),
    )
    op.create_table(
        "waves",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "released",
                "done",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cut_off_at", tables.Instant(), nullable=True),
        sa.Column("service", tables.line(80), nullable=True),
        sa.Column("zone", tables.line(260), nullable=True),
        sa.Column("released_at", tables.Instant(), nullable=True),
        sa.Column("done_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NOT NULL) = (status = 'done')", name=op.f("ck_waves_done_at_when_done")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_waves_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
    )
    op.create_index(op.f("ix_waves_created_at_id"), "waves", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_waves_location_id_created_at_id"),
        "waves",
        ["location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_waves_status_created_at_id"), "waves", ["status", "created_at", "id"], unique=False
    )
    op.create_table(
        "fulfillments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "backordered",
                "released",
                "picking",
                "picked",
                "packed",
                "ready",
                "shipped",
                "delivered",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "dispatch_gate",
            sa.Enum(
                "not_required",
                "closed",
                "open",
                name="dispatch_gate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), server_default="100", nullable=False),
        sa.Column("service", tables.line(80), nullable=True),
        sa.Column("zone", tables.line(260), nullable=True),
        sa.Column("wave_id", tables.Id(), nullable=True),
        sa.Column("explanation", tables.Json, server_default="[]", nullable=False),
        sa.Column("ship_by", tables.Instant(), nullable=True),
        sa.Column("deliver_by", tables.Instant(), nullable=True),
        sa.Column("shipped_at", tables.Instant(), nullable=True),
        sa.Column("delivered_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(delivered_at IS NOT NULL) = (status = 'delivered')",
            name=op.f("ck_fulfillments_delivered_at_when_delivered"),
        ),
        sa.CheckConstraint(
            "(shipped_at IS NOT NULL) = (status IN ('shipped', 'delivered'))",
            name=op.f("ck_fulfillments_shipped_at_when_shipped"),
        ),
        sa.CheckConstraint(
            "priority BETWEEN 0 AND 1000000", name=op.f("ck_fulfillments_priority_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_fulfillments_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_fulfillments_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_fulfillments_wave_id_waves")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillments")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_fulfillments_order_id_number")),
    )
    op.create_index(
        op.f("ix_fulfillments_created_at_id"), "fulfillments", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillments_location_id_created_at_id"),
        "fulfillments",
        ["location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_location_id_status_priority_id"),
        "fulfillments",
        ["location_id", "status", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_number_id"), "fulfillments", ["number", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillments_order_id_created_at_id"),
        "fulfillments",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_priority_id"), "fulfillments", ["priority", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillments_service_created_at_id"),
        "fulfillments",
        ["service", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_ship_by_id"), "fulfillments", ["ship_by", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillments_status_created_at_id"),
        "fulfillments",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_status_ship_by_id"),
        "fulfillments",
        ["status", "ship_by", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_updated_at_id"), "fulfillments", ["updated_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillments_wave_id_created_at_id"),
        "fulfillments",
        ["wave_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_wave_id_priority_id"),
        "fulfillments",
        ["wave_id", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillments_zone_created_at_id"),
        "fulfillments",
        ["zone", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "fulfillment_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("packed", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "packed <= picked AND shipped <= picked",
            name=op.f("ck_fulfillment_lines_packed_and_shipped_of_picked"),
        ),
        sa.CheckConstraint("packed >= 0", name=op.f("ck_fulfillment_lines_packed_not_negative")),
        sa.CheckConstraint("picked >= 0", name=op.f("ck_fulfillment_lines_picked_not_negative")),
        sa.CheckConstraint(
            "quantity > 0 AND picked <= quantity",
            name=op.f("ck_fulfillment_lines_picked_of_wanted"),
        ),
        sa.CheckConstraint("shipped >= 0", name=op.f("ck_fulfillment_lines_shipped_not_negative")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_fulfillment_lines_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_fulfillment_lines_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_fulfillment_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_lines")),
        sa.UniqueConstraint(
            "fulfillment_id",
            "order_line_id",
            "variant_id",
            name=op.f("uq_fulfillment_lines_fulfillment_id_order_line_id_variant_id"),
        ),
    )
    op.create_index(
        op.f("ix_fulfillment_lines_fulfillment_id_position_id"),
        "fulfillment_lines",
        ["fulfillment_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_lines_order_line_id_id"),
        "fulfillment_lines",
        ["order_line_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_lines_variant_id"), "fulfillment_lines", ["variant_id"], unique=False
    )
    op.create_table(
        "fulfillment_put_backs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("lot_id", tables.Id(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("noted_at", tables.Instant(), nullable=False),
        sa.Column("done_at", tables.Instant(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_fulfillment_put_backs_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_fulfillment_put_backs_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_fulfillment_put_backs_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lots.id"], name=op.f("fk_fulfillment_put_backs_lot_id_stock_lots")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_fulfillment_put_backs_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_put_backs")),
    )
    op.create_index(
        op.f("ix_fulfillment_put_backs_fulfillment_id_noted_at_id"),
        "fulfillment_put_backs",
        ["fulfillment_id", "noted_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_put_backs_location_id"),
        "fulfillment_put_backs",
        ["location_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_put_backs_lot_id"), "fulfillment_put_backs", ["lot_id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillment_put_backs_variant_id"),
        "fulfillment_put_backs",
        ["variant_id"],
        unique=False,
    )
    op.create_table(
        "parcels",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("shipped_at", tables.Instant(), nullable=True),
        sa.Column("delivered_at", tables.Instant(), nullable=True),
        sa.Column("packaging_id", tables.Id(), nullable=True),
        sa.Column("removed_at", tables.Instant(), nullable=True),
        sa.Column("weight_flag", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "delivered_at IS NULL OR shipped_at IS NOT NULL",
            name=op.f("ck_parcels_delivered_after_shipped"),
        ),
        sa.CheckConstraint("height_mm >= 0", name=op.f("ck_parcels_height_mm_not_negative")),
        sa.CheckConstraint("length_mm >= 0", name=op.f("ck_parcels_length_mm_not_negative")),
        sa.CheckConstraint(
            "removed_at IS NULL OR shipped_at IS NULL",
            name=op.f("ck_parcels_removed_before_shipped"),
        ),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_parcels_weight_g_not_negative")),
        sa.CheckConstraint("width_mm >= 0", name=op.f("ck_parcels_width_mm_not_negative")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_parcels_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_parcels_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["packaging_id"], ["packagings.id"], name=op.f("fk_parcels_packaging_id_packagings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
        sa.UniqueConstraint("code", name=op.f("uq_parcels_code")),
    )
    op.create_index(op.f("ix_parcels_created_at_id"), "parcels", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_parcels_fulfillment_id_created_at_id"),
        "parcels",
        ["fulfillment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_parcels_order_id_created_at_id"),
        "parcels",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_parcels_packaging_id"), "parcels", ["packaging_id"], unique=False)
    op.create_table(
        "fulfillment_picks",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("fulfillment_line_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("lot_id", tables.Id(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("picked_at", tables.Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_fulfillment_picks_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["fulfillment_line_id"],
            ["fulfillment_lines.id"],
            name=op.f("fk_fulfillment_picks_fulfillment_line_id_fulfillment_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_fulfillment_picks_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lots.id"], name=op.f("fk_fulfillment_picks_lot_id_stock_lots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_picks")),
    )
    op.create_index(
        op.f("ix_fulfillment_picks_fulfillment_line_id_id"),
        "fulfillment_picks",
        ["fulfillment_line_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_picks_location_id_id"),
        "fulfillment_picks",
        ["location_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fulfillment_picks_lot_id"),
        "fulfillment_picks",
        ["lot_id"],
        unique=False,
        postgresql_where=sa.text("lot_id IS NOT NULL"),
        sqlite_where=sa.text("lot_id IS NOT NULL"),
    )
    op.create_table(
        "parcel_lines",
        sa.Column("parcel_id", tables.Id(), nullable=False),
        sa.Column("fulfillment_line_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["fulfillment_line_id"],
            ["fulfillment_lines.id"],
            name=op.f("fk_parcel_lines_fulfillment_line_id_fulfillment_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_parcel_lines_parcel_id_parcels")
        ),
        sa.PrimaryKeyConstraint("parcel_id", "fulfillment_line_id", name=op.f("pk_parcel_lines")),
    )
    op.create_index(
        op.f("ix_parcel_lines_fulfillment_line_id"),
        "parcel_lines",
        ["fulfillment_line_id"],
        unique=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER fulfillment_lines_of_what_is_left BEFORE INSERT ON fulfillment_lines WHEN COALESCE((SELECT SUM(other.quantity) FROM fulfillment_lines AS other JOIN fulfillments AS of_other ON of_other.id = other.fulfillment_id WHERE other.order_line_id = new.order_line_id AND other.variant_id = new.variant_id AND other.id <> new.id AND of_other.status <> 'cancelled'), 0) + new.quantity > (SELECT (ordered.quantity - ordered.cancelled) * COALESCE((SELECT part.quantity FROM order_line_components AS part WHERE part.line_id = ordered.id AND part.variant_id = new.variant_id), 1) FROM order_lines AS ordered WHERE ordered.id = new.order_line_id)
BEGIN SELECT RAISE(ABORT, 'fulfillments of a line are of what is left of it'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""CREATE OR REPLACE FUNCTION public.fulfillment_lines_of_what_is_left()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh WHERE COALESCE((SELECT SUM(other.quantity) FROM fulfillment_lines AS other JOIN fulfillments AS of_other ON of_other.id = other.fulfillment_id WHERE other.order_line_id = fresh.order_line_id AND other.variant_id = fresh.variant_id AND other.id <> fresh.id AND of_other.status <> 'cancelled'), 0) + fresh.quantity > (SELECT (ordered.quantity - ordered.cancelled) * COALESCE((SELECT part.quantity FROM order_line_components AS part WHERE part.line_id = ordered.id AND part.variant_id = fresh.variant_id), 1) FROM order_lines AS ordered WHERE ordered.id = fresh.order_line_id)) THEN
        RAISE EXCEPTION USING MESSAGE = 'fulfillments of a line are of what is left of it', ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $function$
""")
        op.execute(
            """CREATE TRIGGER fulfillment_lines_of_what_is_left AFTER INSERT ON public.fulfillment_lines REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION fulfillment_lines_of_what_is_left()"""
        )


def downgrade() -> None:
    op.drop_table("parcel_lines")
    op.drop_table("fulfillment_picks")
    op.drop_table("parcels")
    op.drop_table("fulfillment_put_backs")
    op.drop_table("fulfillment_lines")
    op.drop_table("fulfillments")
    op.drop_table("waves")
    op.drop_table("location_walks")
    op.drop_table("fulfillment_sites")
    op.drop_table("fulfillment_holidays")
    op.drop_table("routing_strategies")
    op.drop_table("packagings")
    op.drop_table("fulfillment_calendars")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION fulfillment_lines_of_what_is_left()")
