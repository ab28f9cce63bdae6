"""What must be true of imports of files."""

from sqlalchemy import func, select

from backoffice_api.domain.bulk.model.runs import BulkStatus
from backoffice_api.domain.bulk.tables import bulk_imports, bulk_rejected_rows
from backoffice_api.domain.kernel.checks import Check

_of = bulk_imports.c
_read = _of.rows_created + _of.rows_changed + _of.rows_unchanged + _of.rows_rejected
_kept = (
    select(bulk_rejected_rows.c.import_id, func.count().label("rows"))
    .group_by(bulk_rejected_rows.c.import_id)
    .subquery()
)

CHECKS: tuple[Check, ...] = (
    Check(
        "B1",
        "Every row of a finished import is created, changed, unchanged or rejected.",
        select(_of.id, _of.rows_total, _read.label("ended")).where(
            _of.status == BulkStatus.FINISHED, _of.rows_total != _read
        ),
    ),
    Check(
        "B2",
        "Rows that an import rejected are kept, all of them, as long as any are.",
        select(_of.id, _of.rows_rejected, _kept.c.rows.label("kept"))
        .select_from(bulk_imports.join(_kept, _kept.c.import_id == _of.id))
        .where(_of.rows_rejected != _kept.c.rows),
    ),
)
