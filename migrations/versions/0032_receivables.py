"""Receivables"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_progress",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_credit_progress")),
    )
    op.create_table(
        "dunning_steps",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("days_after_due", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reminder",
                "demand",
                "final_notice",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "days_after_due >= 0", name=op.f("ck_dunning_steps_days_after_due_not_negative")
        ),
        sa.CheckConstraint(
            "fee_minor = 0 OR currency IS NOT NULL", name=op.f("ck_dunning_steps_fee_in_currency")
        ),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_dunning_steps_fee_minor_not_negative")),
        sa.CheckConstraint("number > 0", name=op.f("ck_dunning_steps_number_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_steps")),
        sa.UniqueConstraint("number", name=op.f("uq_dunning_steps_number")),
    )
    op.create_table(
        "payout_terms",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column("delay_days", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("fee_bp", sa.Integer(), nullable=True),
        sa.Column("fee_fixed_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("delay_days >= 0", name=op.f("ck_payout_terms_delay_days_not_negative")),
        sa.CheckConstraint("fee_bp >= 0", name=op.f("ck_payout_terms_fee_bp_not_negative")),
        sa.CheckConstraint(
            "fee_fixed_minor = 0 OR currency IS NOT NULL",
            name=op.f("ck_payout_terms_fixed_fee_in_currency"),
        ),
        sa.CheckConstraint(
            "fee_fixed_minor >= 0", name=op.f("ck_payout_terms_fee_fixed_minor_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_terms")),
        sa.UniqueConstraint("provider", name=op.f("uq_payout_terms_provider")),
    )
    op.create_table(
        "payouts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column("reference", tables.line(250), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "expected",
                "due",
                "partially_settled",
                "overdue",
                "settled",
                "written_off",
                "called_off",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(open_minor = 0) = (state = 'settled')",
            name=op.f("ck_payouts_settled_with_nothing_open"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('written_off', 'called_off')", name=op.f("ck_payouts_states_of_payouts")
        ),
        sa.CheckConstraint(
            "(amount_minor >= 0 AND settled_minor BETWEEN 0 AND amount_minor) OR (amount_minor < 0 AND settled_minor BETWEEN amount_minor AND 0)",
            name=op.f("ck_payouts_settled_at_most_amount"),
        ),
        sa.CheckConstraint("differences >= 0", name=op.f("ck_payouts_differences_not_negative")),
        sa.CheckConstraint(
            "open_minor = amount_minor - settled_minor",
            name=op.f("ck_payouts_open_is_what_is_left"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("provider", "reference", name=op.f("uq_payouts_provider_reference")),
    )
    op.create_index(
        op.f("ix_payouts_amount_minor_id"), "payouts", ["amount_minor", "id"], unique=False
    )
    op.create_index(op.f("ix_payouts_arrives_on_id"), "payouts", ["arrives_on", "id"], unique=False)
    op.create_index(op.f("ix_payouts_created_at_id"), "payouts", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_payouts_currency_amount_minor_id"),
        "payouts",
        ["currency", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_currency_open_minor_id"),
        "payouts",
        ["currency", "open_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_differences_arrives_on_id"),
        "payouts",
        ["differences", "arrives_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_provider_arrives_on_id"),
        "payouts",
        ["provider", "arrives_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_reference_arrives_on_id"),
        "payouts",
        ["reference", "arrives_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_state_arrives_on_id"),
        "payouts",
        ["state", "arrives_on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_payouts_updated_at_id"), "payouts", ["updated_at", "id"], unique=False)
    op.create_table(
        "credit_limits",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "limit_minor >= 0", name=op.f("ck_credit_limits_limit_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_credit_limits_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_limits")),
        sa.UniqueConstraint(
            "customer_id", "currency", name=op.f("uq_credit_limits_customer_id_currency")
        ),
    )
    op.create_table(
        "payout_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("payout_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "charge",
                "refund",
                "chargeback",
                "fee",
                "adjustment",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", tables.line(250), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "matched",
                "unknown",
                "wrong_amount",
                "wrong_fee",
                "paid_before",
                "not_compared",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("transaction_id", tables.Id(), nullable=True),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("expected_fee_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "net_minor = gross_minor - fee_minor", name=op.f("ck_payout_lines_net_of_gross")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_payout_lines_payout_id_payouts")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_payout_lines_transaction_id_payment_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_lines")),
        sa.UniqueConstraint(
            "payout_id", "position", name=op.f("uq_payout_lines_payout_id_position")
        ),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_payout_lines_transaction_id")),
    )
    op.create_index(
        op.f("ix_payout_lines_finding_position_id"),
        "payout_lines",
        ["finding", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payout_lines_payout_id_finding_position_id"),
        "payout_lines",
        ["payout_id", "finding", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payout_lines_position_id"), "payout_lines", ["position", "id"], unique=False
    )
    op.create_table(
        "receivables",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("payment_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("transaction_id", tables.Id(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "bank_transfer",
                "cash_on_delivery",
                "terms",
                "pix",
                "boleto",
                "payout",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", tables.line(40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "expected",
                "due",
                "partially_settled",
                "overdue",
                "settled",
                "written_off",
                "called_off",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("written_off_minor", sa.BigInteger(), nullable=False),
        sa.Column("recovered_minor", sa.BigInteger(), nullable=False),
        sa.Column("called_off_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("disputed_at", tables.Instant(), nullable=True),
        sa.Column("dispute_note", sa.Text(), nullable=False),
        sa.Column("dunned", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'payout') = (transaction_id IS NOT NULL)",
            name=op.f("ck_receivables_payout_of_capture"),
        ),
        sa.CheckConstraint(
            "(open_minor = 0) = (state IN ('settled', 'written_off', 'called_off'))",
            name=op.f("ck_receivables_ended_with_nothing_open"),
        ),
        sa.CheckConstraint(
            "(settled_on IS NOT NULL) = (state = 'settled')",
            name=op.f("ck_receivables_settled_on_at_end"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_receivables_amount_positive")),
        sa.CheckConstraint(
            "called_off_minor >= 0", name=op.f("ck_receivables_called_off_minor_not_negative")
        ),
        sa.CheckConstraint("dunned >= 0", name=op.f("ck_receivables_dunned_not_negative")),
        sa.CheckConstraint(
            "open_minor = amount_minor - settled_minor - written_off_minor + recovered_minor - called_off_minor",
            name=op.f("ck_receivables_open_is_what_is_left"),
        ),
        sa.CheckConstraint("open_minor >= 0", name=op.f("ck_receivables_open_minor_not_negative")),
        sa.CheckConstraint(
            "recovered_minor <= settled_minor", name=op.f("ck_receivables_recovered_is_settled")
        ),
        sa.CheckConstraint(
            "recovered_minor <= written_off_minor",
            name=op.f("ck_receivables_recovered_at_most_written_off"),
        ),
        sa.CheckConstraint(
            "recovered_minor >= 0", name=op.f("ck_receivables_recovered_minor_not_negative")
        ),
        sa.CheckConstraint(
            "settled_minor >= 0", name=op.f("ck_receivables_settled_minor_not_negative")
        ),
        sa.CheckConstraint(
            "written_off_minor >= 0", name=op.f("ck_receivables_written_off_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_receivables_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_receivables_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_receivables_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["payment_transactions.id"],
            name=op.f("fk_receivables_transaction_id_payment_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivables")),
        sa.UniqueConstraint(
            "payment_id", "position", name=op.f("uq_receivables_payment_id_position")
        ),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_receivables_transaction_id")),
    )
    op.create_index(
        op.f("ix_receivables_created_at_id"), "receivables", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_receivables_currency_open_minor_id"),
        "receivables",
        ["currency", "open_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_receivables_customer_id_due_on_id"),
        "receivables",
        ["customer_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_receivables_due_on_id"), "receivables", ["due_on", "id"], unique=False)
    op.create_index(
        op.f("ix_receivables_kind_due_on_id"), "receivables", ["kind", "due_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_receivables_kind_settled_on_id"),
        "receivables",
        ["kind", "settled_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_receivables_open_minor_id"), "receivables", ["open_minor", "id"], unique=False
    )
    op.create_index(
        op.f("ix_receivables_order_id_due_on_id"),
        "receivables",
        ["order_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_receivables_provider_due_on_id"),
        "receivables",
        ["provider", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_receivables_state_due_on_id"),
        "receivables",
        ["state", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_receivables_updated_at_id"), "receivables", ["updated_at", "id"], unique=False
    )
    op.create_table(
        "dunning_notices",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("receivable_id", tables.Id(), nullable=False),
        sa.Column("step_number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reminder",
                "demand",
                "final_notice",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("days_overdue", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fee_minor >= 0", name=op.f("ck_dunning_notices_fee_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"],
            ["receivables.id"],
            name=op.f("fk_dunning_notices_receivable_id_receivables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_notices")),
        sa.UniqueConstraint(
            "receivable_id",
            "step_number",
            name=op.f("uq_dunning_notices_receivable_id_step_number"),
        ),
    )
    op.create_table(
        "receivable_settlements",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("receivable_id", tables.Id(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "payment",
                "bank",
                "payout",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor <> 0", name=op.f("ck_receivable_settlements_changes_something")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"],
            ["receivables.id"],
            name=op.f("fk_receivable_settlements_receivable_id_receivables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_settlements")),
    )
    op.create_index(
        op.f("ix_receivable_settlements_receivable_id_created_at_id"),
        "receivable_settlements",
        ["receivable_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "write_offs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("receivable_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending_approval",
                "posted",
                "declined",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "uncollectible",
                "insolvent",
                "goodwill",
                "small",
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
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_write_offs_amount_positive")),
        sa.ForeignKeyConstraint(
            ["receivable_id"],
            ["receivables.id"],
            name=op.f("fk_write_offs_receivable_id_receivables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_offs")),
    )
    op.create_index(
        op.f("ix_write_offs_created_at_id"), "write_offs", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_write_offs_receivable_id_created_at_id"),
        "write_offs",
        ["receivable_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_write_offs_status_created_at_id"),
        "write_offs",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_write_offs_updated_at_id"), "write_offs", ["updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_write_offs_pending",
        "write_offs",
        ["receivable_id"],
        unique=True,
        sqlite_where=sa.text("status = 'pending_approval'"),
        postgresql_where=sa.text("status = 'pending_approval'"),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("dunning_notices", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("receivable_settlements", dialect):
        op.execute(statement)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER payout_lines_refuses_UPDATE BEFORE UPDATE ON payout_lines WHEN OLD.id IS NOT NEW.id OR OLD.payout_id IS NOT NEW.payout_id OR OLD.position IS NOT NEW.position OR OLD.kind IS NOT NEW.kind OR OLD.reference IS NOT NEW.reference OR OLD.currency IS NOT NEW.currency OR OLD.gross_minor IS NOT NEW.gross_minor OR OLD.fee_minor IS NOT NEW.fee_minor OR OLD.net_minor IS NOT NEW.net_minor
BEGIN SELECT RAISE(ABORT, 'payout_lines cannot be changed: rows are only added'); END""")
        op.execute("""CREATE TRIGGER payout_lines_refuses_DELETE BEFORE DELETE ON payout_lines
BEGIN SELECT RAISE(ABORT, 'payout_lines cannot be changed: rows are only added'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE TRIGGER payout_lines_rows_stay BEFORE DELETE ON public.payout_lines FOR EACH ROW EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER payout_lines_values_stay BEFORE UPDATE ON public.payout_lines FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.payout_id IS DISTINCT FROM new.payout_id) OR (old."position" IS DISTINCT FROM new."position") OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.gross_minor IS DISTINCT FROM new.gross_minor) OR (old.fee_minor IS DISTINCT FROM new.fee_minor) OR (old.net_minor IS DISTINCT FROM new.net_minor))) EXECUTE FUNCTION forbid_changes()"""
        )
        op.execute(
            """CREATE TRIGGER payout_lines_stays BEFORE TRUNCATE ON public.payout_lines FOR EACH STATEMENT EXECUTE FUNCTION forbid_changes()"""
        )


def downgrade() -> None:
    op.drop_table("write_offs")
    op.drop_table("receivable_settlements")
    op.drop_table("dunning_notices")
    op.drop_table("receivables")
    op.drop_table("payout_lines")
    op.drop_table("credit_limits")
    op.drop_table("payouts")
    op.drop_table("payout_terms")
    op.drop_table("dunning_steps")
    op.drop_table("credit_progress")
