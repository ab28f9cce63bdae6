"""Values that lie in the database as nobody can read them: sealed with AES-256-GCM.

A sealed text is `v1:KEY:BASE64`: the id of the key, then the nonce and what AES made of the text.
It names its place, `table.column`, as associated data: moved to another column it cannot be
opened. What was stored before there were keys is read as it is, until `backoffice keys rotate`
has sealed it (ADR 0045).

A sealed value cannot be compared, sorted or searched by the database. Where one has to be found,
a second column holds its blind index: an HMAC of the value, the same for the same value.
"""

import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import BindParameter, Column, Dialect, Null, Text, TypeDecorator
from sqlalchemy.sql.operators import (
    OperatorType,
    eq,
    is_,
    is_distinct_from,
    is_not,
    is_not_distinct_from,
    ne,
)

from backoffice_api.domain.kernel.personal import ERASED

KEY_BYTES = 32
KEY_ID_LENGTH_MAX = 32
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
# "x1:", the id, ":" and 44 digits of an HMAC-SHA256 in base64.
INDEX_LENGTH_MAX = 3 + KEY_ID_LENGTH_MAX + 1 + 44

_SEALED = re.compile(r"v1:([a-z0-9][a-z0-9-]{0,31}):([A-Za-z0-9+/]{38,}={0,2})")
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: random, for fewer than 2**32 values under one key
_PLACES_KEPT = 1_000


class NoKeysInUse(RuntimeError):
    """A sealed value was met by a program that was given no keys: a fault of how it was started."""


class CannotOpen(Exception):
    """A sealed value cannot be opened: its key is not known, or it was changed or moved."""

    def __init__(self, place: str, key_id: str, *, known: bool) -> None:
        why = "it was changed or moved" if known else "the key is not among those given"
        super().__init__(f"A value of {place} sealed with key {key_id} cannot be opened: {why}.")
        self.place = place
        self.key_id = key_id
        self.known = known


class Keyring:
    """Keys in their order: the first one, the newest, seals; all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys`: 32 random bytes by their id, newest first; at least one."""
        assert keys, "without a key nothing can be sealed"
        assert all(len(key) == KEY_BYTES for key in keys.values()), "keys of AES-256"
        self._keys = dict(keys)
        self._ciphers = {id: AESGCM(key) for id, key in keys.items()}
        self.newest = next(iter(keys))
        self._prefix = f"v1:{self.newest}:"
        self._derived = lru_cache(_PLACES_KEPT)(self._derive)

    @property
    def ids(self) -> Sequence[str]:
        """Of all keys, newest first."""
        return tuple(self._keys)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    def seal(self, place: str, text: str) -> str:
        """The text as only who has the newest key can read it, and only at this place."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, text.encode(), place.encode())
        return self._prefix + b64encode(nonce + sealed).decode()

    def open(self, place: str, stored: str) -> str:
        """The text that was sealed for this place; one that never was sealed, as it is.

        Raises:
            CannotOpen: its key is not here, or it was changed or moved.
        """
        found = _SEALED.fullmatch(stored)
        if found is None:
            return stored
        id, content = found.groups()
        cipher = self._ciphers.get(id)
        if cipher is None:
            raise CannotOpen(place, id, known=False)
        try:
            raw = b64decode(content)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen(place, id, known=True) from None

    def index(self, place: str, text: str) -> str:
        """What to find a sealed text by: the same for the same text, telling nothing of it."""
        return self._index(self.newest, place, text)

    def indexes(self, place: str, text: str) -> Sequence[str]:
        """Every index under which this text may have been stored.

        One for each key, and the text itself: of rows that were there before there were keys.
        """
        return (*(self._index(id, place, text) for id in self._keys), text)

    def _index(self, id: str, place: str, text: str) -> str:
        digest = hmac.digest(self._derived(id, place), text.encode(), "sha256")
        return f"x1:{id}:{b64encode(digest).decode()}"

    def _derive(self, id: str, place: str) -> bytes:
        """A key of its own for each column, so that equal values of two do not look equal."""
        made = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=f"blind index {place}".encode())
        return made.derive(self._keys[id])

    def wrap(self, place: str, key: bytes) -> str:
        """A key that seals a file, sealed itself."""
        return self.seal(place, b64encode(key).decode())

    def unwrap(self, place: str, wrapped: str) -> bytes:
        """The key of a file, which never lies open. Raises: CannotOpen."""
        if key_of(wrapped) is None:
            raise CannotOpen(place, "", known=True)
        return b64decode(self.open(place, wrapped))


def key_of(stored: str) -> str | None:
    """The id of the key that a stored text is sealed with. None: it is not sealed."""
    found = _SEALED.fullmatch(stored)
    return None if found is None else found[1]


_in_use: list[Keyring] = []


def use(ring: Keyring) -> None:
    """Seal and open with these keys from now on, in this process."""
    _in_use[:] = [ring]


def in_use() -> Keyring | None:
    """The keys of this process. None: it was given none so far."""
    return _in_use[0] if _in_use else None


def keyring() -> Keyring:
    """The keys of this process. Raises: NoKeysInUse."""
    if not _in_use:
        raise NoKeysInUse("No keys to seal with were given: call `sealing.use` first.")
    return _in_use[0]


_EQUALITIES: Mapping[OperatorType, None] = dict.fromkeys(
    (eq, ne, is_, is_not, is_distinct_from, is_not_distinct_from)
)


class _Comparator(TypeDecorator.Comparator[str]):
    """Refuses what cannot work: two sealings of one text differ."""

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
        if op in _EQUALITIES and other and _is_plain(other[0]):
            return super().operate(op, *other, **kwargs)
        raise TypeError("A sealed column can only be compared with NULL: ask its blind index.")


def _is_plain(value: Any) -> bool:
    """Whether this is NULL or the word for what was erased, which are never sealed."""
    if isinstance(value, BindParameter):
        value = value.value
    return value is None or value == ERASED or isinstance(value, Null)


class Sealed(TypeDecorator[str]):
    """A text that is sealed when it is written and opened when it is read.

    The word that stands for what was erased stays as it is: it tells nothing, and triggers know it.
    """

    impl = Text
    cache_ok = True
    comparator_factory = _Comparator

    def __init__(self, place: str) -> None:
        """`place`: `table.column`, for ever: what was sealed for it cannot be opened elsewhere."""
        super().__init__()
        self.place = place

    @property
    def python_type(self) -> type[str]:
        return str

    # Whole processors, as those of `Id`. The keys are looked up when they are needed: statements
    # are compiled once, and outlive what a test or a rotation puts in their place.

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        place = self.place

        def seal(text: str | None) -> str | None:
            if text is None or text == ERASED:
                return text
            return keyring().seal(place, text)

        return seal

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], str | None]:
        place = self.place

        def opened(stored: str | None) -> str | None:
            return None if stored is None else keyring().open(place, stored)

        return opened


def sealed(
    table: str, name: str, *, nullable: bool = False, indexed_by: str = "", **marks: Any
) -> Column[str]:
    """A column of `table` whose texts are sealed.

    `indexed_by`: the column of the same table with the blind index of this one. `marks`: for the
    `info` of the column.
    """
    if indexed_by:
        marks = {**marks, "indexed_by": indexed_by}
    return Column(name, Sealed(f"{table}.{name}"), nullable=nullable, info=marks)
