"""Returns"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_reasons",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("parent_id", tables.Id(), nullable=True),
        sa.Column(
            "root_cause",
            sa.Enum(
                "product",
                "supplier",
                "description",
                "warehouse",
                "carrier",
                "customer",
                "fraud",
                "other",
                name="root_cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("needs_photo", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
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
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_return_reasons_not_its_own_part")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_return_reasons_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["return_reasons.id"],
            name=op.f("fk_return_reasons_parent_id_return_reasons"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_reasons")),
        sa.UniqueConstraint("code", name=op.f("uq_return_reasons_code")),
    )
    op.create_index(
        op.f("ix_return_reasons_code_id"), "return_reasons", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_return_reasons_parent_id_position_id"),
        "return_reasons",
        ["parent_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_reasons_position_id"), "return_reasons", ["position", "id"], unique=False
    )
    op.create_index(
        op.f("ix_return_reasons_root_cause_position_id"),
        "return_reasons",
        ["root_cause", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_reasons_status_position_id"),
        "return_reasons",
        ["status", "position", "id"],
        unique=False,
    )
    op.create_table(
        "return_series",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "return",
                "claim",
                "refusal",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_return_series_numbers_skipped_below_next"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_series")),
        sa.UniqueConstraint("kind", name=op.f("uq_return_series_kind")),
    )
    op.create_table(
        "recorded_credits",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "position >= 0 AND unit_price_micro >= 0 AND amount_minor >= 0",
            name=op.f("ck_recorded_credits_amounts_bounded"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_recorded_credits_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_recorded_credits_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_recorded_credits_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_credits")),
        sa.UniqueConstraint(
            "channel_id",
            "number",
            "position",
            name=op.f("uq_recorded_credits_channel_id_number_position"),
        ),
    )
    op.create_index(
        op.f("ix_recorded_credits_credited_at_id"),
        "recorded_credits",
        ["credited_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recorded_credits_customer_id_credited_at_id"),
        "recorded_credits",
        ["customer_id", "credited_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recorded_credits_number_id"), "recorded_credits", ["number", "id"], unique=False
    )
    op.create_table(
        "return_policies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("category_id", tables.Id(), nullable=True),
        sa.Column("countries", tables.Json, nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column(
            "window_start",
            sa.Enum(
                "delivery",
                "shipment",
                name="window_start",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("conditions", tables.Json, nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("fee_basis_points", sa.Integer(), nullable=False),
        sa.Column("refunds_shipping", sa.Boolean(), nullable=False),
        sa.Column(
            "shipping_payer",
            sa.Enum(
                "customer",
                "shop",
                name="shipping_payer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("auto_approve_minor", sa.BigInteger(), nullable=True),
        sa.Column("auto_decline", sa.Boolean(), nullable=False),
        sa.Column("expires_days", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "preset",
            sa.Enum(
                "brazil_cdc_49",
                "eu_2011_83",
                name="preset",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "auto_approve_minor >= 0",
            name=op.f("ck_return_policies_auto_approve_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "expires_days BETWEEN 1 AND 3650", name=op.f("ck_return_policies_expiry_bounded")
        ),
        sa.CheckConstraint(
            "fee_basis_points BETWEEN 0 AND 10000", name=op.f("ck_return_policies_fee_bounded")
        ),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_return_policies_priority_not_negative")),
        sa.CheckConstraint(
            "window_days BETWEEN 0 AND 3650", name=op.f("ck_return_policies_window_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_return_policies_category_id_categories"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_return_policies_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_policies")),
        sa.UniqueConstraint("code", name=op.f("uq_return_policies_code")),
    )
    op.create_index(
        op.f("ix_return_policies_category_id"), "return_policies", ["category_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_policies_channel_id_priority_id"),
        "return_policies",
        ["channel_id", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_policies_code_id"), "return_policies", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_return_policies_priority_id"), "return_policies", ["priority", "id"], unique=False
    )
    op.create_table(
        "returns",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "return",
                "claim",
                "refusal",
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
                "requested",
                "approved",
                "declined",
                "awaiting_items",
                "in_transit",
                "partially_received",
                "received",
                "resolved",
                "cancelled",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "staff",
                "partner",
                "customer",
                "recorded",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", tables.line(120), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "allowed",
                "review",
                "refused",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rule",
            sa.Enum(
                "within_window",
                "no_policy",
                "no_order",
                "over_limit",
                "not_delivered",
                "window_over",
                "condition",
                "excluded",
                "nothing_left",
                name="rule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("goodwill_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status IN ('declined', 'resolved', 'cancelled', 'expired'))",
            name=op.f("ck_returns_closed_at_when_closed"),
        ),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_returns_fee_minor_not_negative")),
        sa.CheckConstraint(
            "goodwill_minor >= 0", name=op.f("ck_returns_goodwill_minor_not_negative")
        ),
        sa.CheckConstraint("recorded = (serial = 0)", name=op.f("ck_returns_serial_when_drawn")),
        sa.CheckConstraint(
            "refunded_minor >= 0", name=op.f("ck_returns_refunded_minor_not_negative")
        ),
        sa.CheckConstraint("serial >= 0", name=op.f("ck_returns_serial_not_negative")),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_returns_value_minor_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_returns_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_returns_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_returns_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_returns_number")),
    )
    op.create_index(
        op.f("ix_returns_channel_id_created_at_id"),
        "returns",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_returns_created_at_id"), "returns", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_returns_currency_value_minor_id"),
        "returns",
        ["currency", "value_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_returns_customer_id_created_at_id"),
        "returns",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_returns_expires_at_id"), "returns", ["expires_at", "id"], unique=False)
    op.create_index(
        op.f("ix_returns_kind_created_at_id"), "returns", ["kind", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_returns_location_id_created_at_id"),
        "returns",
        ["location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_returns_numbered",
        "returns",
        ["kind", "serial"],
        unique=True,
        sqlite_where=sa.text("NOT recorded"),
        postgresql_where=sa.text("NOT recorded"),
    )
    op.create_index(
        op.f("ix_returns_origin_created_at_id"),
        "returns",
        ["origin", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_returns_reference_id"), "returns", ["reference", "id"], unique=False)
    op.create_index(
        op.f("ix_returns_rule_created_at_id"), "returns", ["rule", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_returns_serial_id"), "returns", ["serial", "id"], unique=False)
    op.create_index(
        op.f("ix_returns_status_created_at_id"),
        "returns",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_returns_updated_at_id"), "returns", ["updated_at", "id"], unique=False)
    op.create_index(
        op.f("ix_returns_value_minor_id"), "returns", ["value_minor", "id"], unique=False
    )
    op.create_index(
        op.f("ix_returns_verdict_created_at_id"),
        "returns",
        ["verdict", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "exchanges",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "reserved",
                "released",
                "settled",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "send_when",
            sa.Enum(
                "at_once",
                "on_receipt",
                name="send_when",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("outgoing_minor", sa.BigInteger(), nullable=False),
        sa.Column("promised_minor", sa.BigInteger(), nullable=False),
        sa.Column("deducted_minor", sa.BigInteger(), nullable=False),
        sa.Column("earned_minor", sa.BigInteger(), nullable=False),
        sa.Column("surcharge_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("surcharge_order_id", tables.Id(), nullable=True),
        sa.Column("settled_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NOT NULL) = (status = 'settled')",
            name=op.f("ck_exchanges_settled_at_once"),
        ),
        sa.CheckConstraint(
            "(status = 'requested' AND order_id IS NULL) OR status = 'cancelled' OR (status IN ('reserved', 'released', 'settled') AND order_id IS NOT NULL)",
            name=op.f("ck_exchanges_order_when_reserved"),
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL AND earned_minor = 0 AND surcharge_minor = 0 AND refunded_minor = 0) OR (settled_at IS NOT NULL AND surcharge_minor * refunded_minor = 0 AND deducted_minor + refunded_minor = earned_minor + surcharge_minor)",
            name=op.f("ck_exchanges_settled_in_one_direction"),
        ),
        sa.CheckConstraint(
            "(surcharge_order_id IS NOT NULL) = (surcharge_minor > 0)",
            name=op.f("ck_exchanges_surcharge_is_asked_for"),
        ),
        sa.CheckConstraint(
            "deducted_minor <= promised_minor AND deducted_minor <= outgoing_minor",
            name=op.f("ck_exchanges_deducted_at_most_both"),
        ),
        sa.CheckConstraint(
            "deducted_minor >= 0", name=op.f("ck_exchanges_deducted_minor_not_negative")
        ),
        sa.CheckConstraint(
            "earned_minor >= 0", name=op.f("ck_exchanges_earned_minor_not_negative")
        ),
        sa.CheckConstraint(
            "outgoing_minor >= 0", name=op.f("ck_exchanges_outgoing_minor_not_negative")
        ),
        sa.CheckConstraint(
            "promised_minor >= 0", name=op.f("ck_exchanges_promised_minor_not_negative")
        ),
        sa.CheckConstraint(
            "refunded_minor >= 0", name=op.f("ck_exchanges_refunded_minor_not_negative")
        ),
        sa.CheckConstraint(
            "surcharge_minor >= 0", name=op.f("ck_exchanges_surcharge_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_exchanges_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_exchanges_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["surcharge_order_id"],
            ["orders.id"],
            name=op.f("fk_exchanges_surcharge_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("number", name=op.f("uq_exchanges_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_exchanges_order_id")),
        sa.UniqueConstraint("surcharge_order_id", name=op.f("uq_exchanges_surcharge_order_id")),
    )
    op.create_index(
        op.f("ix_exchanges_created_at_id"), "exchanges", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_exchanges_return_id_created_at_id"),
        "exchanges",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchanges_status_created_at_id"),
        "exchanges",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchanges_updated_at_id"), "exchanges", ["updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_exchanges_live",
        "exchanges",
        ["return_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('released', 'requested', 'reserved')"),
        postgresql_where=sa.text("status IN ('released', 'requested', 'reserved')"),
    )
    op.create_table(
        "return_orders",
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_orders_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_orders_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("return_id", "order_id", name=op.f("pk_return_orders")),
    )
    op.create_index(
        op.f("ix_return_orders_order_id_return_id"),
        "return_orders",
        ["order_id", "return_id"],
        unique=False,
    )
    op.create_table(
        "return_refunds",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "units",
                "exchange",
                "goodwill",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "destination",
            sa.Enum(
                "original",
                "store_credit",
                name="destination",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("store_credit_id", tables.Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "kind = 'goodwill' OR amount_minor = items_minor + shipping_minor - fee_minor + CASE WHEN tax_included THEN 0 ELSE tax_minor END",
            name=op.f("ck_return_refunds_amount_of_parts"),
        ),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_return_refunds_amount_minor_not_negative")
        ),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_return_refunds_fee_minor_not_negative")),
        sa.CheckConstraint(
            "items_minor >= 0", name=op.f("ck_return_refunds_items_minor_not_negative")
        ),
        sa.CheckConstraint(
            "order_id IS NOT NULL OR store_credit_id IS NOT NULL OR amount_minor = 0",
            name=op.f("ck_return_refunds_money_goes_somewhere"),
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_return_refunds_shipping_minor_not_negative")
        ),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_return_refunds_tax_minor_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_refunds_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_refunds_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["store_credit_id"],
            ["store_credits.id"],
            name=op.f("fk_return_refunds_store_credit_id_store_credits"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_refunds")),
    )
    op.create_index(
        op.f("ix_return_refunds_order_id"), "return_refunds", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_refunds_return_id_created_at_id"),
        "return_refunds",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_refunds_store_credit_id"),
        "return_refunds",
        ["store_credit_id"],
        unique=False,
    )
    op.create_table(
        "exchange_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("exchange_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_exchange_lines_quantity_positive")),
        sa.CheckConstraint(
            "unit_price_micro >= 0", name=op.f("ck_exchange_lines_unit_price_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_exchange_lines_exchange_id_exchanges")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_exchange_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_lines")),
    )
    op.create_index(
        op.f("ix_exchange_lines_exchange_id_position_id"),
        "exchange_lines",
        ["exchange_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchange_lines_variant_id"), "exchange_lines", ["variant_id"], unique=False
    )
    op.create_table(
        "return_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "requested",
                "over",
                "wrong_item",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("order_line_id", tables.Id(), nullable=True),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("title", sa.String(length=2783), nullable=False),
        sa.Column("reason_id", tables.Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "unknown",
                "unopened",
                "opened",
                "used",
                "damaged",
                "defective",
                name="condition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lot_code", tables.line(80), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "allowed",
                "review",
                "refused",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rule",
            sa.Enum(
                "within_window",
                "no_policy",
                "no_order",
                "over_limit",
                "not_delivered",
                "window_over",
                "condition",
                "excluded",
                "nothing_left",
                name="rule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("policy_id", tables.Id(), nullable=True),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("waived", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("inspected", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.Column("to_refund", sa.Integer(), nullable=False),
        sa.Column("to_exchange", sa.Integer(), nullable=False),
        sa.Column("to_repair", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("exchanged", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_items_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_basis_points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refunds_shipping", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("cancelled >= 0", name=op.f("ck_return_lines_cancelled_not_negative")),
        sa.CheckConstraint(
            "exchanged <= to_exchange", name=op.f("ck_return_lines_exchanged_at_most_decided")
        ),
        sa.CheckConstraint("exchanged >= 0", name=op.f("ck_return_lines_exchanged_not_negative")),
        sa.CheckConstraint(
            "fee_basis_points >= 0", name=op.f("ck_return_lines_fee_basis_points_not_negative")
        ),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_return_lines_fee_minor_not_negative")),
        sa.CheckConstraint(
            "inspected <= received", name=op.f("ck_return_lines_inspected_at_most_received")
        ),
        sa.CheckConstraint("inspected >= 0", name=op.f("ck_return_lines_inspected_not_negative")),
        sa.CheckConstraint(
            "items_minor >= 0", name=op.f("ck_return_lines_items_minor_not_negative")
        ),
        sa.CheckConstraint(
            "missing + sent_back <= inspected", name=op.f("ck_return_lines_gone_at_most_inspected")
        ),
        sa.CheckConstraint("missing >= 0", name=op.f("ck_return_lines_missing_not_negative")),
        sa.CheckConstraint(
            "order_line_id IS NULL OR order_id IS NOT NULL",
            name=op.f("ck_return_lines_order_of_order_line"),
        ),
        sa.CheckConstraint(
            "received + waived + cancelled <= requested",
            name=op.f("ck_return_lines_received_at_most_wanted"),
        ),
        sa.CheckConstraint("received >= 0", name=op.f("ck_return_lines_received_not_negative")),
        sa.CheckConstraint(
            "refunded + exchanged + repaired + rejected <= inspected + waived",
            name=op.f("ck_return_lines_resolved_at_most_inspected"),
        ),
        sa.CheckConstraint(
            "refunded <= to_refund + waived", name=op.f("ck_return_lines_refunded_at_most_decided")
        ),
        sa.CheckConstraint("refunded >= 0", name=op.f("ck_return_lines_refunded_not_negative")),
        sa.CheckConstraint("rejected >= 0", name=op.f("ck_return_lines_rejected_not_negative")),
        sa.CheckConstraint(
            "repaired <= to_repair", name=op.f("ck_return_lines_repaired_at_most_decided")
        ),
        sa.CheckConstraint("repaired >= 0", name=op.f("ck_return_lines_repaired_not_negative")),
        sa.CheckConstraint("requested > 0", name=op.f("ck_return_lines_requested_positive")),
        sa.CheckConstraint("sent_back >= 0", name=op.f("ck_return_lines_sent_back_not_negative")),
        sa.CheckConstraint(
            "settled_items_minor <= items_minor AND settled_tax_minor <= tax_minor AND settled_shipping_minor <= shipping_minor AND fee_minor <= settled_items_minor",
            name=op.f("ck_return_lines_refunded_at_most_worth"),
        ),
        sa.CheckConstraint(
            "settled_items_minor >= 0",
            name=op.f("ck_return_lines_settled_items_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "settled_shipping_minor >= 0",
            name=op.f("ck_return_lines_settled_shipping_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "settled_tax_minor >= 0", name=op.f("ck_return_lines_settled_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_return_lines_shipping_minor_not_negative")
        ),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_return_lines_tax_minor_not_negative")),
        sa.CheckConstraint(
            "to_exchange >= 0", name=op.f("ck_return_lines_to_exchange_not_negative")
        ),
        sa.CheckConstraint(
            "to_refund + to_exchange + to_repair + rejected = inspected",
            name=op.f("ck_return_lines_resolutions_of_inspected"),
        ),
        sa.CheckConstraint("to_refund >= 0", name=op.f("ck_return_lines_to_refund_not_negative")),
        sa.CheckConstraint("to_repair >= 0", name=op.f("ck_return_lines_to_repair_not_negative")),
        sa.CheckConstraint("waived >= 0", name=op.f("ck_return_lines_waived_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_lines_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_return_lines_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["return_policies.id"],
            name=op.f("fk_return_lines_policy_id_return_policies"),
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"],
            ["return_reasons.id"],
            name=op.f("fk_return_lines_reason_id_return_reasons"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_return_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
    )
    op.create_index(
        op.f("ix_return_lines_order_id_id"), "return_lines", ["order_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_return_lines_order_line_id_id"),
        "return_lines",
        ["order_line_id", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_return_lines_policy_id"), "return_lines", ["policy_id"], unique=False)
    op.create_index(
        op.f("ix_return_lines_reason_id_return_id"),
        "return_lines",
        ["reason_id", "return_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_lines_return_id_position_id"),
        "return_lines",
        ["return_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_lines_sku_return_id"), "return_lines", ["sku", "return_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_lines_variant_id_return_id"),
        "return_lines",
        ["variant_id", "return_id"],
        unique=False,
    )
    op.create_table(
        "exchanged_pieces",
        sa.Column("exchange_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "items_minor >= 0", name=op.f("ck_exchanged_pieces_items_minor_not_negative")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_exchanged_pieces_quantity_positive")),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_exchanged_pieces_shipping_minor_not_negative")
        ),
        sa.CheckConstraint(
            "tax_minor >= 0", name=op.f("ck_exchanged_pieces_tax_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchanged_pieces_exchange_id_exchanges"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["return_lines.id"], name=op.f("fk_exchanged_pieces_line_id_return_lines")
        ),
        sa.PrimaryKeyConstraint("exchange_id", "line_id", name=op.f("pk_exchanged_pieces")),
    )
    op.create_index(
        op.f("ix_exchanged_pieces_line_id"), "exchanged_pieces", ["line_id"], unique=False
    )
    op.create_table(
        "refused_parcels",
        sa.Column("parcel_id", tables.Id(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_refused_parcels_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_refused_parcels_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_refused_parcels")),
    )
    op.create_index(
        op.f("ix_refused_parcels_return_id"), "refused_parcels", ["return_id"], unique=False
    )
    op.create_table(
        "return_inspections",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "unknown",
                "unopened",
                "opened",
                "used",
                "damaged",
                "defective",
                name="condition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "disposition",
            sa.Enum(
                "restock",
                "refurbish",
                "quarantine",
                "scrap",
                "to_supplier",
                "back_to_customer",
                "missing",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "resolution",
            sa.Enum(
                "refund",
                "store_credit",
                "exchange",
                "repair",
                "reject",
                name="resolution",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.Column("movement_id", tables.Id(), nullable=True),
        sa.Column("lot_id", tables.Id(), nullable=True),
        sa.Column("lot_matches", sa.Boolean(), nullable=True),
        sa.Column("unit_cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(movement_id IS NOT NULL) = (disposition IN ('restock', 'refurbish', 'quarantine', 'scrap', 'to_supplier'))",
            name=op.f("ck_return_inspections_movement_of_what_stays"),
        ),
        sa.CheckConstraint(
            "(unit_cost_micro IS NULL) = (cost_currency IS NULL)",
            name=op.f("ck_return_inspections_cost_has_a_currency"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_inspections_quantity_positive")),
        sa.CheckConstraint(
            "unit_cost_micro >= 0", name=op.f("ck_return_inspections_unit_cost_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["return_lines.id"],
            name=op.f("fk_return_inspections_line_id_return_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_return_inspections_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lots.id"], name=op.f("fk_return_inspections_lot_id_stock_lots")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["stock_movements.id"],
            name=op.f("fk_return_inspections_movement_id_stock_movements"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_inspections_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_return_inspections_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_inspections")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_return_inspections_movement_id")),
    )
    op.create_index(
        op.f("ix_return_inspections_line_id"), "return_inspections", ["line_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_inspections_location_id"),
        "return_inspections",
        ["location_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_inspections_lot_id"), "return_inspections", ["lot_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_inspections_return_id_created_at_id"),
        "return_inspections",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_inspections_variant_id_created_at_id"),
        "return_inspections",
        ["variant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "return_receipts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "expected",
                "over",
                "wrong_item",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", tables.line(250), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_receipts_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["return_lines.id"], name=op.f("fk_return_receipts_line_id_return_lines")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_return_receipts_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_receipts_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_receipts")),
    )
    op.create_index(
        op.f("ix_return_receipts_line_id"), "return_receipts", ["line_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_receipts_location_id"), "return_receipts", ["location_id"], unique=False
    )
    op.create_index(
        op.f("ix_return_receipts_return_id_created_at_id"),
        "return_receipts",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "return_refund_lines",
        sa.Column("return_refund_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fee_minor >= 0", name=op.f("ck_return_refund_lines_fee_minor_not_negative")
        ),
        sa.CheckConstraint(
            "items_minor >= 0", name=op.f("ck_return_refund_lines_items_minor_not_negative")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_refund_lines_quantity_positive")),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_return_refund_lines_shipping_minor_not_negative")
        ),
        sa.CheckConstraint(
            "tax_minor >= 0", name=op.f("ck_return_refund_lines_tax_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["return_lines.id"],
            name=op.f("fk_return_refund_lines_line_id_return_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["return_refund_id"],
            ["return_refunds.id"],
            name=op.f("fk_return_refund_lines_return_refund_id_return_refunds"),
        ),
        sa.PrimaryKeyConstraint("return_refund_id", "line_id", name=op.f("pk_return_refund_lines")),
    )
    op.create_index(
        op.f("ix_return_refund_lines_line_id"), "return_refund_lines", ["line_id"], unique=False
    )
    op.create_table(
        "return_refund_payments",
        sa.Column("return_refund_id", tables.Id(), nullable=False),
        sa.Column("refund_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_return_refund_payments_refund_id_refunds")
        ),
        sa.ForeignKeyConstraint(
            ["return_refund_id"],
            ["return_refunds.id"],
            name=op.f("fk_return_refund_payments_return_refund_id_return_refunds"),
        ),
        sa.PrimaryKeyConstraint(
            "return_refund_id", "refund_id", name=op.f("pk_return_refund_payments")
        ),
        sa.UniqueConstraint("refund_id", name=op.f("uq_return_refund_payments_refund_id")),
    )
    op.create_table(
        "return_shipments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("tracking_id", tables.Id(), nullable=False),
        sa.Column("carrier", tables.line(60), nullable=False),
        sa.Column("number", tables.line(100), nullable=False),
        sa.Column("drop_off_code", sa.String(length=120), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_shipments_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"],
            ["trackings.id"],
            name=op.f("fk_return_shipments_tracking_id_trackings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_shipments")),
        sa.UniqueConstraint("tracking_id", name=op.f("uq_return_shipments_tracking_id")),
    )
    op.create_index(
        op.f("ix_return_shipments_return_id_created_at_id"),
        "return_shipments",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "supplier_pieces",
        sa.Column("inspection_id", tables.Id(), nullable=False),
        sa.Column("purchase_return_id", tables.Id(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supplier_pieces_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["return_inspections.id"],
            name=op.f("fk_supplier_pieces_inspection_id_return_inspections"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_supplier_pieces_order_line_id_purchase_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_return_id"],
            ["purchase_returns.id"],
            name=op.f("fk_supplier_pieces_purchase_return_id_purchase_returns"),
        ),
        sa.PrimaryKeyConstraint(
            "inspection_id", "purchase_return_id", "order_line_id", name=op.f("pk_supplier_pieces")
        ),
    )
    op.create_index(
        op.f("ix_supplier_pieces_order_line_id"), "supplier_pieces", ["order_line_id"], unique=False
    )
    op.create_index(
        op.f("ix_supplier_pieces_purchase_return_id"),
        "supplier_pieces",
        ["purchase_return_id"],
        unique=False,
    )
    op.create_table(
        "carrier_claims",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lost",
                "damaged",
                "incomplete",
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
                "open",
                "submitted",
                "granted",
                "paid",
                "rejected",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("carrier", tables.line(60), nullable=False),
        sa.Column("parcel_id", tables.Id(), nullable=True),
        sa.Column("tracking_id", tables.Id(), nullable=True),
        sa.Column("exception_id", tables.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("claimed_minor", sa.BigInteger(), nullable=False),
        sa.Column("granted_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("submitted_at", tables.Instant(), nullable=True),
        sa.Column("decided_at", tables.Instant(), nullable=True),
        sa.Column("paid_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(granted_minor > 0) = (status IN ('granted', 'paid'))",
            name=op.f("ck_carrier_claims_granted_when_granted"),
        ),
        sa.CheckConstraint(
            "(paid_at IS NOT NULL) = (status = 'paid')",
            name=op.f("ck_carrier_claims_paid_at_when_paid"),
        ),
        sa.CheckConstraint("claimed_minor > 0", name=op.f("ck_carrier_claims_claimed_positive")),
        sa.CheckConstraint(
            "granted_minor <= claimed_minor", name=op.f("ck_carrier_claims_granted_at_most_claimed")
        ),
        sa.CheckConstraint(
            "granted_minor >= 0", name=op.f("ck_carrier_claims_granted_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["tracking_exceptions.id"],
            name=op.f("fk_carrier_claims_exception_id_tracking_exceptions"),
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_carrier_claims_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_carrier_claims_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_carrier_claims_tracking_id_trackings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_carrier_claims_number")),
    )
    op.create_index(
        op.f("ix_carrier_claims_carrier_created_at_id"),
        "carrier_claims",
        ["carrier", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_claims_created_at_id"),
        "carrier_claims",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_claims_exception_id"), "carrier_claims", ["exception_id"], unique=False
    )
    op.create_index(
        op.f("ix_carrier_claims_parcel_id"), "carrier_claims", ["parcel_id"], unique=False
    )
    op.create_index(
        op.f("ix_carrier_claims_return_id_created_at_id"),
        "carrier_claims",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_claims_status_created_at_id"),
        "carrier_claims",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_claims_tracking_id"), "carrier_claims", ["tracking_id"], unique=False
    )
    op.create_index(
        op.f("ix_carrier_claims_updated_at_id"),
        "carrier_claims",
        ["updated_at", "id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("return_refunds", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("exchanged_pieces", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("return_inspections", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("return_receipts", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("return_refund_lines", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("return_refund_payments", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("supplier_pieces", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("carrier_claims")
    op.drop_table("supplier_pieces")
    op.drop_table("return_shipments")
    op.drop_table("return_refund_payments")
    op.drop_table("return_refund_lines")
    op.drop_table("return_receipts")
    op.drop_table("return_inspections")
    op.drop_table("refused_parcels")
    op.drop_table("exchanged_pieces")
    op.drop_table("return_lines")
    op.drop_table("exchange_lines")
    op.drop_table("return_refunds")
    op.drop_table("return_orders")
    op.drop_table("exchanges")
    op.drop_table("returns")
    op.drop_table("return_policies")
    op.drop_table("recorded_credits")
    op.drop_table("return_series")
    op.drop_table("return_reasons")
