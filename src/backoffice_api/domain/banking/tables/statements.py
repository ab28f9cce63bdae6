"""Where bank accounts, their statements and the lines of these lie."""

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
)

from backoffice_api.domain.banking.model.accounts import NUMBER_LENGTH_MAX
from backoffice_api.domain.banking.model.files import (
    PARTY_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    StatementFormat,
)
from backoffice_api.domain.banking.model.lines import EXCLUSION_LENGTH_MAX, LineState
from backoffice_api.domain.banking.model.statements import StatementStatus
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.bank_accounts import BIC_LENGTH_MAX
from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.tables import (
    Id,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)

bank_accounts = Table(
    "bank_accounts",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False, unique=True),
    currency_column(),
    Column("holder", line(), nullable=False),
    sealed("bank_accounts", "iban", nullable=True),
    Column("bic", String(BIC_LENGTH_MAX)),
    sealed("bank_accounts", "account_number", nullable=True),
    Column("branch", String(NUMBER_LENGTH_MAX)),
    Column("bank_code", String(NUMBER_LENGTH_MAX)),
    Column("ledger_account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    Column("opening_minor", BigInteger, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("is_archived", Boolean, nullable=False),
    sorted_by("name"),
    sorted_by("created_at"),
    Index(None, "is_archived", "name", "id"),
)

bank_statements = Table(
    "bank_statements",
    metadata,
    *aggregate_columns(),
    Column("bank_account_id", Id, ForeignKey("bank_accounts.id"), nullable=False),
    choice("format", StatementFormat),
    Column("reference", line(REFERENCE_LENGTH_MAX), nullable=False),
    currency_column(),
    Column("opening_minor", BigInteger),
    Column("closing_minor", BigInteger),
    Column("total_minor", BigInteger, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("added_count", Integer, nullable=False),
    choice("status", StatementStatus),
    Column("mismatch_reason", Text),
    Column("previous_id", Id, ForeignKey("bank_statements.id"), index=True),
    Column("content_hash", LargeBinary(32), nullable=False),
    # The same statement is taken once, whoever imports it at the same time.
    UniqueConstraint("bank_account_id", "content_hash"),
    *at_least_zero("added_count"),
    CheckConstraint("added_count <= line_count", name="added_of_lines"),
    CheckConstraint("starts_on <= ends_on", name="days_in_order"),
    CheckConstraint(
        "mismatch_reason IS NOT NULL OR opening_minor IS NULL OR closing_minor IS NULL"
        " OR opening_minor + total_minor = closing_minor",
        name="balanced_or_reason",
    ),
    sorted_by("starts_on"),
    sorted_by("ends_on"),
    sorted_by("created_at"),
    Index(None, "bank_account_id", "ends_on", "id"),
    Index(None, "bank_account_id", "starts_on", "id"),
    Index(None, "status", "ends_on", "id"),
)

# Lines of long statements that wait for their turn.
statement_parts = Table(
    "bank_statement_parts",
    metadata,
    Column("statement_id", Id, ForeignKey("bank_statements.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("lines", Json, nullable=False, info=personal.PAYMENT),
    PrimaryKeyConstraint("statement_id", "position"),
    info=personal.OF_ANYBODY,
)

statement_lines = Table(
    "statement_lines",
    metadata,
    *aggregate_columns(),
    Column("bank_account_id", Id, ForeignKey("bank_accounts.id"), nullable=False),
    Column("statement_id", Id, ForeignKey("bank_statements.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("matched_minor", BigInteger, nullable=False),
    Column("write_off_minor", BigInteger, nullable=False),
    Column("text", Text, nullable=False, info=personal.CONTENT),
    Column("party_name", line(PARTY_LENGTH_MAX), info=personal.IDENTITY),
    Column("party_account", line(PARTY_LENGTH_MAX), info=personal.PAYMENT),
    Column("reference", line(REFERENCE_LENGTH_MAX), info=personal.CONTENT),
    Column("bank_reference", line(REFERENCE_LENGTH_MAX), info=personal.CONTENT),
    Column("details", Json, info=personal.CONTENT),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("occurrence", Integer, nullable=False),
    choice("state", LineState),
    Column("excluded_because", String(EXCLUSION_LENGTH_MAX)),
    # A line counts once, however often and by however many statements it is brought; the day is
    # in the hash.
    UniqueConstraint("bank_account_id", "content_hash", "occurrence"),
    CheckConstraint(  # F5
        "state <> 'reconciled' OR matched_minor + write_off_minor = amount_minor",
        name="reconciled_in_full",
    ),
    CheckConstraint(
        "(matched_minor = 0 AND write_off_minor = 0) OR state IN ('matched', 'reconciled')",
        name="matched_by_state",
    ),
    CheckConstraint(
        "(state = 'excluded') = (excluded_because IS NOT NULL)", name="excluded_because"
    ),
    *at_least_zero("occurrence"),
    sorted_by("booked_on"),
    sorted_by("amount_minor"),
    Index(None, "bank_account_id", "booked_on", "id"),
    Index(None, "bank_account_id", "state", "booked_on", "id"),
    Index(None, "bank_account_id", "amount_minor", "id"),
    Index(None, "statement_id", "booked_on", "id"),
    Index(None, "state", "booked_on", "id"),
    Index(None, "currency", "amount_minor", "id"),
    Index(None, "party_account", "id"),
    info=personal.kept("bank_lines", "booked_on", **personal.OF_ANYBODY),
)
