"""Files that lie on disk as nobody can read them: sealed in pieces of 64 KiB.

Each file has a key of its own, which its head holds, sealed with the newest key of the ring. So a
rotation writes 256 bytes of a file and not all of it. Pieces are numbered and the last one says
that it is: none can be left out, moved or cut off (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, 2015). What was kept before there were keys is read as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backoffice_api.adapters.storage import LocalFolder, Storage, Writing
from backoffice_api.domain.kernel.sealing import CannotOpen, Keyring, key_of, keyring

# What is known of a person, and mails as they came. Add one here, and make it a `SealedFolder`.
SEALED_FOLDERS = ("mail", "privacy")

CHUNK_BYTES = 64 * 1024
HEAD_BYTES = 256
_MAGIC: Final = b"backoffice-sealed-1\n"
_TAG_BYTES = 16
_COUNTER_BYTES = 4


class Bytes(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> int: ...


class _Sealer(RawIOBase):
    """Takes a file in parts of any size, and hands it on sealed, piece by piece."""

    def __init__(self, to: Bytes, key: bytes) -> None:
        self._to = to
        self._pieces = _Pieces(key)
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        # A whole piece waits as well, until it is known not to be the last.
        while len(self._waiting) > CHUNK_BYTES:
            self._to.write(self._pieces.seal(bytes(self._waiting[:CHUNK_BYTES]), last=False))
            del self._waiting[:CHUNK_BYTES]
        return len(data)

    def finish(self) -> None:
        self._to.write(self._pieces.seal(bytes(self._waiting), last=True))


class _Pieces:
    """Seals or opens the pieces of one file, in their order."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._number = 0

    def seal(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), piece, None)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last=last), piece, None)

    def _nonce(self, *, last: bool) -> bytes:
        """Used once, since the key is that of one file: the number of the piece, then whether it
        is the last."""
        number = self._number.to_bytes(_COUNTER_BYTES, "big")
        self._number += 1
        return number.rjust(11, b"\0") + (b"\1" if last else b"\0")


class SealedStorage:
    """A storage whose files are sealed. `name`: of the storage; files of another are not opened."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name

    @contextmanager
    def writing(self, key: str) -> Iterator[Writing]:
        with self._storage.writing(key) as inner, sealing(inner, self._place(key)) as writing:
            yield writing

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A path to read the open file from; it is gone when the block ends.

        Raises:
            FileNotFoundError: there is none.
            CannotOpen: its key is not known, or it was changed.
        """
        with self._storage.local(key) as path:
            if _is_open(path):
                yield path
                return
            with NamedTemporaryFile(prefix="backoffice-") as opened:
                for piece in pieces(path, self._place(key)):
                    opened.write(piece)
                opened.flush()
                yield Path(opened.name)

    def size(self, key: str) -> int:
        """How many bytes it has when it is open."""
        with self._storage.local(key) as path, path.open("rb") as file:
            stored = os.fstat(file.fileno()).st_size
            if _read_head(file) is None:
                return stored
        body = stored - HEAD_BYTES
        return body - _TAG_BYTES * -(-body // (CHUNK_BYTES + _TAG_BYTES))

    def remove(self, key: str) -> None:
        self._storage.remove(key)

    def _place(self, key: str) -> str:
        return f"files/{self._name}/{key}"


class SealedFolder(SealedStorage):
    """Sealed files in a folder, which can be sealed anew."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = LocalFolder(folder / name)
        super().__init__(self._folder, name)

    def files(self) -> Iterator[str]:
        """The keys of all files that are there."""
        return self._folder.files()

    def sealed_by(self, key: str) -> str | None:
        """The id of the key that a file is sealed with. None: it is not sealed.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._folder.local(key) as path:
            return sealed_by(path)

    def keys_used(self) -> Iterator[str | None]:
        """What `sealed_by` says of each file; those that go meanwhile may be left out."""
        for key in self.files():
            with suppress(FileNotFoundError):
                yield self.sealed_by(key)

    def reseal(self, key: str) -> bool:
        """Seal a file with the newest key, unless it is. Whether it was done; not if it is gone.

        Raises:
            CannotOpen: its key is not known.
        """
        ring, place = keyring(), self._place(key)
        try:
            with self._folder.local(key) as path, path.open("r+b") as file:
                head = _read_head(file)
                if head is None:
                    return self._seal_first(key, path)
                if key_of(head) == ring.newest:
                    return False
                # In place and at once: whoever removes the file meanwhile has removed it.
                os.pwrite(file.fileno(), _head(ring, place, ring.unwrap(place, head)), 0)
                os.fsync(file.fileno())
        except FileNotFoundError:
            return False
        return True

    def _seal_first(self, key: str, path: Path) -> bool:
        with self.writing(key) as writing, path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                writing.write(piece)
            if not path.exists():
                raise FileNotFoundError(key)  # removed meanwhile: it does not come back
        return True


@contextmanager
def sealing(to: Bytes, place: str) -> Iterator[Writing]:
    """What is written into the file of the block goes to `to` sealed, for this place alone.

    It is whole when the block ends well.
    """
    file_key = AESGCM.generate_key(256)
    to.write(_head(keyring(), place, file_key))
    sealer = _Sealer(to, file_key)
    yield Writing(sealer)  # type: ignore[arg-type]
    sealer.finish()


def pieces(path: Path, place: str) -> Iterator[bytes]:
    """What was sealed for this place, open.

    Raises:
        CannotOpen: its key is not known, or it was changed, cut off or moved, or never sealed.
    """
    with path.open("rb") as file:
        head = _read_head(file)
        if head is None:
            raise CannotOpen(place, "", known=True)
        yield from _opened(file, keyring().unwrap(place, head), place, head)


def sealed_by(path: Path) -> str | None:
    """The id of the key that a file is sealed with. None: it is not sealed."""
    with path.open("rb") as file:
        head = _read_head(file)
    return None if head is None else key_of(head)


def _is_open(path: Path) -> bool:
    """Whether a file was kept before there were keys."""
    with path.open("rb") as file:
        return _read_head(file) is None


def _head(ring: Keyring, place: str, file_key: bytes) -> bytes:
    return (_MAGIC + ring.wrap(place, file_key).encode()).ljust(HEAD_BYTES - 1) + b"\n"


def _read_head(file: IO[bytes]) -> str | None:
    """The sealed key of the file, which is then read up to its first piece. None: it has none."""
    head = file.read(HEAD_BYTES)
    if not head.startswith(_MAGIC) or len(head) < HEAD_BYTES:
        return None
    return head[len(_MAGIC) :].decode("ascii", "replace").strip()


def _opened(file: IO[bytes], file_key: bytes, place: str, head: str) -> Iterator[bytes]:
    opens = _Pieces(file_key)
    piece = file.read(CHUNK_BYTES + _TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + _TAG_BYTES)
        try:
            yield opens.open(piece, last=not following)
        except InvalidTag:
            raise CannotOpen(place, key_of(head) or "", known=True) from None
        if not following:
            return
        piece = following
