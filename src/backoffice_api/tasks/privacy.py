"""Work for the sake of privacy that no transaction does: files of persons, written and removed.

It is read what is to be done, done, and settled by a command; so it is safe to repeat from the
start, wherever it ended.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Connection, text

from backoffice_api.adapters.drawing.process import DrawingError, draw
from backoffice_api.adapters.sealed_storage import SEALED_FOLDERS, SealedFolder
from backoffice_api.adapters.storage import LocalFolder, Storage, Writing
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import plain
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.erasing import PURGE_JOB
from backoffice_api.domain.privacy.commands.exporting import (
    STORAGE,
    WRITE_JOB,
    FinishPersonExport,
    GatherExport,
    finish_export,
    gather_export,
    key_of,
)
from backoffice_api.domain.privacy.commands.filing import (
    AT_ONCE,
    REMOVE_JOB,
    ForgetDoomedFiles,
    forget_doomed_files,
)
from backoffice_api.domain.privacy.model.exports import ExportFormat, PersonExport
from backoffice_api.domain.privacy.queries.registry import of_anybody, places
from backoffice_api.domain.privacy.queries.statement import parts, rows
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

# Below the lease of a job, so that nobody else takes it up meanwhile.
DRAWING_TIME_S = 50.0
# More than anybody reads; the file for programs has all of them.
PAPER_ROWS_MAX = 2_000
CELL_LENGTH_MAX = 2_000
# Of the index of the search, in one go: some tens of milliseconds in which nobody else writes.
MERGED_PAGES = 500
# How often the log is tried to be emptied before the job is put off, and how long each may wait.
EMPTYING_TRIES = 4
EMPTYING_WAIT_MS = 200
_TITLE = "What we know of you"

Section = dict[str, Any]

log = structlog.get_logger("backoffice_api.privacy")


class LogInUseError(Exception):
    """The write-ahead log of SQLite could not be emptied: somebody reads what it holds."""


class RemoveFiles:
    """Removes doomed files from their storages. A file that others show, too, stays."""

    def __init__(
        self,
        database: Database,
        storage: Callable[[str], Storage],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._storage = storage
        self._now = now

    def __call__(self) -> bool:
        """Whether there are more to be removed."""
        with self._database.fresh.connect() as db:
            doomed = queries.doomed(db, AT_ONCE)
            shown = queries.shown_documents(db, [key for _, key in doomed])
        keys: dict[str, list[str]] = {}
        for storage, key in doomed:
            if key not in shown:
                self._storage(storage).remove(key)
            keys.setdefault(storage, []).append(key)
        for storage, removed in keys.items():
            execute(
                self._database,
                forget_doomed_files,
                ForgetDoomedFiles(storage=storage, keys=tuple(removed)),
                caller=THE_SYSTEM,
                now=self._now(),
                meta=Meta(request_id=REMOVE_JOB),
            )
        return len(doomed) == AT_ONCE


class WriteExport:
    """Writes all that is known of a person into two files: JSON, and a paper to read.

    Rows are gathered by a command, read in a transaction that only reads, and written as they
    come; only what the paper shows of them is held in memory.
    """

    def __init__(
        self,
        database: Database,
        storage: Storage,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._storage = storage
        self._now = now

    def __call__(self, id: UUID) -> None:
        """Write one export, unless it is written already."""
        if not self._run(gather_export, GatherExport(id=id), id):
            return
        shown: list[Section] = []
        with self._database.fresh.connect() as db:
            export = queries.person_export(db, id)
            with self._storage.writing(key_of(id, ExportFormat.JSON)) as writing:
                rows = _write(db, export, writing, shown)
            json_bytes = writing.size_bytes
        pdf_bytes = None
        try:
            content = draw("person", [{"sections": shown}], _TITLE, timeout_s=DRAWING_TIME_S)
        except DrawingError as fault:
            log.warning("privacy.paper_failed", export=ids.text("pvx", id), error=str(fault))
        else:
            with self._storage.writing(key_of(id, ExportFormat.PDF)) as writing:
                writing.write(content)
            pdf_bytes = len(content)
        command = FinishPersonExport(id=id, rows=rows, json_bytes=json_bytes, pdf_bytes=pdf_bytes)
        self._run(finish_export, command, id)

    def _run(self, handler: Any, command: Any, id: UUID) -> Any:
        meta = Meta(request_id=ids.text("pvx", id))
        return execute(
            self._database, handler, command, caller=THE_SYSTEM, now=self._now(), meta=meta
        ).value


class ForgetSpace:
    """Has the database forget what lay where erased values were, while others go on writing.

    SQLite overwrites what is deleted at once (`secure_delete`). What is left are words in the
    index of the search, which go as its parts are merged, a bit at a time, and the log that the
    file is written through. PostgreSQL vacuums the tables with persons.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, progress: Progress = lambda done, total: True) -> bool:
        """Whether it was called off before it was done.

        Raises:
            LogInUseError: somebody still reads what lies in the log; later, nobody may.
        """
        if self._database.dialect == "postgresql":
            vacuum(self._database)
            return False
        pages, steps = -MERGED_PAGES, 0
        while self._merge(pages):
            pages, steps = MERGED_PAGES, steps + 1
            if not progress(steps, None):
                return True
        with self._database.writing.connect() as db:
            empty_log(_driver(db))
        return False

    def _merge(self, pages: int) -> bool:
        """Merge so many pages of the index of the search. Whether there was anything to merge."""
        with self._database.writing.connect() as db:
            driver = _driver(db)
            before = driver.total_changes
            driver.execute("INSERT INTO search_fts(search_fts, rank) VALUES ('merge', ?)", (pages,))
            # SQLite counts one change for the command itself.
            return bool(driver.total_changes - before >= 2)


