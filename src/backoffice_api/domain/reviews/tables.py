"""Where reviews lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.reviews.model.reviews import ReviewOutcome, ReviewStatus
from backoffice_api.domain.reviews.model.rules import RiskCode, SignalKind, Verdict

review_policies = Table(
    "review_policies",
    metadata,
    *aggregate_columns(),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False, unique=True),
    Column("review_at", Integer, nullable=False),
    Column("reject_at", Integer, nullable=False),
    Column("provider", line(60)),
    Column("provider_wait_s", Integer, nullable=False),
    Column("home_country", String(2)),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint(
        "review_at BETWEEN 1 AND reject_at AND reject_at <= 101", name="thresholds_in_order"
    ),
)

risk_rules = Table(
    "risk_rules",
    metadata,
    *aggregate_columns(),
    Column("channel_id", Id, ForeignKey("channels.id")),
    choice("code", RiskCode),
    Column("score", Integer, nullable=False),
    Column("threshold", Integer),
    Column("window_h", Integer),
    Column("values", Json, nullable=False),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_bounded"),
    UniqueConstraint("channel_id", "code"),
    Index(
        "uq_risk_rules_of_all",
        "code",
        unique=True,
        sqlite_where=text("channel_id IS NULL"),
        postgresql_where=text("channel_id IS NULL"),
    ),
    sorted_by("created_at"),
    Index(None, "code", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
)

reviews = Table(
    "reviews",
    metadata,
    *aggregate_columns(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False, unique=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("score", Integer, nullable=False),
    choice("verdict", Verdict),
    choice("status", ReviewStatus),
    Column("assignee_id", Id, ForeignKey("staff.id")),
    Column("hold_id", Id, ForeignKey("order_holds.id"), index=True),
    Column("provider", line(60)),
    Column("provider_due_at", Instant),
    Column("decided_at", Instant),
    Column("decided_by_kind", String(10)),
    Column("decided_by_id", Id),
    choice("outcome", ReviewOutcome, nullable=True),
    Column("outcome_at", Instant),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_bounded"),
    CheckConstraint(
        "(decided_at IS NULL) = (status IN ('waiting', 'open'))", name="decided_when_ended"
    ),
    CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name="outcome_at_with_outcome"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("score"),
    Index(None, "status", "score", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "assignee_id", "created_at", "id"),
    Index(None, "verdict", "created_at", "id"),
    Index(None, "outcome", "created_at", "id"),
    Index(None, "status", "provider_due_at", "id"),
)

review_signals = Table(
    "review_signals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_id", Id, ForeignKey("reviews.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("code", RiskCode),
    choice("kind", SignalKind),
    Column("score", Integer, nullable=False),
    Column("explanation", Text, nullable=False, info=personal.CONTENT),
    Column("facts", Json, nullable=False, info=personal.CONTENT),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_bounded"),
    UniqueConstraint("review_id", "code"),
    Index(None, "review_id", "position", "id"),
    Index(None, "code", "review_id"),
)

# What orders share that come fast after each other: digests, never the values themselves.
review_keys = Table(
    "review_keys",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True),
    choice("code", RiskCode, primary_key=True),
    Column("digest", String(64), nullable=False, info=personal.CONTACT),
    Column("placed_at", Instant, nullable=False),
    Index(None, "code", "digest", "placed_at"),
    info=personal.GOES,
)

# How far in the event log the reviews have followed.
review_progress = Table(
    "review_progress",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
