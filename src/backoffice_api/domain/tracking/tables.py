"""Where trackings lie, what was told of them, and what it means."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.tracking.model.exceptions import (
    TrackingExceptionKind,
    TrackingExceptionStatus,
)
from backoffice_api.domain.tracking.model.mappings import CODE_LENGTH_MAX, SOURCE_LENGTH_MAX
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import (
    CARRIER_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    RAW_TEXT_LENGTH_MAX,
)

trackings = Table(
    "trackings",
    metadata,
    *aggregate_columns(),
    Column("carrier", line(CARRIER_LENGTH_MAX), nullable=False),
    Column("number", line(NUMBER_LENGTH_MAX), nullable=False),
    Column("parcel_id", Id, ForeignKey("parcels.id"), unique=True),
    Column("order_id", Id, ForeignKey("orders.id")),
    choice("state", TrackingState),
    choice("cause", TrackingCause, nullable=True),
    choice("party", ResponsibleParty, nullable=True),
    Column("state_at", Instant),
    Column("state_key", String(64), nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("promised_at", Instant),
    Column("delivered_at", Instant),
    UniqueConstraint("carrier", "number"),
    CheckConstraint(
        "(delivered_at IS NOT NULL) = (state = 'delivered')", name="delivered_at_when_delivered"
    ),
    CheckConstraint("state_at IS NOT NULL OR state = 'created'", name="state_was_told"),
    CheckConstraint("parcel_id IS NULL OR order_id IS NOT NULL", name="parcel_of_order"),
    *at_least_zero("event_count"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("heard_at"),
    sorted_by("number"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "state", "created_at", "id"),
    Index("ix_trackings_state_heard_at", "state", "heard_at", "id"),
    Index("ix_trackings_state_promised_at", "state", "promised_at", "id"),
    Index(None, "cause", "created_at", "id"),
    Index(None, "party", "created_at", "id"),
    Index(None, "carrier", "created_at", "id"),
)

tracking_events = Table(
    "tracking_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("tracking_id", Id, ForeignKey("trackings.id"), nullable=False),
    Column("content_key", String(64), nullable=False),
    Column("source", line(SOURCE_LENGTH_MAX), nullable=False),
    Column("code", line(CODE_LENGTH_MAX), nullable=False),
    Column("text", String(RAW_TEXT_LENGTH_MAX), nullable=False, info=personal.CONTENT),
    Column("place", line(), info=personal.ADDRESS),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by_kind", String(10), nullable=False),
    Column("recorded_by_id", Id),
    UniqueConstraint("tracking_id", "content_key"),
    sorted_by("occurred_at"),
    Index(None, "tracking_id", "occurred_at", "id"),
    Index(None, "source", "code", "id"),
    info=personal.scheduled("deliveries", "occurred_at"),
)
forbid_changes(tracking_events)

# What an event means may be known only later; what was told stays as it is.
tracking_readings = Table(
    "tracking_readings",
    metadata,
    Column("event_id", Id, ForeignKey("tracking_events.id"), primary_key=True),
    Column("tracking_id", Id, ForeignKey("trackings.id"), nullable=False),
    choice("state", TrackingState, nullable=True),
    choice("cause", TrackingCause, nullable=True),
    choice("party", ResponsibleParty, nullable=True),
    Column("mapping_version", String(40)),
    CheckConstraint("mapping_version IS NOT NULL OR state IS NULL", name="unknown_says_nothing"),
    Index(None, "tracking_id"),
    Index(
        "ix_tracking_readings_unknown",
        "event_id",
        sqlite_where=text("mapping_version IS NULL"),
        postgresql_where=text("mapping_version IS NULL"),
    ),
)

tracking_mappings = Table(
    "tracking_mappings",
    metadata,
    *aggregate_columns(),
    Column("source", line(SOURCE_LENGTH_MAX), nullable=False),
    Column("code", line(CODE_LENGTH_MAX), nullable=False),
    choice("state", TrackingState, nullable=True),
    choice("cause", TrackingCause, nullable=True),
    choice("party", ResponsibleParty, nullable=True),
    UniqueConstraint("source", "code"),
    sorted_by("created_at"),
    sorted_by("code"),
)

tracking_exceptions = Table(
    "tracking_exceptions",
    metadata,
    *aggregate_columns(),
    Column("tracking_id", Id, ForeignKey("trackings.id"), nullable=False),
    choice("kind", TrackingExceptionKind),
    choice("status", TrackingExceptionStatus),
    Column("owner_id", Id, ForeignKey("staff.id")),
    Column("note", Text, nullable=False, info=personal.NOTE),
    Column("resolved_at", Instant),
    CheckConstraint(
        "(resolved_at IS NOT NULL) = (status = 'resolved')", name="resolved_at_when_resolved"
    ),
    Index(
        "uq_tracking_exceptions_open",
        "tracking_id",
        "kind",
        unique=True,
        sqlite_where=text("status <> 'resolved'"),
        postgresql_where=text("status <> 'resolved'"),
    ),
    sorted_by("created_at"),
    Index(None, "tracking_id", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "owner_id", "created_at", "id"),
)

# Which carriers have to be asked, and when next. Only parcels that are under way.
tracking_polls = Table(
    "tracking_polls",
    metadata,
    Column("tracking_id", Id, ForeignKey("trackings.id"), primary_key=True),
    Column("carrier", line(CARRIER_LENGTH_MAX), nullable=False),
    Column("poll_at", Instant, nullable=False),
    Index(None, "carrier", "poll_at", "tracking_id"),
)
