"""Where payment runs, their lines and files lie, and the accounts that they pay from."""

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
    String,
    Table,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.bank_accounts import BIC_LENGTH_MAX
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.personal import Erasing
from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.series import series_columns
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
from backoffice_api.domain.payables.model.bill_documents import BillFormat
from backoffice_api.domain.payables.model.payment_files import REFERENCE_LENGTH_MAX, FileFormat
from backoffice_api.domain.payables.model.runs import (
    AGREEMENT_LENGTH_MAX,
    LINES_MAX,
    NUMBER_LENGTH_MAX,
    REMITTANCE_LENGTH_MAX,
    SAID_LENGTH_MAX,
    RunLineStatus,
    RunMethod,
    RunStatus,
)
from backoffice_api.domain.purchasing.model.bank import ACCOUNT_NUMBER_LENGTH_MAX

_LIVE = "status IN ('proposed', 'under_way')"


def _bank_columns(table: str) -> tuple[Column[str], ...]:
    return (
        Column("holder", line(), nullable=False, info=personal.PAYMENT),
        sealed(table, "iban", nullable=True, **personal.PAYMENT),
        Column("bic", String(BIC_LENGTH_MAX), info=personal.PAYMENT),
        sealed(table, "account_number", nullable=True, **personal.PAYMENT),
        Column("bank_code", String(ACCOUNT_NUMBER_LENGTH_MAX), info=personal.PAYMENT),
        sealed(table, "tax_id", nullable=True, **personal.PAYMENT),
    )


payer_accounts = Table(
    "payer_accounts",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False, unique=True),
    currency_column(),
    *_bank_columns("payer_accounts"),
    Column("agreement", line(AGREEMENT_LENGTH_MAX)),
    choice("sepa_format", FileFormat),
    # Of banking, which lies above.
    Column("bank_account_id", Id),
    Column("is_archived", Boolean, nullable=False),
    sorted_by("name"),
    Index(None, "is_archived", "name", "id"),
    info=personal.OF_SHOP,
)

run_series = Table(
    "payment_run_series",
    metadata,
    *series_columns(),
    Column("only", Integer, nullable=False, unique=True),
    CheckConstraint('"only" = 1', name="one_row"),
)

payment_runs = Table(
    "payment_runs",
    metadata,
    *aggregate_columns(),
    Column("number", line(NUMBER_LENGTH_MAX), nullable=False, unique=True),
    Column("serial", BigInteger, nullable=False, unique=True),
    choice("status", RunStatus),
    choice("method", RunMethod),
    choice("format", FileFormat, nullable=True),
    Column("payer_account_id", Id, ForeignKey("payer_accounts.id"), nullable=False),
    currency_column(),
    Column("pay_on", Date, nullable=False),
    Column("due_until", Date, nullable=False),
    Column("lines_count", Integer, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("settled_minor", BigInteger, nullable=False),
    Column("rejected_minor", BigInteger, nullable=False),
    Column("created_by_kind", String(10), nullable=False),
    Column("created_by_id", Id),
    Column("approved_by_kind", String(10)),
    Column("approved_by_id", Id),
    Column("approved_at", Instant),
    Column("exported_by_kind", String(10)),
    Column("exported_by_id", Id),
    Column("exported_at", Instant),
    Column("cancelled_at", Instant),
    CheckConstraint("(method = 'manual') = (format IS NULL)", name="format_of_method"),
    CheckConstraint(f"lines_count BETWEEN 1 AND {LINES_MAX}", name="lines_bounded"),
    CheckConstraint("settled_minor + rejected_minor <= total_minor", name="ended_at_most_total"),
    CheckConstraint(
        "(status IN ('exported', 'settled', 'partially_rejected')) = (exported_at IS NOT NULL)",
        name="exported_at_once",
    ),
    CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at_end"),
    CheckConstraint("exported_at IS NULL OR approved_at IS NOT NULL", name="approved_before"),
    CheckConstraint(
        "approved_at IS NULL OR (approved_by_kind IS NOT NULL AND (approved_by_kind <> "
        "created_by_kind OR created_by_id IS NULL OR approved_by_id <> created_by_id))",
        name="approved_by_another",
    ),
    *at_least_zero("total_minor", "discount_minor", "settled_minor", "rejected_minor"),
    sorted_by("created_at"),
    sorted_by("pay_on"),
    sorted_by("total_minor"),
    Index(None, "status", "created_at", "id"),
    Index(None, "method", "created_at", "id"),
    Index(None, "payer_account_id", "created_at", "id"),
    Index(None, "currency", "total_minor", "id"),
)

payment_run_lines = Table(
    "payment_run_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("payment_runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reference", line(REFERENCE_LENGTH_MAX), nullable=False, unique=True),
    choice("status", RunLineStatus),
    Column("bill_id", Id, ForeignKey("bills.id"), nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False, index=True),
    Column("due_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("remittance", line(REMITTANCE_LENGTH_MAX), nullable=False, info=personal.PAYMENT),
    # The account may be gone since: no foreign key.
    Column("account_id", Id),
    *_bank_columns("payment_run_lines"),
    Column("said_code", line(SAID_LENGTH_MAX)),
    Column("said", line(SAID_LENGTH_MAX)),
    Column("paid_on", Date),
    Column("ended_at", Instant),
    Column("attempt", Integer, nullable=False, server_default="1"),
    UniqueConstraint("run_id", "position"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("(status = 'settled') = (paid_on IS NOT NULL)", name="paid_on_a_day"),
    CheckConstraint(f"({_LIVE}) = (ended_at IS NULL)", name="ended_at_end"),
    *at_least_zero("discount_minor"),
    # A bill is in one run at a time: nothing is paid twice.
    Index(
        "uq_payment_run_lines_live",
        "bill_id",
        unique=True,
        sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    ),
    Index(None, "bill_id", "position", "id"),
    Index(None, "run_id", "position", "id"),
    Index(None, "run_id", "status", "position", "id"),
    Index(None, "status", "position", "id"),
    sorted_by("position"),
    info=personal.OF_SUPPLIERS,
)

# Written once for a run; what was given to the bank is never another file.
payment_files = Table(
    "payment_files",
    metadata,
    Column("run_id", Id, ForeignKey("payment_runs.id"), primary_key=True),
    Column("number", line(NUMBER_LENGTH_MAX), nullable=False, unique=True),
    choice("format", FileFormat),
    Column("name", line(), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column(
        "content",
        LargeBinary,
        nullable=False,
        info=personal.erased(personal.PAYMENT, Erasing.STAYS),
    ),
    info=personal.OF_SUPPLIERS,
)
forbid_changes(payment_files)

# Answers of banks, each kept once.
payment_returns = Table(
    "payment_returns",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column(
        "content",
        LargeBinary,
        nullable=False,
        info=personal.erased(personal.PAYMENT, Erasing.STAYS),
    ),
    info=personal.OF_SUPPLIERS,
)
forbid_changes(payment_returns)

# The files that bills were read from.
bill_sources = Table(
    "bill_sources",
    metadata,
    Column("bill_id", Id, ForeignKey("bills.id"), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    choice("format", BillFormat),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column(
        "content",
        LargeBinary,
        nullable=False,
        info=personal.erased(personal.CONTENT, Erasing.STAYS),
    ),
    info=personal.OF_SUPPLIERS,
)
forbid_changes(bill_sources)
