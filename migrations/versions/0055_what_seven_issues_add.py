"""What is kept besides: returns, ledger, scans"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_let_erase

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bill_payments") as batch_op:
        batch_op.add_column(sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_index(
            batch_op.f("uq_bill_payments_run_line"),
            postgresql_where="((run_line_id IS NOT NULL) AND (reverses_id IS NULL))",
        )
        batch_op.create_index(
            "uq_bill_payments_run_line",
            ["run_line_id", "attempt"],
            unique=True,
            sqlite_where=sa.text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
            postgresql_where=sa.text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
        )
    with op.batch_alter_table("device_scans") as batch_op:
        batch_op.drop_constraint(op.f("ck_device_scans_kind"), type_="check")
        batch_op.add_column(sa.Column("lot_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_device_scans_kind"),
            """kind IN ('move', 'put_away', 'receive', 'adjust', 'count', 'pick', 'pack')""",
        )
    with op.batch_alter_table("documents") as batch_op:
        batch_op.drop_constraint(op.f("ck_documents_kind"), type_="check")
        batch_op.drop_constraint(op.f("ck_documents_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_documents_kind"),
            """kind IN ('invoice', 'factur_x', 'ubl', 'cii', 'nfe', 'packing_slip', 'pick_list', 'label_sheet', 'carrier_label', 'print_stream')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_documents_status"), """status IN ('queued', 'rendered', 'failed', 'removed')"""
        )
    with op.batch_alter_table("exchanged_pieces") as batch_op:
        batch_op.add_column(
            sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_exchanged_pieces_fee_minor_not_negative"), """fee_minor >= 0"""
        )
    with op.batch_alter_table("media_files") as batch_op:
        batch_op.drop_constraint(op.f("ck_media_files_media_type"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_media_files_media_type"),
            """media_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf', 'image/heic', 'video/mp4', 'text/plain', 'office/docx', 'office/xlsx', 'office/odt', 'office/ods')""",
        )
    with op.batch_alter_table("order_discounts") as batch_op:
        batch_op.add_column(sa.Column("code_id", tables.Id(), nullable=True))
        batch_op.create_index(batch_op.f("ix_order_discounts_code_id"), ["code_id"], unique=False)
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'inventory', 'fiscal', 'delivery_date', 'high_value', 'dispute', 'credit', 'other')""",
        )
    with op.batch_alter_table("order_lines") as batch_op:
        batch_op.add_column(
            sa.Column("delivered", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_order_lines_delivered_at_most_shipped"),
            """delivered >= 0 AND delivered <= shipped""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_constraint(op.f("ck_orders_fulfillment_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_orders_fulfillment_status"),
            """fulfillment_status IN ('unallocated', 'allocated', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered')""",
        )
    with op.batch_alter_table("payment_run_lines") as batch_op:
        batch_op.add_column(sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("privacy_retention_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_retention_rules_schedule"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_privacy_retention_rules_schedule"),
            """schedule IN ('invoices', 'bank_lines', 'messages', 'deliveries', 'reads', 'prints')""",
        )
    with op.batch_alter_table("privacy_retention_runs") as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_retention_runs_schedule"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_privacy_retention_runs_schedule"),
            """schedule IN ('invoices', 'bank_lines', 'messages', 'deliveries', 'reads', 'prints')""",
        )
    with op.batch_alter_table("return_receipts") as batch_op:
        batch_op.add_column(sa.Column("lot_code", tables.line(80), nullable=True))
        batch_op.add_column(sa.Column("lot_matches", sa.Boolean(), nullable=True))
    with op.batch_alter_table("return_refunds") as batch_op:
        batch_op.add_column(
            sa.Column("offset_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_return_refunds_offset_minor_not_negative"), """offset_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_return_refunds_offset_of_an_order"),
            """offset_minor <= amount_minor AND (offset_minor = 0 OR order_id IS NOT NULL)""",
        )
    with op.batch_alter_table("returns") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_returns_number"), type_="unique")
        batch_op.create_index(
            "uq_returns_number",
            ["number"],
            unique=True,
            sqlite_where=sa.text("NOT recorded"),
            postgresql_where=sa.text("NOT recorded"),
        )
        batch_op.create_index(batch_op.f("ix_returns_number_id"), ["number", "id"], unique=False)
        batch_op.create_index(
            "uq_returns_recorded_number",
            ["channel_id", "number"],
            unique=True,
            sqlite_where=sa.text("recorded"),
            postgresql_where=sa.text("recorded"),
        )
    with op.batch_alter_table("shipping_labels") as batch_op:
        batch_op.add_column(sa.Column("return_label_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_shipping_labels_of_one"),
            """(shipment_id IS NULL) = (return_label_id IS NOT NULL)""",
        )
        batch_op.alter_column("shipment_id", existing_type=sa.UUID(), nullable=True)
        batch_op.create_unique_constraint(
            batch_op.f("uq_shipping_labels_return_label_id_purchase_key_format"),
            ["return_label_id", "purchase_key", "format"],
        )
    with op.batch_alter_table("stock_cost_entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_stock_cost_entries_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_stock_cost_entries_kind"),
            """kind IN ('opening', 'entry', 'exit', 'variance', 'revaluation')""",
        )
    with op.batch_alter_table("stock_cost_layers") as batch_op:
        batch_op.add_column(sa.Column("movement_id", tables.Id(), nullable=True))
    with op.batch_alter_table("ticket_acts") as batch_op:
        batch_op.drop_constraint(op.f("ck_ticket_acts_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ticket_acts_kind"),
            """kind IN ('refund', 'store_credit', 'discount_code', 'cancel_order', 'return', 'return_shipment', 'replacement', 'exchange', 'buy_label', 'void_label', 'send_message', 'resend_message')""",
        )
    with op.batch_alter_table("device_scans") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_device_scans_lot_id_stock_lots"), "stock_lots", ["lot_id"], ["id"]
        )
    with op.batch_alter_table("order_discounts") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_order_discounts_code_id_discount_codes"),
            "discount_codes",
            ["code_id"],
            ["id"],
        )
    with op.batch_alter_table("shipping_labels") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_shipping_labels_return_label_id_return_labels"),
            "return_labels",
            ["return_label_id"],
            ["id"],
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""DROP TRIGGER IF EXISTS return_refunds_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER return_refunds_refuses_UPDATE BEFORE UPDATE ON return_refunds WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.return_id IS NOT NEW.return_id OR OLD.order_id IS NOT NEW.order_id OR OLD.kind IS NOT NEW.kind OR OLD.destination IS NOT NEW.destination OR OLD.currency IS NOT NEW.currency OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.items_minor IS NOT NEW.items_minor OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.shipping_minor IS NOT NEW.shipping_minor OR OLD.fee_minor IS NOT NEW.fee_minor OR OLD.offset_minor IS NOT NEW.offset_minor OR OLD.tax_included IS NOT NEW.tax_included OR OLD.store_credit_id IS NOT NEW.store_credit_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR (OLD.note IS NOT NEW.note AND coalesce(NEW.note, '(erased)') <> '(erased)')
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS return_refunds_refuses_DELETE""")
        op.execute("""CREATE TRIGGER return_refunds_refuses_DELETE BEFORE DELETE ON return_refunds
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS ticket_acts_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER ticket_acts_refuses_UPDATE BEFORE UPDATE ON ticket_acts WHEN OLD.id IS NOT NEW.id OR OLD.ticket_id IS NOT NEW.ticket_id OR OLD.created_at IS NOT NEW.created_at OR OLD.kind IS NOT NEW.kind OR OLD.on_kind IS NOT NEW.on_kind OR OLD.on_id IS NOT NEW.on_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR (OLD.reason IS NOT NEW.reason AND coalesce(NEW.reason, '(erased)') <> '(erased)')
BEGIN SELECT RAISE(ABORT, 'ticket_acts cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS ticket_acts_refuses_DELETE""")
        op.execute("""CREATE TRIGGER ticket_acts_refuses_DELETE BEFORE DELETE ON ticket_acts
BEGIN SELECT RAISE(ABORT, 'ticket_acts cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS device_scans_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER device_scans_refuses_UPDATE BEFORE UPDATE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS device_scans_refuses_DELETE""")
        op.execute("""CREATE TRIGGER device_scans_refuses_DELETE BEFORE DELETE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS bill_payments_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER bill_payments_refuses_UPDATE BEFORE UPDATE ON bill_payments WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.bill_id IS NOT NEW.bill_id OR OLD.method IS NOT NEW.method OR OLD.paid_on IS NOT NEW.paid_on OR OLD.currency IS NOT NEW.currency OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.discount_minor IS NOT NEW.discount_minor OR OLD.reference IS NOT NEW.reference OR OLD.run_line_id IS NOT NEW.run_line_id OR OLD.attempt IS NOT NEW.attempt OR OLD.reverses_id IS NOT NEW.reverses_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id
BEGIN SELECT RAISE(ABORT, 'bill_payments cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS bill_payments_refuses_DELETE""")
        op.execute("""CREATE TRIGGER bill_payments_refuses_DELETE BEFORE DELETE ON bill_payments
BEGIN SELECT RAISE(ABORT, 'bill_payments cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS return_receipts_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER return_receipts_refuses_UPDATE BEFORE UPDATE ON return_receipts
BEGIN SELECT RAISE(ABORT, 'return_receipts cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS return_receipts_refuses_DELETE""")
        op.execute("""CREATE TRIGGER return_receipts_refuses_DELETE BEFORE DELETE ON return_receipts
BEGIN SELECT RAISE(ABORT, 'return_receipts cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS exchanged_pieces_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER exchanged_pieces_refuses_UPDATE BEFORE UPDATE ON exchanged_pieces
BEGIN SELECT RAISE(ABORT, 'exchanged_pieces cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS exchanged_pieces_refuses_DELETE""")
        op.execute("""CREATE TRIGGER exchanged_pieces_refuses_DELETE BEFORE DELETE ON exchanged_pieces
BEGIN SELECT RAISE(ABORT, 'exchanged_pieces cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS stock_cost_entries_refuses_UPDATE""")
        op.execute("""CREATE TRIGGER stock_cost_entries_refuses_UPDATE BEFORE UPDATE ON stock_cost_entries
BEGIN SELECT RAISE(ABORT, 'stock_cost_entries cannot be changed: rows are only added'); END""")
        op.execute("""DROP TRIGGER IF EXISTS stock_cost_entries_refuses_DELETE""")
        op.execute("""CREATE TRIGGER stock_cost_entries_refuses_DELETE BEFORE DELETE ON stock_cost_entries
BEGIN SELECT RAISE(ABORT, 'stock_cost_entries cannot be changed: rows are only added'); END""")
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        for statement in statements_to_let_erase(
            "return_refunds",
            dialect,
            [
                "id",
                "created_at",
                "return_id",
                "order_id",
                "kind",
                "destination",
                "currency",
                "amount_minor",
                "items_minor",
                "tax_minor",
                "shipping_minor",
                "fee_minor",
                "offset_minor",
                "tax_included",
                "store_credit_id",
                "actor_kind",
                "actor_id",
            ],
            {"note": False},
        ):
            op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER bill_payments_values_stay ON bill_payments")
        op.execute(
            """CREATE TRIGGER bill_payments_values_stay BEFORE UPDATE ON public.bill_payments FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.created_at IS DISTINCT FROM new.created_at) OR (old.bill_id IS DISTINCT FROM new.bill_id) OR ((old.method)::text IS DISTINCT FROM (new.method)::text) OR (old.paid_on IS DISTINCT FROM new.paid_on) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.discount_minor IS DISTINCT FROM new.discount_minor) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.run_line_id IS DISTINCT FROM new.run_line_id) OR (old.attempt IS DISTINCT FROM new.attempt) OR (old.reverses_id IS DISTINCT FROM new.reverses_id) OR ((old.actor_kind)::text IS DISTINCT FROM (new.actor_kind)::text) OR (old.actor_id IS DISTINCT FROM new.actor_id))) EXECUTE FUNCTION forbid_changes()"""
        )
    # What has arrived was not counted by line before.
    op.execute("""
        UPDATE order_lines SET delivered = (
            SELECT MAX((there.pieces + there.per - 1) / there.per) FROM (
                SELECT SUM(fl.quantity) AS pieces, COALESCE(MAX(part.quantity), 1) AS per
                FROM fulfillment_lines fl
                JOIN fulfillments f ON f.id = fl.fulfillment_id AND f.status = 'delivered'
                LEFT JOIN order_line_components part
                    ON part.line_id = fl.order_line_id AND part.variant_id = fl.variant_id
                WHERE fl.order_line_id = order_lines.id GROUP BY fl.variant_id
            ) AS there
        )
        WHERE id IN (
            SELECT fl.order_line_id FROM fulfillment_lines fl
            JOIN fulfillments f ON f.id = fl.fulfillment_id WHERE f.status = 'delivered'
        )
    """)
    op.execute("""
        UPDATE orders SET fulfillment_status = CASE
            WHEN EXISTS (SELECT 1 FROM order_lines l
                         WHERE l.order_id = orders.id AND l.delivered < l.shipped)
            THEN 'partially_delivered' ELSE 'delivered' END
        WHERE fulfillment_status = 'shipped'
            AND EXISTS (SELECT 1 FROM order_lines l
                        WHERE l.order_id = orders.id AND l.delivered > 0)
    """)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER bill_payments_values_stay ON bill_payments")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER return_refunds_rows_stay ON return_refunds")
        op.execute("DROP TRIGGER return_refunds_values_stay ON return_refunds")
        op.execute("DROP TRIGGER return_refunds_stays ON return_refunds")
    with op.batch_alter_table("device_scans") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_device_scans_lot_id_stock_lots"), type_="foreignkey"
        )
        batch_op.drop_constraint(op.f("ck_device_scans_kind"), type_="check")
        batch_op.drop_column("lot_id")
        batch_op.create_check_constraint(
            op.f("ck_device_scans_kind"),
            """kind IN ('move', 'put_away', 'receive', 'adjust', 'count')""",
        )
    with op.batch_alter_table("order_discounts") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_order_discounts_code_id_discount_codes"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_order_discounts_code_id"))
        batch_op.drop_column("code_id")
    with op.batch_alter_table("returns") as batch_op:
        batch_op.drop_index("uq_returns_recorded_number")
        batch_op.drop_index(batch_op.f("ix_returns_number_id"))
        batch_op.drop_index("uq_returns_number")
        batch_op.create_unique_constraint(batch_op.f("uq_returns_number"), ["number"])
    with op.batch_alter_table("shipping_labels") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_shipping_labels_return_label_id_return_labels"), type_="foreignkey"
        )
        batch_op.drop_constraint(op.f("ck_shipping_labels_of_one"), type_="check")
        batch_op.alter_column("shipment_id", existing_type=sa.UUID(), nullable=False)
        batch_op.drop_constraint(
            batch_op.f("uq_shipping_labels_return_label_id_purchase_key_format"), type_="unique"
        )
        batch_op.drop_column("return_label_id")
    with op.batch_alter_table("ticket_acts") as batch_op:
        batch_op.drop_constraint(op.f("ck_ticket_acts_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ticket_acts_kind"),
            """kind IN ('refund', 'store_credit', 'cancel_order', 'return', 'return_shipment', 'replacement', 'exchange', 'buy_label', 'void_label', 'send_message', 'resend_message')""",
        )
    with op.batch_alter_table("stock_cost_layers") as batch_op:
        batch_op.drop_column("movement_id")
    with op.batch_alter_table("stock_cost_entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_stock_cost_entries_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_stock_cost_entries_kind"),
            """kind IN ('opening', 'entry', 'exit', 'variance')""",
        )
    with op.batch_alter_table("return_refunds") as batch_op:
        batch_op.drop_constraint(op.f("ck_return_refunds_offset_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_return_refunds_offset_of_an_order"), type_="check")
        batch_op.drop_column("offset_minor")
    with op.batch_alter_table("return_receipts") as batch_op:
        batch_op.drop_column("lot_matches")
        batch_op.drop_column("lot_code")
    with op.batch_alter_table("privacy_retention_runs") as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_retention_runs_schedule"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_privacy_retention_runs_schedule"),
            """schedule IN ('invoices', 'bank_lines', 'messages', 'deliveries', 'reads')""",
        )
    with op.batch_alter_table("privacy_retention_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_privacy_retention_rules_schedule"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_privacy_retention_rules_schedule"),
            """schedule IN ('invoices', 'bank_lines', 'messages', 'deliveries', 'reads')""",
        )
    with op.batch_alter_table("payment_run_lines") as batch_op:
        batch_op.drop_column("attempt")
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_constraint(op.f("ck_orders_fulfillment_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_orders_fulfillment_status"),
            """fulfillment_status IN ('unallocated', 'allocated', 'partially_shipped', 'shipped')""",
        )
    with op.batch_alter_table("order_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_lines_delivered_at_most_shipped"), type_="check")
        batch_op.drop_column("delivered")
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'inventory', 'fiscal', 'delivery_date', 'high_value', 'credit', 'other')""",
        )
    with op.batch_alter_table("media_files") as batch_op:
        batch_op.drop_constraint(op.f("ck_media_files_media_type"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_media_files_media_type"),
            """media_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf')""",
        )
    with op.batch_alter_table("exchanged_pieces") as batch_op:
        batch_op.drop_constraint(op.f("ck_exchanged_pieces_fee_minor_not_negative"), type_="check")
        batch_op.drop_column("fee_minor")
    with op.batch_alter_table("documents") as batch_op:
        batch_op.drop_constraint(op.f("ck_documents_kind"), type_="check")
        batch_op.drop_constraint(op.f("ck_documents_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_documents_kind"),
            """kind IN ('invoice', 'factur_x', 'ubl', 'cii', 'nfe', 'packing_slip', 'pick_list', 'label_sheet', 'print_stream')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_documents_status"), """status IN ('queued', 'rendered', 'failed')"""
        )
    with op.batch_alter_table("bill_payments") as batch_op:
        batch_op.drop_index("uq_bill_payments_run_line")
        batch_op.drop_column("attempt")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS bill_payments_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS bill_payments_refuses_DELETE")
        op.execute("""CREATE TRIGGER bill_payments_refuses_UPDATE BEFORE UPDATE ON bill_payments WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.bill_id IS NOT NEW.bill_id OR OLD.method IS NOT NEW.method OR OLD.paid_on IS NOT NEW.paid_on OR OLD.currency IS NOT NEW.currency OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.discount_minor IS NOT NEW.discount_minor OR OLD.reference IS NOT NEW.reference OR OLD.run_line_id IS NOT NEW.run_line_id OR OLD.reverses_id IS NOT NEW.reverses_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id
BEGIN SELECT RAISE(ABORT, 'bill_payments cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER bill_payments_refuses_DELETE BEFORE DELETE ON bill_payments
BEGIN SELECT RAISE(ABORT, 'bill_payments cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS device_scans_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS device_scans_refuses_DELETE")
        op.execute("""CREATE TRIGGER device_scans_refuses_UPDATE BEFORE UPDATE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER device_scans_refuses_DELETE BEFORE DELETE ON device_scans
BEGIN SELECT RAISE(ABORT, 'device_scans cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS exchanged_pieces_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS exchanged_pieces_refuses_DELETE")
        op.execute("""CREATE TRIGGER exchanged_pieces_refuses_UPDATE BEFORE UPDATE ON exchanged_pieces
BEGIN SELECT RAISE(ABORT, 'exchanged_pieces cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER exchanged_pieces_refuses_DELETE BEFORE DELETE ON exchanged_pieces
BEGIN SELECT RAISE(ABORT, 'exchanged_pieces cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS return_receipts_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS return_receipts_refuses_DELETE")
        op.execute("""CREATE TRIGGER return_receipts_refuses_UPDATE BEFORE UPDATE ON return_receipts
BEGIN SELECT RAISE(ABORT, 'return_receipts cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER return_receipts_refuses_DELETE BEFORE DELETE ON return_receipts
BEGIN SELECT RAISE(ABORT, 'return_receipts cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS return_refunds_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS return_refunds_refuses_DELETE")
        op.execute("""CREATE TRIGGER return_refunds_refuses_DELETE BEFORE DELETE ON return_refunds
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER return_refunds_refuses_UPDATE BEFORE UPDATE ON return_refunds WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.return_id IS NOT NEW.return_id OR OLD.order_id IS NOT NEW.order_id OR OLD.kind IS NOT NEW.kind OR OLD.destination IS NOT NEW.destination OR OLD.currency IS NOT NEW.currency OR OLD.amount_minor IS NOT NEW.amount_minor OR OLD.items_minor IS NOT NEW.items_minor OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.shipping_minor IS NOT NEW.shipping_minor OR OLD.fee_minor IS NOT NEW.fee_minor OR OLD.tax_included IS NOT NEW.tax_included OR OLD.store_credit_id IS NOT NEW.store_credit_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR (OLD.note IS NOT NEW.note AND coalesce(NEW.note, '(erased)') <> '(erased)')
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS stock_cost_entries_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS stock_cost_entries_refuses_DELETE")
        op.execute("""CREATE TRIGGER stock_cost_entries_refuses_UPDATE BEFORE UPDATE ON stock_cost_entries
BEGIN SELECT RAISE(ABORT, 'stock_cost_entries cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER stock_cost_entries_refuses_DELETE BEFORE DELETE ON stock_cost_entries
BEGIN SELECT RAISE(ABORT, 'stock_cost_entries cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS ticket_acts_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS ticket_acts_refuses_DELETE")
        op.execute("""CREATE TRIGGER ticket_acts_refuses_UPDATE BEFORE UPDATE ON ticket_acts WHEN OLD.id IS NOT NEW.id OR OLD.ticket_id IS NOT NEW.ticket_id OR OLD.created_at IS NOT NEW.created_at OR OLD.kind IS NOT NEW.kind OR OLD.on_kind IS NOT NEW.on_kind OR OLD.on_id IS NOT NEW.on_id OR OLD.actor_kind IS NOT NEW.actor_kind OR OLD.actor_id IS NOT NEW.actor_id OR (OLD.reason IS NOT NEW.reason AND coalesce(NEW.reason, '(erased)') <> '(erased)')
BEGIN SELECT RAISE(ABORT, 'ticket_acts cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER ticket_acts_refuses_DELETE BEFORE DELETE ON ticket_acts
BEGIN SELECT RAISE(ABORT, 'ticket_acts cannot be changed: rows are only added'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER return_refunds_rows_stay BEFORE DELETE ON public.return_refunds FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER return_refunds_values_stay BEFORE UPDATE ON public.return_refunds FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.created_at IS DISTINCT FROM new.created_at) OR (old.return_id IS DISTINCT FROM new.return_id) OR (old.order_id IS DISTINCT FROM new.order_id) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR ((old.destination)::text IS DISTINCT FROM (new.destination)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.items_minor IS DISTINCT FROM new.items_minor) OR (old.tax_minor IS DISTINCT FROM new.tax_minor) OR (old.shipping_minor IS DISTINCT FROM new.shipping_minor) OR (old.fee_minor IS DISTINCT FROM new.fee_minor) OR (old.tax_included IS DISTINCT FROM new.tax_included) OR (old.store_credit_id IS DISTINCT FROM new.store_credit_id) OR ((old.actor_kind)::text IS DISTINCT FROM (new.actor_kind)::text) OR (old.actor_id IS DISTINCT FROM new.actor_id) OR ((old.note IS DISTINCT FROM new.note) AND (new.note <> '(erased)'::text)))) EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER return_refunds_stays BEFORE TRUNCATE ON public.return_refunds FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER bill_payments_values_stay BEFORE UPDATE ON public.bill_payments FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.created_at IS DISTINCT FROM new.created_at) OR (old.bill_id IS DISTINCT FROM new.bill_id) OR ((old.method)::text IS DISTINCT FROM (new.method)::text) OR (old.paid_on IS DISTINCT FROM new.paid_on) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.discount_minor IS DISTINCT FROM new.discount_minor) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.run_line_id IS DISTINCT FROM new.run_line_id) OR (old.reverses_id IS DISTINCT FROM new.reverses_id) OR ((old.actor_kind)::text IS DISTINCT FROM (new.actor_kind)::text) OR (old.actor_id IS DISTINCT FROM new.actor_id))) EXECUTE FUNCTION forbid_changes()"""
        )
