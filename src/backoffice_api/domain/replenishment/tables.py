"""Where rules of replenishment lie, and what they came to when demand was last measured."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.replenishment.model import (
    SERVICE_LEVEL_MAX,
    SERVICE_LEVEL_MIN,
    ReplenishmentMethod,
)

rules = Table(
    "replenishment_rules",
    metadata,
    *aggregate_columns(),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    choice("method", ReplenishmentMethod),
    Column("minimum", Integer),
    Column("maximum", Integer),
    Column("reorder_point", Integer),
    Column("safety", Integer),
    Column("service_level_permille", Integer, nullable=False),
    Column("coverage_days", Integer, nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id")),
    UniqueConstraint("variant_id", "location_id"),
    CheckConstraint(
        "method <> 'min_max' OR (minimum IS NOT NULL AND maximum > minimum)", name="min_max_given"
    ),
    CheckConstraint("minimum <= maximum", name="minimum_to_maximum"),
    CheckConstraint("coverage_days > 0", name="covers_some_days"),
    CheckConstraint(
        f"service_level_permille BETWEEN {SERVICE_LEVEL_MIN} AND {SERVICE_LEVEL_MAX}",
        name="service_level_bounded",
    ),
    *at_least_zero("minimum", "maximum", "reorder_point", "safety"),
    sorted_by("created_at"),
    Index(None, "variant_id", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "supplier_id", "created_at", "id"),
)

# Apart from the rule, since it is measured anew every night.
targets = Table(
    "replenishment_targets",
    metadata,
    Column("rule_id", Id, ForeignKey("replenishment_rules.id"), primary_key=True),
    Column("measured_at", Instant, nullable=False),
    Column("demand_days", Integer, nullable=False),
    Column("demand_total", BigInteger, nullable=False),
    Column("demand_squares", BigInteger, nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id")),
    Column("supplier_item_id", Id, ForeignKey("supplier_items.id")),
    Column("lead_time_millidays", Integer, nullable=False),
    Column("lead_deviation_millidays", Integer, nullable=False),
    Column("lead_samples", Integer, nullable=False),
    Column("safety", Integer, nullable=False),
    Column("reorder_point", Integer, nullable=False),
    Column("order_up_to", Integer, nullable=False),
    CheckConstraint("order_up_to >= reorder_point", name="fills_up"),
    *at_least_zero("demand_total", "lead_time_millidays", "safety", "reorder_point"),
    Index(None, "supplier_id", "rule_id"),
)
