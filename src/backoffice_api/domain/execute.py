"""The one door through which anything is written, whoever asks.

GraphQL, imports, workers and the command line all come here: begin, idempotency key, right and
its reach, expected version, handler, reactions, events, answer, commit. A dry run goes the same
way and is rolled back at the end.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from backoffice_api.domain.kernel import answers, bell, events, made
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Faults, Invalid, StaleVersion
from backoffice_api.domain.kernel.events import Effect
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.trouble import Trouble, classify
from backoffice_api.domain.kernel.uow import Caller, Command, Meta, UnitOfWork
from backoffice_api.domain.reaching import first_beyond, run_within
from backoffice_api.domain.subscriptions import AT_THE_END, TOGETHER

C = TypeVar("C", bound=Command)
R = TypeVar("R")
Handler = Callable[[UnitOfWork, C], R]

# A reaction may cause further events. More than this many is a loop, not a business.
EVENTS_MAX = 10_000
ATTEMPTS_MAX = 6
_PAUSE_S = 0.005

_new_id = IdSource()


@dataclass(eq=False)
class NoVersionToCompare(Invalid):
    """`expectedVersion` was given to a command that changes no one existing record."""

    message = "This changes no single record whose version could be compared."


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """What a command came to. `replayed`: this is what an earlier one with the key came to."""

    value: R
    effects: Sequence[Effect]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal(Generic[R]):
    """A dry run that is still open: `db` shows the world as it would be."""

    db: Connection
    answer: Answer[R]


def execute(
    database: Database,
    handler: Handler[C, R],
    command: C,
    *,
    caller: Caller,
    now: datetime,
    meta: Meta | None = None,
) -> Answer[R]:
    """Run `handler` in one transaction, with the reactions to its events. All of it, or nothing.

    What cannot be done because others were in the way (deadlocks, serialization failures, two
    who make the same key or change the same record) is tried again, at most `ATTEMPTS_MAX` times
    in all.

    Raises:
        DomainError: the command is refused; nothing was changed.
        DBAPIError: the database failed; `trouble.classify` says how.
    """
    meta = meta or Meta()
    if meta.dry_run:
        with rehearse(database, handler, command, caller=caller, now=now, meta=meta) as rehearsal:
            return rehearsal.answer

    def attempt() -> Answer[R]:
        with database.writing.begin() as db:
            return _run(db, handler, command, caller, now, meta)

    answer = _persistently(attempt, meta)
    bell.ring(database)
    return answer


@contextmanager
def rehearse(
    database: Database,
    handler: Handler[C, R],
    command: C,
    *,
    caller: Caller,
    now: datetime,
    meta: Meta,
) -> Iterator[Rehearsal[R]]:
    """Run a command and show what it came to, until the block ends; then roll it back."""
    with database.writing.connect() as db:

        def attempt() -> Answer[R]:
            db.rollback()  # what the attempt before has left
            answer = _run(db, handler, command, caller, now, meta)
            made.flush(db)  # here, not where somebody looks at it
            return answer

        yield Rehearsal(db, _persistently(attempt, meta))
        db.rollback()


def _persistently(attempt: Callable[[], Answer[R]], meta: Meta) -> Answer[R]:
    """Try again, after a growing pause of random length, while others are in the way."""
    for number in range(1, ATTEMPTS_MAX):
        try:
            return attempt()
        except (DBAPIError, StaleVersion) as failure:
            if not _worth_another_try(failure, meta):
                raise
            time.sleep(_PAUSE_S * 2**number * random.random())  # noqa: S311
    return attempt()


def _run(
    db: Connection, handler: Handler[C, R], command: C, caller: Caller, now: datetime, meta: Meta
) -> Answer[R]:
    uow = UnitOfWork(db, now, caller, meta, _new_id)
    if command.scope is not None:
        uow.require(command.scope)
    _check_meta(meta)
    key = None if meta.dry_run else meta.idempotency_key
    if key is not None:
        digest = answers.input_hash(command, salt=f"{caller.actor.key} {key}")
        name = type(command).__name__
        kept = answers.claim(db, caller.actor.key, key, name, digest, now=now)
        if kept is not None:
            return _replayed(handler, kept)
    is_bounded = bool(caller.reach.bounded)
    beyond = first_beyond(uow, command) if is_bounded else None
    # Of what is out of reach, as of what is not there, the command itself says better.
    if meta.expected_version is not None and beyond is None:
        _compare_version(db, command, meta.expected_version)
    value = run_within(uow, handler, command, beyond) if is_bounded else handler(uow, command)
    _react(uow)
    if uow.told:
        events.record(db, _rows(uow, command))
    answer = Answer(value, [events.effect(told.event) for told in uow.told])
    if key is not None:
        answers.keep(db, caller.actor.key, key, _kept(answer))
    return answer


def _check_meta(meta: Meta) -> None:
    if meta.idempotency_key is not None:
        answers.check_key(meta.idempotency_key)  # of a dry run as well, which does not claim it
    faults = Faults()
    for name, value in (("reason", meta.reason), ("reference", meta.reference)):
        check_text(value, faults, "meta", name, minimum=0, maximum=events.REASON_LENGTH_MAX)
    faults.check()


def _compare_version(db: Connection, command: Command, expected: int) -> None:
    """Compare-and-set: the row stays locked until the end, so nobody changes it in between."""
    if command.table is None or not hasattr(command, "id"):
        raise NoVersionToCompare().at("meta", "expected_version")
    table = command.table
    statement = select(table.c.version).where(table.c.id == command.id).with_for_update()
    actual = db.execute(statement).scalar()
    # None: there is no such record, which the command itself says better.
    if actual is not None and actual != expected:
        raise StaleVersion(expected, actual).at("meta", "expected_version")


def _react(uow: UnitOfWork) -> None:
    for position, told in enumerate(uow.told):  # grows while reactions tell more
        if position >= EVENTS_MAX:
            raise RuntimeError(f"more than {EVENTS_MAX} events after one command")
        for reaction in TOGETHER.get(type(told.event), ()):
            reaction(uow, told.event)
    for finish in AT_THE_END:
        finish(uow)


def _rows(uow: UnitOfWork, command: Command) -> Sequence[Mapping[str, Any]]:
    """What the log keeps of what was told."""
    actor = uow.caller.actor
    common = {
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "command": type(command).__name__,
        "request_id": uow.meta.request_id,
        "occurred_at": uow.now,
        "reason": uow.meta.reason,
        "reference": uow.meta.reference,
        "idempotency_key": _key_of(uow.meta),
    }
    return [
        {
            **common,
            "id": uow.new_id(),
            "type": told.event.type,
            "subject_kind": told.event.subject_kind,
            "subject_id": told.event.id,
            "subject_version": told.event.version,
            "changes": list(told.changes),
            "data": events.facts_of(told.event),
        }
        for told in uow.told
    ]


def _key_of(meta: Meta) -> str | None:
    """The key that a caller gave. That of a job is its request, which the log names anyway."""
    return None if meta.idempotency_key == meta.request_id else meta.idempotency_key


def _kept(answer: Answer[Any]) -> Any:
    return {
        "value": msgspec.to_builtins(answer.value, enc_hook=_dropped),
        "effects": msgspec.to_builtins(answer.effects),
    }


def _dropped(value: Any) -> None:
    """What is kept in place of a value that may be answered only once: nothing."""
    if not isinstance(value, Secret):
        raise NotImplementedError(type(value))


def _replayed(handler: Handler[C, R], kept: Any) -> Answer[R]:
    value = msgspec.convert(kept["value"], _returned_by(handler))
    return Answer(value, msgspec.convert(kept["effects"], list[Effect]), replayed=True)


@cache
def _returned_by(handler: Callable[..., R]) -> Any:
    """What the handler says it returns: ids, or a dataclass of them."""
    return get_type_hints(handler)["return"]


def _worth_another_try(failure: DBAPIError | StaleVersion, meta: Meta) -> bool:
    """A broken constraint is worth one, too: the handler then sees who was faster, and says so.

    So is a record that somebody changed between our reading and our writing it, unless the caller
    has decided by a version that he had seen.
    """
    if isinstance(failure, StaleVersion):
        return meta.expected_version is None
    return isinstance(failure, IntegrityError) or classify(failure) is Trouble.RETRY
