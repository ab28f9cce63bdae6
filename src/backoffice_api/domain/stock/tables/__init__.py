"""Where stock lies.

Virtual locations have no levels, but for what is in transit: every receipt and every shipment would
change the same row, and nobody asks for the sum. It can be had from the movements at any time.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    event,
    text,
)

from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.new_rows import refuse_new_rows
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    NAME_LENGTH_MAX,
    Id,
    Instant,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.costs import CostKind, ValuationMethod
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.locations import (
    DEPTH_MAX,
    PHYSICAL,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    VIRTUAL_IDS,
    LocationKind,
    LocationStatus,
    path_of,
)
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX, LotStatus, Tracking
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.reservations import OwnerKind, ReservationStatus

# Room for the ids of the whole way down from a site.
PATH_LENGTH_MAX = 33 * DEPTH_MAX

_PHYSICAL = ", ".join(f"'{kind.value}'" for kind in LocationKind if kind in PHYSICAL)

locations = Table(
    "stock_locations",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    choice("kind", LocationKind),
    Column("priority", Integer, nullable=False),
    Column("negative_allowed", Boolean, nullable=False),
    choice("status", LocationStatus),
    Column("parent_id", Id, ForeignKey("stock_locations.id")),
    Column("path", line(PATH_LENGTH_MAX), nullable=False, unique=True),
    Column("depth", Integer, nullable=False),
    CheckConstraint(f"depth BETWEEN 1 AND {DEPTH_MAX}", name="depth_bounded"),
    CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="sites_are_on_top"),
    CheckConstraint("parent_id <> id", name="not_its_own_part"),
    CheckConstraint(f"NOT negative_allowed OR kind IN ({_PHYSICAL})", name="negative_is_physical"),
    CheckConstraint(f"priority BETWEEN 0 AND {PRIORITY_MAX}", name="priority_bounded"),
    sorted_by("created_at"),
    sorted_by("code"),
    sorted_by("priority"),
    sorted_by("path"),
    Index(None, "parent_id", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
)

levels = Table(
    "stock_levels",
    metadata,
    *aggregate_columns(),
    Column("variant_id", Id, nullable=False),
    # S9: what has a level is no kit, and cannot become one.
    Column("variant_kind", String(40), nullable=False, server_default=VariantKind.SINGLE.value),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("safety", Integer, nullable=False),
    # Stored, so that a list can be filtered and sorted by it; there is no second formula.
    Column(
        "available",
        Integer,
        Computed(
            "CASE WHEN bucket = 'sellable' THEN on_hand - reserved - safety ELSE 0 END",
            persisted=True,
        ),
        nullable=False,
    ),
    # A copy of the location's, false outside of the sellable bucket, so that the database itself
    # can hold the rule below.
    Column("negative_allowed", Boolean, nullable=False),
    choice("bucket", Bucket, default=Bucket.SELLABLE),
    ForeignKeyConstraint(["variant_id", "variant_kind"], ["variants.id", "variants.kind"]),
    UniqueConstraint("variant_id", "location_id", "bucket"),
    CheckConstraint("variant_kind = 'single'", name="of_no_kit"),
    CheckConstraint(
        "bucket = 'sellable' OR (reserved = 0 AND safety = 0 AND NOT negative_allowed)",
        name="only_sellable_is_promised",
    ),
    CheckConstraint("on_hand >= 0 OR negative_allowed", name="on_hand_not_negative"),
    CheckConstraint("reserved <= on_hand OR negative_allowed", name="reserved_is_there"),
    CheckConstraint(f"on_hand BETWEEN -{QUANTITY_MAX} AND {QUANTITY_MAX}", name="on_hand_bounded"),
    CheckConstraint(f"reserved BETWEEN 0 AND {QUANTITY_MAX}", name="reserved_bounded"),
    CheckConstraint(f"safety BETWEEN 0 AND {QUANTITY_MAX}", name="safety_bounded"),
    sorted_by("created_at"),
    sorted_by("on_hand"),
    sorted_by("available"),
    Index(None, "variant_id", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "location_id", "available", "id"),
    Index(None, "bucket", "created_at", "id"),
)

# What differs from what is usual: most variants have no row.
variant_settings = Table(
    "stock_variant_settings",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    choice("tracking", Tracking),
    choice("valuation", ValuationMethod),
)

lots = Table(
    "stock_lots",
    metadata,
    *aggregate_columns(),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    choice("kind", Tracking),
    Column("code", line(LOT_CODE_LENGTH_MAX), nullable=False),
    Column("expires_on", Date),
    Column("received_on", Date),
    choice("status", LotStatus),
    UniqueConstraint("variant_id", "kind", "code"),
    # What the tables below refer to, so that they cannot name a lot of something else.
    UniqueConstraint("id", "variant_id"),
    UniqueConstraint("id", "kind"),
    CheckConstraint("kind <> 'none'", name="kind_tracked"),
    sorted_by("created_at"),
    sorted_by("code"),
    Index(None, "variant_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "expires_on", "id"),
    Index(None, "received_on", "id"),
)

# How many of the pieces of a level are of which lot. Serials are lots of one piece.
lot_levels = Table(
    "stock_lot_levels",
    metadata,
    Column("level_id", Id, ForeignKey("stock_levels.id"), primary_key=True),
    Column("lot_id", Id, primary_key=True),
    choice("kind", Tracking),
    Column("on_hand", Integer, nullable=False),
    ForeignKeyConstraint(["lot_id", "kind"], ["stock_lots.id", "stock_lots.kind"]),
    CheckConstraint(f"on_hand BETWEEN 0 AND {QUANTITY_MAX}", name="on_hand_bounded"),
    CheckConstraint("kind <> 'serial' OR on_hand <= 1", name="serial_is_one_piece"),
    Index(None, "lot_id"),
    Index(
        "uq_stock_lot_levels_serial_is_in_one_place",
        "lot_id",
        unique=True,
        postgresql_where=text("kind = 'serial' AND on_hand = 1"),
        sqlite_where=text("kind = 'serial' AND on_hand = 1"),
    ),
)

movements = Table(
    "stock_movements",
    metadata,
    Column("sequence", Serial, Identity(), primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    choice("kind", MovementKind),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("from_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("to_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("cause_kind", String(4)),
    Column("cause_id", Id),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("reason", String(NAME_LENGTH_MAX * 4)),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    choice("from_bucket", Bucket, default=Bucket.SELLABLE),
    choice("to_bucket", Bucket, default=Bucket.SELLABLE),
    Column("lot_id", Id),
    ForeignKeyConstraint(["lot_id", "variant_id"], ["stock_lots.id", "stock_lots.variant_id"]),
    CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", name="quantity_positive"),
    CheckConstraint(
        "from_location_id <> to_location_id OR from_bucket <> to_bucket", name="goes_elsewhere"
    ),
    CheckConstraint("(cause_kind IS NULL) = (cause_id IS NULL)", name="cause_whole"),
    Index(None, "variant_id", "occurred_at", "id"),
    Index(None, "from_location_id", "occurred_at", "id"),
    Index(None, "to_location_id", "occurred_at", "id"),
    Index(None, "kind", "occurred_at", "id"),
    Index(None, "cause_id", "occurred_at", "id"),
    Index(
        None,
        "lot_id",
        "occurred_at",
        "id",
        postgresql_where=text("lot_id IS NOT NULL"),
        sqlite_where=text("lot_id IS NOT NULL"),
    ),
    sorted_by("occurred_at"),
)
forbid_changes(movements)
refuse_new_rows(
    movements,
    "stock_movements_need_lots",
    wrong="{row}.lot_id IS NULL AND EXISTS (SELECT 1 FROM stock_variant_settings AS settings "
    "WHERE settings.variant_id = {row}.variant_id AND settings.tracking <> 'none')",
    message="movements of a tracked variant name a lot",
)

reservations = Table(
    "stock_reservations",
    metadata,
    *aggregate_columns(),
    # Owner and line are of a context above, which this one does not know.
    choice("owner_kind", OwnerKind, default=OwnerKind.ORDER),
    Column("owner_id", Id, nullable=False),
    Column("line_id", Id, nullable=False),
    Column("level_id", Id, ForeignKey("stock_levels.id"), nullable=False),
    # The level's, which never change: lists are filtered by them.
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    choice("status", ReservationStatus),
    Column("expires_at", Instant),
    CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", name="quantity_positive"),
    CheckConstraint("(status = 'soft') = (expires_at IS NOT NULL)", name="soft_expires"),
    sorted_by("created_at"),
    Index(None, "line_id", "created_at", "id"),
    Index(None, "owner_id", "created_at", "id"),
    Index(None, "variant_id", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    # What expires next: only few are soft at any time.
    Index(
        None,
        "expires_at",
        "id",
        postgresql_where=text("expires_at IS NOT NULL"),
        sqlite_where=text("expires_at IS NOT NULL"),
    ),
)

# What the pieces of a variant are worth, wherever they lie. A variant without a row has no known
# cost. Only who may see costs sees any of what follows.
costs = Table(
    "stock_costs",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    choice("method", ValuationMethod),
    currency_column(),
    Column("quantity", BigInteger, nullable=False),
    Column("value_micro", BigInteger, nullable=False),
    Column("unit_cost_micro", BigInteger, nullable=False),
    *at_least_zero("unit_cost_micro"),
)

# The ledger of values: what each movement brought in or took away, as it was then.
cost_entries = Table(
    "stock_cost_entries",
    metadata,
    Column("sequence", Serial, Identity(), primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("movement_id", Id, ForeignKey("stock_movements.id")),
    choice("kind", CostKind),
    Column("quantity", BigInteger, nullable=False),
    Column("value_micro", BigInteger, nullable=False),
    currency_column(),
    Column("occurred_at", Instant, nullable=False),
    UniqueConstraint("movement_id", "kind"),
    CheckConstraint("kind <> 'entry' OR quantity > 0", name="entry_brings"),
    CheckConstraint("kind <> 'exit' OR quantity < 0", name="exit_takes"),
    Index(None, "variant_id", "occurred_at"),
)
forbid_changes(cost_entries)

# What came in at one cost, where what came first is taken first.
cost_layers = Table(
    "stock_cost_layers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("movement_id", Id),
    Column("opened_at", Instant, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("consumed", BigInteger, nullable=False),
    Column("unit_cost_micro", BigInteger, nullable=False),
    *at_least_zero("unit_cost_micro"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("consumed BETWEEN 0 AND quantity", name="consumed_is_there"),
    Index(
        None,
        "variant_id",
        "id",
        postgresql_where=text("consumed < quantity"),
        sqlite_where=text("consumed < quantity"),
    ),
)

# Stock as it was when a month began: a shortcut for questions about the past, made anew at any
# time. A month that something was recorded for afterwards is forgotten.
snapshot_months = Table(
    "stock_snapshot_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("taken_at", Instant, nullable=False),
)

snapshots = Table(
    "stock_snapshots",
    metadata,
    Column(
        "month",
        Date,
        ForeignKey("stock_snapshot_months.month", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("location_id", Id, ForeignKey("stock_locations.id"), primary_key=True),
    choice("bucket", Bucket, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),
)

value_snapshots = Table(
    "stock_value_snapshots",
    metadata,
    Column(
        "month",
        Date,
        ForeignKey("stock_snapshot_months.month", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    currency_column(),
    Column("quantity", BigInteger, nullable=False),
    Column("value_micro", BigInteger, nullable=False),
)

_FROM_THE_START = datetime(2025, 1, 1, tzinfo=UTC)

# One location of each virtual kind, there from the start.
VIRTUAL_LOCATIONS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": id,
        "version": 1,
        "created_at": _FROM_THE_START,
        "updated_at": _FROM_THE_START,
        "code": kind.name,
        "name": kind.name.replace("_", " ").capitalize(),
        "kind": kind,
        "priority": PRIORITY_DEFAULT,
        "negative_allowed": False,
        "status": LocationStatus.ACTIVE,
        "parent_id": None,
        "path": path_of(id, None),
        "depth": 1,
    }
    for kind, id in VIRTUAL_IDS.items()
)


@event.listens_for(locations, "after_create")
def add_virtual_locations(_table: Table, db: Connection, **_options: object) -> None:
    """Give a new table its virtual locations. A migration that makes the table does the same."""
    db.execute(locations.insert(), VIRTUAL_LOCATIONS)
