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
