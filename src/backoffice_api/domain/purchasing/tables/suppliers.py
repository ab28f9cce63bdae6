"""Where suppliers, their bank accounts and what they sell lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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

from backoffice_api.domain.customers.model import POSTAL_CODE_LENGTH_MAX
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.bank_accounts import BIC_LENGTH_MAX
from backoffice_api.domain.kernel.contacts import EMAIL_LENGTH_MAX, PHONE_LENGTH_MAX
from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.purchasing.model.bank import (
    ACCOUNT_NUMBER_LENGTH_MAX,
    BankChangeKind,
    BankChangeStatus,
)
from backoffice_api.domain.purchasing.model.items import SupplierItemStatus
from backoffice_api.domain.purchasing.model.suppliers import (
    INCOTERM_LENGTH_MAX,
    OverReceiptPolicy,
    SupplierStatus,
)

suppliers = Table(
    "suppliers",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    choice("status", SupplierStatus),
    currency_column(),
    Column("payment_days", Integer, nullable=False),
    Column("incoterm", String(INCOTERM_LENGTH_MAX)),
    Column("lead_time_days", Integer, nullable=False),
    Column("minimum_order_minor", BigInteger),
    choice("over_receipt", OverReceiptPolicy),
    Column("over_tolerance_percent", Integer, nullable=False),
    Column("short_tolerance_percent", Integer, nullable=False),
    Column("note", Text, nullable=False, info=personal.CONTENT),
    *at_least_zero("payment_days", "lead_time_days", "minimum_order_minor"),
    CheckConstraint(
        "over_tolerance_percent BETWEEN 0 AND 100 AND short_tolerance_percent BETWEEN 0 AND 100",
        name="tolerances_bounded",
    ),
    sorted_by("created_at"),
    sorted_by("code"),
    sorted_by("name"),
    Index(None, "status", "created_at", "id"),
    info=personal.OF_SUPPLIERS,
)

supplier_contacts = Table(
    "supplier_contacts",
    metadata,
    Column("supplier_id", Id, ForeignKey("suppliers.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", line(), nullable=False, info=personal.IDENTITY),
    Column("role", line()),
    Column("email", line(EMAIL_LENGTH_MAX), info=personal.CONTACT),
    Column("phone", String(PHONE_LENGTH_MAX), info=personal.CONTACT),
    info=personal.OF_SUPPLIERS,
)

supplier_addresses = Table(
    "supplier_addresses",
    metadata,
    Column("supplier_id", Id, ForeignKey("suppliers.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("label", line(), info=personal.ADDRESS),
    Column("lines", Json, nullable=False, info=personal.ADDRESS),
    Column("district", line(), info=personal.ADDRESS),
    Column("city", line(), nullable=False, info=personal.ADDRESS),
    Column("region", line(), info=personal.ADDRESS),
    Column("postal_code", String(POSTAL_CODE_LENGTH_MAX), info=personal.ADDRESS),
    Column("country", String(2), nullable=False),
    info=personal.OF_SUPPLIERS,
)

supplier_tax_ids = Table(
    "supplier_tax_ids",
    metadata,
    choice("kind", TaxIdKind),
    Column("value", line(CODE_LENGTH_MAX), nullable=False, info=personal.IDENTITY),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False, index=True),
    PrimaryKeyConstraint("kind", "value"),
    info=personal.OF_SUPPLIERS,
)


def _bank_columns(table: str, *, holder_needed: bool) -> tuple[Column[str], ...]:
    return (
        Column("holder", line(), nullable=not holder_needed, info=personal.PAYMENT),
        sealed(table, "iban", nullable=True, **personal.PAYMENT),
        Column("bic", String(BIC_LENGTH_MAX), info=personal.PAYMENT),
        sealed(table, "account_number", nullable=True, **personal.PAYMENT),
        Column("bank_code", String(ACCOUNT_NUMBER_LENGTH_MAX), info=personal.PAYMENT),
    )


supplier_bank_changes = Table(
    "supplier_bank_changes",
    metadata,
    *aggregate_columns(),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    choice("kind", BankChangeKind),
    # The account may be gone since: no foreign key.
    Column("account_id", Id),
    *_bank_columns("supplier_bank_changes", holder_needed=False),
    choice("status", BankChangeStatus),
    choice("proposed_by_kind", ActorKind),
    Column("proposed_by_id", Id),
    choice("decided_by_kind", ActorKind, nullable=True),
    Column("decided_by_id", Id),
    Column("decided_at", Instant),
    CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_once"),
    CheckConstraint("(kind = 'add') = (account_id IS NULL)", name="account_of_change"),
    CheckConstraint("(kind = 'remove') = (holder IS NULL)", name="details_of_change"),
    # F8: who proposed a change never approves it. The proposer may be the program, without an id;
    # who approves has one.
    CheckConstraint(
        "status <> 'approved' OR (decided_by_kind IS NOT NULL AND decided_by_id IS NOT NULL "
        "AND (proposed_by_kind <> decided_by_kind OR proposed_by_id IS NULL "
        "OR proposed_by_id <> decided_by_id))",
        name="approved_by_another",
    ),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "supplier_id", "created_at", "id"),
    info=personal.OF_SUPPLIERS,
)

supplier_bank_accounts = Table(
    "supplier_bank_accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False, index=True),
    Column("change_id", Id, ForeignKey("supplier_bank_changes.id"), nullable=False),
    *_bank_columns("supplier_bank_accounts", holder_needed=True),
    CheckConstraint(
        "(iban IS NULL) = (account_number IS NOT NULL AND bank_code IS NOT NULL)",
        name="account_named",
    ),
    info=personal.OF_SUPPLIERS,
)

supplier_items = Table(
    "supplier_items",
    metadata,
    *aggregate_columns(),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("supplier_sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", line()),
    currency_column(),
    Column("pack_size", Integer, nullable=False),
    Column("minimum_quantity", Integer, nullable=False),
    Column("lead_time_days", Integer),
    Column("is_preferred", Boolean, nullable=False),
    choice("status", SupplierItemStatus),
    UniqueConstraint("supplier_id", "supplier_sku"),
    CheckConstraint("pack_size > 0 AND minimum_quantity > 0", name="quantities_positive"),
    *at_least_zero("lead_time_days"),
    sorted_by("created_at"),
    sorted_by("supplier_sku"),
    Index(None, "supplier_id", "created_at", "id"),
    Index(None, "variant_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(
        "uq_supplier_items_preferred",
        "variant_id",
        unique=True,
        sqlite_where=text("is_preferred"),
        postgresql_where=text("is_preferred"),
    ),
)

supplier_item_prices = Table(
    "supplier_item_prices",
    metadata,
    Column("item_id", Id, ForeignKey("supplier_items.id"), primary_key=True),
    Column("from_quantity", Integer, primary_key=True),
    currency_column(),
    Column("price_micro", BigInteger, nullable=False),
    CheckConstraint("from_quantity > 0", name="from_quantity_positive"),
    *at_least_zero("price_micro"),
)
