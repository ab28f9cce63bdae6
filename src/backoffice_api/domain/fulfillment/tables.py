"""Where fulfillments and parcels lie."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate, FulfillmentState
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)

fulfillments = Table(
    "fulfillments",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("number", line(), nullable=False, unique=True),
    choice("status", FulfillmentState),
    choice("dispatch_gate", DispatchGate),
    Column("ship_by", Instant),
    Column("deliver_by", Instant),
    Column("shipped_at", Instant),
    Column("delivered_at", Instant),
    CheckConstraint(
        "(shipped_at IS NOT NULL) = (status IN ('shipped', 'delivered'))",
        name="shipped_at_when_shipped",
    ),
    CheckConstraint(
        "(delivered_at IS NOT NULL) = (status = 'delivered')", name="delivered_at_when_delivered"
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("ship_by"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
)

fulfillment_lines = Table(
    "fulfillment_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fulfillment_id", Id, ForeignKey("fulfillments.id"), nullable=False),
    Column("order_line_id", Id, ForeignKey("order_lines.id"), nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("picked", Integer, nullable=False),
    Column("packed", Integer, nullable=False),
    Column("shipped", Integer, nullable=False),
    UniqueConstraint("fulfillment_id", "order_line_id", "variant_id"),
    CheckConstraint("quantity > 0 AND picked <= quantity", name="picked_of_wanted"),
    CheckConstraint("packed <= picked AND shipped <= picked", name="packed_and_shipped_of_picked"),
    *at_least_zero("picked", "packed", "shipped"),
    Index(None, "fulfillment_id", "position", "id"),
    Index(None, "order_line_id", "id"),
)

parcels = Table(
    "parcels",
    metadata,
    *aggregate_columns(),
    Column("fulfillment_id", Id, ForeignKey("fulfillments.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("weight_g", Integer),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    Column("shipped_at", Instant),
    Column("delivered_at", Instant),
    CheckConstraint(
        "delivered_at IS NULL OR shipped_at IS NOT NULL", name="delivered_after_shipped"
    ),
    *at_least_zero("weight_g", "length_mm", "width_mm", "height_mm"),
    sorted_by("created_at"),
    Index(None, "fulfillment_id", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
)

parcel_lines = Table(
    "parcel_lines",
    metadata,
    Column("parcel_id", Id, ForeignKey("parcels.id"), nullable=False),
    Column("fulfillment_line_id", Id, ForeignKey("fulfillment_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("parcel_id", "fulfillment_line_id"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index(None, "fulfillment_line_id"),
)
