"""Where receivables, payouts, dunning, credit limits and write-offs lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.payments.model.payments import (
    PROVIDER_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
)
from backoffice_api.domain.receivables.model.dunning import DunningKind
from backoffice_api.domain.receivables.model.payouts import PayoutFinding, PayoutLineKind
from backoffice_api.domain.receivables.model.receivables import (
    ReceivableKind,
    ReceivableState,
    SettlementSource,
)
from backoffice_api.domain.receivables.model.write_offs import WriteOffReason, WriteOffStatus

_SUMS = (
    "settled_minor",
    "written_off_minor",
    "recovered_minor",
    "called_off_minor",
    "open_minor",
)

receivables = Table(
    "receivables",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("transaction_id", Id, ForeignKey("payment_transactions.id"), unique=True),
    choice("kind", ReceivableKind),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False),
    choice("state", ReceivableState),
    Column("due_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _SUMS),
    Column("settled_on", Date),
    Column("disputed_at", Instant),
    Column("dispute_note", Text, nullable=False, info=personal.NOTE),
    Column("dunned", Integer, nullable=False),
    UniqueConstraint("payment_id", "position"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    # F5: nothing is settled beyond what is open, however it ends.
    CheckConstraint(
        "open_minor = amount_minor - settled_minor - written_off_minor + recovered_minor"
        " - called_off_minor",
        name="open_is_what_is_left",
    ),
    CheckConstraint("recovered_minor <= written_off_minor", name="recovered_at_most_written_off"),
    CheckConstraint("recovered_minor <= settled_minor", name="recovered_is_settled"),
    CheckConstraint(
        "(open_minor = 0) = (state IN ('settled', 'written_off', 'called_off'))",
        name="ended_with_nothing_open",
    ),
    CheckConstraint("(settled_on IS NOT NULL) = (state = 'settled')", name="settled_on_at_end"),
    CheckConstraint("(kind = 'payout') = (transaction_id IS NOT NULL)", name="payout_of_capture"),
    *at_least_zero(*_SUMS, "dunned"),
    sorted_by("due_on"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("open_minor"),
    Index(None, "order_id", "due_on", "id"),
    Index(None, "customer_id", "due_on", "id"),
    Index(None, "state", "due_on", "id"),
    Index(None, "kind", "due_on", "id"),
    Index(None, "provider", "due_on", "id"),
    Index(None, "currency", "open_minor", "id"),
    # How late each kind was paid.
    Index(None, "kind", "settled_on", "id"),
)

# Append-only: what settled a receivable is the sum of these.
settlements = Table(
    "receivable_settlements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("receivable_id", Id, ForeignKey("receivables.id"), nullable=False),
    choice("source", SettlementSource),
    Column("booked_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("amount_minor <> 0", name="changes_something"),
    Index(None, "receivable_id", "created_at", "id"),
)
forbid_changes(settlements)

payout_terms = Table(
    "payout_terms",
    metadata,
    *aggregate_columns(),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False, unique=True),
    Column("delay_days", Integer, nullable=False),
    currency_column(nullable=True),
    Column("fee_bp", Integer),
    Column("fee_fixed_minor", BigInteger, nullable=False),
    CheckConstraint("fee_fixed_minor = 0 OR currency IS NOT NULL", name="fixed_fee_in_currency"),
    *at_least_zero("delay_days", "fee_bp", "fee_fixed_minor"),
)

payouts = Table(
    "payouts",
    metadata,
    *aggregate_columns(),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False),
    Column("reference", line(REFERENCE_LENGTH_MAX), nullable=False),
    choice("state", ReceivableState),
    Column("arrives_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("settled_minor", BigInteger, nullable=False),
    Column("open_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("differences", Integer, nullable=False),
    Column("settled_on", Date),
    # Of its lines, so that the same payout is known again.
    Column("digest", String(64), nullable=False),
    UniqueConstraint("provider", "reference"),
    CheckConstraint("open_minor = amount_minor - settled_minor", name="open_is_what_is_left"),
    CheckConstraint(  # F5, for providers that take money as well
        "(amount_minor >= 0 AND settled_minor BETWEEN 0 AND amount_minor)"
        " OR (amount_minor < 0 AND settled_minor BETWEEN amount_minor AND 0)",
        name="settled_at_most_amount",
    ),
    CheckConstraint("(open_minor = 0) = (state = 'settled')", name="settled_with_nothing_open"),
    CheckConstraint("state NOT IN ('written_off', 'called_off')", name="states_of_payouts"),
    *at_least_zero("differences"),
    sorted_by("arrives_on"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("amount_minor"),
    Index(None, "state", "arrives_on", "id"),
    Index(None, "reference", "arrives_on", "id"),
    Index(None, "provider", "arrives_on", "id"),
    Index(None, "currency", "amount_minor", "id"),
    Index(None, "currency", "open_minor", "id"),
    Index(None, "differences", "arrives_on", "id"),
)

payout_lines = Table(
    "payout_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("payout_id", Id, ForeignKey("payouts.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("kind", PayoutLineKind),
    Column("reference", line(REFERENCE_LENGTH_MAX), nullable=False),
    currency_column(),
    Column("gross_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    choice("finding", PayoutFinding),
    # Money is paid out once.
    Column("transaction_id", Id, ForeignKey("payment_transactions.id"), unique=True),
    Column("expected_minor", BigInteger),
    Column("expected_fee_minor", BigInteger),
    UniqueConstraint("payout_id", "position"),
    CheckConstraint("net_minor = gross_minor - fee_minor", name="net_of_gross"),
    sorted_by("position"),
    Index(None, "payout_id", "finding", "position", "id"),
    Index(None, "finding", "position", "id"),
)
forbid_changes(
    payout_lines, but=("finding", "transaction_id", "expected_minor", "expected_fee_minor")
)

dunning_steps = Table(
    "dunning_steps",
    metadata,
    *aggregate_columns(),
    Column("number", Integer, nullable=False, unique=True),
    Column("days_after_due", Integer, nullable=False),
    choice("kind", DunningKind),
    currency_column(nullable=True),
    Column("fee_minor", BigInteger, nullable=False),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint("fee_minor = 0 OR currency IS NOT NULL", name="fee_in_currency"),
    CheckConstraint("number > 0", name="number_positive"),
    *at_least_zero("days_after_due", "fee_minor"),
)

dunning_notices = Table(
    "dunning_notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("receivable_id", Id, ForeignKey("receivables.id"), nullable=False),
    Column("step_number", Integer, nullable=False),
    choice("kind", DunningKind),
    Column("days_overdue", Integer, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    # Nobody is reminded twice of the same.
    UniqueConstraint("receivable_id", "step_number"),
    *at_least_zero("fee_minor"),
)
forbid_changes(dunning_notices)

credit_limits = Table(
    "credit_limits",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    currency_column(),
    Column("limit_minor", BigInteger),
    UniqueConstraint("customer_id", "currency"),
    *at_least_zero("limit_minor"),
)

# How far in the event log the credit limits have followed.
credit_progress = Table(
    "credit_progress",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

write_offs = Table(
    "write_offs",
    metadata,
    *aggregate_columns(),
    Column("receivable_id", Id, ForeignKey("receivables.id"), nullable=False),
    choice("status", WriteOffStatus),
    choice("reason", WriteOffReason),
    Column("note", Text, nullable=False, info=personal.NOTE),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("created_by_kind", String(10), nullable=False),
    Column("created_by_id", Id),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "receivable_id", "created_at", "id"),
    # One at a time.
    Index(
        "uq_write_offs_pending",
        "receivable_id",
        unique=True,
        sqlite_where=text("status = 'pending_approval'"),
        postgresql_where=text("status = 'pending_approval'"),
    ),
)
