"""Where bills, their lines, instalments, payments and credits lie."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
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
from backoffice_api.domain.kernel.sealing import sealed
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
from backoffice_api.domain.payables.model.bills import (
    NUMBER_LENGTH_MAX,
    SOURCE_LENGTH_MAX,
    BillKind,
    BillStatus,
)
from backoffice_api.domain.payables.model.matching import LineMismatch, MatchStatus
from backoffice_api.domain.payables.model.settlements import (
    REFERENCE_LENGTH_MAX,
    BillPaymentMethod,
)

_SUMS = ("scheduled_minor", "paid_minor", "credited_minor", "discounted_minor")
_OPEN = "total_minor - paid_minor - credited_minor - discounted_minor"
_LIVE = "status NOT IN ('rejected', 'voided')"
_OF_A_CHARGE = "freight_charge_id IS NOT NULL AND status <> 'voided'"


def _person(action: str, *, nullable: bool = True) -> tuple[Column[Any], ...]:
    return (
        Column(f"{action}_by_kind", String(10), nullable=nullable),
        Column(f"{action}_by_id", Id),
    )


def _unique_if_there(name: str) -> Index:
    """Most bills have none of these: they need no place in an index."""
    there = text(f"{name} IS NOT NULL")
    return Index(f"uq_bills_{name}", name, unique=True, sqlite_where=there, postgresql_where=there)


bills = Table(
    "bills",
    metadata,
    *aggregate_columns(),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    choice("kind", BillKind),
    choice("status", BillStatus),
    choice("match_status", MatchStatus),
    Column("number", line(NUMBER_LENGTH_MAX), nullable=False),
    Column("number_key", line(NUMBER_LENGTH_MAX), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    currency_column(),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _SUMS),
    # Stored, so that it can be filtered by; F3: what is open is never below zero.
    Column("open_minor", BigInteger, Computed(_OPEN, persisted=True), nullable=False),
    Column("note", Text, nullable=False),
    Column("reason", Text),
    Column("purchase_return_id", Id, ForeignKey("purchase_returns.id")),
    Column("source_reference", line(SOURCE_LENGTH_MAX)),
    Column("entry_id", Id, ForeignKey("journal_entries.id")),
    *_person("created", nullable=False),
    *_person("submitted"),
    Column("submitted_at", Instant),
    *_person("waived"),
    Column("waiver_reason", Text),
    *_person("approved"),
    Column("approved_at", Instant),
    Column("voided_at", Instant),
    Column("freight_charge_id", Id, ForeignKey("freight_charges.id")),
    CheckConstraint("total_minor = subtotal_minor + tax_minor", name="total_of_parts"),
    CheckConstraint(f"{_OPEN} >= 0", name="open_not_negative"),
    CheckConstraint(f"scheduled_minor <= {_OPEN}", name="scheduled_at_most_open"),
    CheckConstraint("(voided_at IS NOT NULL) = (status = 'voided')", name="voided_at_end"),
    CheckConstraint(
        "(match_status = 'waived') = (waived_by_kind IS NOT NULL)", name="waived_by_somebody"
    ),
    # F4: what does not match is not owed.
    CheckConstraint(
        "match_status IN ('matched', 'waived') OR status IN "
        "('draft', 'pending_approval', 'disputed', 'rejected', 'voided')",
        name="owed_when_matched",
    ),
    *at_least_zero("total_minor", *_SUMS),
    # A supplier's number is one bill, unless it was rejected or voided.
    Index(
        "uq_bills_number",
        "supplier_id",
        "kind",
        "number",
        unique=True,
        sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    ),
    # A variance is one bill, unless that was voided.
    Index(
        "uq_bills_freight_charge_id",
        "freight_charge_id",
        unique=True,
        sqlite_where=text(_OF_A_CHARGE),
        postgresql_where=text(_OF_A_CHARGE),
    ),
    *(_unique_if_there(name) for name in ("purchase_return_id", "source_reference", "entry_id")),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("issued_on"),
    sorted_by("due_on"),
    sorted_by("total_minor"),
    Index(None, "supplier_id", "created_at", "id"),
    Index(None, "supplier_id", "number_key"),
    Index(None, "supplier_id", "issued_on", "total_minor"),
    Index(None, "status", "due_on", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "match_status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "number", "id"),
    Index(None, "currency", "total_minor", "id"),
    Index(None, "currency", "open_minor", "id"),
)

bill_lines = Table(
    "bill_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("order_line_id", Id, ForeignKey("purchase_order_lines.id"), index=True),
    Column("account_id", Id, ForeignKey("ledger_accounts.id"), index=True),
    Column("quantity", Integer),
    Column("unit_price_micro", BigInteger),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("expected_minor", BigInteger),
    choice("quantity_mismatch", LineMismatch, nullable=True),
    choice("price_mismatch", LineMismatch, nullable=True),
    Column("billed_quantity", Integer, nullable=False),
    Column("waived_quantity", Integer, nullable=False),
    UniqueConstraint("bill_id", "position"),
    CheckConstraint("order_line_id IS NULL OR account_id IS NULL", name="goods_or_service"),
    CheckConstraint(
        "order_line_id IS NULL OR (quantity IS NOT NULL AND amount_minor >= 0)",
        name="goods_have_quantity",
    ),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("waived_quantity <= billed_quantity", name="waived_of_billed"),
    *at_least_zero("unit_price_micro", "billed_quantity", "waived_quantity"),
)

bill_instalments = Table(
    "bill_instalments",
    metadata,
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("discount_until", Date),
    PrimaryKeyConstraint("bill_id", "position"),
    CheckConstraint(
        "discount_minor >= 0 AND discount_minor <= amount_minor", name="discount_of_amount"
    ),
    CheckConstraint(
        "(discount_minor > 0) = (discount_until IS NOT NULL)", name="discount_until_a_day"
    ),
    Index(None, "due_on", "bill_id"),
)

bill_attachments = Table(
    "bill_attachments",
    metadata,
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("file_id", Id, ForeignKey("media_files.id"), nullable=False, index=True),
    Column("name", line(), nullable=False),
    PrimaryKeyConstraint("bill_id", "position"),
)

# Append-only: F3, the source of what is paid. What banks have shown of it is noted beside it.
bill_payments = Table(
    "bill_payments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False),
    choice("method", BillPaymentMethod),
    Column("paid_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("cleared_minor", BigInteger, nullable=False),
    Column("reference", line(REFERENCE_LENGTH_MAX)),
    Column("run_line_id", Id),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("reverses_id", Id, ForeignKey("bill_payments.id"), unique=True),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint(
        "(reverses_id IS NULL AND amount_minor > 0 AND discount_minor >= 0)"
        " OR (reverses_id IS NOT NULL AND amount_minor < 0 AND discount_minor <= 0)",
        name="below_zero_takes_back",
    ),
    CheckConstraint(  # F5
        "cleared_minor >= 0 AND (cleared_minor = 0 OR cleared_minor <= amount_minor)",
        name="cleared_at_most_paid",
    ),
    sorted_by("created_at"),
    Index(None, "bill_id", "created_at", "id"),
    Index(None, "currency", "amount_minor", "id"),
    # Each line of a run pays once, unless it is under way again.
    Index(
        "uq_bill_payments_run_line",
        "run_line_id",
        "attempt",
        unique=True,
        sqlite_where=text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
        postgresql_where=text("run_line_id IS NOT NULL AND reverses_id IS NULL"),
    ),
)
forbid_changes(bill_payments, but=("cleared_minor",))

bill_credits = Table(
    "bill_credits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("credit_note_id", Id, ForeignKey("bills.id"), nullable=False, index=True),
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False, index=True),
    Column("applied_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("reverses_id", Id, ForeignKey("bill_credits.id"), unique=True),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint("credit_note_id <> bill_id", name="two_documents"),
    CheckConstraint(
        "(reverses_id IS NULL AND amount_minor > 0)"
        " OR (reverses_id IS NOT NULL AND amount_minor < 0)",
        name="below_zero_takes_back",
    ),
)
forbid_changes(bill_credits)

# The texts of QR codes by which bills are paid.
bill_pix_codes = Table(
    "bill_pix_codes",
    metadata,
    Column("bill_id", Id, ForeignKey("bills.id"), primary_key=True),
    sealed("bill_pix_codes", "code", **personal.PAYMENT),
    info=personal.OF_SUPPLIERS,
)
