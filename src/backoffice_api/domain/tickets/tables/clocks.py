"""Where policies, their terms and clocks of tickets lie, and what other systems told of them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX
from backoffice_api.domain.kernel.immutable import forbid_changes
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
from backoffice_api.domain.tickets.model.clocks import ClockKind, ClockState
from backoffice_api.domain.tickets.model.policies import TARGET_MIN_MAX
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketStatus

# What is not due is sorted as if it were due then.
_NEVER = "9999-01-01 00:00:00.000000"
_IS_AT_RISK = "(state = 'running' AND warned_at IS NOT NULL AND breached_at IS NULL)"
_STAFF = {"personal": "staff"}

sla_policies = Table(
    "sla_policies",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("sources", Json, nullable=False),
    Column("priorities", Json, nullable=False),
    Column("team_ids", Json, nullable=False),
    Column("languages", Json, nullable=False),
    Column("customer_tags", Json, nullable=False),
    Column("customer_group_ids", Json, nullable=False),
    # What it promises now: its newest terms, which are written after it.
    Column("terms_id", Id, nullable=False),
    *at_least_zero("position"),
    sorted_by("position"),
    sorted_by("created_at"),
    Index(None, "is_active", "position", "id"),
)


def _target(name: str) -> tuple[Column[int], CheckConstraint]:
    bounds = f"{name} BETWEEN 1 AND {TARGET_MIN_MAX}"
    return Column(name, Integer), CheckConstraint(bounds, name=f"{name}_bounded")


sla_terms = Table(
    "sla_terms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("policy_id", Id, ForeignKey("sla_policies.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("calendar_id", Id, ForeignKey("fulfillment_calendars.id"), index=True),
    Column("hours", Json, nullable=False),
    *_target("first_response_min"),
    *_target("next_response_min"),
    *_target("resolution_min"),
    Column("warn_percent", Integer, nullable=False),
    Column("pauses_internal", Boolean, nullable=False),
    CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_percent_bounded"),
    UniqueConstraint("policy_id", "revision"),
)
forbid_changes(sla_terms)

ticket_clocks = Table(
    "ticket_clocks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    choice("kind", ClockKind),
    choice("state", ClockState),
    Column("terms_id", Id, ForeignKey("sla_terms.id"), index=True),
    Column("started_at", Instant, nullable=False),
    Column("stopped_at", Instant),
    Column("target_min", Integer),
    Column("elapsed_s", Integer),
    Column("due_at", Instant),
    Column("warn_at", Instant),
    Column("warned_at", Instant),
    Column("breached_at", Instant),
    Column("breached_terms_id", Id, ForeignKey("sla_terms.id"), index=True),
    Column("is_missed", Boolean, nullable=False),
    # When the job has to look at it.
    Column("watch_at", Instant),
    # For sorting, which takes columns that have a value.
    Column(
        "due_order_at",
        Instant,
        Computed(f"coalesce(due_at, '{_NEVER}')", persisted=True),
        nullable=False,
    ),
    Column("is_at_risk", Boolean, Computed(_IS_AT_RISK, persisted=True), nullable=False),
    CheckConstraint("breached_at IS NULL OR is_missed", name="breached_is_missed"),
    CheckConstraint("(breached_at IS NULL) = (breached_terms_id IS NULL)", name="breached_by_some"),
    CheckConstraint("(stopped_at IS NULL) = (state NOT IN ('met', 'missed'))", name="ends_once"),
    CheckConstraint("due_at IS NULL OR state NOT IN ('paused', 'stopped')", name="due_if_it_runs"),
    UniqueConstraint("ticket_id", "kind", "started_at"),
    sorted_by("started_at"),
    sorted_by("due_order_at"),
    sorted_by("watch_at"),
    Index(None, "ticket_id", "started_at", "id"),
    Index(None, "kind", "started_at", "id"),
    Index(None, "state", "started_at", "id"),
    Index(None, "state", "due_order_at", "id"),
    Index(None, "is_missed", "started_at", "id"),
    Index(None, "is_at_risk", "due_order_at", "id"),
)

# What another system told of a ticket, entry by entry as it stood there.
ticket_records = Table(
    "ticket_records",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("system", line(SYSTEM_LENGTH_MAX), nullable=False),
    Column("line", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    # Its own count of changes: numbers may be missing.
    Column("revision", Integer, nullable=False),
    Column("state_code", line(CODE_LENGTH_MAX), nullable=False),
    choice("status", TicketStatus, nullable=True),
    choice("priority", TicketPriority),
    Column("team_id", Id, ForeignKey("ticket_teams.id"), index=True),
    Column("assignee", line(), info=_STAFF),
    Column("actor", line(), info=_STAFF),
    Column("is_missed", Boolean, nullable=False),
    UniqueConstraint("ticket_id", "position"),
    *at_least_zero("position", "line", "revision"),
)
forbid_changes(ticket_records)