def empty_log(driver: Any) -> None:
    """Move what lies in the write-ahead log of SQLite into its file, and cut the log off.

    Nobody can write while it waits for somebody who reads, so it never waits long.

    Raises:
        LogInUseError: each time somebody was reading what lies there.
    """
    (usual_ms,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {EMPTYING_WAIT_MS}")
    try:
        for attempt in range(EMPTYING_TRIES):
            sleep(attempt * EMPTYING_WAIT_MS / 1000)
            (is_busy, *_pages) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_busy:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual_ms}")
    raise LogInUseError("Somebody still reads what the write-ahead log holds.")


def vacuum(database: Database) -> None:
    """Vacuum the tables of PostgreSQL in which persons are; others read and write meanwhile."""
    names = [place.name for place in places()] + [table.name for table in of_anybody()]
    with database.writing.connect() as db:
        apart = db.execution_options(isolation_level="AUTOCOMMIT")
        apart.execute(text("SET statement_timeout = 0"))
        try:
            for name in names:
                apart.execute(text(f"VACUUM (ANALYZE) {name}"))
        finally:  # others are given the connection next
            apart.execute(text("RESET statement_timeout"))


def _driver(db: Connection) -> Any:
    """SQLite itself, which is not told to hurry: the deadline is that of what ran before."""
    driver: Any = db.connection.driver_connection
    assert driver is not None, "it is connected"
    driver.deadline = float("inf")
    return driver


def _write(db: Connection, export: PersonExport, writing: Writing, shown: list[Section]) -> int:
    """Write the JSON, keep what the paper shows, and count the rows."""
    head = {
        "customer": ids.text("cus", export.customer_id),
        "madeAt": plain(export.created_at),
        "laws": ["LGPD art. 18 II, art. 19 II", "GDPR art. 15, art. 20"],
    }
    writing.write(orjson.dumps(head)[:-1] + b',"places":[')
    count = 0
    for number, part in enumerate(parts()):
        title = {"place": part.place.name, "classes": part.classes}
        writing.write(b"," * bool(number) + orjson.dumps(title)[:-1] + b',"rows":[')
        section: Section = {"title": part.place.name, "rows": []}
        for position, row in enumerate(rows(db, part, export.id)):
            writing.write(b"," * bool(position) + orjson.dumps(row))
            count += 1
            if count <= PAPER_ROWS_MAX:
                section["rows"].append([[name, _as_words(value)] for name, value in row.items()])
        if section["rows"]:
            shown.append(section)
        writing.write(b"]}")
    writing.write(b"]}")
    if count > PAPER_ROWS_MAX:
        more = f"{count - PAPER_ROWS_MAX} more rows are in the file for programs."
        shown.append({"title": "", "rows": [[["", more]]]})
    return count


def _as_words(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text[:CELL_LENGTH_MAX]


def storages(settings: Settings) -> Callable[[str], Storage]:
    """Storages by the names that marks of columns give them: folders of files."""

    def storage(name: str) -> Storage:
        folder = Path(settings.files_folder)
        return SealedFolder(folder, name) if name in SEALED_FOLDERS else LocalFolder(folder / name)

    return storage


def privacy_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does for privacy besides commands, by the kind of the job."""
    remove = RemoveFiles(database, storages(settings))

    write = WriteExport(database, storages(settings)(STORAGE))
    forget = ForgetSpace(database)

    def remove_files(_: Mapping[str, Any], progress: Progress) -> bool:
        return remove()

    def write_export(payload: Mapping[str, Any], progress: Progress) -> bool:
        write(ids.parse("pvx", payload["id"]))
        return False

    def purge(_: Mapping[str, Any], progress: Progress) -> bool:
        return forget(progress)

    return {
        REMOVE_JOB: Task(remove_files),
        WRITE_JOB: Task(write_export),
        PURGE_JOB: Task(purge),
    }
