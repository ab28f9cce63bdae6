"""Jobs that do something outside of the database, which no transaction can take back.

An errand reads what is to be done, does it, and settles it by a command. It is safe to repeat
from the start, wherever it ended.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from backoffice_api.adapters.storage_local import LocalStorage
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.media import queries
from backoffice_api.domain.media.commands.files import (
    DOOMED_MAX,
    REMOVE_JOB,
    ForgetFiles,
    forget_files,
)
from backoffice_api.domain.media.ports import Storage
from backoffice_api.settings import Settings

# Takes the hour and the name of the job, for the log.
Errand = Callable[[datetime, str], None]


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
            ForgetFiles(file_ids=tuple(each.id for each in doomed)),
            caller=THE_SYSTEM,
            now=now,
            meta=Meta(request_id=name),
        )


def storage_from(settings: Settings) -> Storage:
    """Where the settings say that files are kept."""
    return LocalStorage(Path(settings.media_folder))


def errands_of(settings: Settings, database: Database) -> Mapping[str, Errand]:
    """The errands by the kinds of their jobs."""
    return {REMOVE_JOB: RemoveFiles(database, storage_from(settings))}
