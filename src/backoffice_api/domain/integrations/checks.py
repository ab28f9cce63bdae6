"""What must be true of imports."""

from sqlalchemy import func, select

from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.checks import Check

_counts = import_runs.c.counts
_ended = sum(
    _counts[f"rows_{ending}"].as_integer()
    for ending in ("imported", "merged", "deferred", "rejected")
)

_known = (
    select(import_documents.c.run_id, func.sum(import_documents.c.rows).label("rows"))
    .group_by(import_documents.c.run_id)
    .subquery()
)

CHECKS: tuple[Check, ...] = (
    Check(
        "IMPORT1",
        "Every row that an import read is imported, merged, deferred or rejected.",
        select(
            import_runs.c.id,
            _counts["rows_read"].as_integer().label("read"),
            _ended.label("ended"),
        ).where(_counts["rows_read"].as_integer() != _ended),
    ),
    Check(
        "IMPORT2",
        "The documents of an import hold the rows that it says it imported.",
        select(
            import_runs.c.id,
            _counts["rows_imported"].as_integer().label("imported"),
            func.coalesce(_known.c.rows, 0).label("known"),
        )
        .select_from(import_runs.outerjoin(_known, _known.c.run_id == import_runs.c.id))
        .where(_counts["rows_imported"].as_integer() != func.coalesce(_known.c.rows, 0)),
    ),
)
