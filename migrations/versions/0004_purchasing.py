"""Suppliers, purchase orders, receipts and returns"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purchase_approval_limits",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("currency", tables.line(3), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "limit_minor >= 0", name=op.f("ck_purchase_approval_limits_limit_minor_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_approval_limits")),
        sa.UniqueConstraint("currency", name=op.f("uq_purchase_approval_limits_currency")),
    )
    with op.batch_alter_table("purchase_approval_limits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_approval_limits_currency_id"), ["currency", "id"], unique=False
        )

    op.create_table(
        "purchasing_series",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "purchase_order",
                "receipt",
                "debit_note",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_purchasing_series_numbers_skipped_below_next"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_series")),
        sa.UniqueConstraint("kind", name=op.f("uq_purchasing_series_kind")),
    )
    op.create_table(
        "suppliers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
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
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("incoterm", sa.String(length=80), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("minimum_order_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "over_receipt",
            sa.Enum(
                "refuse",
                "accept",
                name="over_receipt",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("over_tolerance_percent", sa.Integer(), nullable=False),
        sa.Column("short_tolerance_percent", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "lead_time_days >= 0", name=op.f("ck_suppliers_lead_time_days_not_negative")
        ),
        sa.CheckConstraint(
            "minimum_order_minor >= 0", name=op.f("ck_suppliers_minimum_order_minor_not_negative")
        ),
        sa.CheckConstraint(
            "over_tolerance_percent BETWEEN 0 AND 100 AND short_tolerance_percent BETWEEN 0 AND 100",
            name=op.f("ck_suppliers_tolerances_bounded"),
        ),
        sa.CheckConstraint(
            "payment_days >= 0", name=op.f("ck_suppliers_payment_days_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("code", name=op.f("uq_suppliers_code")),
    )
    with op.batch_alter_table("suppliers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suppliers_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_suppliers_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_suppliers_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_suppliers_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "purchase_orders",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pending_approval",
                "approved",
                "sent",
                "confirmed",
                "partially_received",
                "received",
                "closed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("supplier_reference", tables.line(250), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column(
            "created_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="created_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", tables.Id(), nullable=True),
        sa.Column(
            "submitted_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="submitted_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("submitted_by_id", tables.Id(), nullable=True),
        sa.Column(
            "approved_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="approved_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("approved_by_id", tables.Id(), nullable=True),
        sa.Column("submitted_at", tables.Instant(), nullable=True),
        sa.Column("approved_at", tables.Instant(), nullable=True),
        sa.Column("sent_at", tables.Instant(), nullable=True),
        sa.Column("confirmed_at", tables.Instant(), nullable=True),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_total_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status = 'closed')",
            name=op.f("ck_purchase_orders_closed_at_when_closed"),
        ),
        sa.CheckConstraint(
            "number IS NOT NULL OR status IN ('draft', 'cancelled')",
            name=op.f("ck_purchase_orders_draft_without_number"),
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (serial = 0)", name=op.f("ck_purchase_orders_number_with_serial")
        ),
        sa.CheckConstraint(
            "current_subtotal_minor >= 0",
            name=op.f("ck_purchase_orders_current_subtotal_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "current_tax_minor >= 0", name=op.f("ck_purchase_orders_current_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "current_total_minor = current_subtotal_minor + current_tax_minor",
            name=op.f("ck_purchase_orders_current_total_of_parts"),
        ),
        sa.CheckConstraint(
            "current_total_minor >= 0",
            name=op.f("ck_purchase_orders_current_total_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "subtotal_minor >= 0", name=op.f("ck_purchase_orders_subtotal_minor_not_negative")
        ),
        sa.CheckConstraint(
            "tax_minor >= 0", name=op.f("ck_purchase_orders_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "total_minor = subtotal_minor + tax_minor",
            name=op.f("ck_purchase_orders_total_of_parts"),
        ),
        sa.CheckConstraint(
            "total_minor >= 0", name=op.f("ck_purchase_orders_total_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_purchase_orders_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_purchase_orders_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_orders_number")),
    )
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_currency_total_minor_id"),
            ["currency", "total_minor", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_location_id_created_at_id"),
            ["location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_serial_id"), ["serial", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_supplier_id_created_at_id"),
            ["supplier_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_total_minor_id"), ["total_minor", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "supplier_addresses",
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", tables.line(250), nullable=True),
        sa.Column("lines", tables.Json, nullable=False),
        sa.Column("district", tables.line(250), nullable=True),
        sa.Column("city", tables.line(250), nullable=False),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_addresses_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "position", name=op.f("pk_supplier_addresses")),
    )
    op.create_table(
        "supplier_bank_changes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "add",
                "replace",
                "remove",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", tables.Id(), nullable=True),
        sa.Column("holder", tables.line(250), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("account_number", sa.String(length=40), nullable=True),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "rejected",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "proposed_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="proposed_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", tables.Id(), nullable=True),
        sa.Column(
            "decided_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="decided_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_by_id", tables.Id(), nullable=True),
        sa.Column("decided_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'add') = (account_id IS NULL)",
            name=op.f("ck_supplier_bank_changes_account_of_change"),
        ),
        sa.CheckConstraint(
            "(kind = 'remove') = (holder IS NULL)",
            name=op.f("ck_supplier_bank_changes_details_of_change"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)",
            name=op.f("ck_supplier_bank_changes_decided_once"),
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR proposed_by_kind <> decided_by_kind OR proposed_by_id <> decided_by_id",
            name=op.f("ck_supplier_bank_changes_approved_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_bank_changes_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_bank_changes")),
    )
    with op.batch_alter_table("supplier_bank_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_bank_changes_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_bank_changes_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_bank_changes_supplier_id_created_at_id"),
            ["supplier_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "supplier_contacts",
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("role", tables.line(250), nullable=True),
        sa.Column("email", tables.line(254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_contacts_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "position", name=op.f("pk_supplier_contacts")),
    )
    op.create_table(
        "supplier_tax_ids",
        sa.Column(
            "kind",
            sa.Enum(
                "cpf",
                "cnpj",
                "vat",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", tables.line(80), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_tax_ids_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_supplier_tax_ids")),
    )
    with op.batch_alter_table("supplier_tax_ids", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_tax_ids_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "purchase_receipts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("received_at", tables.Instant(), nullable=False),
        sa.Column("delivery_note", tables.line(250), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("charges_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "charges_minor >= 0", name=op.f("ck_purchase_receipts_charges_minor_not_negative")
        ),
        sa.CheckConstraint(
            "goods_minor >= 0", name=op.f("ck_purchase_receipts_goods_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_purchase_receipts_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_orders.id"],
            name=op.f("fk_purchase_receipts_order_id_purchase_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_purchase_receipts_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_receipts_number")),
    )
    with op.batch_alter_table("purchase_receipts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_receipts_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_receipts_delivery_note_id"),
            ["delivery_note", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_receipts_order_id_received_at_id"),
            ["order_id", "received_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_receipts_received_at_id"), ["received_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_receipts_supplier_id_received_at_id"),
            ["supplier_id", "received_at", "id"],
            unique=False,
        )

    op.create_table(
        "purchase_returns",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_purchase_returns_amount_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_purchase_returns_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_orders.id"],
            name=op.f("fk_purchase_returns_order_id_purchase_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_purchase_returns_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_returns_number")),
    )
    with op.batch_alter_table("purchase_returns", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_returns_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_returns_order_id_created_at_id"),
            ["order_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_returns_supplier_id_created_at_id"),
            ["supplier_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "supplier_bank_accounts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("change_id", tables.Id(), nullable=False),
        sa.Column("holder", tables.line(250), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("account_number", sa.String(length=40), nullable=True),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(iban IS NULL) = (account_number IS NOT NULL AND bank_code IS NOT NULL)",
            name=op.f("ck_supplier_bank_accounts_account_named"),
        ),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["supplier_bank_changes.id"],
            name=op.f("fk_supplier_bank_accounts_change_id_supplier_bank_changes"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_supplier_bank_accounts_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_bank_accounts")),
    )
    with op.batch_alter_table("supplier_bank_accounts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_bank_accounts_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "supplier_items",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("supplier_sku", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=False),
        sa.Column("minimum_quantity", sa.Integer(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("is_preferred", sa.Boolean(), nullable=False),
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
        sa.CheckConstraint(
            "lead_time_days >= 0", name=op.f("ck_supplier_items_lead_time_days_not_negative")
        ),
        sa.CheckConstraint(
            "pack_size > 0 AND minimum_quantity > 0",
            name=op.f("ck_supplier_items_quantities_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_items_supplier_id_suppliers")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_supplier_items_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_items")),
        sa.UniqueConstraint(
            "supplier_id", "supplier_sku", name=op.f("uq_supplier_items_supplier_id_supplier_sku")
        ),
    )
    with op.batch_alter_table("supplier_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_items_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_items_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_items_supplier_id_created_at_id"),
            ["supplier_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_items_supplier_sku_id"), ["supplier_sku", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_items_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_supplier_items_preferred",
            ["variant_id"],
            unique=True,
            sqlite_where=sa.text("is_preferred"),
            postgresql_where=sa.text("is_preferred"),
        )

    op.create_table(
        "purchase_order_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("supplier_item_id", tables.Id(), nullable=True),
        sa.Column("supplier_sku", tables.line(80), nullable=False),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column(
            "open",
            sa.Integer(),
            sa.Computed(
                "CASE WHEN quantity - cancelled > received THEN quantity - cancelled - received ELSE 0 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "cancelled >= 0", name=op.f("ck_purchase_order_lines_cancelled_not_negative")
        ),
        sa.CheckConstraint(
            "confirmed >= 0", name=op.f("ck_purchase_order_lines_confirmed_not_negative")
        ),
        sa.CheckConstraint(
            "confirmed IS NULL OR confirmed <= quantity",
            name=op.f("ck_purchase_order_lines_confirmed_bounded"),
        ),
        sa.CheckConstraint(
            "current_subtotal_minor >= 0",
            name=op.f("ck_purchase_order_lines_current_subtotal_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "current_tax_minor >= 0",
            name=op.f("ck_purchase_order_lines_current_tax_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND cancelled <= quantity",
            name=op.f("ck_purchase_order_lines_quantities_bounded"),
        ),
        sa.CheckConstraint(
            "received >= 0", name=op.f("ck_purchase_order_lines_received_not_negative")
        ),
        sa.CheckConstraint(
            "rejected >= 0", name=op.f("ck_purchase_order_lines_rejected_not_negative")
        ),
        sa.CheckConstraint(
            "returned <= received", name=op.f("ck_purchase_order_lines_returned_at_most_received")
        ),
        sa.CheckConstraint(
            "returned >= 0", name=op.f("ck_purchase_order_lines_returned_not_negative")
        ),
        sa.CheckConstraint(
            "tax_minor >= 0", name=op.f("ck_purchase_order_lines_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "unit_price_micro >= 0",
            name=op.f("ck_purchase_order_lines_unit_price_micro_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_orders.id"],
            name=op.f("fk_purchase_order_lines_order_id_purchase_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_item_id"],
            ["supplier_items.id"],
            name=op.f("fk_purchase_order_lines_supplier_item_id_supplier_items"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_purchase_order_lines_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order_lines")),
    )
    with op.batch_alter_table("purchase_order_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_order_lines_order_id_position_id"),
            ["order_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_order_lines_supplier_sku_order_id"),
            ["supplier_sku", "order_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_order_lines_variant_id_order_id"),
            ["variant_id", "order_id"],
            unique=False,
        )

    op.create_table(
        "purchase_receipt_charges",
        sa.Column("receipt_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "freight",
                "duty",
                "insurance",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "value",
                "weight",
                "quantity",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", tables.line(250), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_purchase_receipt_charges_amount_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["purchase_receipts.id"],
            name=op.f("fk_purchase_receipt_charges_receipt_id_purchase_receipts"),
        ),
        sa.PrimaryKeyConstraint("receipt_id", "position", name=op.f("pk_purchase_receipt_charges")),
    )
    op.create_table(
        "supplier_item_prices",
        sa.Column("item_id", tables.Id(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "from_quantity > 0", name=op.f("ck_supplier_item_prices_from_quantity_positive")
        ),
        sa.CheckConstraint(
            "price_micro >= 0", name=op.f("ck_supplier_item_prices_price_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["supplier_items.id"],
            name=op.f("fk_supplier_item_prices_item_id_supplier_items"),
        ),
        sa.PrimaryKeyConstraint("item_id", "from_quantity", name=op.f("pk_supplier_item_prices")),
    )
    op.create_table(
        "purchase_receipt_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("receipt_id", tables.Id(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("rejection", sa.String(length=250), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("charges_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_micro", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(accepted = 0) = (unit_cost_micro IS NULL)",
            name=op.f("ck_purchase_receipt_lines_cost_of_accepted"),
        ),
        sa.CheckConstraint(
            "accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0",
            name=op.f("ck_purchase_receipt_lines_something_arrived"),
        ),
        sa.CheckConstraint(
            "charges_minor >= 0", name=op.f("ck_purchase_receipt_lines_charges_minor_not_negative")
        ),
        sa.CheckConstraint(
            "value_minor >= 0", name=op.f("ck_purchase_receipt_lines_value_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_purchase_receipt_lines_order_line_id_purchase_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["purchase_receipts.id"],
            name=op.f("fk_purchase_receipt_lines_receipt_id_purchase_receipts"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_purchase_receipt_lines_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_receipt_lines")),
    )
    with op.batch_alter_table("purchase_receipt_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_receipt_lines_order_line_id"), ["order_line_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_receipt_lines_receipt_id_position_id"),
            ["receipt_id", "position", "id"],
            unique=False,
        )

    op.create_table(
        "purchase_return_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND amount_minor >= 0",
            name=op.f("ck_purchase_return_lines_quantity_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_purchase_return_lines_order_line_id_purchase_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["purchase_returns.id"],
            name=op.f("fk_purchase_return_lines_return_id_purchase_returns"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_purchase_return_lines_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_return_lines")),
    )
    with op.batch_alter_table("purchase_return_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_return_lines_order_line_id"), ["order_line_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_return_lines_return_id_position_id"),
            ["return_id", "position", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("purchase_return_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_return_lines_return_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_return_lines_order_line_id"))

    op.drop_table("purchase_return_lines")
    with op.batch_alter_table("purchase_receipt_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_receipt_lines_receipt_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_receipt_lines_order_line_id"))

    op.drop_table("purchase_receipt_lines")
    op.drop_table("supplier_item_prices")
    op.drop_table("purchase_receipt_charges")
    with op.batch_alter_table("purchase_order_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_order_lines_variant_id_order_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_order_lines_supplier_sku_order_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_order_lines_order_id_position_id"))

    op.drop_table("purchase_order_lines")
    with op.batch_alter_table("supplier_items", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_supplier_items_preferred",
            sqlite_where=sa.text("is_preferred"),
            postgresql_where=sa.text("is_preferred"),
        )
        batch_op.drop_index(batch_op.f("ix_supplier_items_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_items_supplier_sku_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_items_supplier_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_items_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_items_created_at_id"))

    op.drop_table("supplier_items")
    with op.batch_alter_table("supplier_bank_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_bank_accounts_supplier_id"))

    op.drop_table("supplier_bank_accounts")
    with op.batch_alter_table("purchase_returns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_returns_supplier_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_returns_order_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_returns_created_at_id"))

    op.drop_table("purchase_returns")
    with op.batch_alter_table("purchase_receipts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_receipts_supplier_id_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_receipts_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_receipts_order_id_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_receipts_delivery_note_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_receipts_created_at_id"))

    op.drop_table("purchase_receipts")
    with op.batch_alter_table("supplier_tax_ids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_tax_ids_supplier_id"))

    op.drop_table("supplier_tax_ids")
    op.drop_table("supplier_contacts")
    with op.batch_alter_table("supplier_bank_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_bank_changes_supplier_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_bank_changes_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_supplier_bank_changes_created_at_id"))

    op.drop_table("supplier_bank_changes")
    op.drop_table("supplier_addresses")
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_orders_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_total_minor_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_supplier_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_serial_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_currency_total_minor_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_created_at_id"))

    op.drop_table("purchase_orders")
    with op.batch_alter_table("suppliers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suppliers_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_suppliers_name_id"))
        batch_op.drop_index(batch_op.f("ix_suppliers_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_suppliers_code_id"))

    op.drop_table("suppliers")
    op.drop_table("purchasing_series")
    with op.batch_alter_table("purchase_approval_limits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_approval_limits_currency_id"))

    op.drop_table("purchase_approval_limits")
