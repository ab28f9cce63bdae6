"""Where stock lies.

Virtual locations have no levels: every receipt and every shipment would change the same row, and
nobody asks for the sum. It can be had from the movements at any time.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    ForeignKey,
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
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    NAME_LENGTH_MAX,
    Id,
    Instant,
    Serial,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.locations import (
    PHYSICAL,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    VIRTUAL_IDS,
    LocationKind,
    LocationStatus,
)
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.reservations import ReservationStatus

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
    CheckConstraint(f"NOT negative_allowed OR kind IN ({_PHYSICAL})", name="negative_is_physical"),
    CheckConstraint(f"priority BETWEEN 0 AND {PRIORITY_MAX}", name="priority_bounded"),
    sorted_by("created_at"),
    sorted_by("code"),
    sorted_by("priority"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
)

levels = Table(
    "stock_levels",
    metadata,
    *aggregate_columns(),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("safety", Integer, nullable=False),
    # Stored, so that a list can be filtered and sorted by it; there is no second formula.
    Column(
        "available",
        Integer,
        Computed("on_hand - reserved - safety", persisted=True),
        nullable=False,
    ),
    # A copy of the location's, so that the database itself can hold the rule below.
    Column("negative_allowed", Boolean, nullable=False),
    UniqueConstraint("variant_id", "location_id"),
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
    CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", name="quantity_positive"),
    CheckConstraint("from_location_id <> to_location_id", name="goes_elsewhere"),
    CheckConstraint("(cause_kind IS NULL) = (cause_id IS NULL)", name="cause_whole"),
    Index(None, "variant_id", "occurred_at", "id"),
    Index(None, "from_location_id", "occurred_at", "id"),
    Index(None, "to_location_id", "occurred_at", "id"),
    Index(None, "kind", "occurred_at", "id"),
    Index(None, "cause_id"),
    sorted_by("occurred_at"),
)
forbid_changes(movements)

reservations = Table(
    "stock_reservations",
    metadata,
    *aggregate_columns(),
    # Order and line are of the context above, which this one does not know.
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
    }
    for kind, id in VIRTUAL_IDS.items()
)


@event.listens_for(locations, "after_create")
def add_virtual_locations(_table: Table, db: Connection, **_options: object) -> None:
    """Give a new table its virtual locations. A migration that makes the table does the same."""
    db.execute(locations.insert(), VIRTUAL_LOCATIONS)
