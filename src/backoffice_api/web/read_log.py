"""Who reads personal data, noted after the answer was sent: nobody waits for it.

What an answer names is read off it by its ids, in batches, on the writing side. More than fits
into the queue is counted and said in the log of the server, never waited for. The same answer to
the same caller is noted once in five minutes: who polls a screen reads nothing new.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.context import Threads
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.rows import OnePer
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller
from backoffice_api.domain.privacy.commands.noting import NoteReads, note_reads
from backoffice_api.domain.privacy.model.reads import SUBJECTS_MAX, Reading
from backoffice_api.domain.privacy.queries.registry import places
from backoffice_api.engine.prepare import Prepared
from backoffice_api.schema.nodes import KINDS

EVERY_S = 1.0
WAITING_MAX = 2_000
WAITING_BYTES_MAX = 32 * 1024 * 1024
AT_ONCE = 200
KNOWN_FOR = timedelta(minutes=5)
KNOWN_MAX = 10_000

_ID = re.compile(rb"([a-z]{3,4})_([0-9a-f]{32})")

log = structlog.get_logger("backoffice_api.read_log")


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer with personal data in it, as it was sent; of a file, the ids of what is in it."""

    at: datetime
    caller: Caller
    request_id: str
    operation: str
    body: bytes


# Notes who was given a file: caller, operation, request, and ids of what is in it.
NoteFile = Callable[..., None]


class ReadLog:
    """Takes note of answers, and writes down of whom they were."""

    def __init__(self, database: Database, threads: Threads, *, every_s: float = EVERY_S) -> None:
        self._database = database
        self._threads = threads
        self._every_s = every_s
        self._waiting: deque[_Answered] = deque()
        self._bytes = 0
        self._lost = 0
        self._writing: asyncio.Task[None] | None = None
        # What was noted of late, the oldest first.
        self._known: dict[object, datetime] = {}

    def note(
        self,
        caller: Caller,
        prepared: Prepared,
        variables: Mapping[str, Any],
        request_id: str,
        answer: bytes,
    ) -> None:
        """Have it noted who was given this answer, if there are personal data in it."""
        if Scope.PERSONAL_READ.value not in prepared.scopes:
            return
        name = prepared.operation.name
        operation = name.value if name else next(iter(_roots(prepared)), "")
        # Who asks for one person by its id need not have the id in the answer.
        self._take(caller, operation, request_id, answer + orjson.dumps(variables, default=str))

    def note_file(self, caller: Caller, operation: str, request_id: str, *named: str) -> None:
        """Have it noted who was given a file with personal data. `named`: ids of what is in it."""
        self._take(caller, operation, request_id, " ".join(named).encode())

    def _take(self, caller: Caller, operation: str, request_id: str, body: bytes) -> None:
        at = datetime.now(UTC)
        answered = caller.actor, operation, hash(body)
        if self._is_known(answered, at):
            return
        if len(self._waiting) >= WAITING_MAX or self._bytes + len(body) > WAITING_BYTES_MAX:
            self._lost += 1
        else:
            self._waiting.append(_Answered(at, caller, request_id, operation, body))
            self._bytes += len(body)
            self._known[answered] = at
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    def _is_known(self, answered: object, at: datetime) -> bool:
        while self._known:
            oldest, noted_at = next(iter(self._known.items()))
            if at - noted_at < KNOWN_FOR and len(self._known) < KNOWN_MAX:
                break
            del self._known[oldest]
        return answered in self._known

    async def close(self) -> None:
        """Write down what still waits."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        while self._waiting:
            await self._write()

    async def _write_soon(self) -> None:
        await asyncio.sleep(self._every_s)
        while self._waiting:
            # Not to be broken off in the middle: it would be written twice, or not at all.
            await asyncio.shield(self._write())

    async def _write(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        self._bytes -= sum(len(each.body) for each in taken)
        if self._lost:
            log.error("read_log.lost", requests=self._lost)
            self._lost = 0
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads.writing, self._keep, taken
            )
        except SQLAlchemyError as failure:
            log.error("read_log.failed", requests=len(taken), error=str(failure))

    def _keep(self, taken: list[_Answered]) -> None:
        execute(
            self._database,
            note_reads,
            NoteReads(readings=tuple(_reading(each) for each in taken)),
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
        )


def _reading(answered: _Answered) -> Reading:
    named = dict.fromkeys(_ID.findall(answered.body))
    subjects = tuple(
        (table, UUID(digits.decode()))
        for prefix, digits in named
        if (table := _table_of(prefix.decode()))
    )
    actor = answered.caller.actor
    return Reading(
        read_at=answered.at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        request_id=answered.request_id,
        operation=answered.operation,
        subjects=subjects[:SUBJECTS_MAX],
        more=max(len(subjects) - SUBJECTS_MAX, 0),
    )


@lru_cache(maxsize=1_000)
def _table_of(prefix: str) -> str | None:
    """The table in which things with such ids lie. None: none that could be about a person."""
    kind = KINDS.get(prefix)
    if kind is None or not isinstance(kind.by_ids, OnePer):
        return None
    name: str | None = getattr(kind.by_ids.source, "name", None)
    return name if any(place.name == name for place in places()) else None


def _roots(prepared: Prepared) -> list[str]:
    return [
        each.name.value
        for each in prepared.operation.selection_set.selections
        if hasattr(each, "name") and each.name is not None
    ]
