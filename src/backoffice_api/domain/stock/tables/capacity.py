"""Where is kept how much a location holds."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, Table

from backoffice_api.domain.kernel.tables import (
    Id,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
)
from backoffice_api.domain.stock.model.capacity import CapacityPolicy

location_capacities = Table(
    "location_capacities",
    metadata,
    *aggregate_columns(),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False, unique=True),
    Column("pieces_max", Integer),
    Column("volume_max_cm3", BigInteger),
    Column("weight_max_g", BigInteger),
    choice("policy", CapacityPolicy),
    CheckConstraint(
        "pieces_max IS NOT NULL OR volume_max_cm3 IS NOT NULL OR weight_max_g IS NOT NULL",
        name="bounds_something",
    ),
    *at_least_zero("pieces_max", "volume_max_cm3", "weight_max_g"),
)
