"""Where matches, suggestions, rules and what was learned lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from backoffice_api.domain.banking.model.items import PARTY_LENGTH_MAX, ItemKind
from backoffice_api.domain.banking.model.matches import MatchOrigin, MatchStatus
from backoffice_api.domain.banking.model.patterns import PATTERN_LENGTH_MAX
from backoffice_api.domain.banking.model.rules import (
    RULE_TEXT_LENGTH_MAX,
    LineDirection,
    RuleAction,
)
from backoffice_api.domain.banking.model.suggestions import SuggestionKind
from backoffice_api.domain.kernel import personal
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

rules = Table(
    "reconciliation_rules",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_automatic", Boolean, nullable=False),
    currency_column(),
    Column("bank_account_id", Id, ForeignKey("bank_accounts.id"), index=True),
    choice("direction", LineDirection, nullable=True),
    Column("text", String(RULE_TEXT_LENGTH_MAX), info=personal.CONTENT),
    Column("pattern", String(PATTERN_LENGTH_MAX), info=personal.CONTENT),
    Column("party", String(RULE_TEXT_LENGTH_MAX), info=personal.CONTENT),
    Column("from_minor", BigInteger),
    Column("to_minor", BigInteger),
    Column("days", Integer),
    Column("tolerance_minor", BigInteger, nullable=False),
    choice("action", RuleAction),
    Column("account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    Column("write_off_account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    CheckConstraint("(action = 'post') = (account_id IS NOT NULL)", name="post_to_account"),
    *at_least_zero("tolerance_minor"),
    sorted_by("priority"),
    sorted_by("created_at"),
    Index(None, "is_active", "priority", "id"),
    info=personal.OF_ANYBODY,
)

matches = Table(
    "bank_matches",
    metadata,
    *aggregate_columns(),
    Column("bank_account_id", Id, ForeignKey("bank_accounts.id"), nullable=False),
    currency_column(),
    Column("lines_minor", BigInteger, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("write_off_minor", BigInteger, nullable=False),
    Column("write_off_account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    choice("origin", MatchOrigin),
    Column("rule_id", Id, ForeignKey("reconciliation_rules.id"), index=True),
    Column("entry_id", Id, ForeignKey("journal_entries.id"), nullable=False, unique=True),
    choice("status", MatchStatus),
    CheckConstraint("lines_minor = items_minor + write_off_minor", name="sides_meet"),  # F5
    Index(None, "bank_account_id", "created_at", "id"),
)

match_lines = Table(
    "bank_match_lines",
    metadata,
    Column("match_id", Id, ForeignKey("bank_matches.id"), nullable=False),
    Column("line_id", Id, ForeignKey("statement_lines.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("write_off_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("match_id", "line_id"),
    Index(None, "line_id", "match_id"),
)

match_items = Table(
    "bank_match_items",
    metadata,
    Column("match_id", Id, ForeignKey("bank_matches.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("kind", ItemKind),
    Column("item_id", Id, nullable=False),
    Column("settled_id", Id, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("match_id", "position"),
    CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
    Index(None, "item_id", "match_id"),
)

# What matches have taught: who is known by a number or a name, as digests of these.
lessons = Table(
    "bank_lessons",
    metadata,
    Column("match_id", Id, ForeignKey("bank_matches.id"), nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("party", line(PARTY_LENGTH_MAX), info=personal.IDENTITY),
    Column("account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    PrimaryKeyConstraint("match_id", "key"),
    CheckConstraint("(party IS NULL) <> (account_id IS NULL)", name="one_lesson"),
    Index(None, "key", "match_id"),
    info=personal.OF_ANYBODY,
)

# Made anew whenever a line is looked at.
suggestions = Table(
    "bank_suggestions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("line_id", Id, ForeignKey("statement_lines.id"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    choice("kind", SuggestionKind),
    currency_column(),
    Column("items", Json, nullable=False),
    Column("reasons", Json, nullable=False, info=personal.CONTENT),
    Column("difference_minor", BigInteger, nullable=False),
    Column("write_off_account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    Column("rule_id", Id, ForeignKey("reconciliation_rules.id"), index=True),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_bounded"),
    *at_least_zero("rank"),
    Index(None, "line_id", "rank", unique=True),
    info=personal.OF_ANYBODY,
)
