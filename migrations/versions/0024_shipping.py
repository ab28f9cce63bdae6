"""Carriers, rates, labels"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carriers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "manual",
                "table_rate",
                "fake",
                "karrio",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("account", tables.line(80), nullable=True),
        sa.Column("connector", tables.line(80), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("sender_name", sa.String(length=250), nullable=False),
        sa.Column("sender_lines", tables.Json, nullable=False),
        sa.Column("sender_city", sa.String(length=250), nullable=False),
        sa.Column("sender_region", sa.String(length=250), nullable=True),
        sa.Column("sender_postal_code", sa.String(length=20), nullable=True),
        sa.Column("sender_country", sa.String(length=2), nullable=False),
        sa.Column("manifests_made", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'karrio') = (connector IS NOT NULL)",
            name=op.f("ck_carriers_connector_of_karrio"),
        ),
        sa.CheckConstraint(
            "manifests_made >= 0", name=op.f("ck_carriers_manifests_made_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carriers")),
        sa.UniqueConstraint("code", name=op.f("uq_carriers_code")),
    )
    op.create_index(op.f("ix_carriers_code_id"), "carriers", ["code", "id"], unique=False)
    op.create_index(
        op.f("ix_carriers_created_at_id"), "carriers", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_carriers_kind_code_id"), "carriers", ["kind", "code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_carriers_status_code_id"), "carriers", ["status", "code", "id"], unique=False
    )
    op.create_table(
        "carrier_services",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("transit_days_min", sa.Integer(), nullable=False),
        sa.Column("transit_days_max", sa.Integer(), nullable=False),
        sa.Column("cut_off_minute", sa.Integer(), nullable=True),
        sa.Column("works_saturdays", sa.Boolean(), nullable=False),
        sa.Column("weight_max_g", sa.Integer(), nullable=True),
        sa.Column("length_max_mm", sa.Integer(), nullable=True),
        sa.Column("girth_max_mm", sa.Integer(), nullable=True),
        sa.Column("volumetric_divisor", sa.Integer(), nullable=True),
        sa.Column("countries", tables.Json, nullable=False),
        sa.Column("collects_cash", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "transit_days_min <= transit_days_max",
            name=op.f("ck_carrier_services_transit_in_order"),
        ),
        sa.CheckConstraint(
            "transit_days_min >= 0", name=op.f("ck_carrier_services_transit_days_min_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_carrier_services_carrier_id_carriers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_services")),
        sa.UniqueConstraint("carrier_id", "code", name=op.f("uq_carrier_services_carrier_id_code")),
    )
    op.create_index(
        op.f("ix_carrier_services_carrier_id_created_at_id"),
        "carrier_services",
        ["carrier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_services_code_id"), "carrier_services", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_carrier_services_created_at_id"),
        "carrier_services",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_services_status_code_id"),
        "carrier_services",
        ["status", "code", "id"],
        unique=False,
    )
    op.create_table(
        "manifests",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "pending",
                "closed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("carrier_reference", sa.String(length=250), nullable=True),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status = 'closed')",
            name=op.f("ck_manifests_closed_at_when_closed"),
        ),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_manifests_pieces_not_negative")),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_manifests_carrier_id_carriers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifests")),
        sa.UniqueConstraint("number", name=op.f("uq_manifests_number")),
    )
    op.create_index(
        op.f("ix_manifests_carrier_id_created_at_id"),
        "manifests",
        ["carrier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_manifests_created_at_id"), "manifests", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_manifests_status_created_at_id"),
        "manifests",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "pickups",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "confirmed",
                "failed",
                "cancelling",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("window_from", tables.Instant(), nullable=False),
        sa.Column("window_until", tables.Instant(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=250), nullable=True),
        sa.Column("confirmation", sa.String(length=250), nullable=True),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_pickups_pieces_not_negative")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_pickups_weight_g_not_negative")),
        sa.CheckConstraint("window_from < window_until", name=op.f("ck_pickups_window_in_order")),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_pickups_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_pickups_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickups")),
    )
    op.create_index(
        op.f("ix_pickups_carrier_id_window_from_id"),
        "pickups",
        ["carrier_id", "window_from", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_pickups_created_at_id"), "pickups", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_pickups_location_id_window_from_id"),
        "pickups",
        ["location_id", "window_from", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pickups_status_window_from_id"),
        "pickups",
        ["status", "window_from", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pickups_window_from_id"), "pickups", ["window_from", "id"], unique=False
    )
    op.create_table(
        "carrier_service_figures",
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("measured_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "late >= 0 AND late <= delivered AND delivered <= shipped",
            name=op.f("ck_carrier_service_figures_late_of_delivered"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_carrier_service_figures_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_carrier_service_figures")),
    )
    op.create_table(
        "carrier_surcharges",
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bulky",
                "remote_area",
                "cash_on_delivery",
                "insurance",
                "fuel",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=250), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_bps", sa.Integer(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("over_weight_g", sa.Integer(), nullable=True),
        sa.Column("over_length_mm", sa.Integer(), nullable=True),
        sa.Column("over_girth_mm", sa.Integer(), nullable=True),
        sa.Column("areas_given", tables.Json, nullable=False),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_carrier_surcharges_amount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "minimum_minor >= 0", name=op.f("ck_carrier_surcharges_minimum_minor_not_negative")
        ),
        sa.CheckConstraint(
            "share_bps >= 0", name=op.f("ck_carrier_surcharges_share_bps_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_carrier_surcharges_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("service_id", "position", name=op.f("pk_carrier_surcharges")),
    )
    op.create_table(
        "rate_tables",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_rate_tables_valid_for_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_rate_tables_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_tables")),
    )
    op.create_index(
        op.f("ix_rate_tables_created_at_id"), "rate_tables", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_rate_tables_service_id_valid_from_id"),
        "rate_tables",
        ["service_id", "valid_from", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rate_tables_valid_from_id"), "rate_tables", ["valid_from", "id"], unique=False
    )
    op.create_table(
        "rate_table_rows",
        sa.Column("table_id", tables.Id(), nullable=False),
        sa.Column("zone", tables.line(80), nullable=False),
        sa.Column("up_to_g", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("step_g", sa.Integer(), nullable=True),
        sa.Column("step_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "(step_g IS NULL) = (step_minor IS NULL)", name=op.f("ck_rate_table_rows_whole_steps")
        ),
        sa.CheckConstraint(
            "up_to_g > 0 AND price_minor >= 0", name=op.f("ck_rate_table_rows_weights_and_prices")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["rate_tables.id"], name=op.f("fk_rate_table_rows_table_id_rate_tables")
        ),
        sa.PrimaryKeyConstraint("table_id", "zone", "up_to_g", name=op.f("pk_rate_table_rows")),
    )
    op.create_table(
        "rate_table_zones",
        sa.Column("table_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("postal_from", sa.String(length=20), nullable=True),
        sa.Column("postal_to", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["table_id"], ["rate_tables.id"], name=op.f("fk_rate_table_zones_table_id_rate_tables")
        ),
        sa.PrimaryKeyConstraint("table_id", "position", name=op.f("pk_rate_table_zones")),
    )
    op.create_table(
        "rate_quotes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "ready",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parcel_id", tables.Id(), nullable=True),
        sa.Column(
            "wish",
            sa.Enum(
                "best",
                "cheapest",
                "fastest",
                name="wish",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("city", sa.String(length=250), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.CheckConstraint("cash_minor >= 0", name=op.f("ck_rate_quotes_cash_minor_not_negative")),
        sa.CheckConstraint(
            "value_minor >= 0", name=op.f("ck_rate_quotes_value_minor_not_negative")
        ),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_rate_quotes_weight_g_not_negative")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_rate_quotes_parcel_id_parcels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_quotes")),
    )
    op.create_index(op.f("ix_rate_quotes_parcel_id"), "rate_quotes", ["parcel_id"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("parcel_id", tables.Id(), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pending",
                "unclear",
                "failed",
                "labelled",
                "voiding",
                "voided",
                "handed_over",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("quoted_minor", sa.BigInteger(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("recipient", sa.String(length=250), nullable=False),
        sa.Column("address_lines", tables.Json, nullable=False),
        sa.Column("district", sa.String(length=250), nullable=True),
        sa.Column("city", sa.String(length=250), nullable=False),
        sa.Column("region", sa.String(length=250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("purchase_key", sa.String(length=64), nullable=True),
        sa.Column("called_at", tables.Instant(), nullable=True),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        sa.Column("tracking_number", tables.line(80), nullable=True),
        sa.Column("carrier_reference", sa.String(length=250), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("labelled_at", tables.Instant(), nullable=True),
        sa.Column("voided_at", tables.Instant(), nullable=True),
        sa.Column("manifest_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(voided_at IS NOT NULL) = (status = 'voided')",
            name=op.f("ck_shipments_voided_at_when_voided"),
        ),
        sa.CheckConstraint(
            "manifest_id IS NULL OR status IN ('labelled', 'handed_over')",
            name=op.f("ck_shipments_only_labelled_on_manifest"),
        ),
        sa.CheckConstraint(
            "status <> 'handed_over' OR manifest_id IS NOT NULL",
            name=op.f("ck_shipments_handed_over_by_manifest"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('labelled', 'voiding', 'voided', 'handed_over') OR (tracking_number IS NOT NULL AND labelled_at IS NOT NULL)",
            name=op.f("ck_shipments_number_when_labelled"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('pending', 'unclear') OR purchase_key IS NOT NULL",
            name=op.f("ck_shipments_key_when_pending"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_shipments_attempts_not_negative")),
        sa.CheckConstraint("cash_minor >= 0", name=op.f("ck_shipments_cash_minor_not_negative")),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_shipments_value_minor_not_negative")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_shipments_weight_g_not_negative")),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_shipments_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_shipments_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"], ["manifests.id"], name=op.f("fk_shipments_manifest_id_manifests")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_shipments_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_shipments_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("number", name=op.f("uq_shipments_number")),
        sa.UniqueConstraint("purchase_key", name=op.f("uq_shipments_purchase_key")),
    )
    op.create_index(
        op.f("ix_shipments_carrier_id_created_at_id"),
        "shipments",
        ["carrier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_created_at_id"), "shipments", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_shipments_fulfillment_id_created_at_id"),
        "shipments",
        ["fulfillment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_manifest_id_created_at_id"),
        "shipments",
        ["manifest_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_order_id_created_at_id"),
        "shipments",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_parcel_id_created_at_id"),
        "shipments",
        ["parcel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_service_id_created_at_id"),
        "shipments",
        ["service_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_status_created_at_id"),
        "shipments",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_tracking_number_created_at_id"),
        "shipments",
        ["tracking_number", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shipments_updated_at_id"), "shipments", ["updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_shipments_one_per_parcel",
        "shipments",
        ["parcel_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('voided', 'cancelled')"),
        postgresql_where=sa.text("status NOT IN ('voided', 'cancelled')"),
    )
    op.create_table(
        "freight_charges",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("shipment_id", tables.Id(), nullable=True),
        sa.Column("invoice", tables.line(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tracking_number", tables.line(80), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "agrees",
                "differs",
                "unknown",
                "accepted",
                "disputed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("variance_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "charged_minor >= 0", name=op.f("ck_freight_charges_charged_minor_not_negative")
        ),
        sa.CheckConstraint(
            "variance_minor = CASE WHEN expected_minor IS NULL THEN 0 ELSE charged_minor - expected_minor END",
            name=op.f("ck_freight_charges_variance_of_both"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_freight_charges_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_freight_charges_shipment_id_shipments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_charges")),
        sa.UniqueConstraint(
            "carrier_id",
            "invoice",
            "position",
            name=op.f("uq_freight_charges_carrier_id_invoice_position"),
        ),
    )
    op.create_index(
        op.f("ix_freight_charges_carrier_id_created_at_id"),
        "freight_charges",
        ["carrier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_freight_charges_created_at_id"),
        "freight_charges",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_freight_charges_invoice_created_at_id"),
        "freight_charges",
        ["invoice", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_freight_charges_shipment_id_created_at_id"),
        "freight_charges",
        ["shipment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_freight_charges_status_created_at_id"),
        "freight_charges",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_freight_charges_variance_minor_id"),
        "freight_charges",
        ["variance_minor", "id"],
        unique=False,
    )
    op.create_table(
        "rate_candidates",
        sa.Column("quote_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("billable_g", sa.Integer(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("late_permille", sa.Integer(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("refused", tables.Json, nullable=False),
        sa.Column("said", sa.String(length=300), nullable=True),
        sa.Column("parts", tables.Json, nullable=False),
        sa.CheckConstraint(
            "(total_minor IS NULL) = (expected_minor IS NULL)",
            name=op.f("ck_rate_candidates_priced_or_refused"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_rate_candidates_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["rate_quotes.id"], name=op.f("fk_rate_candidates_quote_id_rate_quotes")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_rate_candidates_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("quote_id", "position", name=op.f("pk_rate_candidates")),
        sa.UniqueConstraint(
            "quote_id", "service_id", name=op.f("uq_rate_candidates_quote_id_service_id")
        ),
    )
    op.create_table(
        "shipping_labels",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("shipment_id", tables.Id(), nullable=False),
        sa.Column("purchase_key", sa.String(length=64), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "pdf",
                "zpl",
                "png",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_shipping_labels_shipment_id_shipments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_labels")),
        sa.UniqueConstraint("key", name=op.f("uq_shipping_labels_key")),
        sa.UniqueConstraint(
            "shipment_id",
            "purchase_key",
            "format",
            name=op.f("uq_shipping_labels_shipment_id_purchase_key_format"),
        ),
    )
    op.create_table(
        "label_tickets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("label_id", tables.Id(), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.Column("used_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["shipping_labels.id"],
            name=op.f("fk_label_tickets_label_id_shipping_labels"),
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_label_tickets")),
    )
    op.create_index(
        op.f("ix_label_tickets_expires_at"), "label_tickets", ["expires_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("label_tickets")
    op.drop_table("shipping_labels")
    op.drop_table("rate_candidates")
    op.drop_table("freight_charges")
    op.drop_table("shipments")
    op.drop_table("rate_quotes")
    op.drop_table("rate_table_zones")
    op.drop_table("rate_table_rows")
    op.drop_table("rate_tables")
    op.drop_table("carrier_surcharges")
    op.drop_table("carrier_service_figures")
    op.drop_table("pickups")
    op.drop_table("manifests")
    op.drop_table("carrier_services")
    op.drop_table("carriers")
