"""Where saved views, runs and comments lie."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.events import REASON_LENGTH_MAX
from backoffice_api.domain.kernel.personal import Erasing
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
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.views.model.runs import ERROR_LENGTH_MAX, ItemStatus, RunStatus
from backoffice_api.domain.views.model.views import Sharing

saved_views = Table(
    "saved_views",
    metadata,
    *aggregate_columns(),
    choice("owner_kind", ActorKind),
    Column("owner_id", Id, nullable=False),
    Column("name", line(), nullable=False),
    Column("target", line(CODE_LENGTH_MAX), nullable=False),
    Column("filter", Json, info=personal.CONTENT),
    Column("search", Text, info=personal.CONTENT),
    Column("sort", Json),
    Column("position", Integer, nullable=False),
    choice("sharing", Sharing),
    Column("alert_above", Integer),
    Column("alerted_at", Instant),
    CheckConstraint("alerted_at IS NULL OR alert_above IS NOT NULL", name="alerts_if_asked"),
    *at_least_zero("position", "alert_above"),
    Index(None, "owner_id", "target", "position", "id"),
    Index(None, "sharing", "target", "position", "id"),
    Index(None, "alert_above", "id"),
    info=personal.OF_ANYBODY,
)

saved_view_readers = Table(
    "saved_view_readers",
    metadata,
    Column("view_id", Id, ForeignKey("saved_views.id"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    PrimaryKeyConstraint("view_id", "staff_id"),
    Index(None, "staff_id", "view_id"),
)

bulk_runs = Table(
    "bulk_runs",
    metadata,
    *aggregate_columns(),
    Column("mutation", line(CODE_LENGTH_MAX), nullable=False),
    Column("input", Json, info=personal.CONTENT),
    Column("kind", String(4), nullable=False),
    Column("target", line(CODE_LENGTH_MAX)),
    Column("filter", Json, info=personal.CONTENT),
    Column("search", Text, info=personal.CONTENT),
    Column("source_run_id", Id, ForeignKey("bulk_runs.id"), index=True),
    choice("status", RunStatus),
    Column("dry_run", Boolean, nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("scopes", Json, nullable=False),
    Column("reason", String(REASON_LENGTH_MAX), info=personal.CONTENT),
    Column("job_id", Id, ForeignKey("jobs.id"), index=True),
    Column("items_total", Integer, nullable=False),
    Column("items_succeeded", Integer, nullable=False),
    Column("items_failed", Integer, nullable=False),
    Column("error", String(ERROR_LENGTH_MAX), info=personal.CONTENT),
    Column("finished_at", Instant),
    CheckConstraint("items_succeeded + items_failed <= items_total", name="items_of_total"),
    CheckConstraint(
        "(finished_at IS NULL) = (status IN ('queued', 'running'))", name="finished_at_the_end"
    ),
    *at_least_zero("items_succeeded", "items_failed"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "mutation", "created_at", "id"),
    info=personal.OF_ANYBODY,
)

bulk_run_items = Table(
    "bulk_run_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("bulk_runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False),
    choice("status", ItemStatus),
    Column("code", line(CODE_LENGTH_MAX)),
    Column("errors", Json, nullable=False, info=personal.CONTENT),
    Column("effects", Json, nullable=False, info=personal.CONTENT),
    Column("done_at", Instant),
    UniqueConstraint("run_id", "subject_id"),
    CheckConstraint("(done_at IS NULL) = (status = 'pending')", name="done_at_when_done"),
    CheckConstraint("(code IS NOT NULL) = (status = 'failed')", name="code_of_failed"),
    Index(None, "run_id", "position", "id"),
    Index(None, "run_id", "status", "position", "id"),
    Index(None, "status", "position", "id"),
    Index(None, "code", "id"),
    sorted_by("position"),
    info=personal.of("subject_id"),
)

comments = Table(
    "comments",
    metadata,
    *aggregate_columns(),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False),
    choice("author_kind", ActorKind),
    Column("author_id", Id),
    Column("body", Text, info=personal.erased(personal.CONTENT, Erasing.WORD)),
    Column("edited_at", Instant),
    Column("removed_at", Instant),
    CheckConstraint("(body IS NULL) = (removed_at IS NOT NULL)", name="body_until_removed"),
    sorted_by("created_at"),
    Index(None, "subject_id", "created_at", "id"),
    info=personal.of("subject_id"),
)

comment_mentions = Table(
    "comment_mentions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("comment_id", Id, ForeignKey("comments.id"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    UniqueConstraint("comment_id", "staff_id"),
    sorted_by("created_at"),
    Index(None, "staff_id", "created_at", "id"),
    sorted_by("read_at"),
)
