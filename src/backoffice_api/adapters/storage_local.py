"""Files in a folder of this machine, or one that several machines share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backoffice_api.domain.media.ports import Stored

PIECE_BYTES = 64 * 1024


class LocalStorage:
    """A `Storage` in a folder, with a folder of its own for each first byte of the hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, file: Path) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written beside it and put in place at once: nobody ever reads half of a file.
        handle, beside = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out, file.open("rb") as content:
                shutil.copyfileobj(content, out)
                out.flush()
                os.fsync(out.fileno())
            Path(beside).replace(target)
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise

    def open(self, name: str) -> Stored | None:
        path = self._path(name)
        try:
            byte_size = path.stat().st_size
        except FileNotFoundError:
            return None

        def content() -> Iterator[bytes]:
            with path.open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    yield piece

        return Stored(byte_size, content())

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # Names are hashes; whatever else comes here must not lead out of the folder.
        assert name.isascii(), name
        assert name.replace(".", "").isalnum(), name
        return self._folder / name[:2] / name
