"""What is kept besides: taxes, freight bills, templates, groups"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("approval_requests") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_requests_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_requests_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off', 'price_set')""",
        )
    with op.batch_alter_table("approval_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_rules_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_rules_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off', 'price_set')""",
        )
    # Not in a batch: SQLite cannot copy the rows of a table with a column that it computes.
    op.add_column(
        "bills",
        sa.Column(
            "freight_charge_id",
            tables.Id(),
            sa.ForeignKey("freight_charges.id", name="fk_bills_freight_charge_id_freight_charges"),
            nullable=True,
        ),
        inline_references=op.get_bind().dialect.name == "sqlite",
    )
    op.create_index(
        "uq_bills_freight_charge_id",
        "bills",
        ["freight_charge_id"],
        unique=True,
        sqlite_where=sa.text("freight_charge_id IS NOT NULL AND status <> 'voided'"),
        postgresql_where=sa.text("freight_charge_id IS NOT NULL AND status <> 'voided'"),
    )
    with op.batch_alter_table("bulk_exports") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_exports_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_exports_kind"),
            """kind IN ('products', 'variants', 'prices', 'stock', 'customers', 'orders', 'product_fields', 'variant_fields', 'customer_fields', 'costs', 'list_prices')""",
        )
    with op.batch_alter_table("bulk_imports") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_imports_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_imports_kind"),
            """kind IN ('products', 'variants', 'prices', 'stock', 'customers', 'orders', 'product_fields', 'variant_fields', 'customer_fields', 'costs', 'list_prices')""",
        )
    with op.batch_alter_table("carriers") as batch_op:
        batch_op.drop_constraint(op.f("ck_carriers_kind"), type_="check")
        batch_op.add_column(sa.Column("supplier_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_carriers_kind"),
            """kind IN ('manual', 'table_rate', 'fake', 'karrio', 'correios', 'melhor_envio')""",
        )
    with op.batch_alter_table("channels") as batch_op:
        batch_op.add_column(
            sa.Column(
                "tax_source",
                sa.Enum(
                    "given",
                    "rates",
                    name="tax_source",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="given",
                nullable=False,
            )
        )
    with op.batch_alter_table("device_scans") as batch_op:
        batch_op.drop_constraint(op.f("ck_device_scans_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_device_scans_kind"),
            """kind IN ('move', 'put_away', 'receive', 'adjust', 'count', 'pick', 'pack', 'receive_purchase', 'inspect')""",
        )
    with op.batch_alter_table("ledger_accounts") as batch_op:
        batch_op.drop_constraint(op.f("ck_ledger_accounts_role"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ledger_accounts_role"),
            """role IN ('bank', 'cash', 'payments_in_transit', 'bank_clearing', 'receivables', 'inventory', 'inventory_in_transit', 'input_tax', 'supplier_credits', 'carrier_claims', 'payables', 'goods_not_billed', 'freight_not_billed', 'payments_under_way', 'output_tax', 'customer_deposits', 'refunds_due', 'store_credit', 'opening', 'currency_clearing', 'sales', 'discounts', 'shipping_income', 'returns', 'fees_income', 'purchase_discounts', 'cost_of_sales', 'inventory_adjustments', 'price_variance', 'freight_out', 'provider_fees', 'chargebacks', 'goodwill', 'write_offs', 'bank_fees', 'exchange_differences', 'purchased_services')""",
        )
    with op.batch_alter_table("message_template_revisions") as batch_op:
        batch_op.add_column(sa.Column("document", sa.Text(), nullable=True))
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.add_column(sa.Column("document", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "owner_kind",
                sa.Enum(
                    "staff",
                    "token",
                    "system",
                    name="owner_kind",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("owner_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_message_templates_document_has_owner"),
            """document IS NULL OR (owner_kind IS NOT NULL AND owner_id IS NOT NULL)""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(
            sa.Column("written_off_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "tax_source",
                sa.Enum(
                    "given",
                    "rates",
                    name="tax_source",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="given",
                nullable=False,
            )
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_written_off_minor_not_negative"), """written_off_minor >= 0"""
        )
    with op.batch_alter_table("price_lists") as batch_op:
        batch_op.add_column(sa.Column("customer_group_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_price_lists_tag_or_group"),
            """customer_tag IS NULL OR customer_group_id IS NULL""",
        )
        batch_op.create_index(
            batch_op.f("ix_price_lists_customer_group_id_created_at_id"),
            ["customer_group_id", "created_at", "id"],
            unique=False,
        )
    with op.batch_alter_table("ticket_messages") as batch_op:
        batch_op.add_column(
            sa.Column(
                "author_email_key",
                tables.line(254),
                sa.Computed("lower(author_email)", persisted=True),
                nullable=True,
            )
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_messages_author_email_key"), ["author_email_key"], unique=False
        )
    with op.batch_alter_table("carriers") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_carriers_supplier_id_suppliers"), "suppliers", ["supplier_id"], ["id"]
        )
    with op.batch_alter_table("price_lists") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_price_lists_customer_group_id_customer_groups"),
            "customer_groups",
            ["customer_group_id"],
            ["id"],
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""DROP TRIGGER IF EXISTS message_template_revisions_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER message_template_revisions_refuses_UPDATE BEFORE UPDATE ON message_template_revisions
BEGIN SELECT RAISE(ABORT, 'message_template_revisions cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS message_template_revisions_refuses_DELETE""")
        op.execute("""CREATE TRIGGER message_template_revisions_refuses_DELETE BEFORE DELETE ON message_template_revisions
BEGIN SELECT RAISE(ABORT, 'message_template_revisions cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS device_scans_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER device_scans_refuses_UPDATE BEFORE UPDATE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS device_scans_refuses_DELETE""")
        op.execute("""CREATE TRIGGER device_scans_refuses_DELETE BEFORE DELETE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
    # What was given up before is told to the orders now.
    op.execute("""
        UPDATE orders SET written_off_minor = (
            SELECT SUM(r.written_off_minor - r.recovered_minor) FROM receivables r
            WHERE r.order_id = orders.id
        )
        WHERE id IN (
            SELECT order_id FROM receivables WHERE written_off_minor > recovered_minor
        )
    """)


def downgrade() -> None:
    op.drop_index("uq_bills_freight_charge_id", table_name="bills")
    op.drop_column("bills", "freight_charge_id")
    with op.batch_alter_table("carriers") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_carriers_supplier_id_suppliers"), type_="foreignkey"
        )
        batch_op.drop_constraint(op.f("ck_carriers_kind"), type_="check")
        batch_op.drop_column("supplier_id")
        batch_op.create_check_constraint(
            op.f("ck_carriers_kind"), """kind IN ('manual', 'table_rate', 'fake', 'karrio')"""
        )
    with op.batch_alter_table("price_lists") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_price_lists_customer_group_id_customer_groups"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_price_lists_customer_group_id_created_at_id"))
        batch_op.drop_constraint(op.f("ck_price_lists_tag_or_group"), type_="check")
        batch_op.drop_column("customer_group_id")
    with op.batch_alter_table("ticket_messages") as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_messages_author_email_key"))
        batch_op.drop_column("author_email_key")
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_constraint(op.f("ck_orders_tax_source"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_written_off_minor_not_negative"), type_="check")
        batch_op.drop_column("tax_source")
        batch_op.drop_column("written_off_minor")
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_templates_document_has_owner"), type_="check")
        batch_op.drop_constraint(op.f("ck_message_templates_owner_kind"), type_="check")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("owner_kind")
        batch_op.drop_column("document")
    with op.batch_alter_table("message_template_revisions") as batch_op:
        batch_op.drop_column("document")
    with op.batch_alter_table("ledger_accounts") as batch_op:
        batch_op.drop_constraint(op.f("ck_ledger_accounts_role"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ledger_accounts_role"),
            """role IN ('bank', 'cash', 'payments_in_transit', 'bank_clearing', 'receivables', 'inventory', 'inventory_in_transit', 'input_tax', 'supplier_credits', 'payables', 'goods_not_billed', 'freight_not_billed', 'payments_under_way', 'output_tax', 'customer_deposits', 'refunds_due', 'store_credit', 'opening', 'currency_clearing', 'sales', 'discounts', 'shipping_income', 'returns', 'fees_income', 'purchase_discounts', 'cost_of_sales', 'inventory_adjustments', 'price_variance', 'freight_out', 'provider_fees', 'chargebacks', 'goodwill', 'write_offs', 'bank_fees', 'exchange_differences', 'purchased_services')""",
        )
    with op.batch_alter_table("device_scans") as batch_op:
        batch_op.drop_constraint(op.f("ck_device_scans_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_device_scans_kind"),
            """kind IN ('move', 'put_away', 'receive', 'adjust', 'count', 'pick', 'pack')""",
        )
    with op.batch_alter_table("channels") as batch_op:
        batch_op.drop_constraint(op.f("ck_channels_tax_source"), type_="check")
        batch_op.drop_column("tax_source")
    with op.batch_alter_table("bulk_imports") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_imports_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_imports_kind"),
            """kind IN ('products', 'variants', 'prices', 'stock', 'customers', 'orders')""",
        )
    with op.batch_alter_table("bulk_exports") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_exports_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_exports_kind"),
            """kind IN ('products', 'variants', 'prices', 'stock', 'customers', 'orders')""",
        )
    with op.batch_alter_table("approval_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_rules_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_rules_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off')""",
        )
    with op.batch_alter_table("approval_requests") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_requests_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_requests_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off')""",
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS device_scans_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS device_scans_refuses_DELETE")
        op.execute("""CREATE TRIGGER device_scans_refuses_UPDATE BEFORE UPDATE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER device_scans_refuses_DELETE BEFORE DELETE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS message_template_revisions_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS message_template_revisions_refuses_DELETE")
        op.execute("""CREATE TRIGGER message_template_revisions_refuses_UPDATE BEFORE UPDATE ON message_template_revisions
BEGIN SELECT RAISE(ABORT, 'message_template_revisions cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER message_template_revisions_refuses_DELETE BEFORE DELETE ON message_template_revisions
BEGIN SELECT RAISE(ABORT, 'message_template_revisions cannot be changed: rows are only added'); END""")
