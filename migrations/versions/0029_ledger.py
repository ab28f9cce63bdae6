"""The ledger"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("base_currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_books_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("only", name=op.f("uq_books_only")),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("from_currency", tables.line(3), nullable=False),
        sa.Column("to_currency", tables.line(3), nullable=False),
        sa.Column("rate_pico", sa.BigInteger(), nullable=False),
        sa.Column("source", tables.line(80), nullable=False),
        sa.CheckConstraint(
            "from_currency <> to_currency", name=op.f("ck_exchange_rates_two_currencies")
        ),
        sa.CheckConstraint("rate_pico > 0", name=op.f("ck_exchange_rates_rate_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint(
            "from_currency",
            "to_currency",
            "valid_on",
            "source",
            name=op.f("uq_exchange_rates_from_currency_to_currency_valid_on_source"),
        ),
    )
    op.create_index(
        op.f("ix_exchange_rates_from_currency_to_currency_valid_on_id"),
        "exchange_rates",
        ["from_currency", "to_currency", "valid_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchange_rates_source_valid_on_id"),
        "exchange_rates",
        ["source", "valid_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchange_rates_to_currency_valid_on_id"),
        "exchange_rates",
        ["to_currency", "valid_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_exchange_rates_valid_on_id"), "exchange_rates", ["valid_on", "id"], unique=False
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(20), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "asset",
                "liability",
                "equity",
                "income",
                "expense",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "bank",
                "cash",
                "payments_in_transit",
                "bank_clearing",
                "receivables",
                "inventory",
                "inventory_in_transit",
                "input_tax",
                "supplier_credits",
                "payables",
                "goods_not_billed",
                "freight_not_billed",
                "payments_under_way",
                "output_tax",
                "customer_deposits",
                "refunds_due",
                "store_credit",
                "opening",
                "currency_clearing",
                "sales",
                "discounts",
                "shipping_income",
                "returns",
                "fees_income",
                "purchase_discounts",
                "cost_of_sales",
                "inventory_adjustments",
                "price_variance",
                "freight_out",
                "provider_fees",
                "chargebacks",
                "goodwill",
                "write_offs",
                "bank_fees",
                "exchange_differences",
                "purchased_services",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("parent_id", tables.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_ledger_accounts_parent_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_accounts_code")),
        sa.UniqueConstraint("role", name=op.f("uq_ledger_accounts_role")),
    )
    op.create_index(
        op.f("ix_ledger_accounts_code_id"), "ledger_accounts", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_accounts_is_archived_code_id"),
        "ledger_accounts",
        ["is_archived", "code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_accounts_kind_code_id"),
        "ledger_accounts",
        ["kind", "code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_accounts_name_id"), "ledger_accounts", ["name", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_accounts_parent_id_code_id"),
        "ledger_accounts",
        ["parent_id", "code", "id"],
        unique=False,
    )
    op.create_table(
        "ledger_periods",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "is_closed = (closed_at IS NOT NULL)", name=op.f("ck_ledger_periods_closed_at_end")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_periods")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_ledger_periods_starts_on")),
    )
    op.create_index(
        op.f("ix_ledger_periods_is_closed_starts_on_id"),
        "ledger_periods",
        ["is_closed", "starts_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_periods_starts_on_id"), "ledger_periods", ["starts_on", "id"], unique=False
    )
    op.create_table(
        "ledger_balances",
        sa.Column("account_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("debit_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_debit_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_credit_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "base_credit_minor >= 0", name=op.f("ck_ledger_balances_base_credit_minor_not_negative")
        ),
        sa.CheckConstraint(
            "base_debit_minor >= 0", name=op.f("ck_ledger_balances_base_debit_minor_not_negative")
        ),
        sa.CheckConstraint(
            "credit_minor >= 0", name=op.f("ck_ledger_balances_credit_minor_not_negative")
        ),
        sa.CheckConstraint(
            "debit_minor >= 0", name=op.f("ck_ledger_balances_debit_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_ledger_balances_account_id_ledger_accounts"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "currency", "period", name=op.f("pk_ledger_balances")
        ),
    )
    op.create_index(
        op.f("ix_ledger_balances_period_account_id"),
        "ledger_balances",
        ["period", "account_id"],
        unique=False,
    )
    op.create_table(
        "ledger_period_exceptions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("period_id", tables.Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.Column("entries_max", sa.Integer(), nullable=False),
        sa.Column("entries_used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "entries_used BETWEEN 0 AND entries_max",
            name=op.f("ck_ledger_period_exceptions_entries_used_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["ledger_periods.id"],
            name=op.f("fk_ledger_period_exceptions_period_id_ledger_periods"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_period_exceptions")),
    )
    op.create_index(
        op.f("ix_ledger_period_exceptions_period_id_created_at_id"),
        "ledger_period_exceptions",
        ["period_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("source", tables.line(120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("subject_prefix", sa.String(length=3), nullable=True),
        sa.Column("subject_id", tables.Id(), nullable=True),
        sa.Column("reverses_id", tables.Id(), nullable=True),
        sa.Column("exception_id", tables.Id(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(subject_prefix IS NULL) = (subject_id IS NULL)",
            name=op.f("ck_journal_entries_subject_whole_or_none"),
        ),
        sa.CheckConstraint(
            "period <= booked_on", name=op.f("ck_journal_entries_period_begins_before")
        ),
        sa.CheckConstraint("reverses_id <> id", name=op.f("ck_journal_entries_reverses_another")),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["ledger_period_exceptions.id"],
            name=op.f("fk_journal_entries_exception_id_ledger_period_exceptions"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_entries_reverses_id_journal_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_entries_reverses_id")),
        sa.UniqueConstraint("source", name=op.f("uq_journal_entries_source")),
    )
    op.create_index(
        op.f("ix_journal_entries_booked_on_id"),
        "journal_entries",
        ["booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_entries_created_at_id"),
        "journal_entries",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_entries_exception_id"), "journal_entries", ["exception_id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_entries_period_booked_on_id"),
        "journal_entries",
        ["period", "booked_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_entries_subject_id_created_at_id"),
        "journal_entries",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "journal_postings",
        sa.Column("entry_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("debit_account_id", tables.Id(), nullable=False),
        sa.Column("credit_account_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=True),
        sa.Column("rate_id", tables.Id(), nullable=True),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("supplier_id", tables.Id(), nullable=True),
        sa.Column("product_id", tables.Id(), nullable=True),
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_journal_postings_amount_positive")),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_journal_postings_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_journal_postings_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["credit_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_journal_postings_credit_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_journal_postings_debit_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_postings_entry_id_journal_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_journal_postings_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_journal_postings_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["rate_id"],
            ["exchange_rates.id"],
            name=op.f("fk_journal_postings_rate_id_exchange_rates"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["suppliers.id"],
            name=op.f("fk_journal_postings_supplier_id_suppliers"),
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_journal_postings")),
    )
    op.create_index(
        op.f("ix_journal_postings_booked_on_entry_id_position"),
        "journal_postings",
        ["booked_on", "entry_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_postings_channel_id_booked_on_entry_id"),
        "journal_postings",
        ["channel_id", "booked_on", "entry_id"],
        unique=False,
        sqlite_where=sa.text("channel_id IS NOT NULL"),
        postgresql_where=sa.text("channel_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_journal_postings_credit_account_id_booked_on_entry_id_position"),
        "journal_postings",
        ["credit_account_id", "booked_on", "entry_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_postings_currency_amount_minor_entry_id"),
        "journal_postings",
        ["currency", "amount_minor", "entry_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_postings_debit_account_id_booked_on_entry_id_position"),
        "journal_postings",
        ["debit_account_id", "booked_on", "entry_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_postings_location_id_booked_on_entry_id"),
        "journal_postings",
        ["location_id", "booked_on", "entry_id"],
        unique=False,
        sqlite_where=sa.text("location_id IS NOT NULL"),
        postgresql_where=sa.text("location_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_journal_postings_product_id_booked_on_entry_id"),
        "journal_postings",
        ["product_id", "booked_on", "entry_id"],
        unique=False,
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_journal_postings_rate_id"),
        "journal_postings",
        ["rate_id"],
        unique=False,
        sqlite_where=sa.text("rate_id IS NOT NULL"),
        postgresql_where=sa.text("rate_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_journal_postings_supplier_id_booked_on_entry_id"),
        "journal_postings",
        ["supplier_id", "booked_on", "entry_id"],
        unique=False,
        sqlite_where=sa.text("supplier_id IS NOT NULL"),
        postgresql_where=sa.text("supplier_id IS NOT NULL"),
    )
    op.create_index(
        "ix_journal_postings_unrated",
        "journal_postings",
        ["currency", "booked_on", "entry_id"],
        unique=False,
        sqlite_where=sa.text("base_minor IS NULL"),
        postgresql_where=sa.text("base_minor IS NULL"),
    )
    op.create_table(
        "journal_seals",
        sa.Column("number", tables.Serial, autoincrement=False, nullable=False),
        sa.Column("entry_id", tables.Id(), nullable=False),
        sa.Column("sealed_at", tables.Instant(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_journal_seals_number_positive")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_seals_entry_id_journal_entries"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journal_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_journal_seals_entry_id")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_journal_seals_previous_hash")),
    )
    op.create_table(
        "journal_unsealed",
        sa.Column("entry_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_unsealed_entry_id_journal_entries"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_journal_unsealed")),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("exchange_rates", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes(
        "ledger_period_exceptions",
        dialect,
        [
            "id",
            "created_at",
            "period_id",
            "reason",
            "actor_kind",
            "actor_id",
            "expires_at",
            "entries_max",
        ],
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("journal_entries", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes(
        "journal_postings",
        dialect,
        [
            "entry_id",
            "position",
            "booked_on",
            "debit_account_id",
            "credit_account_id",
            "currency",
            "amount_minor",
            "channel_id",
            "supplier_id",
            "product_id",
            "location_id",
        ],
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("journal_seals", dialect):
        op.execute(statement)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER journal_entries_keep_closed BEFORE INSERT ON journal_entries
WHEN EXISTS (SELECT 1 FROM ledger_periods AS closed WHERE closed.starts_on = new.period AND closed.is_closed AND NOT EXISTS (SELECT 1 FROM ledger_period_exceptions AS excepted WHERE excepted.id = new.exception_id AND excepted.period_id = closed.id AND excepted.expires_at > new.created_at))
BEGIN SELECT RAISE(ABORT, 'a closed period takes entries by exception only'); END""")
        op.execute("""CREATE TRIGGER journal_entries_come_in AFTER INSERT ON journal_entries
BEGIN
    UPDATE ledger_period_exceptions SET entries_used = entries_used + 1
    WHERE id = new.exception_id;
    INSERT INTO journal_unsealed (entry_id) VALUES (new.id);
END""")
        op.execute("""CREATE TRIGGER journal_postings_rate_stays BEFORE UPDATE ON journal_postings
WHEN OLD.base_minor IS NOT NULL AND (OLD.base_minor IS NOT NEW.base_minor OR OLD.rate_id IS NOT NEW.rate_id)
BEGIN SELECT RAISE(ABORT, 'what a posting comes to in the books is said once'); END""")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""CREATE OR REPLACE FUNCTION public.journal_entries_come_in()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7301, months.number)
    FROM (
        SELECT DISTINCT (extract(year FROM period) * 12 + extract(month FROM period))::integer
        AS number FROM fresh ORDER BY number
    ) AS months;
    IF EXISTS (
        SELECT 1 FROM fresh JOIN ledger_periods AS closed ON closed.starts_on = fresh.period AND closed.is_closed AND NOT EXISTS (SELECT 1 FROM ledger_period_exceptions AS excepted WHERE excepted.id = fresh.exception_id AND excepted.period_id = closed.id AND excepted.expires_at > fresh.created_at)
    ) THEN
        RAISE EXCEPTION USING MESSAGE = 'a closed period takes entries by exception only', ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_period_exceptions AS excepted SET entries_used = entries_used + taken.count
    FROM (
        SELECT exception_id, count(*) AS count FROM fresh
        WHERE exception_id IS NOT NULL GROUP BY exception_id
    ) AS taken WHERE excepted.id = taken.exception_id;
    INSERT INTO journal_unsealed (entry_id) SELECT id FROM fresh;
    RETURN NULL;
END $function$
""")
        op.execute(
            """CREATE TRIGGER journal_entries_come_in AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_come_in()"""
        )
        op.execute(
            """CREATE TRIGGER journal_postings_rate_stays BEFORE UPDATE ON public.journal_postings FOR EACH ROW WHEN (((old.base_minor IS NOT NULL) AND ((old.base_minor IS DISTINCT FROM new.base_minor) OR (old.rate_id IS DISTINCT FROM new.rate_id)))) EXECUTE FUNCTION forbid_changes()"""
        )


def downgrade() -> None:
    op.drop_table("journal_unsealed")
    op.drop_table("journal_seals")
    op.drop_table("journal_postings")
    op.drop_table("journal_entries")
    op.drop_table("ledger_period_exceptions")
    op.drop_table("ledger_balances")
    op.drop_table("ledger_periods")
    op.drop_table("ledger_accounts")
    op.drop_table("exchange_rates")
    op.drop_table("books")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_entries_come_in()")
