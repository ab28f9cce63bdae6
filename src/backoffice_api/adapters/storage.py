"""Where the bytes of files lie: behind one port, so that a folder can become something else.

Keys are made by us, of letters and digits: nothing of what callers send becomes part of a path.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

_KEY = re.compile(r"[a-z0-9]{1,64}")
_PART = ".part"


@dataclass(slots=True)
class Writing:
    """A file that is being written. What was written is counted and summed up on the way."""

    file: IO[bytes]
    size_bytes: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, chunk: bytes) -> int:
        self.size_bytes += len(chunk)
        self._digest.update(chunk)
        return self.file.write(chunk)

    @property
    def sha256(self) -> str:
        """Of all that was written so far, in hexadecimal digits."""
        return self._digest.hexdigest()


class Storage(Protocol):
    """Keeps files by key."""

    def writing(self, key: str) -> AbstractContextManager[Writing]:
        """A new file, there as a whole when the block ends well, and not at all if it does not."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """A path to read the file from, as long as the block lasts.

        Raises:
            FileNotFoundError: there is none.
        """

    def size(self, key: str) -> int:
        """How many bytes it has. Raises: FileNotFoundError."""

    def remove(self, key: str) -> None:
        """Remove a file, and what is left of one that was never finished. Nothing is fine."""


class LocalFolder:
    """Files in a folder of this machine, or in one that all machines share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, key: str) -> Iterator[Writing]:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two who write the same key at once do not write into each other's file.
        part = path.with_name(f"{path.name}.{os.urandom(8).hex()}{_PART}")
        try:
            with part.open("xb") as file:
                yield Writing(file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        path = self._path(key)
        if not path.is_file():
            raise FileNotFoundError(key)
        yield path

    def size(self, key: str) -> int:
        return self._path(key).stat().st_size

    def remove(self, key: str) -> None:
        path = self._path(key)
        for each in (path, *path.parent.glob(f"{path.name}.*{_PART}")):
            each.unlink(missing_ok=True)

    def files(self) -> Iterator[str]:
        """The keys of all files that are there; those that come or go meanwhile may be missing."""
        return (path.name for path in self._folder.glob("*/*") if _KEY.fullmatch(path.name))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a key has letters and digits only")
        # By its last digits, which are random: no folder gets too large.
        return self._folder / key[-2:] / key
