"""A backup is put back, and compared with what was saved, before anybody works with it."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backoffice_api.backups import folders, postgres_copy, sealed_copy, sqlite_copy
from backoffice_api.backups.making import STORE, Say, files_of, is_sqlite, manifest_of, source_of
from backoffice_api.backups.manifest import (
    ERASURES,
    BackupError,
    Manifest,
    told_clearly,
)
from backoffice_api.backups.settling import end_sessions, silence
from backoffice_api.domain.kernel.checks import Check, Finding, verify
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.migrate import migrate

Unlock = Callable[[Database], None]
Reapply = Callable[[Database, Sequence[bytes]], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What is to be put back, and where to.

    `replace`: in the place of what is there. `as_clone`: for trying, so that nothing of it goes
    out. `erasures`: who was erased since, as `backoffice privacy list` has written it, besides the
    newest list that lies beside the backup. `reapply` erases them again. `unlock` has values opened
    that are sealed in the database.
    """

    backup: Path
    url: str
    files_folder: Path
    now: datetime
    unlock: Unlock
    reapply: Reapply
    replace: bool = False
    as_clone: bool = False
    erasures: Path | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: rows, files, and how many persons were erased again."""

    revision: str | None
    rows: int
    files: int
    erased: int


def restore(wanted: Restoring, say: Say) -> Restored:
    """Put a backup back: the database, then its files, then who was erased since.

    A database of an older program is brought to the revision of this one.

    Raises:
        BackupError: it is damaged, or of another kind of database, or there is something already.
    """
    with told_clearly():
        manifest = manifest_of(wanted.backup)
        _check_target(manifest, wanted)
        with (
            _dump_of(wanted.backup, manifest) as dump,
            _put_back(dump, wanted.url, replace=wanted.replace) as url,
        ):
            say("comparing what was restored with what was saved")
            if differing := differences(url, manifest):
                raise BackupError(f"What was restored differs from what was saved: {differing[0]}")
            if not is_sqlite(url):
                postgres_copy.settle(url)
            revision = migrate(url)
            database = open_database(url, statement_timeout_s=0)
            try:
                wanted.unlock(database)
                end_sessions(database, wanted.now)
                if wanted.as_clone:
                    silence(database, wanted.now)
                erased, _ = wanted.reapply(database, _erased_since(wanted))
            finally:
                database.dispose()
            files = files_of(wanted.backup)
            say(f"putting back {len(files)} files")
            folders.restore(files, wanted.backup.parent / STORE, wanted.files_folder)
    rows = sum(each.rows for each in manifest.tables.values())
    return Restored(revision, rows, len(files), erased)


def verify_backup(
    backup: Path,
    server_url: str,
    checks: Callable[[Manifest], Sequence[Check]],
    unlock: Unlock,
    say: Say,
) -> Iterator[Finding]:
    """Restore a backup into a database that goes away again, and ask whatever `verify` asks.

    `server_url`: where a database can be made, if it is one of PostgreSQL.

    Raises:
        BackupError: it is damaged, or what was restored is not what was saved.
    """
    with told_clearly():
        manifest = manifest_of(backup)
        lost = list(folders.damaged(files_of(backup), backup.parent / STORE))
        if lost:
            raise BackupError(f"{len(lost)} files are missing or damaged, as {lost[0]}.")
        with (
            _dump_of(backup, manifest) as dump,
            _scratch(manifest, server_url) as scratch,
            _put_back(dump, scratch, replace=False) as url,
        ):
            say("comparing what was restored with what was saved")
            if differing := differences(url, manifest):
                raise BackupError(f"What was restored differs from what was saved: {differing[0]}")
            migrate(url)
            database = open_database(url, statement_timeout_s=0)
            try:
                unlock(database)
                with database.reading.connect() as db:
                    yield from verify(db, checks(manifest))
            finally:
                database.dispose()


def differences(url: str, manifest: Manifest) -> list[str]:
    """Tables that are not as they were saved."""
    with source_of(url) as source:
        present = source.sums()
    names = sorted({*present, *manifest.tables})
    return [
        f"{name} has {present.get(name)}, and had {manifest.tables.get(name)}."
        for name in names
        if present.get(name) != manifest.tables.get(name)
    ]


def _check_target(manifest: Manifest, wanted: Restoring) -> None:
    kind = "sqlite" if is_sqlite(wanted.url) else "postgresql"
    if kind != manifest.dialect:
        raise BackupError(f"The backup is of {manifest.dialect}, and the target is of {kind}.")
    target = sqlite_copy if kind == "sqlite" else postgres_copy
    if not target.is_empty(wanted.url):
        if not wanted.replace:
            raise BackupError("There is something in this database already: --replace removes it.")
        if target.is_in_use(wanted.url):
            raise BackupError(
                "Somebody works on this database: stop servers and workers, then try again."
            )
    # It would put older files over those of the shop, and remove there what its rows let go.
    if wanted.as_clone and not wanted.replace and any(wanted.files_folder.glob("*")):
        raise BackupError(
            f"There is something in {wanted.files_folder} already: set BACKOFFICE_FILES_FOLDER to "
            "a folder of the clone's own."
        )


def _dump_of(backup: Path, manifest: Manifest) -> AbstractContextManager[Path]:
    return sealed_copy.readable(backup / manifest.dump, manifest.dump_place)


def _put_back(dump: Path, url: str, *, replace: bool) -> AbstractContextManager[str]:
    restored = sqlite_copy.restored if is_sqlite(url) else postgres_copy.restored
    return restored(dump, url, replace=replace)


@contextmanager
def _scratch(manifest: Manifest, server_url: str) -> Iterator[str]:
    name = f"backup_{os.urandom(6).hex()}"
    if manifest.dialect == "sqlite":
        with tempfile.TemporaryDirectory(prefix="backoffice-") as folder:
            yield f"sqlite:///{folder}/{name}.db"
        return
    if is_sqlite(server_url):
        raise BackupError("The backup is of PostgreSQL: name a database of its server.")
    with postgres_copy.scratch(server_url, name) as url:
        yield url


def _erased_since(wanted: Restoring) -> Sequence[bytes]:
    """Who is on one of the newest lists, and was not erased yet when the backup was made."""
    known = set((wanted.backup / ERASURES).read_bytes().splitlines())
    beside = wanted.backup.parent / ERASURES
    newest = [each for each in (beside, wanted.erasures) if each is not None and each.is_file()]
    if not newest:
        raise BackupError(f"{wanted.erasures or beside} is missing: it says who was erased since.")
    lines = (line for each in newest for line in each.read_bytes().splitlines())
    return [line for line in dict.fromkeys(lines) if line not in known]
