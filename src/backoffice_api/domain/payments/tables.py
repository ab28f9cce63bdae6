"""Where payments, their transactions, refunds, disputes and store credit lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
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
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.disputes import REASON_LENGTH_MAX, DisputeStatus
from backoffice_api.domain.payments.model.gateways import OperationKind, OperationStatus
from backoffice_api.domain.payments.model.payments import (
    AUTHORIZED_FIRST,
    FAILURE_LENGTH_MAX,
    PAY_CODE_LENGTH_MAX,
    PROVIDER_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    URL_LENGTH_MAX,
    IntentStatus,
    PaymentMethod,
)
from backoffice_api.domain.payments.model.refunds import (
    RefundDestination,
    RefundReason,
    RefundStatus,
)
from backoffice_api.domain.payments.model.transactions import TransactionKind

_SUMS = (
    "authorized_minor",
    "captured_minor",
    "voided_minor",
    "refunded_minor",
    "refunding_minor",
    "charged_back_minor",
)
_FIRST = ", ".join(f"'{each.value}'" for each in sorted(AUTHORIZED_FIRST))

payments = Table(
    "payments",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    choice("method", PaymentMethod),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False),
    choice("status", IntentStatus),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _SUMS),
    Column("capture_at_once", Boolean, nullable=False),
    Column("pending_operation", String(20)),
    Column("expires_at", Instant),
    Column("due_on", Date),
    Column("provider_reference", line(REFERENCE_LENGTH_MAX)),
    Column("pay_code", String(PAY_CODE_LENGTH_MAX), info=personal.PAYMENT),
    Column("bar_code", String(44), info=personal.PAYMENT),
    Column("action_url", String(URL_LENGTH_MAX), info=personal.PAYMENT),
    Column("card_brand", String(40), info=personal.PAYMENT),
    Column("card_last_four", String(4), info=personal.PAYMENT),
    Column("card_expires", String(7), info=personal.PAYMENT),
    Column("failure", String(FAILURE_LENGTH_MAX), info=personal.PAYMENT),
    Column("note", Text, nullable=False, info=personal.NOTE),
    UniqueConstraint("provider", "provider_reference"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint(  # M1
        f"captured_minor + voided_minor <= authorized_minor OR method NOT IN ({_FIRST})",
        name="captured_at_most_authorized",
    ),
    CheckConstraint(
        f"(authorized_minor = 0 AND voided_minor = 0) OR method IN ({_FIRST})",
        name="authorized_by_method",
    ),
    CheckConstraint(  # M2
        "refunded_minor + refunding_minor <= captured_minor", name="refunded_at_most_captured"
    ),
    CheckConstraint("charged_back_minor <= captured_minor", name="charged_back_at_most_captured"),
    *at_least_zero(*_SUMS),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("amount_minor"),
    Index(None, "provider_reference", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "method", "created_at", "id"),
    Index(None, "provider", "created_at", "id"),
    Index(None, "currency", "amount_minor", "id"),
    Index(None, "due_on", "id"),
    # What the sweeper looks for.
    Index(None, "expires_at", "id"),
)

# Append-only: the source of every sum above.
transactions = Table(
    "payment_transactions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("refund_id", Id, ForeignKey("refunds.id")),
    Column("dispute_id", Id, ForeignKey("disputes.id")),
    choice("kind", TransactionKind),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False),
    Column("provider_reference", line(REFERENCE_LENGTH_MAX), nullable=False),
    Column(
        "external_reference",
        line(REFERENCE_LENGTH_MAX),
        info=personal.erased(personal.PAYMENT, Erasing.STAYS),
    ),
    Column("occurred_at", Instant, nullable=False),
    UniqueConstraint("provider", "provider_reference"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("(kind = 'refund') = (refund_id IS NOT NULL)", name="refund_of_refunds"),
    sorted_by("created_at"),
    Index(None, "payment_id", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "refund_id"),
    Index(None, "dispute_id"),
    # What a statement tells is noted once.
    Index(
        "uq_payment_transactions_external_reference",
        "payment_id",
        "external_reference",
        unique=True,
        sqlite_where=text("external_reference IS NOT NULL"),
        postgresql_where=text("external_reference IS NOT NULL"),
    ),
)
forbid_changes(transactions)

# What gateways are asked, before they are asked: the pending rows of outside calls.
operations = Table(
    "payment_operations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("refund_id", Id, ForeignKey("refunds.id")),
    choice("kind", OperationKind),
    choice("status", OperationStatus),
    Column("amount_minor", BigInteger, nullable=False),
    Column("target_minor", BigInteger, nullable=False),
    # What the provider made of a card; forgotten with the answer.
    Column("token", String(REFERENCE_LENGTH_MAX), info=personal.PAYMENT),
    Column("attempts", Integer, nullable=False),
    CheckConstraint("(kind = 'refund') = (refund_id IS NOT NULL)", name="refund_of_refunds"),
    CheckConstraint("status = 'pending' OR token IS NULL", name="token_while_pending"),
    *at_least_zero("amount_minor", "target_minor", "attempts"),
    Index(None, "payment_id", "created_at", "id"),
    Index(None, "refund_id"),
    # One question at a time, but for refunds.
    Index(
        "uq_payment_operations_open",
        "payment_id",
        unique=True,
        sqlite_where=text("status = 'pending' AND refund_id IS NULL"),
        postgresql_where=text("status = 'pending' AND refund_id IS NULL"),
    ),
)

installments = Table(
    "payment_installments",
    metadata,
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("payment_id", "position"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)

refunds = Table(
    "refunds",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("number", line(), nullable=False),
    choice("status", RefundStatus),
    choice("destination", RefundDestination),
    choice("reason", RefundReason),
    Column("note", Text, nullable=False, info=personal.NOTE),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("created_by_kind", String(10), nullable=False),
    Column("created_by_id", Id),
    Column("is_approved", Boolean, nullable=False),
    Column("approval_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("submitted_at", Instant),
    Column("settled_at", Instant),
    Column("provider_reference", line(REFERENCE_LENGTH_MAX)),
    Column("failure", String(FAILURE_LENGTH_MAX), info=personal.PAYMENT),
    UniqueConstraint("order_id", "number"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("(settled_at IS NOT NULL) = (status = 'succeeded')", name="settled_once"),
    *at_least_zero("attempts"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("amount_minor"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "payment_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "reason", "created_at", "id"),
    Index(None, "currency", "amount_minor", "id"),
    Index(None, "number", "id"),
    Index(None, "provider_reference"),
)

disputes = Table(
    "disputes",
    metadata,
    *aggregate_columns(),
    Column("payment_id", Id, ForeignKey("payments.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("provider", line(PROVIDER_LENGTH_MAX), nullable=False),
    Column("provider_reference", line(REFERENCE_LENGTH_MAX), nullable=False),
    choice("status", DisputeStatus),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("reason", String(REASON_LENGTH_MAX), nullable=False, info=personal.CONTENT),
    Column("evidence", Text, nullable=False, info=personal.NOTE),
    Column("respond_by", Instant),
    Column("closed_at", Instant),
    UniqueConstraint("provider", "provider_reference"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint(
        "(closed_at IS NULL) = (status IN ('needs_response', 'under_review'))", name="closed_at_end"
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "payment_id", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "respond_by", "id"),
)

store_credits = Table(
    "store_credits",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    currency_column(),
    Column("balance_minor", BigInteger, nullable=False),
    UniqueConstraint("customer_id", "currency"),
    *at_least_zero("balance_minor"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("balance_minor"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "currency", "balance_minor", "id"),
)

credit_entries = Table(
    "store_credit_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("account_id", Id, ForeignKey("store_credits.id"), nullable=False),
    choice("reason", CreditReason),
    currency_column(),
    Column("delta_minor", BigInteger, nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    Column("payment_id", Id, ForeignKey("payments.id")),
    Column("refund_id", Id, ForeignKey("refunds.id")),
    Column("note", Text, nullable=False, info=personal.CONTENT),
    CheckConstraint("delta_minor <> 0", name="changes_something"),
    *at_least_zero("balance_minor"),
    sorted_by("created_at"),
    Index(None, "account_id", "created_at", "id"),
)
forbid_changes(credit_entries)
