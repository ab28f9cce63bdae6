"""Where accounts, journal entries, seals, balances, periods and rates lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.personal import Erasing
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.ledger.model.accounts import CODE_LENGTH_MAX, AccountKind, AccountRole
from backoffice_api.domain.ledger.model.entries import SOURCE_LENGTH_MAX
from backoffice_api.domain.ledger.model.rates import RATE_SOURCE_LENGTH_MAX
from backoffice_api.domain.ledger.tables import guards

DIMENSIONS = ("channel_id", "supplier_id", "product_id", "location_id")
_RATED = text("rate_id IS NOT NULL")

# One row: the currency that the books are kept in.
books = Table(
    "books",
    metadata,
    *aggregate_columns(),
    Column("only", Integer, nullable=False, unique=True),
    currency_column("base_currency"),
    CheckConstraint('"only" = 1', name="one_row"),
)

accounts = Table(
    "ledger_accounts",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    choice("kind", AccountKind),
    choice("role", AccountRole, nullable=True),
    Column("parent_id", Id, ForeignKey("ledger_accounts.id")),
    currency_column(nullable=True),
    Column("is_archived", Boolean, nullable=False),
    UniqueConstraint("role"),
    sorted_by("code"),
    sorted_by("name"),
    Index(None, "kind", "code", "id"),
    Index(None, "is_archived", "code", "id"),
    Index(None, "parent_id", "code", "id"),
)

rates = Table(
    "exchange_rates",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("valid_on", Date, nullable=False),
    Column("from_currency", line(3), nullable=False),
    Column("to_currency", line(3), nullable=False),
    # How much of the one a whole unit of the other is, in millionths of a millionth.
    Column("rate_pico", BigInteger, nullable=False),
    Column("source", line(RATE_SOURCE_LENGTH_MAX), nullable=False),
    CheckConstraint("rate_pico > 0", name="rate_positive"),
    CheckConstraint("from_currency <> to_currency", name="two_currencies"),
    UniqueConstraint("from_currency", "to_currency", "valid_on", "source"),
    sorted_by("valid_on"),
    Index(None, "from_currency", "to_currency", "valid_on", "id"),
    Index(None, "to_currency", "valid_on", "id"),
    Index(None, "source", "valid_on", "id"),
)
forbid_changes(rates)

# Months. One without a row is open.
periods = Table(
    "ledger_periods",
    metadata,
    *aggregate_columns(),
    Column("starts_on", Date, nullable=False, unique=True),
    Column("is_closed", Boolean, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("is_closed = (closed_at IS NOT NULL)", name="closed_at_end"),
    sorted_by("starts_on"),
    Index(None, "is_closed", "starts_on", "id"),
)

# Who may post into a closed month all the same, how often, and until when.
exceptions = Table(
    "ledger_period_exceptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("period_id", Id, ForeignKey("ledger_periods.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Column("expires_at", Instant, nullable=False),
    Column("entries_max", Integer, nullable=False),
    # Counted by the database itself, as entries come in.
    Column("entries_used", Integer, nullable=False),
    CheckConstraint("entries_used BETWEEN 0 AND entries_max", name="entries_used_bounded"),
    Index(None, "period_id", "created_at", "id"),
)
forbid_changes(exceptions, but=("entries_used",))

entries = Table(
    "journal_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("period", Date, nullable=False),
    # What it is made for, once.
    Column("source", line(SOURCE_LENGTH_MAX), nullable=False, unique=True),
    Column(
        "description", Text, nullable=False, info=personal.erased(personal.CONTENT, Erasing.STAYS)
    ),
    Column("subject_prefix", String(3)),
    Column("subject_id", Id),
    Column("reverses_id", Id, ForeignKey("journal_entries.id"), unique=True),
    Column("exception_id", Id, ForeignKey("ledger_period_exceptions.id")),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint(
        "(subject_prefix IS NULL) = (subject_id IS NULL)", name="subject_whole_or_none"
    ),
    CheckConstraint("reverses_id <> id", name="reverses_another"),
    CheckConstraint("period <= booked_on", name="period_begins_before"),
    sorted_by("created_at"),
    sorted_by("booked_on"),
    Index(None, "subject_id", "created_at", "id"),
    Index(None, "period", "booked_on", "id"),
    Index(None, "exception_id"),
    info=personal.kept("journal", "booked_on", **personal.OF_ANYBODY),
)
forbid_changes(entries)

# Entries that are not sealed yet. The database itself puts them here, and the sealing job takes
# them away: so it finds each of them, in whatever order they were committed (ADR 0033).
unsealed = Table(
    "journal_unsealed",
    metadata,
    Column("entry_id", Id, ForeignKey("journal_entries.id"), primary_key=True),
)
guards.on_entries(entries)

postings = Table(
    "journal_postings",
    metadata,
    Column("entry_id", Id, ForeignKey("journal_entries.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("debit_account_id", Id, ForeignKey("ledger_accounts.id"), nullable=False),
    Column("credit_account_id", Id, ForeignKey("ledger_accounts.id"), nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("base_minor", BigInteger),
    Column("rate_id", Id, ForeignKey("exchange_rates.id")),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("supplier_id", Id, ForeignKey("suppliers.id")),
    Column("product_id", Id, ForeignKey("products.id")),
    Column("location_id", Id, ForeignKey("stock_locations.id")),
    PrimaryKeyConstraint("entry_id", "position"),
    # F1: each row debits and credits alike, so no entry is ever out of balance.
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
    Index(None, "debit_account_id", "booked_on", "entry_id", "position"),
    Index(None, "credit_account_id", "booked_on", "entry_id", "position"),
    Index(None, "booked_on", "entry_id", "position"),
    Index(None, "currency", "amount_minor", "entry_id"),
    *(
        Index(None, name, "booked_on", "entry_id", sqlite_where=present, postgresql_where=present)
        for name in DIMENSIONS
        for present in (text(f"{name} IS NOT NULL"),)
    ),
    # What has no rate yet is rare, and looked for often.
    Index(
        "ix_journal_postings_unrated",
        "currency",
        "booked_on",
        "entry_id",
        sqlite_where=text("base_minor IS NULL"),
        postgresql_where=text("base_minor IS NULL"),
    ),
    Index(None, "rate_id", sqlite_where=_RATED, postgresql_where=_RATED),
)
# What had no rate when it was posted gets one later, once.
forbid_changes(postings, but=("base_minor", "rate_id"))
guards.on_rated(postings)

# F2: the numbers of the entries, without gaps, and the chain of hashes over them. Made after the
# commit by one writer, so that nobody waits for a number while goods are shipped.
seals = Table(
    "journal_seals",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("entry_id", Id, ForeignKey("journal_entries.id"), nullable=False, unique=True),
    Column("sealed_at", Instant, nullable=False),
    Column("previous_hash", LargeBinary(32), nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
    CheckConstraint("number > 0", name="number_positive"),
)
forbid_changes(seals)

# Sums of sealed entries by account, currency and month.
balances = Table(
    "ledger_balances",
    metadata,
    Column("account_id", Id, ForeignKey("ledger_accounts.id"), nullable=False),
    currency_column(),
    Column("period", Date, nullable=False),
    Column("debit_minor", BigInteger, nullable=False),
    Column("credit_minor", BigInteger, nullable=False),
    # The same in the currency of the books, of what has a rate.
    Column("base_debit_minor", BigInteger, nullable=False),
    Column("base_credit_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "currency", "period"),
    *at_least_zero("debit_minor", "credit_minor", "base_debit_minor", "base_credit_minor"),
    Index(None, "period", "account_id"),
)
