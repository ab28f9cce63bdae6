"""Where lie recurring items and the scenarios of forecasts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
)

from backoffice_api.domain.banking.model.recurring import (
    NAME_LENGTH_MAX,
    RecurrenceUnit,
    RecurringKind,
)
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

recurring_items = Table(
    "recurring_items",
    metadata,
    *aggregate_columns(),
    Column("name", line(NAME_LENGTH_MAX), nullable=False),
    choice("kind", RecurringKind),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    choice("unit", RecurrenceUnit),
    Column("interval", Integer, nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), index=True),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint("amount_minor <> 0", name="moves_something"),
    CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    CheckConstraint('"interval" > 0', name="interval_positive"),
    sorted_by("is_active", "name"),
)

forecast_scenarios = Table(
    "forecast_scenarios",
    metadata,
    *aggregate_columns(),
    Column("name", line(NAME_LENGTH_MAX), nullable=False, unique=True),
    Column("delay_days", Integer, nullable=False),
    Column("collected_bp", Integer, nullable=False),
    Column("extras", Json, nullable=False),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint("collected_bp <= 10000", name="collected_at_most_all"),
    *at_least_zero("delay_days", "collected_bp"),
    sorted_by("is_active", "name"),
)
