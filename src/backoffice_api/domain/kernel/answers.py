"""Idempotency: who repeats a command with the same key gets the answer of the first one.

The key is claimed in the transaction of the command, so effect and answer are kept together or
not at all. A second request with the key waits for the first one to end. Refusals change nothing
and are not kept: the same command may succeed later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    String,
    Table,
    bindparam,
    delete,
    select,
    tuple_,
    update,
)

from backoffice_api.domain.kernel import made, personal
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import KEY_LENGTH_MAX
from backoffice_api.domain.kernel.personal import Erasing
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.tables import Instant, Json, metadata
from backoffice_api.domain.kernel.texts import storable

KEPT = timedelta(days=30)

answers = Table(
    "answers",
    metadata,
    Column("actor", String(60), primary_key=True),
    Column("key", String(KEY_LENGTH_MAX), primary_key=True, info=personal.CONTENT),
    Column("command", String(80), nullable=False),
    Column("input_hash", String(64), nullable=False),
    # NULL only while the command runs, which no other transaction can see.
    Column("answer", Json, info=personal.erased(personal.CONTENT, Erasing.PARTS)),
    Column("created_at", Instant, nullable=False),
    Index(None, "created_at"),
    info=personal.OF_ANYBODY,
)


_KEEP = update(answers).where(
    answers.c.actor == bindparam("claimed_by"), answers.c.key == bindparam("claimed_key")
)


@dataclass(eq=False)
class IdempotencyKeyReused(Refused):
    """The idempotency key was used before, for another command or another input."""

    message = "This idempotency key belongs to another input."


@dataclass(eq=False)
class InvalidIdempotencyKey(Invalid):
    """An idempotency key is empty or too long, or holds what is no character to a database."""

    maximum: int
    message = "An idempotency key has 1 to {maximum} characters."


def input_hash(command: Any, *, salt: str) -> str:
    """A digest of all fields of a command: equal inputs, equal digests.

    Secrets are in it too, as slow digests salted with `salt`: who reads this table is to learn no
    more about a password than who reads the stored hash of it.
    """

    def encoded(value: Any) -> str:
        if not isinstance(value, Secret):
            raise NotImplementedError(type(value))
        return value.fingerprint(salt.encode())

    body = msgspec.json.encode(command, enc_hook=encoded, order="deterministic")
    return sha256(type(command).__name__.encode() + b"\0" + body).hexdigest()


def check_key(key: str) -> None:
    """Refuse a key that cannot be kept.

    Raises:
        InvalidIdempotencyKey: it is empty or too long, or no text to a database.
    """
    if not 1 <= len(key) <= KEY_LENGTH_MAX or storable(key) != key:
        raise InvalidIdempotencyKey(KEY_LENGTH_MAX).at("meta", "idempotency_key")


def claim(
    db: Connection, actor: str, key: str, command: str, digest: str, *, now: datetime
) -> Any | None:
    """The answer kept under `key`, or None: then the key is claimed for this transaction.

    Raises:
        InvalidIdempotencyKey: as `check_key`.
        IdempotencyKeyReused: it was used for something else.
    """
    check_key(key)
    mine = {
        "actor": actor,
        "key": key,
        "command": command,
        "input_hash": digest,
        "created_at": now,
    }
    if insert_or_ignore(db, answers, mine):
        return None
    row = db.execute(
        select(answers.c.input_hash, answers.c.answer).where(
            answers.c.actor == actor, answers.c.key == key
        )
    ).one()
    if row.input_hash != digest:
        raise IdempotencyKeyReused
    return row.answer


def keep(db: Connection, actor: str, key: str, answer: Any) -> None:
    made.add(db, _KEEP, {"claimed_by": actor, "claimed_key": key, "answer": answer})


def kept(db: Connection, actor: str, keys: Sequence[str]) -> Mapping[str, Any]:
    """What was answered to somebody under these keys, by key; those without an answer lack."""
    statement = select(answers.c.key, answers.c.answer).where(
        answers.c.actor == actor, answers.c.key.in_(keys), answers.c.answer.is_not(None)
    )
    return {row.key: row.answer for row in db.execute(statement)}


def forget_old(db: Connection, *, now: datetime, limit: int) -> int:
    """Drop up to `limit` answers that are older than `KEPT`. How many were dropped."""
    old = select(answers.c.actor, answers.c.key).where(answers.c.created_at < now - KEPT)
    statement = delete(answers).where(tuple_(answers.c.actor, answers.c.key).in_(old.limit(limit)))
    return db.execute(statement).rowcount
