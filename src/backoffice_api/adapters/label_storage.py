"""The files of labels, in the storage of files."""

from pathlib import Path

from backoffice_api.adapters.storage import Storage


class LabelFiles:
    """A `LabelStorage` over the storage of files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def keep(self, key: str, content: bytes) -> None:
        """Keep a file, whole, in the place of one that was there under the same key."""
        with self._storage.writing(key) as writing:
            writing.write(content)

    def read(self, key: str) -> bytes | None:
        """The file of this key. None: there is none."""
        try:
            with self._storage.local(key) as path:
                return Path(path).read_bytes()
        except FileNotFoundError:
            return None
