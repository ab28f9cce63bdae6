"""Where imports lie: their runs, and what they have taken over."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from backoffice_api.domain.integrations.model import ImportStatus
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX
from backoffice_api.domain.kernel.tables import (
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

import_runs = Table(
    "import_runs",
    metadata,
    *aggregate_columns(),
    Column("source", line(SYSTEM_LENGTH_MAX), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("file", line(), nullable=False),
    choice("status", ImportStatus),
    Column("batches", Integer, nullable=False),
    Column("counts", Json, nullable=False),
    Column("finished_at", Instant),
    *at_least_zero("batches"),
    sorted_by("created_at"),
    # One at a time: two who import the same file at once go on with the same run.
    Index(
        "uq_import_runs_running",
        "source",
        "fingerprint",
        unique=True,
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
)

# What makes importing twice harmless: a document is known by its key, whatever file it comes in.
import_documents = Table(
    "import_documents",
    metadata,
    Column("source", line(SYSTEM_LENGTH_MAX), primary_key=True),
    Column("key", line(), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("run_id", Id, ForeignKey("import_runs.id"), nullable=False, index=True),
    Column("line", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    *at_least_zero("line", "rows"),
)
