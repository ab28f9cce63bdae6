"""Where files, tickets, imports and exports lie."""

from sqlalchemy import (
    JSON,
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
)

from backoffice_api.domain.bulk.model.files import FileStatus
from backoffice_api.domain.bulk.model.runs import (
    ERROR_LENGTH_MAX,
    VALUE_SHOWN_MAX,
    BulkKind,
    BulkStatus,
    SheetFormat,
)
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.contacts import LOCALE_LENGTH_MAX
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind


def ended_with_a_moment() -> CheckConstraint:
    """What has ended says when, and nothing else does."""
    return CheckConstraint(
        "(finished_at IS NULL) = (status IN ('queued', 'running'))", name="finished_at_the_end"
    )


stored_files = Table(
    "stored_files",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    choice("format", SheetFormat),
    choice("status", FileStatus),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("size_bytes", BigInteger),
    Column("sha256", String(64), index=True),
    Column("expires_at", Instant, nullable=False),
    *at_least_zero("size_bytes"),
    Index(None, "status", "expires_at", "id"),
)

file_tickets = Table(
    "file_tickets",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("file_id", Id, ForeignKey("stored_files.id"), nullable=False, index=True),
    Column("is_upload", Boolean, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
)

bulk_imports = Table(
    "bulk_imports",
    metadata,
    *aggregate_columns(),
    choice("kind", BulkKind),
    choice("format", SheetFormat),
    Column("file_id", Id, ForeignKey("stored_files.id"), nullable=False, index=True),
    Column("file", line(), nullable=False),
    choice("status", BulkStatus),
    Column("dry_run", Boolean, nullable=False),
    Column("system", line(SYSTEM_LENGTH_MAX), nullable=False),
    Column("locale", String(LOCALE_LENGTH_MAX)),
    currency_column(nullable=True),
    Column("mapping", Json, nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("job_id", Id, ForeignKey("jobs.id")),
    Column("retry_of", Id, ForeignKey("bulk_imports.id"), index=True),
    Column("header", Json, nullable=False),
    Column("fields", Json, nullable=False),
    Column("rows_total", Integer),
    Column("rows_created", Integer, nullable=False),
    Column("rows_changed", Integer, nullable=False),
    Column("rows_unchanged", Integer, nullable=False),
    Column("rows_rejected", Integer, nullable=False),
    Column("remarks", Json, nullable=False, info=personal.CONTENT),
    Column("batches", Integer, nullable=False),
    Column("error", String(ERROR_LENGTH_MAX), info=personal.CONTENT),
    Column("finished_at", Instant),
    Column("report_id", Id, ForeignKey("stored_files.id")),
    Column("failed_rows_id", Id, ForeignKey("stored_files.id")),
    ended_with_a_moment(),
    *at_least_zero("rows_created", "rows_changed", "rows_unchanged", "rows_rejected", "batches"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    info=personal.OF_ANYBODY,
)

# What was remarked on single rows, of each code only the first ones.
bulk_remarks = Table(
    "bulk_remarks",
    metadata,
    Column("import_id", Id, ForeignKey("bulk_imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, nullable=False),
    Column("column", line(), nullable=False),
    Column("code", line(CODE_LENGTH_MAX), nullable=False),
    choice("severity", Severity),
    Column("value", String(VALUE_SHOWN_MAX), nullable=False, info=personal.CONTENT),
    choice("action", RowAction),
    info=personal.OF_ANYBODY,
)

# Rows that were rejected, as they were read. No JSONB: that would put members into its own order.
bulk_rejected_rows = Table(
    "bulk_rejected_rows",
    metadata,
    Column("import_id", Id, ForeignKey("bulk_imports.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("cells", JSON, nullable=False, info=personal.CONTENT),
    info=personal.OF_ANYBODY,
)

bulk_exports = Table(
    "bulk_exports",
    metadata,
    *aggregate_columns(),
    choice("kind", BulkKind),
    choice("format", SheetFormat),
    choice("status", BulkStatus),
    Column("filter", Json, info=personal.CONTENT),
    Column("search", Text, info=personal.CONTENT),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("job_id", Id, ForeignKey("jobs.id")),
    Column("rows_written", Integer, nullable=False),
    Column("file_id", Id, ForeignKey("stored_files.id"), index=True),
    Column("error", String(ERROR_LENGTH_MAX), info=personal.CONTENT),
    Column("finished_at", Instant),
    ended_with_a_moment(),
    *at_least_zero("rows_written"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    info=personal.OF_ANYBODY,
)
