"""Where fulfillments and parcels lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from backoffice_api.domain.fulfillment.model.calendars import (
    HANDLING_DAYS_MAX,
    MINUTES_OF_DAY,
    TRANSIT_DAYS_MAX,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    SERVICE_LENGTH_MAX,
    DispatchGate,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.model.sites import PERCENT_MAX, WeightCheck
from backoffice_api.domain.fulfillment.model.waves import WaveStatus
from backoffice_api.domain.kernel.new_rows import refuse_new_rows
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)

# How long the name of a zone may be: a country and a region.
ZONE_LENGTH_MAX = 260

calendars = Table(
    "fulfillment_calendars",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("weekdays", Json, nullable=False),
    Column("cut_off", Integer, nullable=False),
    Column("handling_days", Integer, nullable=False),
    Column("transit_days", Integer, nullable=False),
    CheckConstraint(f"cut_off BETWEEN 0 AND {MINUTES_OF_DAY}", name="cut_off_of_day"),
    CheckConstraint(f"handling_days BETWEEN 0 AND {HANDLING_DAYS_MAX}", name="handling_bounded"),
    CheckConstraint(f"transit_days BETWEEN 0 AND {TRANSIT_DAYS_MAX}", name="transit_bounded"),
    sorted_by("code"),
    sorted_by("created_at"),
)

holidays = Table(
    "fulfillment_holidays",
    metadata,
    Column("calendar_id", Id, ForeignKey("fulfillment_calendars.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", line(), nullable=False),
)

# When a house is open on its weekdays, in minutes of the day. None of a calendar: all day long.
calendar_periods = Table(
    "fulfillment_calendar_periods",
    metadata,
    Column("calendar_id", Id, ForeignKey("fulfillment_calendars.id"), primary_key=True),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Integer, primary_key=True),
    Column("closes", Integer, nullable=False),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_of_iso"),
    CheckConstraint(f"opens >= 0 AND closes <= {MINUTES_OF_DAY}", name="within_the_day"),
    CheckConstraint("opens < closes", name="period_in_order"),
)

# Its id is that of the location.
sites = Table(
    "fulfillment_sites",
    metadata,
    *aggregate_columns(),
    Column("country", String(2)),
    Column("region", line()),
    Column("postal_code", line()),
    Column("shipment_cost_minor", BigInteger, nullable=False),
    Column("piece_cost_minor", BigInteger, nullable=False),
    Column("calendar_id", Id, ForeignKey("fulfillment_calendars.id"), index=True),
    Column("release_gate", Boolean, nullable=False),
    choice("weight_check", WeightCheck),
    Column("tolerance_percent", Integer, nullable=False),
    Column("tolerance_g", Integer, nullable=False),
    ForeignKeyConstraint(["id"], ["stock_locations.id"]),
    CheckConstraint(f"tolerance_percent BETWEEN 0 AND {PERCENT_MAX}", name="tolerance_bounded"),
    *at_least_zero("shipment_cost_minor", "piece_cost_minor", "tolerance_g"),
    sorted_by("created_at"),
)

strategies = Table(
    "routing_strategies",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("split_weight", Integer, nullable=False),
    Column("distance_weight", Integer, nullable=False),
    Column("cost_weight", Integer, nullable=False),
    Column("priority_weight", Integer, nullable=False),
    *at_least_zero("split_weight", "distance_weight", "cost_weight", "priority_weight"),
    sorted_by("code"),
    sorted_by("created_at"),
)

# In which order somebody walks through a site; a location without a row comes last.
walks = Table(
    "location_walks",
    metadata,
    Column("location_id", Id, ForeignKey("stock_locations.id"), primary_key=True),
    Column("site_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("site_id", "position"),
    *at_least_zero("position"),
)

packagings = Table(
    "packagings",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("length_mm", Integer, nullable=False),
    Column("width_mm", Integer, nullable=False),
    Column("height_mm", Integer, nullable=False),
    Column("weight_g", Integer, nullable=False),
    *at_least_zero("length_mm", "width_mm", "height_mm", "weight_g"),
    sorted_by("code"),
    sorted_by("created_at"),
)

waves = Table(
    "waves",
    metadata,
    *aggregate_columns(),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("name", line(), nullable=False),
    choice("status", WaveStatus),
    Column("cut_off_at", Instant),
    Column("service", line(SERVICE_LENGTH_MAX)),
    Column("zone", line(ZONE_LENGTH_MAX)),
    Column("released_at", Instant),
    Column("done_at", Instant),
    CheckConstraint("(done_at IS NOT NULL) = (status = 'done')", name="done_at_when_done"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
)

fulfillments = Table(
    "fulfillments",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    # Unique for its order: orders of two channels may have the same number.
    Column("number", line(), nullable=False),
    choice("status", FulfillmentState),
    choice("dispatch_gate", DispatchGate),
    Column("priority", Integer, nullable=False, server_default=str(PRIORITY_DEFAULT)),
    Column("service", line(SERVICE_LENGTH_MAX)),
    Column("zone", line(ZONE_LENGTH_MAX)),
    Column("wave_id", Id, ForeignKey("waves.id")),
    Column("explanation", Json, nullable=False, server_default="[]"),
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
    UniqueConstraint("order_id", "number"),
    CheckConstraint(f"priority BETWEEN 0 AND {PRIORITY_MAX}", name="priority_bounded"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("priority"),
    sorted_by("number"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "status", "ship_by", "id"),
    Index(None, "ship_by", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "location_id", "status", "priority", "id"),
    Index(None, "wave_id", "created_at", "id"),
    Index(None, "wave_id", "priority", "id"),
    Index(None, "service", "created_at", "id"),
    Index(None, "zone", "created_at", "id"),
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
    Column("packaging_id", Id, ForeignKey("packagings.id"), index=True),
    # Taken apart again. The row stays, as a label may have been bought for it.
    Column("removed_at", Instant),
    # It weighs something else than what is in it, and was let pass.
    Column("weight_flag", Boolean, nullable=False, server_default=false()),
    CheckConstraint(
        "delivered_at IS NULL OR shipped_at IS NOT NULL", name="delivered_after_shipped"
    ),
    CheckConstraint("removed_at IS NULL OR shipped_at IS NULL", name="removed_before_shipped"),
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

# What was taken from where, of which lot; until it is shipped it can be taken back.
picks = Table(
    "fulfillment_picks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fulfillment_line_id", Id, ForeignKey("fulfillment_lines.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("lot_id", Id, ForeignKey("stock_lots.id")),
    Column("quantity", Integer, nullable=False),
    Column("picked_at", Instant, nullable=False),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index(None, "fulfillment_line_id", "id"),
    Index(None, "location_id", "id"),
    Index(
        None,
        "lot_id",
        postgresql_where=text("lot_id IS NOT NULL"),
        sqlite_where=text("lot_id IS NOT NULL"),
    ),
)

put_backs = Table(
    "fulfillment_put_backs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fulfillment_id", Id, ForeignKey("fulfillments.id"), nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False, index=True),
    Column("lot_id", Id, ForeignKey("stock_lots.id"), index=True),
    Column("quantity", Integer, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("done_at", Instant),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index(None, "fulfillment_id", "noted_at", "id"),
)

# O2, for what no code of ours has made: whoever plans holds the order still besides.
refuse_new_rows(
    fulfillment_lines,
    "fulfillment_lines_of_what_is_left",
    wrong="COALESCE((SELECT SUM(other.quantity) FROM fulfillment_lines AS other "
    "JOIN fulfillments AS of_other ON of_other.id = other.fulfillment_id "
    "WHERE other.order_line_id = {row}.order_line_id AND other.variant_id = {row}.variant_id "
    "AND other.id <> {row}.id AND of_other.status <> 'cancelled'), 0) + {row}.quantity > "
    "(SELECT (ordered.quantity - ordered.cancelled) * COALESCE((SELECT part.quantity "
    "FROM order_line_components AS part WHERE part.line_id = ordered.id "
    "AND part.variant_id = {row}.variant_id), 1) "
    "FROM order_lines AS ordered WHERE ordered.id = {row}.order_line_id)",
    message="fulfillments of a line are of what is left of it",
)
