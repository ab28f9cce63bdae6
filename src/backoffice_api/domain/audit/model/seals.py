"""Blocks of the log that are sealed, each chained to the one before."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.chains import canonical, digest, linked
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.secret import Secret

KEY_ID_LENGTH = 8


class EventSealSortKey(Choice):
    """By what a list of seals is sorted."""

    NUMBER = "number", "The order in which they were made."


@dataclass(frozen=True, slots=True)
class EventSeal:
    """A block: all events with a number of `first_sequence` to `last_sequence`, gaps included.

    `number` counts from 1. `signature`: by a key that does not lie in the database; None: none
    was set.
    """

    id: UUID
    number: int
    first_sequence: int
    last_sequence: int
    count: int
    previous_hash: bytes
    hash: bytes
    key_id: str | None
    signature: bytes | None
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link. Who keeps it elsewhere finds out whether the end of the log was cut off."""

    number: int
    last_sequence: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number} {self.last_sequence} {self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """What `str` has written. Raises: ValueError."""
        number, last_sequence, hash = text.split()
        return cls(int(number), int(last_sequence), bytes.fromhex(hash))


def hash_of(
    number: int,
    first: int,
    last: int,
    count: int,
    sealed_at: datetime,
    previous: bytes,
    kept: bytes,
) -> bytes:
    """The link of a block: over the one before and all that the block says of itself."""
    says = {
        "number": number,
        "firstSequence": first,
        "lastSequence": last,
        "count": count,
        "sealedAt": sealed_at.isoformat(timespec="microseconds"),
        "digests": digest(kept).hex(),
    }
    return linked(previous, canonical(says))


def keys_of(setting: str | None) -> Sequence[Secret]:
    """The keys of a setting: the first signs, the others were used before."""
    return [Secret(each) for each in (setting or "").replace(",", " ").split()]


def key_id(key: Secret) -> str:
    """Names a key without telling it."""
    return sha256(b"key id " + key.reveal().encode()).hexdigest()[:KEY_ID_LENGTH]


def signature(key: Secret, hash: bytes) -> bytes:
    """What proves that whoever made this link had the key."""
    return hmac.digest(key.reveal().encode(), hash, "sha256")
