"""Payables"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payer_accounts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("holder", tables.line(250), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("account_number", sa.String(length=40), nullable=True),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.Column("tax_id", sa.String(length=80), nullable=True),
        sa.Column("agreement", tables.line(20), nullable=True),
        sa.Column(
            "sepa_format",
            sa.Enum(
                "pain_001_03",
                "pain_001_09",
                "cnab_240",
                name="sepa_format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bank_account_id", tables.Id(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_payer_accounts_name")),
    )
    op.create_index(
        op.f("ix_payer_accounts_is_archived_name_id"),
        "payer_accounts",
        ["is_archived", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payer_accounts_name_id"), "payer_accounts", ["name", "id"], unique=False
    )
    op.create_table(
        "payment_returns",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payment_returns")),
    )
    op.create_table(
        "payment_run_series",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
        sa.Column("only", sa.Integer(), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_payment_run_series_one_row")),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_payment_run_series_numbers_skipped_below_next"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_run_series")),
        sa.UniqueConstraint("only", name=op.f("uq_payment_run_series_only")),
    )
    op.create_table(
        "match_tolerances",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("key", tables.line(250), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("category_id", tables.Id(), nullable=True),
        sa.Column("quantity_bp", sa.Integer(), nullable=False),
        sa.Column("price_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity_bp BETWEEN 0 AND 10000 AND price_bp BETWEEN 0 AND 10000",
            name=op.f("ck_match_tolerances_tolerances_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_match_tolerances_category_id_categories"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_match_tolerances_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_tolerances")),
        sa.UniqueConstraint("key", name=op.f("uq_match_tolerances_key")),
    )
    op.create_index(
        op.f("ix_match_tolerances_category_id"), "match_tolerances", ["category_id"], unique=False
    )
    op.create_index(
        op.f("ix_match_tolerances_created_at_id"),
        "match_tolerances",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_match_tolerances_supplier_id"), "match_tolerances", ["supplier_id"], unique=False
    )
    op.create_table(
        "payment_runs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(40), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "approved",
                "exported",
                "settled",
                "partially_rejected",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "sepa",
                "cnab",
                "manual",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "format",
            sa.Enum(
                "pain_001_03",
                "pain_001_09",
                "cnab_240",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("payer_account_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("due_until", sa.Date(), nullable=False),
        sa.Column("lines_count", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("rejected_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_by_kind", sa.String(length=10), nullable=False),
        sa.Column("created_by_id", tables.Id(), nullable=True),
        sa.Column("approved_by_kind", sa.String(length=10), nullable=True),
        sa.Column("approved_by_id", tables.Id(), nullable=True),
        sa.Column("approved_at", tables.Instant(), nullable=True),
        sa.Column("exported_by_kind", sa.String(length=10), nullable=True),
        sa.Column("exported_by_id", tables.Id(), nullable=True),
        sa.Column("exported_at", tables.Instant(), nullable=True),
        sa.Column("cancelled_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(method = 'manual') = (format IS NULL)", name=op.f("ck_payment_runs_format_of_method")
        ),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_payment_runs_cancelled_at_end"),
        ),
        sa.CheckConstraint(
            "(status IN ('exported', 'settled', 'partially_rejected')) = (exported_at IS NOT NULL)",
            name=op.f("ck_payment_runs_exported_at_once"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR (approved_by_kind IS NOT NULL AND (approved_by_kind <> created_by_kind OR created_by_id IS NULL OR approved_by_id <> created_by_id))",
            name=op.f("ck_payment_runs_approved_by_another"),
        ),
        sa.CheckConstraint(
            "discount_minor >= 0", name=op.f("ck_payment_runs_discount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "exported_at IS NULL OR approved_at IS NOT NULL",
            name=op.f("ck_payment_runs_approved_before"),
        ),
        sa.CheckConstraint(
            "lines_count BETWEEN 1 AND 500", name=op.f("ck_payment_runs_lines_bounded")
        ),
        sa.CheckConstraint(
            "rejected_minor >= 0", name=op.f("ck_payment_runs_rejected_minor_not_negative")
        ),
        sa.CheckConstraint(
            "settled_minor + rejected_minor <= total_minor",
            name=op.f("ck_payment_runs_ended_at_most_total"),
        ),
        sa.CheckConstraint(
            "settled_minor >= 0", name=op.f("ck_payment_runs_settled_minor_not_negative")
        ),
        sa.CheckConstraint(
            "total_minor >= 0", name=op.f("ck_payment_runs_total_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["payer_account_id"],
            ["payer_accounts.id"],
            name=op.f("fk_payment_runs_payer_account_id_payer_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_runs")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_runs_number")),
        sa.UniqueConstraint("serial", name=op.f("uq_payment_runs_serial")),
    )
    op.create_index(
        op.f("ix_payment_runs_created_at_id"), "payment_runs", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_runs_currency_total_minor_id"),
        "payment_runs",
        ["currency", "total_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_runs_method_created_at_id"),
        "payment_runs",
        ["method", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_runs_pay_on_id"), "payment_runs", ["pay_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_runs_payer_account_id_created_at_id"),
        "payment_runs",
        ["payer_account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_runs_status_created_at_id"),
        "payment_runs",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_runs_total_minor_id"), "payment_runs", ["total_minor", "id"], unique=False
    )
    op.create_table(
        "payment_files",
        sa.Column("run_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(40), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "pain_001_03",
                "pain_001_09",
                "cnab_240",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payment_runs.id"], name=op.f("fk_payment_files_run_id_payment_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_payment_files")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_files_number")),
    )
    op.create_table(
        "bills",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bill",
                "credit_note",
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
                "draft",
                "pending_approval",
                "approved",
                "scheduled",
                "partially_paid",
                "paid",
                "disputed",
                "rejected",
                "voided",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "match_status",
            sa.Enum(
                "unmatched",
                "matched",
                "exception",
                "waived",
                name="match_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", tables.line(80), nullable=False),
        sa.Column("number_key", tables.line(80), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("scheduled_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("discounted_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "open_minor",
            sa.BigInteger(),
            sa.Computed(
                "total_minor - paid_minor - credited_minor - discounted_minor", persisted=True
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("purchase_return_id", tables.Id(), nullable=True),
        sa.Column("source_reference", tables.line(120), nullable=True),
        sa.Column("entry_id", tables.Id(), nullable=True),
        sa.Column("created_by_kind", sa.String(length=10), nullable=False),
        sa.Column("created_by_id", tables.Id(), nullable=True),
        sa.Column("submitted_by_kind", sa.String(length=10), nullable=True),
        sa.Column("submitted_by_id", tables.Id(), nullable=True),
        sa.Column("submitted_at", tables.Instant(), nullable=True),
        sa.Column("waived_by_kind", sa.String(length=10), nullable=True),
        sa.Column("waived_by_id", tables.Id(), nullable=True),
        sa.Column("waiver_reason", sa.Text(), nullable=True),
        sa.Column("approved_by_kind", sa.String(length=10), nullable=True),
        sa.Column("approved_by_id", tables.Id(), nullable=True),
        sa.Column("approved_at", tables.Instant(), nullable=True),
        sa.Column("voided_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(match_status = 'waived') = (waived_by_kind IS NOT NULL)",
            name=op.f("ck_bills_waived_by_somebody"),
        ),
        sa.CheckConstraint(
            "(voided_at IS NOT NULL) = (status = 'voided')", name=op.f("ck_bills_voided_at_end")
        ),
        sa.CheckConstraint(
            "match_status IN ('matched', 'waived') OR status IN ('draft', 'pending_approval', 'disputed', 'rejected', 'voided')",
            name=op.f("ck_bills_owed_when_matched"),
        ),
        sa.CheckConstraint(
            "credited_minor >= 0", name=op.f("ck_bills_credited_minor_not_negative")
        ),
        sa.CheckConstraint(
            "discounted_minor >= 0", name=op.f("ck_bills_discounted_minor_not_negative")
        ),
        sa.CheckConstraint("paid_minor >= 0", name=op.f("ck_bills_paid_minor_not_negative")),
        sa.CheckConstraint(
            "scheduled_minor <= total_minor - paid_minor - credited_minor - discounted_minor",
            name=op.f("ck_bills_scheduled_at_most_open"),
        ),
        sa.CheckConstraint(
            "scheduled_minor >= 0", name=op.f("ck_bills_scheduled_minor_not_negative")
        ),
        sa.CheckConstraint(
            "total_minor - paid_minor - credited_minor - discounted_minor >= 0",
            name=op.f("ck_bills_open_not_negative"),
        ),
        sa.CheckConstraint(
            "total_minor = subtotal_minor + tax_minor", name=op.f("ck_bills_total_of_parts")
        ),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_bills_total_minor_not_negative")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entries.id"], name=op.f("fk_bills_entry_id_journal_entries")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_return_id"],
            ["purchase_returns.id"],
            name=op.f("fk_bills_purchase_return_id_purchase_returns"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_bills_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bills")),
    )
    op.create_index(op.f("ix_bills_created_at_id"), "bills", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_bills_currency_open_minor_id"),
        "bills",
        ["currency", "open_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bills_currency_total_minor_id"),
        "bills",
        ["currency", "total_minor", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_bills_due_on_id"), "bills", ["due_on", "id"], unique=False)
    op.create_index(op.f("ix_bills_issued_on_id"), "bills", ["issued_on", "id"], unique=False)
    op.create_index(
        op.f("ix_bills_kind_created_at_id"), "bills", ["kind", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bills_match_status_created_at_id"),
        "bills",
        ["match_status", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_bills_number_id"), "bills", ["number", "id"], unique=False)
    op.create_index(
        op.f("ix_bills_status_created_at_id"), "bills", ["status", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bills_status_due_on_id"), "bills", ["status", "due_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bills_supplier_id_created_at_id"),
        "bills",
        ["supplier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bills_supplier_id_issued_on_total_minor"),
        "bills",
        ["supplier_id", "issued_on", "total_minor"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bills_supplier_id_number_key"),
        "bills",
        ["supplier_id", "number_key"],
        unique=False,
    )
    op.create_index(op.f("ix_bills_total_minor_id"), "bills", ["total_minor", "id"], unique=False)
    op.create_index(op.f("ix_bills_updated_at_id"), "bills", ["updated_at", "id"], unique=False)
    op.create_index(
        "uq_bills_entry_id",
        "bills",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("entry_id IS NOT NULL"),
        postgresql_where=sa.text("entry_id IS NOT NULL"),
    )
    op.create_index(
        "uq_bills_number",
        "bills",
        ["supplier_id", "kind", "number"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('rejected', 'voided')"),
        postgresql_where=sa.text("status NOT IN ('rejected', 'voided')"),
    )
    op.create_index(
        "uq_bills_purchase_return_id",
        "bills",
        ["purchase_return_id"],
        unique=True,
        sqlite_where=sa.text("purchase_return_id IS NOT NULL"),
        postgresql_where=sa.text("purchase_return_id IS NOT NULL"),
    )
    op.create_index(
        "uq_bills_source_reference",
        "bills",
        ["source_reference"],
        unique=True,
        sqlite_where=sa.text("source_reference IS NOT NULL"),
        postgresql_where=sa.text("source_reference IS NOT NULL"),
    )
    op.create_table(
        "bill_attachments",
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", tables.Id(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_attachments_bill_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_files.id"], name=op.f("fk_bill_attachments_file_id_media_files")
        ),
        sa.PrimaryKeyConstraint("bill_id", "position", name=op.f("pk_bill_attachments")),
    )
    op.create_index(
        op.f("ix_bill_attachments_file_id"), "bill_attachments", ["file_id"], unique=False
    )
    op.create_table(
        "bill_credits",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("credit_note_id", tables.Id(), nullable=False),
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", tables.Id(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(reverses_id IS NULL AND amount_minor > 0) OR (reverses_id IS NOT NULL AND amount_minor < 0)",
            name=op.f("ck_bill_credits_below_zero_takes_back"),
        ),
        sa.CheckConstraint("credit_note_id <> bill_id", name=op.f("ck_bill_credits_two_documents")),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_credits_bill_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["credit_note_id"], ["bills.id"], name=op.f("fk_bill_credits_credit_note_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["bill_credits.id"],
            name=op.f("fk_bill_credits_reverses_id_bill_credits"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_credits")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_bill_credits_reverses_id")),
    )
    op.create_index(op.f("ix_bill_credits_bill_id"), "bill_credits", ["bill_id"], unique=False)
    op.create_index(
        op.f("ix_bill_credits_credit_note_id"), "bill_credits", ["credit_note_id"], unique=False
    )
    op.create_table(
        "bill_instalments",
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(discount_minor > 0) = (discount_until IS NOT NULL)",
            name=op.f("ck_bill_instalments_discount_until_a_day"),
        ),
        sa.CheckConstraint(
            "discount_minor >= 0 AND discount_minor <= amount_minor",
            name=op.f("ck_bill_instalments_discount_of_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_instalments_bill_id_bills")
        ),
        sa.PrimaryKeyConstraint("bill_id", "position", name=op.f("pk_bill_instalments")),
    )
    op.create_index(
        op.f("ix_bill_instalments_due_on_bill_id"),
        "bill_instalments",
        ["due_on", "bill_id"],
        unique=False,
    )
    op.create_table(
        "bill_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("order_line_id", tables.Id(), nullable=True),
        sa.Column("account_id", tables.Id(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "quantity_mismatch",
            sa.Enum(
                "not_received",
                "more_than_received",
                "price_above",
                "price_below",
                name="quantity_mismatch",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "price_mismatch",
            sa.Enum(
                "not_received",
                "more_than_received",
                "price_above",
                "price_below",
                name="price_mismatch",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("billed_quantity", sa.Integer(), nullable=False),
        sa.Column("waived_quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "billed_quantity >= 0", name=op.f("ck_bill_lines_billed_quantity_not_negative")
        ),
        sa.CheckConstraint(
            "order_line_id IS NULL OR (quantity IS NOT NULL AND amount_minor >= 0)",
            name=op.f("ck_bill_lines_goods_have_quantity"),
        ),
        sa.CheckConstraint(
            "order_line_id IS NULL OR account_id IS NULL",
            name=op.f("ck_bill_lines_goods_or_service"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bill_lines_quantity_positive")),
        sa.CheckConstraint(
            "unit_price_micro >= 0", name=op.f("ck_bill_lines_unit_price_micro_not_negative")
        ),
        sa.CheckConstraint(
            "waived_quantity <= billed_quantity", name=op.f("ck_bill_lines_waived_of_billed")
        ),
        sa.CheckConstraint(
            "waived_quantity >= 0", name=op.f("ck_bill_lines_waived_quantity_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_bill_lines_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_lines_bill_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_bill_lines_order_line_id_purchase_order_lines"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_lines")),
        sa.UniqueConstraint("bill_id", "position", name=op.f("uq_bill_lines_bill_id_position")),
    )
    op.create_index(op.f("ix_bill_lines_account_id"), "bill_lines", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_bill_lines_order_line_id"), "bill_lines", ["order_line_id"], unique=False
    )
    op.create_table(
        "bill_payments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "payment_run",
                "bank_transfer",
                "direct_debit",
                "card",
                "cash",
                "other",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cleared_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", tables.line(120), nullable=True),
        sa.Column("run_line_id", tables.Id(), nullable=True),
        sa.Column("reverses_id", tables.Id(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(reverses_id IS NULL AND amount_minor > 0 AND discount_minor >= 0) OR (reverses_id IS NOT NULL AND amount_minor < 0 AND discount_minor <= 0)",
            name=op.f("ck_bill_payments_below_zero_takes_back"),
        ),
        sa.CheckConstraint(
            "cleared_minor >= 0 AND (cleared_minor = 0 OR cleared_minor <= amount_minor)",
            name=op.f("ck_bill_payments_cleared_at_most_paid"),
        ),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_payments_bill_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["bill_payments.id"],
            name=op.f("fk_bill_payments_reverses_id_bill_payments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_payments")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_bill_payments_reverses_id")),
    )
    op.create_index(
        op.f("ix_bill_payments_bill_id_created_at_id"),
        "bill_payments",
        ["bill_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bill_payments_created_at_id"), "bill_payments", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bill_payments_currency_amount_minor_id"),
        "bill_payments",
        ["currency", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        "uq_bill_payments_run_line",
        "bill_payments",
        ["run_line_id"],
        unique=True,
        sqlite_where=sa.text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
        postgresql_where=sa.text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
    )
    op.create_table(
        "bill_sources",
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "ubl",
                "cii",
                "nfe",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_sources_bill_id_bills")
        ),
        sa.PrimaryKeyConstraint("bill_id", name=op.f("pk_bill_sources")),
    )
    op.create_index(op.f("ix_bill_sources_sha256"), "bill_sources", ["sha256"], unique=False)
    op.create_table(
        "billed_order_lines",
        sa.Column("order_line_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bill",
                "credit_note",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("waived", sa.Integer(), nullable=False),
        sa.CheckConstraint("allowed >= 0", name=op.f("ck_billed_order_lines_allowed_not_negative")),
        sa.CheckConstraint(
            "quantity <= allowed + waived",
            name=op.f("ck_billed_order_lines_billed_at_most_received"),
        ),
        sa.CheckConstraint(
            "quantity >= 0", name=op.f("ck_billed_order_lines_quantity_not_negative")
        ),
        sa.CheckConstraint("waived >= 0", name=op.f("ck_billed_order_lines_waived_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["purchase_order_lines.id"],
            name=op.f("fk_billed_order_lines_order_line_id_purchase_order_lines"),
        ),
        sa.PrimaryKeyConstraint("order_line_id", "kind", name=op.f("pk_billed_order_lines")),
    )
    op.create_table(
        "payment_run_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("run_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", tables.line(20), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "under_way",
                "settled",
                "rejected",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("remittance", tables.line(140), nullable=False),
        sa.Column("account_id", tables.Id(), nullable=True),
        sa.Column("holder", tables.line(250), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("account_number", sa.String(length=40), nullable=True),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.Column("tax_id", sa.String(length=80), nullable=True),
        sa.Column("said_code", tables.line(250), nullable=True),
        sa.Column("said", tables.line(250), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'settled') = (paid_on IS NOT NULL)",
            name=op.f("ck_payment_run_lines_paid_on_a_day"),
        ),
        sa.CheckConstraint(
            "(status IN ('proposed', 'under_way')) = (ended_at IS NULL)",
            name=op.f("ck_payment_run_lines_ended_at_end"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_run_lines_amount_positive")),
        sa.CheckConstraint(
            "discount_minor >= 0", name=op.f("ck_payment_run_lines_discount_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_payment_run_lines_bill_id_bills")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payment_runs.id"], name=op.f("fk_payment_run_lines_run_id_payment_runs")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_payment_run_lines_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_run_lines")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_run_lines_reference")),
        sa.UniqueConstraint(
            "run_id", "position", name=op.f("uq_payment_run_lines_run_id_position")
        ),
    )
    op.create_index(
        op.f("ix_payment_run_lines_bill_id_position_id"),
        "payment_run_lines",
        ["bill_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_run_lines_position_id"),
        "payment_run_lines",
        ["position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_run_lines_run_id_position_id"),
        "payment_run_lines",
        ["run_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_run_lines_run_id_status_position_id"),
        "payment_run_lines",
        ["run_id", "status", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_run_lines_status_position_id"),
        "payment_run_lines",
        ["status", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_run_lines_supplier_id"), "payment_run_lines", ["supplier_id"], unique=False
    )
    op.create_index(
        "uq_payment_run_lines_live",
        "payment_run_lines",
        ["bill_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('proposed', 'under_way')"),
        postgresql_where=sa.text("status IN ('proposed', 'under_way')"),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("payment_returns", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("payment_files", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("bill_credits", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes(
        "bill_payments",
        dialect,
        [
            "id",
            "created_at",
            "bill_id",
            "method",
            "paid_on",
            "currency",
            "amount_minor",
            "discount_minor",
            "reference",
            "run_line_id",
            "reverses_id",
            "actor_kind",
            "actor_id",
        ],
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("bill_sources", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("payment_run_lines")
    op.drop_table("billed_order_lines")
    op.drop_table("bill_sources")
    op.drop_table("bill_payments")
    op.drop_table("bill_lines")
    op.drop_table("bill_instalments")
    op.drop_table("bill_credits")
    op.drop_table("bill_attachments")
    op.drop_table("bills")
    op.drop_table("payment_files")
    op.drop_table("payment_runs")
    op.drop_table("match_tolerances")
    op.drop_table("payment_run_series")
    op.drop_table("payment_returns")
    op.drop_table("payer_accounts")
