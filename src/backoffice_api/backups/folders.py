"""Files of the shop, saved by what they hold: what an earlier backup has is not copied again."""

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from backoffice_api.adapters.sealed_storage import sealed_by
from backoffice_api.adapters.storage import Writing
from backoffice_api.backups import sealed_copy
from backoffice_api.backups.manifest import BackupError, sha256_of
from backoffice_api.domain.kernel.sealing import keyring

_PART = ".part"
# The same for all: what tells them apart is their digest, which is known when they are written.
_PLACE = "backup/files"


class SavedFile(msgspec.Struct, frozen=True):
    """A file, by its path below the folder. Times are in nanoseconds."""

    path: str
    size: int
    modified: int
    sha256: str
    sealed: bool = False

    @property
    def name(self) -> str:
        """Of the file in the store."""
        return f"{self.sha256}.sealed" if self.sealed else self.sha256

    @property
    def place(self) -> str | None:
        """What it is sealed for."""
        return _PLACE if self.sealed else None


def save(
    folder: Path, store: Path, known: Mapping[str, SavedFile], *, is_sealed: bool
) -> Iterator[SavedFile]:
    """Save all files of `folder` into `store`. What goes away meanwhile was meant to go.

    `known`: of the last backup. A file with the same size and time is not read again. Folders may
    lie elsewhere, with a link to them.

    Raises:
        OSError: something cannot be read.
    """
    for root, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        folders.sort()
        for name in sorted(names):
            path = Path(root) / name
            if name.endswith(_PART):
                continue
            try:
                yield _saved(path, path.relative_to(folder).as_posix(), store, known, is_sealed)
            except FileNotFoundError:
                continue


def restore(files: Iterable[SavedFile], store: Path, folder: Path) -> None:
    """Put saved files back below `folder`. What is there already and the same is left alone.

    Raises:
        BackupError: one is missing or damaged.
    """
    for each in files:
        path = folder / each.path
        if ".." in Path(each.path).parts or Path(each.path).is_absolute():
            raise BackupError(f"{each.path} does not lie below the folder.")
        if path.is_file() and path.stat().st_size == each.size and sha256_of(path) == each.sha256:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}{_PART}")
        try:
            with part.open("wb") as file:
                target = Writing(file)
                for chunk in sealed_copy.parts(_place(store, each.name), each.place):
                    target.write(chunk)
            if target.sha256 != each.sha256:
                raise BackupError(f"{each.path} is damaged in the backup.")
            os.utime(part, ns=(each.modified, each.modified))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def damaged(files: Iterable[SavedFile], store: Path) -> Iterator[str]:
    """The paths of saved files that are missing or not what they were.

    Raises:
        BackupError: one is sealed, and cannot be opened.
    """
    seen: set[str] = set()
    for each in files:
        if each.name in seen:
            continue
        seen.add(each.name)
        place = _place(store, each.name)
        if not place.is_file() or _digest(place, each.place) != each.sha256:
            yield each.path


def forget(store: Path, wanted: set[str]) -> int:
    """Remove from the store what no backup names any more. How many files that was."""
    gone = 0
    for place in store.glob("??/*"):
        if place.name not in wanted:
            place.unlink(missing_ok=True)
            gone += 1
    return gone


def _refuse(failure: OSError) -> None:
    """By itself the walk leaves out what it cannot read, and says nothing."""
    if not isinstance(failure, FileNotFoundError):
        raise failure


def _saved(
    path: Path, name: str, store: Path, known: Mapping[str, SavedFile], is_sealed: bool
) -> SavedFile:
    status = path.stat()
    last = known.get(name)
    present = (status.st_size, status.st_mtime_ns, is_sealed)
    is_known = last is not None and (last.size, last.modified, last.sealed) == present
    if last is not None and is_known and _is_kept(_place(store, last.name), is_sealed):
        return last
    store.mkdir(parents=True, exist_ok=True)
    part = store / f"{os.urandom(8).hex()}{_PART}"
    try:
        with part.open("xb") as file:
            with sealed_copy.writing(file, _PLACE if is_sealed else None) as target:
                for chunk in sealed_copy.parts(path):
                    target.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        size, digest = target.size_bytes, target.sha256
        saved = SavedFile(name, size, status.st_mtime_ns, digest, is_sealed)
        place = _place(store, saved.name)
        place.parent.mkdir(exist_ok=True)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return saved


def _is_kept(place: Path, is_sealed: bool) -> bool:
    """Whether it lies in the store, and can be opened once older keys have been taken away."""
    if not place.is_file():
        return False
    return not is_sealed or sealed_by(place) == keyring().newest


def _digest(path: Path, place: str | None) -> str:
    """Of what a saved file says."""
    digest = sha256()
    for part in sealed_copy.parts(path, place):
        digest.update(part)
    return digest.hexdigest()


def _place(store: Path, name: str) -> Path:
    return store / name[:2] / name
