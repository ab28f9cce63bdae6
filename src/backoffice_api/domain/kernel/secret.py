"""Texts that nobody may read again: kept out of every log, answer and event by their type.

Passwords are kept as argon2id hashes with the parameters of the OWASP Password Storage Cheat
Sheet (19 MiB, 2 passes, 1 lane). Random keys need no slow hash: nobody guesses 256 bits.
"""

import hmac
import unicodedata
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

SALT_BYTES = 16
_MEMORY_KIB = 19_456
_PASSES = 2
_LANES = 1
_HASH_BYTES = 32


class Secret:
    """A text that shows itself only to who asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. What it is put into must not be logged or kept."""
        return self._text

    def fingerprint(self, salt: bytes) -> str:
        """A digest to compare secrets by. As slow to guess from as a stored password."""
        return hash_secret_raw(
            self._text.encode(),
            sha256(salt).digest()[:SALT_BYTES],
            time_cost=_PASSES,
            memory_cost=_MEMORY_KIB,
            parallelism=_LANES,
            hash_len=_HASH_BYTES,
            type=Type.ID,
        ).hex()

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)


class Passwords:
    """Makes and compares password hashes.

    `memory_kib`, `passes` and `lanes` are the price of one try, for us as for who guesses.
    """

    def __init__(
        self, *, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES, lanes: int = _LANES
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=lanes, hash_len=_HASH_BYTES
        )

    def hash(self, password: Secret, salt: bytes) -> str:
        """What to keep of a password: parameters, salt and hash in one text."""
        return self._hasher.hash(_prepared(password), salt=salt)

    def matches(self, password: Secret, kept: str | None) -> bool:
        """Whether this is the password of which `kept` was kept.

        None, for an account that there is not, takes as long and matches nothing.
        """
        if kept is None:
            self.hash(password, bytes(SALT_BYTES))
            return False
        try:
            return self._hasher.verify(kept, _prepared(password))
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, kept: str) -> bool:
        """Whether `kept` was made with other parameters than these."""
        return self._hasher.check_needs_rehash(kept)


# What is used everywhere but in tests that try many passwords.
PASSWORDS = Passwords()


def _prepared(password: Secret) -> str:
    """The same bytes however a keyboard composes its letters (NFC: RFC 8265, section 4.2.2)."""
    return unicodedata.normalize("NFC", password.reveal())
