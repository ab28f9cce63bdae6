"""Copies of a SQLite database while others write: its online backup, out of one snapshot.

A transaction that reads is open meanwhile. So the copy is of one moment and is never begun anew,
however much is written; the write-ahead log grows by what is written until the copy is done.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from backoffice_api.backups.manifest import BackupError, TableSum, to_disk

Say = Callable[[str], None]

_PAGES_AT_ONCE = 4_096
_ROWS_AT_ONCE = 1_000
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
)


class SqliteSnapshot:
    """The database as it was when the snapshot was taken."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._db.execute(statement).fetchall()

    def tables(self) -> list[str]:
        return [name for (name,) in self.rows(_TABLES)]

    def save(self, path: Path, say: Say) -> Mapping[str, TableSum]:
        """Write all of it into a new file; what it holds, by table."""

        def progress(_status: int, remaining: int, total: int) -> None:
            say(f"database: {total - remaining} of {total} pages")

        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            self._db.backup(target, pages=_PAGES_AT_ONCE, progress=progress, sleep=0)
            # What lies beside the file would not be moved with it.
            target.execute("PRAGMA journal_mode = DELETE")
        to_disk(path)
        return {table: self._sum(table) for table in self.tables()}

    def sums(self) -> Mapping[str, TableSum]:
        return {table: self._sum(table) for table in self.tables()}

    def _sum(self, table: str) -> TableSum:
        count, digest = 0, sha256()
        cursor = self._db.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # nosec B608
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            count += len(rows)
            digest.update(repr(rows).encode())
        return TableSum(count, digest.hexdigest())


@contextmanager
def snapshot(url: str) -> Iterator[SqliteSnapshot]:
    """The database at `url` as it is now, for as long as the block lasts."""
    path = path_of(url)
    if not path.is_file():
        raise BackupError(f"There is no database at {path}.")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
        db.execute("PRAGMA query_only = ON")
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it stays
        yield SqliteSnapshot(db)
        db.execute("ROLLBACK")


def is_empty(url: str) -> bool:
    """Whether there is nothing that a restore would replace."""
    path = path_of(url)
    if not path.exists():
        return True
    with closing(sqlite3.connect(path)) as db:
        return not db.execute(_TABLES).fetchall()


def is_in_use(url: str) -> bool:
    """Whether anybody else has it open: each connection to a write-ahead log holds a lock."""
    with closing(sqlite3.connect(path_of(url), isolation_level=None, timeout=0)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            return True
        return False


@contextmanager
def restored(dump: Path, url: str, *, replace: bool) -> Iterator[str]:
    """The URL of a new file with what `dump` holds; it becomes `url` when the block ends well."""
    path = path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.restoring")
    try:
        _remove(beside)
        with dump.open("rb") as source, beside.open("xb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
        yield f"sqlite:///{beside}"
        with closing(sqlite3.connect(beside)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        to_disk(beside)
        if path.exists():
            shutil.copymode(path, beside)
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        os.replace(beside, path)
        to_disk(path.parent)
    finally:
        _remove(beside)


def path_of(url: str) -> Path:
    """The file that a URL names."""
    return Path(make_url(url).database or "").absolute()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
