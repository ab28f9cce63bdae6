"""A backup is written beside its place and moved there when it is whole.

Below the folder of backups each has a folder of its own, named by its moment; files lie in `files`
by their digests, once for all backups; `erasures.jsonl` has the newest list of who was erased.
Whoever dies in the middle leaves a folder whose name begins with a dot: the next one removes it.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from backoffice_api import __version__
from backoffice_api.backups import folders, postgres_copy, sealed_copy, sqlite_copy
from backoffice_api.backups.folders import SavedFile
from backoffice_api.backups.manifest import (
    ERASURES,
    FILES,
    FORMAT,
    MANIFEST,
    BackupError,
    Manifest,
    dump_name,
    dump_place,
    read_manifest,
    sha256_of,
    to_disk,
    told_clearly,
)
from backoffice_api.backups.postgres_copy import PostgresSnapshot
from backoffice_api.backups.sqlite_copy import SqliteSnapshot

Say = Callable[[str], None]
Snapshot = SqliteSnapshot | PostgresSnapshot

STORE = "files"
_LOCK = ".lock"
_PART = ".part"
_NAME = "%Y%m%dT%H%M%S%fZ"


def _silent(_: str) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be saved, and where to. `keep` None: all earlier backups stay.

    `erased` tells who was erased, a line each, as `backoffice privacy list` does. `sealed`: so that
    it can be read only with the keys that are in use.
    """

    url: str
    files_folder: Path
    destination: Path
    now: datetime
    erased: Callable[[], Iterable[bytes]]
    keep: int | None = None
    key_ids: Sequence[str] = field(default=())
    sealed: bool = False
    say: Say = _silent


def make(order: Order) -> Path:
    """Save the database and the files, while others work. The folder of the backup.

    Raises:
        BackupError: it cannot be done; nothing of it is left.
    """
    destination = order.destination
    if destination.resolve().is_relative_to(order.files_folder.resolve()):
        raise BackupError("Backups may not lie among the files that they save.")
    with told_clearly(), _for_the_owner_alone():
        destination.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(destination):
            for each in destination.glob(f".*{_PART}"):
                shutil.rmtree(each, ignore_errors=True)
            name = order.now.strftime(_NAME)
            part = destination / f".{name}{_PART}"
            part.mkdir(mode=0o700)
            try:
                _fill(order, part)
                part.rename(destination / name)
            finally:  # whatever went wrong; if nothing did, it is not there any more
                shutil.rmtree(part, ignore_errors=True)
            to_disk(destination)
            if order.keep is not None:
                _forget(destination, order.keep, order.say)
    return destination / name


def backups_in(destination: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(
        each.parent
        for each in destination.glob(f"*/{MANIFEST}")
        if not each.parent.name.startswith(".")
    )


def files_of(backup: Path) -> list[SavedFile]:
    """The files that a backup names."""
    lines = (backup / FILES).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=SavedFile) for line in lines]


def source_of(url: str) -> AbstractContextManager[Snapshot]:
    """A snapshot of the database at a URL of either kind."""
    if is_sqlite(url):
        return sqlite_copy.snapshot(url)
    return postgres_copy.snapshot(url)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _fill(order: Order, part: Path) -> None:
    # Before the database: who is erased meanwhile is still in it, and not on the list.
    _write(part / ERASURES, (line + b"\n" for line in order.erased()))
    with source_of(order.url) as source:
        dump = part / dump_name(source.dialect, sealed=order.sealed)
        with sealed_copy.made(dump, dump_place(sealed=order.sealed)) as target:
            tables = source.save(target, order.say)
        facts = _facts(source)
    # After the database, so that whatever its rows name is there.
    saved = _save_files(order, part)
    _keep_erasures(order)
    manifest = Manifest(
        format=FORMAT,
        program=__version__,
        dialect=source.dialect,
        revision=facts.revision,
        made_at=order.now.isoformat(),
        tables=tables,
        dump_bytes=dump.stat().st_size,
        dump_sha256=sha256_of(dump),
        files=len(saved),
        files_bytes=sum(each.size for each in saved),
        files_sha256=sha256_of(part / FILES),
        last_sequence=facts.last_sequence,
        head=facts.head,
        key_ids=list(order.key_ids),
        sealed=order.sealed,
    )
    _write(part / MANIFEST, [msgspec.json.format(msgspec.json.encode(manifest))])
    to_disk(part)


@dataclass(frozen=True, slots=True)
class _Facts:
    revision: str | None
    last_sequence: int
    head: str | None


def _facts(source: Snapshot) -> _Facts:
    tables = set(source.tables())
    revision = head = None
    last = 0
    if "alembic_version" in tables:
        revision = next(row[0] for row in source.rows("SELECT version_num FROM alembic_version"))
    if "events" in tables:
        ((last,),) = source.rows("SELECT coalesce(max(sequence), 0) FROM events")
    if "event_seals" in tables:
        newest = "SELECT number, last_sequence, hash FROM event_seals ORDER BY number DESC LIMIT 1"
        for number, sequence, hash in source.rows(newest):
            head = f"{number} {sequence} {bytes(hash).hex()}"
    return _Facts(revision, last, head)


def _save_files(order: Order, part: Path) -> Sequence[SavedFile]:
    earlier = backups_in(order.destination)
    known: Mapping[str, SavedFile] = {}
    if earlier:
        known = {each.path: each for each in files_of(earlier[-1])}
    saved = []
    store = order.destination / STORE
    for each in folders.save(order.files_folder, store, known, is_sealed=order.sealed):
        saved.append(each)
        order.say(f"files: {len(saved)}")
    _write(part / FILES, (msgspec.json.encode(each) + b"\n" for each in saved))
    return saved


def _keep_erasures(order: Order) -> None:
    """Beside the backups: who restores an old one needs the newest list.

    Nobody goes from it: a database that was restored without it knows less than it does.
    """
    newest, part = order.destination / ERASURES, order.destination / f".{ERASURES}"
    known = newest.read_bytes().splitlines() if newest.exists() else []
    part.unlink(missing_ok=True)
    _write(part, (line + b"\n" for line in dict.fromkeys((*known, *order.erased()))))
    os.replace(part, newest)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for each in parts:
            file.write(each)
        file.flush()
        os.fsync(file.fileno())


def _forget(destination: Path, keep: int, say: Say) -> None:
    """Remove the oldest backups but so many, and the files that only they had."""
    for each in backups_in(destination)[:-keep]:
        # Renamed first: half a backup must not look like one.
        gone = destination / f".{each.name}{_PART}"
        each.rename(gone)
        shutil.rmtree(gone)
        say(f"removed: {each.name}")
    wanted = {file.name for each in backups_in(destination) for file in files_of(each)}
    folders.forget(destination / STORE, wanted)


@contextmanager
def _for_the_owner_alone() -> Iterator[None]:
    """Nobody else may read what is written meanwhile: all that the shop knows is in it."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _alone(destination: Path) -> Iterator[None]:
    with (destination / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup into {destination} is under way.") from None
        yield


def manifest_of(backup: Path) -> Manifest:
    """The manifest of a backup whose parts are what it says. Raises: BackupError."""
    manifest = read_manifest(backup)
    for name, digest in (
        (manifest.dump, manifest.dump_sha256),
        (FILES, manifest.files_sha256),
    ):
        path = backup / name
        if not path.is_file() or sha256_of(path) != digest:
            raise BackupError(f"{path} is missing or damaged.")
    return manifest
