"""Where rules of putting away and pick faces lie."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from backoffice_api.domain.kernel.tables import (
    Id,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import Tracking

putaway_rules = Table(
    "putaway_rules",
    metadata,
    *aggregate_columns(),
    Column("from_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("to_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("priority", Integer, nullable=False),
    choice("bucket", Bucket),
    Column("variant_id", Id, ForeignKey("variants.id"), index=True),
    Column("product_id", Id, ForeignKey("products.id"), index=True),
    Column("category_id", Id, ForeignKey("categories.id"), index=True),
    Column("shipped_min", Integer),
    choice("tracking", Tracking, nullable=True),
    CheckConstraint("from_location_id <> to_location_id", name="goes_somewhere"),
    *at_least_zero("priority", "shipped_min"),
    sorted_by("priority"),
    sorted_by("created_at"),
    Index(None, "from_location_id", "priority", "id"),
    Index(None, "to_location_id", "priority", "id"),
)

pick_faces = Table(
    "pick_faces",
    metadata,
    *aggregate_columns(),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("minimum", Integer, nullable=False),
    Column("maximum", Integer, nullable=False),
    UniqueConstraint("location_id", "variant_id"),
    CheckConstraint("maximum > minimum", name="is_filled"),
    *at_least_zero("minimum"),
    sorted_by("created_at"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "variant_id", "created_at", "id"),
)
