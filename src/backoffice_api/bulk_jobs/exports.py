"""Does exports: one snapshot of the data, read page by page, written as it comes.

An export is not cut into slices, for the next one would see another snapshot. It keeps its job
by telling how far it is after each page.
"""

from collections.abc import Iterator
from uuid import UUID

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.imports import write_file
from backoffice_api.domain.bulk.commands.exports import (
    BeginExport,
    FailExport,
    FinishExport,
    begin_export,
    fail_export,
    finish_export,
)
from backoffice_api.domain.bulk.model.filters import filter_from
from backoffice_api.domain.bulk.model.runs import BulkExport, BulkStatus, UnknownBulkExport
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.queries.sheets import SHEETS, pages
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller
from backoffice_api.domain.reaching import seen_by
from backoffice_api.task import Progress


class _Stopped(Exception):
    """Somebody else goes on with the job, or it was called off."""


def export_all(bench: Bench, id: UUID, progress: Progress) -> None:
    """Write an export. What cannot be written ends it; trouble of the database is raised."""
    with bench.database.fresh.connect() as db:
        run = queries.exports_by_ids(db, [id]).get(id)
    if run is None:
        raise UnknownBulkExport(id)
    caller = bench.caller(run.actor_kind, run.actor_id)
    try:
        if caller is None:
            _give_up(bench, run, "Who asked for it has no access any more.")
        elif bench.run(begin_export, BeginExport(id=id), caller, ids.text("bex", id)):
            _write(bench, run, caller, progress)
    except (DomainError, UnreadableFile) as fault:
        _give_up(bench, run, " ".join(str(each) for each in fault.reasons()))
    except _Stopped:
        return


def _write(bench: Bench, run: BulkExport, caller: Caller, progress: Progress) -> None:
    sheet = SHEETS[run.kind]
    count = 0

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal count
        with bench.database.reading.connect() as connection, seen_by(connection, caller) as db:
            for page in pages(db, run.kind, filter_from(run.filter), run.search):
                count += len(page)
                yield from (tuple(row) for row in page)
                if not progress(count, None) or _is_ended(bench, run.id):
                    raise _Stopped

    def write(key: str) -> tuple[int, str]:
        return write_file(bench.storage, key, run.format, sheet.columns, rows())

    name = f"{run.kind.value}.{run.format.value}"
    file_id = bench.keep(write, name, run.format, caller)
    command = FinishExport(id=run.id, file_id=file_id, rows_written=count)
    bench.run(finish_export, command, caller, ids.text("bex", run.id))


def _is_ended(bench: Bench, id: UUID) -> bool:
    # By the other door: this one's only connection may be the one that holds the snapshot.
    with bench.database.writing.connect() as db:
        found = queries.exports_by_ids(db, [id])[id]
    return found.status is not BulkStatus.RUNNING


def _give_up(bench: Bench, run: BulkExport, error: str) -> None:
    # As the system: who asked may have lost the right to say even this.
    command = FailExport(id=run.id, error=error)
    bench.run(fail_export, command, THE_SYSTEM, ids.text("bex", run.id))
