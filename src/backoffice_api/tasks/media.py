"""Work on the files of media: what nobody shows any more leaves the storage.

It is read what is to be done, done, and settled by a command; so it is safe to repeat from the
start, wherever it ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backoffice_api.adapters.storage_local import LocalStorage
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.media import queries
from backoffice_api.domain.media.commands.files import (
    DOOMED_MAX,
    REMOVE_JOB,
    ForgetMediaFiles,
    forget_files,
)
from backoffice_api.domain.media.ports import Storage
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task


class RemoveFiles:
    """Removes doomed files from the storage, then has them forgotten."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    def __call__(self, now: datetime, name: str) -> None:
        with self._database.fresh.connect() as db:
            doomed = queries.doomed_files(db, DOOMED_MAX)
        for each in doomed:
            self._storage.remove(each.name)
        execute(
            self._database,
            forget_files,
            ForgetMediaFiles(file_ids=tuple(each.id for each in doomed)),
            caller=THE_SYSTEM,
            now=now,
            meta=Meta(request_id=name),
        )


def storage_from(settings: Settings) -> Storage:
    """Where the settings say that files are kept."""
    return LocalStorage(Path(settings.files_folder) / "media")


def media_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does with the files of media, by the kind of the job."""
    remove = RemoveFiles(database, storage_from(settings))

    def work(_: Mapping[str, Any], progress: Progress) -> bool:
        remove(datetime.now(UTC), REMOVE_JOB)
        return False

    return {REMOVE_JOB: Task(work)}
