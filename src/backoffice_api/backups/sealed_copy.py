"""Files of backups that only who has the keys can read, sealed as those of the shop are.

Each has a key of its own, under the newest of the ring (`adapters.sealed_storage`). Its place in
the backup is sealed with it; a file that has none lies there as it is.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backoffice_api.adapters.sealed_storage import pieces, sealing
from backoffice_api.adapters.storage import Writing
from backoffice_api.backups.manifest import BackupError, to_disk
from backoffice_api.domain.kernel.sealing import CannotOpen

_CHUNK_BYTES = 1 << 20


@contextmanager
def writing(file: IO[bytes], place: str | None) -> Iterator[Writing]:
    """What is written in the block goes into `file`."""
    if place is None:
        yield Writing(file)
        return
    with sealing(file, place) as sealed:
        yield sealed


def parts(path: Path, place: str | None = None) -> Iterator[bytes]:
    """What a file says. Raises: BackupError: its key is not there, or it was changed."""
    if place is not None:
        try:
            yield from pieces(path, place)
        except CannotOpen as fault:
            raise BackupError(str(fault)) from None
        return
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


@contextmanager
def made(target: Path, place: str | None) -> Iterator[Path]:
    """Where a tool is to write the file that becomes `target` when the block ends.

    One that is sealed lies open meanwhile among the temporary files, not in the backup.
    """
    if place is None:
        yield target
        return
    with tempfile.TemporaryDirectory(prefix="backoffice-") as folder:
        plain = Path(folder) / target.name
        yield plain
        with target.open("xb") as file, writing(file, place) as sealed:
            for part in parts(plain):
                sealed.write(part)
    to_disk(target)


@contextmanager
def readable(path: Path, place: str | None) -> Iterator[Path]:
    """The file for a tool to read; of one that is sealed, an open copy that is gone afterwards.

    Raises:
        BackupError: it cannot be opened.
    """
    if place is None:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="backoffice-") as plain:
        for part in parts(path, place):
            plain.write(part)
        plain.flush()
        yield Path(plain.name)
