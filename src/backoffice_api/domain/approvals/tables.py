"""Where approvals lie."""

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

from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalStatus
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)

approval_rules = Table(
    "approval_rules",
    metadata,
    *aggregate_columns(),
    choice("kind", ApprovalKind),
    currency_column(),
    # Of a channel, which lies above: orders see to it that there is one.
    Column("channel_id", Id),
    Column("limit_minor", BigInteger, nullable=False),
    Column("second_limit_minor", BigInteger),
    Column("scope", line(80)),
    Column("names_staff", Boolean, nullable=False),
    Column("expires_after_h", Integer),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint(
        "second_limit_minor IS NULL OR second_limit_minor > limit_minor", name="limits_in_order"
    ),
    *at_least_zero("limit_minor"),
    UniqueConstraint("kind", "currency", "channel_id"),
    Index(
        "uq_approval_rules_of_all",
        "kind",
        "currency",
        unique=True,
        sqlite_where=text("channel_id IS NULL"),
        postgresql_where=text("channel_id IS NULL"),
    ),
    sorted_by("created_at"),
    Index(None, "is_active", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
)

approval_rule_staff = Table(
    "approval_rule_staff",
    metadata,
    Column("rule_id", Id, ForeignKey("approval_rules.id"), primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Index(None, "staff_id", "rule_id"),
)

approval_requests = Table(
    "approval_requests",
    metadata,
    *aggregate_columns(),
    choice("kind", ApprovalKind),
    Column("subject_id", Id, nullable=False),
    Column("label", line(), nullable=False, info=personal.CONTENT),
    Column("amount_minor", BigInteger, nullable=False),
    currency_column(),
    Column("channel_id", Id),
    choice("status", ApprovalStatus),
    Column("rule_id", Id, ForeignKey("approval_rules.id"), index=True),
    Column("needed", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
    Column("asked_by_kind", String(10), nullable=False),
    Column("asked_by_id", Id),
    Column("made_by_kind", String(10)),
    Column("made_by_id", Id),
    Column("expires_at", Instant),
    Column("decided_at", Instant),
    CheckConstraint("needed BETWEEN 1 AND 2", name="needed_bounded"),
    CheckConstraint("granted BETWEEN 0 AND needed", name="granted_bounded"),
    CheckConstraint("(status = 'granted') = (granted = needed)", name="granted_by_all"),
    CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_when_ended"),
    # One at a time waits for a thing.
    Index(
        "uq_approval_requests_pending",
        "kind",
        "subject_id",
        unique=True,
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("amount_minor"),
    Index(None, "status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "subject_id", "created_at", "id"),
    Index(None, "asked_by_id", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "status", "expires_at", "id"),
    info=personal.of("subject_id"),
)

approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, ForeignKey("approval_requests.id"), nullable=False),
    Column("is_granted", Boolean, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Column("for_staff_id", Id, ForeignKey("staff.id"), index=True),
    Column("note", Text, nullable=False, info=personal.NOTE),
    Column("decided_at", Instant, nullable=False),
    # Nobody decides twice on one thing.
    UniqueConstraint("request_id", "actor_kind", "actor_id"),
    Index(None, "request_id", "decided_at", "id"),
)

approval_delegations = Table(
    "approval_delegations",
    metadata,
    *aggregate_columns(),
    Column("from_staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("to_staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("is_current", Boolean, nullable=False),
    CheckConstraint("from_staff_id <> to_staff_id", name="to_another"),
    CheckConstraint("starts_at <= ends_at", name="period_in_order"),
    sorted_by("starts_at"),
    Index(None, "from_staff_id", "starts_at", "id"),
    Index(None, "to_staff_id", "starts_at", "id"),
    Index(None, "is_current", "starts_at", "id"),
    Index(None, "ends_at", "id"),
)
