"""What others keep of customers, tickets and persons"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_let_erase

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customers") as batch_op:
        batch_op.drop_constraint(op.f("ck_customers_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_customers_status"), """status IN ('active', 'archived', 'merged')"""
        )
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_templates_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_message_templates_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed', 'ticket_survey', 'order_survey')""",
        )
    with op.batch_alter_table("messages") as batch_op:
        batch_op.drop_constraint(op.f("ck_messages_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_messages_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed', 'ticket_survey', 'order_survey')""",
        )
        batch_op.alter_column("order_id", existing_type=sa.UUID(), nullable=True)
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("buyer_id", tables.Id(), nullable=True))
    with op.batch_alter_table("store_credit_entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_store_credit_entries_reason"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_store_credit_entries_reason"),
            """reason IN ('adjusted', 'refunded', 'spent', 'merged')""",
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER store_credit_entries_refuses_UPDATE BEFORE UPDATE ON store_credit_entries WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.account_id IS NOT NEW.account_id OR OLD.reason IS NOT NEW.reason OR OLD.currency IS NOT NEW.currency OR OLD.delta_minor IS NOT NEW.delta_minor OR OLD.balance_minor IS NOT NEW.balance_minor OR OLD.payment_id IS NOT NEW.payment_id OR OLD.refund_id IS NOT NEW.refund_id OR (OLD.note IS NOT NEW.note AND coalesce(NEW.note, '(erased)') <> '(erased)')
BEGIN SELECT RAISE(ABORT, 'store_credit_entries cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER store_credit_entries_refuses_DELETE BEFORE DELETE ON store_credit_entries
BEGIN SELECT RAISE(ABORT, 'store_credit_entries cannot be changed: rows are only added'); END""")
    dialect = op.get_bind().dialect.name
    for statement in statements_to_let_erase(
        "events",
        dialect,
        [
            "sequence",
            "id",
            "type",
            "subject_kind",
            "subject_id",
            "subject_version",
            "actor_kind",
            "actor_id",
            "command",
            "request_id",
            "occurred_at",
            "horizon",
        ],
        {"reason": False, "reference": False, "changes": True, "data": True},
    ):
        op.execute(statement)
    for statement in statements_to_let_erase(
        "invoices",
        dialect,
        [
            "id",
            "created_at",
            "kind",
            "series_id",
            "serial",
            "number",
            "seller_id",
            "channel_id",
            "order_id",
            "order_number",
            "fulfillment_id",
            "credits_id",
            "issued_on",
            "due_on",
            "locale",
            "currency",
            "tax_included",
            "net_minor",
            "tax_minor",
            "total_minor",
            "seller",
        ],
        {"buyer": True, "ship_to": True, "note": False, "reason": False},
    ):
        op.execute(statement)
    if dialect == "postgresql":
        for statement in statements_to_let_erase(
            "store_credit_entries",
            dialect,
            [
                "id",
                "created_at",
                "account_id",
                "reason",
                "currency",
                "delta_minor",
                "balance_minor",
                "payment_id",
                "refund_id",
            ],
            {"note": False},
        ):
            op.execute(statement)
    for statement in statements_to_let_erase(
        "return_inspections",
        dialect,
        [
            "id",
            "created_at",
            "return_id",
            "line_id",
            "variant_id",
            "quantity",
            "condition",
            "disposition",
            "resolution",
            "location_id",
            "movement_id",
            "lot_id",
            "lot_matches",
            "unit_cost_micro",
            "cost_currency",
            "actor_kind",
            "actor_id",
        ],
        {"note": False},
    ):
        op.execute(statement)
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
            "tax_included",
            "store_credit_id",
            "actor_kind",
            "actor_id",
        ],
        {"note": False},
    ):
        op.execute(statement)
    for statement in statements_to_let_erase(
        "tracking_events",
        dialect,
        [
            "id",
            "tracking_id",
            "content_key",
            "source",
            "code",
            "occurred_at",
            "recorded_at",
            "recorded_by_kind",
            "recorded_by_id",
        ],
        {"text": False, "place": False},
    ):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("store_credit_entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_store_credit_entries_reason"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_store_credit_entries_reason"),
            """reason IN ('adjusted', 'refunded', 'spent')""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_column("buyer_id")
    with op.batch_alter_table("messages") as batch_op:
        batch_op.drop_constraint(op.f("ck_messages_topic"), type_="check")
        batch_op.alter_column("order_id", existing_type=sa.UUID(), nullable=False)
        batch_op.create_check_constraint(
            op.f("ck_messages_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed')""",
        )
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_templates_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_message_templates_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed')""",
        )
    with op.batch_alter_table("customers") as batch_op:
        batch_op.drop_constraint(op.f("ck_customers_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_customers_status"), """status IN ('active', 'archived')"""
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS events_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS events_refuses_DELETE")
        op.execute("DROP TRIGGER IF EXISTS events_note_fields")
        op.execute("""CREATE TRIGGER events_refuses_UPDATE BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER events_refuses_DELETE BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER events_note_fields AFTER INSERT ON events WHEN new.subject_version > 1 BEGIN
INSERT OR IGNORE INTO event_fields (subject_id, path, sequence)
SELECT new.subject_id, substr(json_extract(value, '$.path'), 1, 120), new.sequence
FROM json_each(new.changes); END""")
        op.execute("DROP TRIGGER IF EXISTS invoices_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS invoices_refuses_DELETE")
        op.execute("""CREATE TRIGGER invoices_refuses_UPDATE BEFORE UPDATE ON invoices WHEN OLD.id IS NOT NEW.id OR OLD.created_at IS NOT NEW.created_at OR OLD.kind IS NOT NEW.kind OR OLD.series_id IS NOT NEW.series_id OR OLD.serial IS NOT NEW.serial OR OLD.number IS NOT NEW.number OR OLD.seller_id IS NOT NEW.seller_id OR OLD.channel_id IS NOT NEW.channel_id OR OLD.order_id IS NOT NEW.order_id OR OLD.order_number IS NOT NEW.order_number OR OLD.fulfillment_id IS NOT NEW.fulfillment_id OR OLD.customer_id IS NOT NEW.customer_id OR OLD.credits_id IS NOT NEW.credits_id OR OLD.issued_on IS NOT NEW.issued_on OR OLD.due_on IS NOT NEW.due_on OR OLD.locale IS NOT NEW.locale OR OLD.currency IS NOT NEW.currency OR OLD.tax_included IS NOT NEW.tax_included OR OLD.net_minor IS NOT NEW.net_minor OR OLD.tax_minor IS NOT NEW.tax_minor OR OLD.total_minor IS NOT NEW.total_minor OR OLD.seller IS NOT NEW.seller OR OLD.buyer IS NOT NEW.buyer OR OLD.ship_to IS NOT NEW.ship_to OR OLD.note IS NOT NEW.note OR OLD.reason IS NOT NEW.reason
BEGIN SELECT RAISE(ABORT, 'invoices cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER invoices_refuses_DELETE BEFORE DELETE ON invoices
BEGIN SELECT RAISE(ABORT, 'invoices cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS return_inspections_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS return_inspections_refuses_DELETE")
        op.execute("""CREATE TRIGGER return_inspections_refuses_UPDATE BEFORE UPDATE ON return_inspections
BEGIN SELECT RAISE(ABORT, 'return_inspections cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER return_inspections_refuses_DELETE BEFORE DELETE ON return_inspections
BEGIN SELECT RAISE(ABORT, 'return_inspections cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS return_refunds_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS return_refunds_refuses_DELETE")
        op.execute("""CREATE TRIGGER return_refunds_refuses_UPDATE BEFORE UPDATE ON return_refunds
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER return_refunds_refuses_DELETE BEFORE DELETE ON return_refunds
BEGIN SELECT RAISE(ABORT, 'return_refunds cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS store_credit_entries_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS store_credit_entries_refuses_DELETE")
        op.execute("""CREATE TRIGGER store_credit_entries_refuses_UPDATE BEFORE UPDATE ON store_credit_entries
BEGIN SELECT RAISE(ABORT, 'store_credit_entries cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER store_credit_entries_refuses_DELETE BEFORE DELETE ON store_credit_entries
BEGIN SELECT RAISE(ABORT, 'store_credit_entries cannot be changed: rows are only added'); END""")
        op.execute("DROP TRIGGER IF EXISTS tracking_events_refuses_UPDATE")
        op.execute("DROP TRIGGER IF EXISTS tracking_events_refuses_DELETE")
        op.execute("""CREATE TRIGGER tracking_events_refuses_UPDATE BEFORE UPDATE ON tracking_events
BEGIN SELECT RAISE(ABORT, 'tracking_events cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER tracking_events_refuses_DELETE BEFORE DELETE ON tracking_events
BEGIN SELECT RAISE(ABORT, 'tracking_events cannot be changed: rows are only added'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER events_rows_stay ON events")
        op.execute("DROP TRIGGER events_values_stay ON events")
        op.execute("DROP TRIGGER events_stays ON events")
        op.execute(
            """CREATE TRIGGER events_rows_stay BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER events_stays BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute("DROP TRIGGER invoices_rows_stay ON invoices")
        op.execute("DROP TRIGGER invoices_values_stay ON invoices")
        op.execute("DROP TRIGGER invoices_stays ON invoices")
        op.execute(
            """CREATE TRIGGER invoices_rows_stay BEFORE DELETE ON public.invoices FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER invoices_values_stay BEFORE UPDATE ON public.invoices FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.created_at IS DISTINCT FROM new.created_at) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR (old.series_id IS DISTINCT FROM new.series_id) OR (old.serial IS DISTINCT FROM new.serial) OR ((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.seller_id IS DISTINCT FROM new.seller_id) OR (old.channel_id IS DISTINCT FROM new.channel_id) OR (old.order_id IS DISTINCT FROM new.order_id) OR ((old.order_number)::text IS DISTINCT FROM (new.order_number)::text) OR (old.fulfillment_id IS DISTINCT FROM new.fulfillment_id) OR (old.customer_id IS DISTINCT FROM new.customer_id) OR (old.credits_id IS DISTINCT FROM new.credits_id) OR (old.issued_on IS DISTINCT FROM new.issued_on) OR (old.due_on IS DISTINCT FROM new.due_on) OR ((old.locale)::text IS DISTINCT FROM (new.locale)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.tax_included IS DISTINCT FROM new.tax_included) OR (old.net_minor IS DISTINCT FROM new.net_minor) OR (old.tax_minor IS DISTINCT FROM new.tax_minor) OR (old.total_minor IS DISTINCT FROM new.total_minor) OR (old.seller IS DISTINCT FROM new.seller) OR (old.buyer IS DISTINCT FROM new.buyer) OR (old.ship_to IS DISTINCT FROM new.ship_to) OR (old.note IS DISTINCT FROM new.note) OR (old.reason IS DISTINCT FROM new.reason))) EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER invoices_stays BEFORE TRUNCATE ON public.invoices FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute("DROP TRIGGER store_credit_entries_rows_stay ON store_credit_entries")
        op.execute("DROP TRIGGER store_credit_entries_values_stay ON store_credit_entries")
        op.execute("DROP TRIGGER store_credit_entries_stays ON store_credit_entries")
        op.execute(
            """CREATE TRIGGER store_credit_entries_rows_stay BEFORE DELETE OR UPDATE ON public.store_credit_entries FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER store_credit_entries_stays BEFORE TRUNCATE ON public.store_credit_entries FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute("DROP TRIGGER return_inspections_rows_stay ON return_inspections")
        op.execute("DROP TRIGGER return_inspections_values_stay ON return_inspections")
        op.execute("DROP TRIGGER return_inspections_stays ON return_inspections")
        op.execute(
            """CREATE TRIGGER return_inspections_rows_stay BEFORE DELETE OR UPDATE ON public.return_inspections FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER return_inspections_stays BEFORE TRUNCATE ON public.return_inspections FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute("DROP TRIGGER return_refunds_rows_stay ON return_refunds")
        op.execute("DROP TRIGGER return_refunds_values_stay ON return_refunds")
        op.execute("DROP TRIGGER return_refunds_stays ON return_refunds")
        op.execute(
            """CREATE TRIGGER return_refunds_rows_stay BEFORE DELETE OR UPDATE ON public.return_refunds FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER return_refunds_stays BEFORE TRUNCATE ON public.return_refunds FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute("DROP TRIGGER tracking_events_rows_stay ON tracking_events")
        op.execute("DROP TRIGGER tracking_events_values_stay ON tracking_events")
        op.execute("DROP TRIGGER tracking_events_stays ON tracking_events")
        op.execute(
            """CREATE TRIGGER tracking_events_rows_stay BEFORE DELETE OR UPDATE ON public.tracking_events FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER tracking_events_stays BEFORE TRUNCATE ON public.tracking_events FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )
