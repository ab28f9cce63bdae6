"""The work on files as tasks of the worker."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.exports import export_all
from backoffice_api.bulk_jobs.imports import import_slice
from backoffice_api.domain.bulk.commands import exports, imports
from backoffice_api.domain.bulk.commands.files import (
    FORGOTTEN_AT_ONCE,
    ForgetFiles,
    forget_files,
)
from backoffice_api.domain.bulk.queries.runs import expired_files
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.task import Progress, Task

PRUNE_JOB = "bulk.prune"
PRUNED_EVERY_S = 3_600


def bulk_tasks(bench: Bench) -> Mapping[str, Task]:
    """What a worker does with files, by the kind of the job."""

    def do_import(payload: Mapping[str, Any], progress: Progress) -> bool:
        return import_slice(bench, _id("bim", payload), progress)

    def do_export(payload: Mapping[str, Any], progress: Progress) -> bool:
        export_all(bench, _id("bex", payload), progress)
        return False

    def prune(_: Mapping[str, Any], progress: Progress) -> bool:
        return prune_files(bench)

    return {
        imports.JOB: Task(do_import),
        exports.JOB: Task(do_export),
        PRUNE_JOB: Task(prune, every_s=PRUNED_EVERY_S),
    }


def prune_files(bench: Bench) -> bool:
    """Remove files whose time is over, some at a time. Whether there are more.

    From the storage first: what is noted as removed must be gone, not the other way round.
    """
    with bench.database.fresh.connect() as db:
        found = expired_files(db, bench.now(), FORGOTTEN_AT_ONCE)
    for each in found:
        bench.storage.remove(each.key)
    if found:
        command = ForgetFiles(file_ids=tuple(each.id for each in found))
        bench.run(forget_files, command, THE_SYSTEM, PRUNE_JOB)
    return len(found) == FORGOTTEN_AT_ONCE


def _id(prefix: str, payload: Mapping[str, Any]) -> UUID:
    return ids.parse(prefix, payload["id"])
