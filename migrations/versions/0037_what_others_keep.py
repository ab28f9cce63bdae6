"""Orders, lines and channels know of returns and of the books"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("approval_requests") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_requests_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_requests_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off')""",
        )
    with op.batch_alter_table("approval_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_rules_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_rules_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'payment_run', 'refund', 'write_off')""",
        )
    with op.batch_alter_table("bulk_remarks") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_remarks_action"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_remarks_action"), """action IN ('imported', 'rejected')"""
        )
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_templates_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_message_templates_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed')""",
        )
    with op.batch_alter_table("messages") as batch_op:
        batch_op.drop_constraint(op.f("ck_messages_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_messages_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'payment_reminder', 'parcel_delayed')""",
        )
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'inventory', 'fiscal', 'delivery_date', 'high_value', 'credit', 'other')""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(
            sa.Column(
                "return_status",
                sa.Enum(
                    "none",
                    "under_way",
                    "partially_returned",
                    "returned",
                    name="return_status",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="none",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("allowance_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_allowance_minor_not_negative"), """allowance_minor >= 0"""
        )
        batch_op.create_index(
            batch_op.f("ix_orders_return_status_created_at_id"),
            ["return_status", "created_at", "id"],
            unique=False,
        )
    with op.batch_alter_table("payment_transactions") as batch_op:
        batch_op.drop_constraint(op.f("ck_payment_transactions_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_payment_transactions_kind"),
            """kind IN ('authorize', 'capture', 'void', 'refund', 'chargeback', 'reversal')""",
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER payment_transactions_refuses_UPDATE BEFORE UPDATE ON payment_transactions
BEGIN SELECT RAISE(ABORT, 'payment_transactions cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER payment_transactions_refuses_DELETE BEFORE DELETE ON payment_transactions
BEGIN SELECT RAISE(ABORT, 'payment_transactions cannot be changed: rows are only added'); END""")


def downgrade() -> None:
    with op.batch_alter_table("payment_transactions") as batch_op:
        batch_op.drop_constraint(op.f("ck_payment_transactions_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_payment_transactions_kind"),
            """kind IN ('authorize', 'capture', 'void', 'refund', 'chargeback')""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_return_status_created_at_id"))
        batch_op.drop_constraint(op.f("ck_orders_allowance_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_return_status"), type_="check")
        batch_op.drop_column("allowance_minor")
        batch_op.drop_column("return_status")
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'inventory', 'fiscal', 'delivery_date', 'high_value', 'other')""",
        )
    with op.batch_alter_table("messages") as batch_op:
        batch_op.drop_constraint(op.f("ck_messages_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_messages_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'parcel_delayed')""",
        )
    with op.batch_alter_table("message_templates") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_templates_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_message_templates_topic"),
            """topic IN ('order_placed', 'order_shipped', 'order_delivered', 'order_cancelled', 'refund_made', 'invoice_issued', 'parcel_delayed')""",
        )
    with op.batch_alter_table("bulk_remarks") as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_remarks_action"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_bulk_remarks_action"), """action IN ('imported', 'deferred', 'rejected')"""
        )
    with op.batch_alter_table("approval_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_rules_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_rules_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'refund', 'write_off')""",
        )
    with op.batch_alter_table("approval_requests") as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_requests_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_approval_requests_kind"),
            """kind IN ('order', 'purchase_order', 'bill', 'refund', 'write_off')""",
        )
