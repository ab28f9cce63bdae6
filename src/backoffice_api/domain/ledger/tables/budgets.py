"""Where budgets lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from backoffice_api.domain.kernel.tables import (
    Id,
    aggregate_columns,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.ledger.model.budgets import NAME_LENGTH_MAX

budgets = Table(
    "ledger_budgets",
    metadata,
    *aggregate_columns(),
    Column("name", line(NAME_LENGTH_MAX), nullable=False, unique=True),
    currency_column(),
    Column("channel_id", Id, ForeignKey("channels.id"), index=True),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), index=True),
    Column("product_id", Id, ForeignKey("products.id"), index=True),
    Column("location_id", Id, ForeignKey("stock_locations.id"), index=True),
    Column("is_active", Boolean, nullable=False),
    sorted_by("is_active", "name"),
)

budget_lines = Table(
    "ledger_budget_lines",
    metadata,
    Column("budget_id", Id, ForeignKey("ledger_budgets.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("account_id", Id, ForeignKey("ledger_accounts.id"), nullable=False, index=True),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("budget_id", "position"),
    CheckConstraint("from_on < to_on", name="from_before_to"),
)
