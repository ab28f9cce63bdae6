"""Banking"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_scenarios",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(120), nullable=False),
        sa.Column("delay_days", sa.Integer(), nullable=False),
        sa.Column("collected_bp", sa.Integer(), nullable=False),
        sa.Column("extras", tables.Json, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "collected_bp <= 10000", name=op.f("ck_forecast_scenarios_collected_at_most_all")
        ),
        sa.CheckConstraint(
            "collected_bp >= 0", name=op.f("ck_forecast_scenarios_collected_bp_not_negative")
        ),
        sa.CheckConstraint(
            "delay_days >= 0", name=op.f("ck_forecast_scenarios_delay_days_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_scenarios")),
        sa.UniqueConstraint("name", name=op.f("uq_forecast_scenarios_name")),
    )
    op.create_index(
        op.f("ix_forecast_scenarios_is_active_name_id"),
        "forecast_scenarios",
        ["is_active", "name", "id"],
        unique=False,
    )
    op.create_table(
        "bank_accounts",
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
        sa.Column("branch", sa.String(length=40), nullable=True),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.Column("ledger_account_id", tables.Id(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_bank_accounts_ledger_account_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_accounts_name")),
    )
    op.create_index(
        op.f("ix_bank_accounts_created_at_id"), "bank_accounts", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_accounts_is_archived_name_id"),
        "bank_accounts",
        ["is_archived", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bank_accounts_ledger_account_id"),
        "bank_accounts",
        ["ledger_account_id"],
        unique=False,
    )
    op.create_index(op.f("ix_bank_accounts_name_id"), "bank_accounts", ["name", "id"], unique=False)
    op.create_table(
        "recurring_items",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payroll",
                "rent",
                "tax",
                "loan",
                "subscription",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column(
            "unit",
            sa.Enum(
                "week", "month", name="unit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint('"interval" > 0', name=op.f("ck_recurring_items_interval_positive")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_recurring_items_moves_something")),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_recurring_items_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_recurring_items_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_items")),
    )
    op.create_index(
        op.f("ix_recurring_items_is_active_name_id"),
        "recurring_items",
        ["is_active", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recurring_items_supplier_id"), "recurring_items", ["supplier_id"], unique=False
    )
    op.create_table(
        "bank_statements",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("bank_account_id", tables.Id(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "ofx",
                "camt",
                "mt940",
                "cnab240",
                "csv",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", tables.line(140), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("added_count", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "importing",
                "imported",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mismatch_reason", sa.Text(), nullable=True),
        sa.Column("previous_id", tables.Id(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "added_count <= line_count", name=op.f("ck_bank_statements_added_of_lines")
        ),
        sa.CheckConstraint(
            "added_count >= 0", name=op.f("ck_bank_statements_added_count_not_negative")
        ),
        sa.CheckConstraint(
            "mismatch_reason IS NOT NULL OR opening_minor IS NULL OR closing_minor IS NULL OR opening_minor + total_minor = closing_minor",
            name=op.f("ck_bank_statements_balanced_or_reason"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_bank_statements_days_in_order")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_bank_statements_bank_account_id_bank_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["bank_statements.id"],
            name=op.f("fk_bank_statements_previous_id_bank_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
        sa.UniqueConstraint(
            "bank_account_id",
            "content_hash",
            name=op.f("uq_bank_statements_bank_account_id_content_hash"),
        ),
    )
    op.create_index(
        op.f("ix_bank_statements_bank_account_id_ends_on_id"),
        "bank_statements",
        ["bank_account_id", "ends_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bank_statements_bank_account_id_starts_on_id"),
        "bank_statements",
        ["bank_account_id", "starts_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bank_statements_created_at_id"),
        "bank_statements",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bank_statements_ends_on_id"), "bank_statements", ["ends_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_statements_previous_id"), "bank_statements", ["previous_id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_statements_starts_on_id"),
        "bank_statements",
        ["starts_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bank_statements_status_ends_on_id"),
        "bank_statements",
        ["status", "ends_on", "id"],
        unique=False,
    )
    op.create_table(
        "reconciliation_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bank_account_id", tables.Id(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum(
                "in", "out", name="direction", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("text", sa.String(length=100), nullable=True),
        sa.Column("pattern", sa.String(length=200), nullable=True),
        sa.Column("party", sa.String(length=100), nullable=True),
        sa.Column("from_minor", sa.BigInteger(), nullable=True),
        sa.Column("to_minor", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("tolerance_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "match", "post", name="action", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("account_id", tables.Id(), nullable=True),
        sa.Column("write_off_account_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(action = 'post') = (account_id IS NOT NULL)",
            name=op.f("ck_reconciliation_rules_post_to_account"),
        ),
        sa.CheckConstraint(
            "tolerance_minor >= 0",
            name=op.f("ck_reconciliation_rules_tolerance_minor_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_reconciliation_rules_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_reconciliation_rules_bank_account_id_bank_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["write_off_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_reconciliation_rules_write_off_account_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_rules")),
    )
    op.create_index(
        op.f("ix_reconciliation_rules_account_id"),
        "reconciliation_rules",
        ["account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_rules_bank_account_id"),
        "reconciliation_rules",
        ["bank_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_rules_created_at_id"),
        "reconciliation_rules",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_rules_is_active_priority_id"),
        "reconciliation_rules",
        ["is_active", "priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_rules_priority_id"),
        "reconciliation_rules",
        ["priority", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_rules_write_off_account_id"),
        "reconciliation_rules",
        ["write_off_account_id"],
        unique=False,
    )
    op.create_table(
        "bank_matches",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("bank_account_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lines_minor", sa.BigInteger(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("write_off_minor", sa.BigInteger(), nullable=False),
        sa.Column("write_off_account_id", tables.Id(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "person",
                "suggestion",
                "rule",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule_id", tables.Id(), nullable=True),
        sa.Column("entry_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "undone",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "lines_minor = items_minor + write_off_minor", name=op.f("ck_bank_matches_sides_meet")
        ),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_bank_matches_bank_account_id_bank_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entries.id"],
            name=op.f("fk_bank_matches_entry_id_journal_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["reconciliation_rules.id"],
            name=op.f("fk_bank_matches_rule_id_reconciliation_rules"),
        ),
        sa.ForeignKeyConstraint(
            ["write_off_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_bank_matches_write_off_account_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_matches")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_bank_matches_entry_id")),
    )
    op.create_index(
        op.f("ix_bank_matches_bank_account_id_created_at_id"),
        "bank_matches",
        ["bank_account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_bank_matches_rule_id"), "bank_matches", ["rule_id"], unique=False)
    op.create_index(
        op.f("ix_bank_matches_write_off_account_id"),
        "bank_matches",
        ["write_off_account_id"],
        unique=False,
    )
    op.create_table(
        "bank_statement_parts",
        sa.Column("statement_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lines", tables.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statements.id"],
            name=op.f("fk_bank_statement_parts_statement_id_bank_statements"),
        ),
        sa.PrimaryKeyConstraint("statement_id", "position", name=op.f("pk_bank_statement_parts")),
    )
    op.create_table(
        "statement_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("bank_account_id", tables.Id(), nullable=False),
        sa.Column("statement_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("matched_minor", sa.BigInteger(), nullable=False),
        sa.Column("write_off_minor", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("party_name", tables.line(250), nullable=True),
        sa.Column("party_account", tables.line(250), nullable=True),
        sa.Column("reference", tables.line(140), nullable=True),
        sa.Column("bank_reference", tables.line(140), nullable=True),
        sa.Column("details", tables.Json, nullable=True),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "imported",
                "suggested",
                "matched",
                "reconciled",
                "excluded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("excluded_because", sa.String(length=250), nullable=True),
        sa.CheckConstraint(
            "(matched_minor = 0 AND write_off_minor = 0) OR state IN ('matched', 'reconciled')",
            name=op.f("ck_statement_lines_matched_by_state"),
        ),
        sa.CheckConstraint(
            "(state = 'excluded') = (excluded_because IS NOT NULL)",
            name=op.f("ck_statement_lines_excluded_because"),
        ),
        sa.CheckConstraint(
            "state <> 'reconciled' OR matched_minor + write_off_minor = amount_minor",
            name=op.f("ck_statement_lines_reconciled_in_full"),
        ),
        sa.CheckConstraint(
            "occurrence >= 0", name=op.f("ck_statement_lines_occurrence_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_statement_lines_bank_account_id_bank_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statements.id"],
            name=op.f("fk_statement_lines_statement_id_bank_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_lines")),
        sa.UniqueConstraint(
            "bank_account_id",
            "content_hash",
            "occurrence",
            name=op.f("uq_statement_lines_bank_account_id_content_hash_occurrence"),
        ),
    )
    op.create_index(
        op.f("ix_statement_lines_amount_minor_id"),
        "statement_lines",
        ["amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_bank_account_id_amount_minor_id"),
        "statement_lines",
        ["bank_account_id", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_bank_account_id_booked_on_id"),
        "statement_lines",
        ["bank_account_id", "booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_bank_account_id_state_booked_on_id"),
        "statement_lines",
        ["bank_account_id", "state", "booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_booked_on_id"),
        "statement_lines",
        ["booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_currency_amount_minor_id"),
        "statement_lines",
        ["currency", "amount_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_party_account_id"),
        "statement_lines",
        ["party_account", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_state_booked_on_id"),
        "statement_lines",
        ["state", "booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_statement_lines_statement_id_booked_on_id"),
        "statement_lines",
        ["statement_id", "booked_on", "id"],
        unique=False,
    )
    op.create_table(
        "bank_lessons",
        sa.Column("match_id", tables.Id(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("party", tables.line(250), nullable=True),
        sa.Column("account_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(party IS NULL) <> (account_id IS NULL)", name=op.f("ck_bank_lessons_one_lesson")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_bank_lessons_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["bank_matches.id"], name=op.f("fk_bank_lessons_match_id_bank_matches")
        ),
        sa.PrimaryKeyConstraint("match_id", "key", name=op.f("pk_bank_lessons")),
    )
    op.create_index(
        op.f("ix_bank_lessons_account_id"), "bank_lessons", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_lessons_key_match_id"), "bank_lessons", ["key", "match_id"], unique=False
    )
    op.create_table(
        "bank_match_items",
        sa.Column("match_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "receivable",
                "payout",
                "bill_payment",
                "run_line",
                "bill",
                "credit_note",
                "account",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item_id", tables.Id(), nullable=False),
        sa.Column("settled_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_bank_match_items_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["match_id"],
            ["bank_matches.id"],
            name=op.f("fk_bank_match_items_match_id_bank_matches"),
        ),
        sa.PrimaryKeyConstraint("match_id", "position", name=op.f("pk_bank_match_items")),
    )
    op.create_index(
        op.f("ix_bank_match_items_item_id_match_id"),
        "bank_match_items",
        ["item_id", "match_id"],
        unique=False,
    )
    op.create_table(
        "bank_match_lines",
        sa.Column("match_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("write_off_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["statement_lines.id"],
            name=op.f("fk_bank_match_lines_line_id_statement_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["match_id"],
            ["bank_matches.id"],
            name=op.f("fk_bank_match_lines_match_id_bank_matches"),
        ),
        sa.PrimaryKeyConstraint("match_id", "line_id", name=op.f("pk_bank_match_lines")),
    )
    op.create_index(
        op.f("ix_bank_match_lines_line_id_match_id"),
        "bank_match_lines",
        ["line_id", "match_id"],
        unique=False,
    )
    op.create_table(
        "bank_suggestions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "items",
                "rule",
                "learned",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("items", tables.Json, nullable=False),
        sa.Column("reasons", tables.Json, nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("write_off_account_id", tables.Id(), nullable=True),
        sa.Column("rule_id", tables.Id(), nullable=True),
        sa.CheckConstraint("rank >= 0", name=op.f("ck_bank_suggestions_rank_not_negative")),
        sa.CheckConstraint(
            "score BETWEEN 0 AND 100", name=op.f("ck_bank_suggestions_score_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["statement_lines.id"],
            name=op.f("fk_bank_suggestions_line_id_statement_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["reconciliation_rules.id"],
            name=op.f("fk_bank_suggestions_rule_id_reconciliation_rules"),
        ),
        sa.ForeignKeyConstraint(
            ["write_off_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_bank_suggestions_write_off_account_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_suggestions")),
    )
    op.create_index(
        op.f("ix_bank_suggestions_line_id_rank"),
        "bank_suggestions",
        ["line_id", "rank"],
        unique=True,
    )
    op.create_index(
        op.f("ix_bank_suggestions_rule_id"), "bank_suggestions", ["rule_id"], unique=False
    )
    op.create_index(
        op.f("ix_bank_suggestions_write_off_account_id"),
        "bank_suggestions",
        ["write_off_account_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("bank_suggestions")
    op.drop_table("bank_match_lines")
    op.drop_table("bank_match_items")
    op.drop_table("bank_lessons")
    op.drop_table("statement_lines")
    op.drop_table("bank_statement_parts")
    op.drop_table("bank_matches")
    op.drop_table("reconciliation_rules")
    op.drop_table("bank_statements")
    op.drop_table("recurring_items")
    op.drop_table("bank_accounts")
    op.drop_table("forecast_scenarios")
