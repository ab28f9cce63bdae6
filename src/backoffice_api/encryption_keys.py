"""The keys that values at rest are sealed with: from the settings to the ring that is in use.

They come from a setting or a file, one `id:base64` each, newest first. On a developer's machine a
file is made beside the database when there is none. In production nothing is made up: who loses
keys that nobody has noted loses what they sealed.
"""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from backoffice_api.domain.kernel import sealed_rows, sealing
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.sealing import KEY_BYTES, KEY_ID, Keyring
from backoffice_api.settings import Settings

_ID_BYTES = 2
# Of 32 random bytes about 30 differ; fewer than 16 in less than one of 10**15 keys.
_BYTES_APART_MIN = 16

_HOW_TO_MAKE = (
    "Make one with `backoffice keys create --file backoffice.keys`, set "
    "BACKOFFICE_ENCRYPTION_KEYS_FILE=backoffice.keys, and keep a copy apart from the database "
    "and its backups."
)


class KeysError(Exception):
    """The program cannot work with the keys that it was given; the message says what to do."""


def new_key() -> str:
    """A key as it is written in files and settings: the day and two bytes as its id, base64."""
    id = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(_ID_BYTES)}"
    return f"{id}:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def parse(text: str) -> Keyring:
    """The keys that are written in a text: separated by commas or line ends, newest first.

    Lines that begin with # are remarks.

    Raises:
        KeysError: there is none, or one is not a random key of 32 bytes. It is not repeated.
    """
    keys: dict[str, bytes] = {}
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    written = [each.strip() for line in lines for each in line.split(",")]
    for number, each in enumerate(filter(None, written), 1):
        id, colon, encoded = each.partition(":")
        if not colon or not KEY_ID.fullmatch(id):
            raise KeysError(
                f"Encryption key {number} cannot be read: expected `id:base64`, the id of letters "
                f"a-z, digits and hyphens. {_HOW_TO_MAKE}"
            )
        if id in keys:
            raise KeysError(f"There are two encryption keys with the id {id}.")
        keys[id] = _random_key(id, encoded)
    if not keys:
        raise KeysError(f"There is no key to seal values at rest with. {_HOW_TO_MAKE}")
    return Keyring(keys)


def _random_key(id: str, encoded: str) -> bytes:
    try:
        key = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeysError(f"Encryption key {id} is not base64 of {KEY_BYTES} bytes. {_HOW_TO_MAKE}")
    # Zeros, a pattern, or a phrase that somebody thought of: nothing that was drawn at random.
    if len(set(key)) < _BYTES_APART_MIN or all(byte < 128 for byte in key):
        raise KeysError(f"Encryption key {id} is no random key. {_HOW_TO_MAKE}")
    return key


def ring_from(settings: Settings) -> Keyring:
    """The keys of the settings, or those that whoever runs this process has put in use before.

    Raises:
        KeysError: there are none, or one cannot be used.
    """
    ring = _from_settings(settings) or sealing.in_use()
    if ring is not None:
        return ring
    path = _beside(settings)
    if settings.environment == "production":
        raise KeysError(
            f"There is no key to seal values at rest with. {_made_in_development(path)}"
            if path.exists()
            else f"There is no key to seal values at rest with. {_HOW_TO_MAKE}"
        )
    return parse(_made(path))


def use_keys(settings: Settings, database: Database) -> None:
    """Have values sealed with the keys of the settings, and see that they open what is there.

    Raises:
        KeysError: there are none, one cannot be used, or the database has been sealed by others.
    """
    ring = ring_from(settings)
    try:
        with database.writing.begin() as db:
            sealed_rows.admit(db, ring, datetime.now(UTC))
    except sealed_rows.OtherKeys as fault:
        raise KeysError(
            f"{fault} Add the missing one behind the others in BACKOFFICE_ENCRYPTION_KEYS_SECRET "
            "or in the file that BACKOFFICE_ENCRYPTION_KEYS_FILE names; it can go once "
            "`backoffice keys rotate` has sealed everything with the first one."
        ) from None
    sealing.use(ring)


def _from_settings(settings: Settings) -> Keyring | None:
    secret, file = settings.encryption_keys_secret, settings.encryption_keys_file
    if secret is not None and file is not None:
        raise KeysError(
            "Set one of BACKOFFICE_ENCRYPTION_KEYS_SECRET and BACKOFFICE_ENCRYPTION_KEYS_FILE."
        )
    if secret is not None:
        return parse(secret)
    if file is None:
        return None
    try:
        return parse(Path(file).read_text("ascii"))
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise KeysError(
            f"The file that BACKOFFICE_ENCRYPTION_KEYS_FILE names cannot be read: {why}. "
            f"{_HOW_TO_MAKE}"
        ) from None


def _made_in_development(path: Path) -> str:
    return (
        f"That of development is in {path}: set BACKOFFICE_ENVIRONMENT=development, or, to go on "
        f"in production with what it sealed, BACKOFFICE_ENCRYPTION_KEYS_FILE={path}."
    )


def _beside(settings: Settings) -> Path:
    """Where a developer's keys lie: beside the file of the database, or where the program runs."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.keys")
    return Path("backoffice.keys")


def put_in_front(path: Path, key: str) -> None:
    """Write a key to a file, before those that are there. Nobody but the owner may read it."""
    known = path.read_text("ascii") if path.exists() else ""
    _part(path, f"{key}\n{known}").replace(path)


def _made(path: Path) -> str:
    """What the file says, made with one key if there is none. Two at once get the same."""
    if not path.exists():
        part = _part(path, f"{new_key()}\n")
        # A link is there with all that is in it, and is not made where there is a file already.
        with suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    return path.read_text("ascii")


def _part(path: Path, text: str) -> Path:
    """A file beside `path` that holds this text, on disk."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(_ID_BYTES)}.keys")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as written:
        written.write(text)
        written.flush()
        os.fsync(file)
    return part
