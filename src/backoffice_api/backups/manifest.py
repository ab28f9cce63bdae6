"""What a backup holds: one page of JSON, written last, so that without it there is no backup."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files.jsonl"
ERASURES = "erasures.jsonl"
DUMPS: Mapping[str, str] = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
_DUMP_PLACE = "backup/database"


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why, and what is left of it."""


class TableSum(msgspec.Struct, frozen=True):
    """Rows of a table, and what stands for all that they say."""

    rows: int
    checksum: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved. `head` is the newest seal of the log, `key_ids` name keys and are none.

    `revision`: of the tables. `dump_sha256`, `files_sha256`: of the file with the database, and of
    the list of files. `last_sequence`: the newest event. `sealed`: the database and the files lie
    there sealed, by keys of `key_ids`.
    """

    format: int
    program: str
    dialect: str
    revision: str | None
    made_at: str
    tables: Mapping[str, TableSum]
    dump_bytes: int
    dump_sha256: str
    files: int
    files_bytes: int
    files_sha256: str
    last_sequence: int
    head: str | None
    key_ids: Sequence[str]
    sealed: bool = False

    @property
    def dump(self) -> str:
        """The name of the file with the database."""
        return dump_name(self.dialect, sealed=self.sealed)

    @property
    def dump_place(self) -> str | None:
        """What the file with the database is sealed for."""
        return dump_place(sealed=self.sealed)


def dump_name(dialect: str, *, sealed: bool) -> str:
    return f"{DUMPS[dialect]}.sealed" if sealed else DUMPS[dialect]


def dump_place(*, sealed: bool) -> str | None:
    return _DUMP_PLACE if sealed else None


def read_manifest(folder: Path) -> Manifest:
    """Raises: BackupError: there is no whole backup in the folder, or not one that we can read."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no backup: it has no {MANIFEST}.") from None
    except msgspec.DecodeError as fault:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {fault}") from None
    if manifest.format != FORMAT or manifest.dialect not in DUMPS:
        raise BackupError(f"{folder} was made by another program: its form is not known here.")
    return manifest


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def to_disk(path: Path) -> None:
    """Return when the file or folder lies where a power cut does not reach it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def told_clearly() -> Iterator[None]:
    """Say in one sentence that a disk is full or a folder closed. Raises: BackupError."""
    try:
        yield
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError("The disk is full: nothing of this backup is left.") from failure
        raise BackupError(f"{failure.strerror}: {failure.filename}") from failure
    except sqlite3.Error as failure:
        if "full" in str(failure):
            raise BackupError("The disk is full: nothing of this backup is left.") from failure
        raise BackupError(f"SQLite says: {failure}") from failure
