"""Payments"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "store_credits",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "balance_minor >= 0", name=op.f("ck_store_credits_balance_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_store_credits_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_credits")),
        sa.UniqueConstraint(
            "customer_id", "currency", name=op.f("uq_store_credits_customer_id_currency")
        ),
    )
    op.create_index(
        op.f("ix_store_credits_balance_minor_id"),
        "store_credits",
        ["balance_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_store_credits_created_at_id"), "store_credits", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_store_credits_currency_balance_minor_id"),
        "store_credits",
        ["currency", "balance_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_store_credits_customer_id_created_at_id"),
        "store_credits",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_store_credits_updated_at_id"), "store_credits", ["updated_at", "id"], unique=False
    )
    op.create_table(
        "payments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "manual",
                "bank_transfer",
                "cash_on_delivery",
                "terms",
                "card",
                "pix",
                "boleto",
                "store_credit",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "requires_action",
                "authorized",
                "partially_captured",
                "captured",
                "voided",
                "expired",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("voided_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunding_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("capture_at_once", sa.Boolean(), nullable=False),
        sa.Column("pending_operation", sa.String(length=20), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("provider_reference", tables.line(250), nullable=True),
        sa.Column("pay_code", sa.String(length=512), nullable=True),
        sa.Column("bar_code", sa.String(length=44), nullable=True),
        sa.Column("action_url", sa.String(length=2000), nullable=True),
        sa.Column("card_brand", sa.String(length=40), nullable=True),
        sa.Column("card_last_four", sa.String(length=4), nullable=True),
        sa.Column("card_expires", sa.String(length=7), nullable=True),
        sa.Column("failure", sa.String(length=250), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(authorized_minor = 0 AND voided_minor = 0) OR method IN ('card', 'manual')",
            name=op.f("ck_payments_authorized_by_method"),
        ),
        sa.CheckConstraint(
            "captured_minor + voided_minor <= authorized_minor OR method NOT IN ('card', 'manual')",
            name=op.f("ck_payments_captured_at_most_authorized"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount_positive")),
        sa.CheckConstraint(
            "authorized_minor >= 0", name=op.f("ck_payments_authorized_minor_not_negative")
        ),
        sa.CheckConstraint(
            "captured_minor >= 0", name=op.f("ck_payments_captured_minor_not_negative")
        ),
        sa.CheckConstraint(
            "charged_back_minor <= captured_minor",
            name=op.f("ck_payments_charged_back_at_most_captured"),
        ),
        sa.CheckConstraint(
            "charged_back_minor >= 0", name=op.f("ck_payments_charged_back_minor_not_negative")
        ),
        sa.CheckConstraint(
            "refunded_minor + refunding_minor <= captured_minor",
            name=op.f("ck_payments_refunded_at_most_captured"),
        ),
        sa.CheckConstraint(
            "refunded_minor >= 0", name=op.f("ck_payments_refunded_minor_not_negative")
        ),
        sa.CheckConstraint(
            "refunding_minor >= 0", name=op.f("ck_payments_refunding_minor_not_negative")
        ),
        sa.CheckConstraint("voided_minor >= 0", name=op.f("ck_payments_voided_minor_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "provider", "provider_reference", name=op.f("uq_payments_provider_provider_reference")
        ),
    )
    op.create_index(
        op.f("ix_payments_amount_minor_id"), "payments", ["amount_minor", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payments_created_at_id"), "payments", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payments_currency_amount_minor_id"),
        "payments",
        ["currency", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_payments_due_on_id"), "payments", ["due_on", "id"], unique=False)
    op.create_index(
        op.f("ix_payments_expires_at_id"), "payments", ["expires_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payments_method_created_at_id"),
        "payments",
        ["method", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_order_id_created_at_id"),
        "payments",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_provider_created_at_id"),
        "payments",
        ["provider", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_provider_reference_id"),
        "payments",
        ["provider_reference", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_status_created_at_id"),
        "payments",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_updated_at_id"), "payments", ["updated_at", "id"], unique=False
    )
    op.create_table(
        "disputes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column("provider_reference", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "needs_response",
                "under_review",
                "won",
                "lost",
                "accepted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("respond_by", tables.Instant(), nullable=True),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (status IN ('needs_response', 'under_review'))",
            name=op.f("ck_disputes_closed_at_end"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_amount_positive")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint(
            "provider", "provider_reference", name=op.f("uq_disputes_provider_provider_reference")
        ),
    )
    op.create_index(
        op.f("ix_disputes_created_at_id"), "disputes", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_disputes_order_id_created_at_id"),
        "disputes",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_disputes_payment_id_created_at_id"),
        "disputes",
        ["payment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_disputes_respond_by_id"), "disputes", ["respond_by", "id"], unique=False
    )
    op.create_index(
        op.f("ix_disputes_status_created_at_id"),
        "disputes",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_disputes_updated_at_id"), "disputes", ["updated_at", "id"], unique=False
    )
    op.create_table(
        "payment_installments",
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_payment_installments_amount_positive")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
            name=op.f("fk_payment_installments_payment_id_payments"),
        ),
        sa.PrimaryKeyConstraint("payment_id", "position", name=op.f("pk_payment_installments")),
    )
    op.create_table(
        "refunds",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "pending_approval",
                "submitted",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
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
        sa.Column(
            "reason",
            sa.Enum(
                "cancelled",
                "returned",
                "damaged",
                "overpaid",
                "goodwill",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_by_kind", sa.String(length=10), nullable=False),
        sa.Column("created_by_id", tables.Id(), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("approval_id", tables.Id(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("submitted_at", tables.Instant(), nullable=True),
        sa.Column("settled_at", tables.Instant(), nullable=True),
        sa.Column("provider_reference", tables.line(250), nullable=True),
        sa.Column("failure", sa.String(length=250), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NOT NULL) = (status = 'succeeded')",
            name=op.f("ck_refunds_settled_once"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_positive")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_refunds_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_refunds_order_id_number")),
    )
    op.create_index(
        op.f("ix_refunds_amount_minor_id"), "refunds", ["amount_minor", "id"], unique=False
    )
    op.create_index(op.f("ix_refunds_created_at_id"), "refunds", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_refunds_currency_amount_minor_id"),
        "refunds",
        ["currency", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_refunds_number_id"), "refunds", ["number", "id"], unique=False)
    op.create_index(
        op.f("ix_refunds_order_id_created_at_id"),
        "refunds",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refunds_payment_id_created_at_id"),
        "refunds",
        ["payment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refunds_provider_reference"), "refunds", ["provider_reference"], unique=False
    )
    op.create_index(
        op.f("ix_refunds_reason_created_at_id"),
        "refunds",
        ["reason", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refunds_status_created_at_id"),
        "refunds",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_refunds_updated_at_id"), "refunds", ["updated_at", "id"], unique=False)
    op.create_table(
        "payment_operations",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("refund_id", tables.Id(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "authorize",
                "capture",
                "void",
                "refund",
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
                "pending",
                "succeeded",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("target_minor", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=250), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'refund') = (refund_id IS NOT NULL)",
            name=op.f("ck_payment_operations_refund_of_refunds"),
        ),
        sa.CheckConstraint(
            "status = 'pending' OR token IS NULL",
            name=op.f("ck_payment_operations_token_while_pending"),
        ),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_payment_operations_amount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "attempts >= 0", name=op.f("ck_payment_operations_attempts_not_negative")
        ),
        sa.CheckConstraint(
            "target_minor >= 0", name=op.f("ck_payment_operations_target_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_operations_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_payment_operations_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_operations")),
    )
    op.create_index(
        op.f("ix_payment_operations_payment_id_created_at_id"),
        "payment_operations",
        ["payment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_operations_refund_id"), "payment_operations", ["refund_id"], unique=False
    )
    op.create_index(
        "uq_payment_operations_open",
        "payment_operations",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("status = 'pending' AND refund_id IS NULL"),
        postgresql_where=sa.text("status = 'pending' AND refund_id IS NULL"),
    )
    op.create_table(
        "payment_transactions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("refund_id", tables.Id(), nullable=True),
        sa.Column("dispute_id", tables.Id(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "authorize",
                "capture",
                "void",
                "refund",
                "chargeback",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column("provider_reference", tables.line(250), nullable=False),
        sa.Column("external_reference", tables.line(250), nullable=True),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'refund') = (refund_id IS NOT NULL)",
            name=op.f("ck_payment_transactions_refund_of_refunds"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_payment_transactions_amount_positive")
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["disputes.id"],
            name=op.f("fk_payment_transactions_dispute_id_disputes"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payment_transactions_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
            name=op.f("fk_payment_transactions_payment_id_payments"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_payment_transactions_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_transactions")),
        sa.UniqueConstraint(
            "provider",
            "provider_reference",
            name=op.f("uq_payment_transactions_provider_provider_reference"),
        ),
    )
    op.create_index(
        op.f("ix_payment_transactions_created_at_id"),
        "payment_transactions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_dispute_id"),
        "payment_transactions",
        ["dispute_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_order_id_created_at_id"),
        "payment_transactions",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_payment_id_created_at_id"),
        "payment_transactions",
        ["payment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_transactions_refund_id"),
        "payment_transactions",
        ["refund_id"],
        unique=False,
    )
    op.create_index(
        "uq_payment_transactions_external_reference",
        "payment_transactions",
        ["payment_id", "external_reference"],
        unique=True,
        sqlite_where=sa.text("external_reference IS NOT NULL"),
        postgresql_where=sa.text("external_reference IS NOT NULL"),
    )
    op.create_table(
        "store_credit_entries",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("account_id", tables.Id(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "adjusted",
                "refunded",
                "spent",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", tables.Id(), nullable=True),
        sa.Column("refund_id", tables.Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "balance_minor >= 0", name=op.f("ck_store_credit_entries_balance_minor_not_negative")
        ),
        sa.CheckConstraint(
            "delta_minor <> 0", name=op.f("ck_store_credit_entries_changes_something")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["store_credits.id"],
            name=op.f("fk_store_credit_entries_account_id_store_credits"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
            name=op.f("fk_store_credit_entries_payment_id_payments"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_store_credit_entries_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_credit_entries")),
    )
    op.create_index(
        op.f("ix_store_credit_entries_account_id_created_at_id"),
        "store_credit_entries",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_store_credit_entries_created_at_id"),
        "store_credit_entries",
        ["created_at", "id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("payment_transactions", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("store_credit_entries", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("store_credit_entries")
    op.drop_table("payment_transactions")
    op.drop_table("payment_operations")
    op.drop_table("refunds")
    op.drop_table("payment_installments")
    op.drop_table("disputes")
    op.drop_table("payments")
    op.drop_table("store_credits")
