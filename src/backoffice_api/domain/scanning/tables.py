"""Where devices lie, and what was accepted of them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.scanning.model.devices import DeviceStatus
from backoffice_api.domain.scanning.model.scans import ScanKind

devices = Table(
    "devices",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id, nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id")),
    choice("status", DeviceStatus),
    sorted_by("created_at"),
    sorted_by("code"),
    Index(None, "status", "created_at", "id"),
)

# What was accepted, once and for all: the key is why nothing is done twice.
scans = Table(
    "device_scans",
    metadata,
    Column("device_id", Id, ForeignKey("devices.id"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    choice("kind", ScanKind),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("to_location_id", Id, ForeignKey("stock_locations.id")),
    Column("pieces", Integer, nullable=False),
    # Of which lot, where pieces are told apart.
    Column("lot_id", Id, ForeignKey("stock_lots.id")),
    Column("digest", String(64), nullable=False),
    Column("scanned_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("sequence > 0", name="sequence_positive"),
    Index(None, "variant_id", "location_id", "kind", "scanned_at"),
)
forbid_changes(scans)
