"""The border between the async GraphQL side and the plain synchronous domain.

One request has one `Context`. Each read, each batch and each command crosses to a worker thread
once, on a connection of its own: siblings resolved at the same time never share one. Here, and
nowhere else, refusals of the domain become answers.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from aiodataloader import DataLoader
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from strawberry.types import Info as StrawberryInfo

from backoffice_api.domain.execute import Answer, Handler, execute, rehearse
from backoffice_api.domain.identity.model.budgets import Standing
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Denied, DomainError
from backoffice_api.domain.kernel.events import Effect
from backoffice_api.domain.kernel.ids import MalformedId
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.trouble import classify
from backoffice_api.domain.kernel.uow import Caller, Command, Meta
from backoffice_api.domain.reaching import seen_by
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.quote import Quote
from backoffice_api.engine.run import unavailable

P = ParamSpec("P")
K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R")
C = TypeVar("C", bound=Command)

_HASHES_AT_ONCE = 2
# Reading from SQLite is work of our own processor, where more threads at a time only fight for the
# interpreter: the driver lets go of it at each row. So they take turns (`Turns`).
_SQLITE_READERS = 3
_TURN_S = 0.02

# A read in batch form, `(db, keys, *arguments)`: answers many keys with one statement, and lacks
# those that have no row.
BatchQuery = Callable[..., Mapping[Any, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation came to: a value with its effects, or the reasons why not."""

    value: Any
    request_id: str
    errors: Sequence[DomainError] = ()
    effects: Sequence[Effect] = ()
    replayed: bool = False


class Prices(Protocol):
    """Tells what operations would cost."""

    def quote(
        self, document: str, operation_name: str | None, variables: dict[str, Any]
    ) -> Quote: ...

    def standing(self, caller: Caller) -> Standing | None:
        """What the caller may spend now. None: there are no budgets here."""


class Turns:
    """Lets one of several threads work at a time. Who takes long has others work beside him."""

    def __init__(self, turn_s: float = _TURN_S) -> None:
        self._turn_s = turn_s
        self._is_free = threading.Condition()
        self._whose: object = None

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Have it be the turn of this thread, until the block ends or somebody has waited long."""
        me = object()
        with self._is_free:
            self._is_free.wait_for(lambda: self._whose is None, self._turn_s)
            self._whose = me
        try:
            yield
        finally:
            with self._is_free:
                if self._whose is me:
                    self._whose = None
                    self._is_free.notify()


class Threads:
    """Where the domain runs. SQLite has one writer, so its writes need one thread of their own."""

    def __init__(self, database: Database, pool_size: int) -> None:
        readers = writers = pool_size
        self._turns: Turns | None = None
        if database.dialect == "sqlite":
            readers, writers = min(pool_size, _SQLITE_READERS), 1
            self._turns = Turns()
        self.reading = ThreadPoolExecutor(readers, "reading")
        self.writing = ThreadPoolExecutor(writers, "writing")
        # Each password takes 19 MiB and a core while it is hashed.
        self.hashing = ThreadPoolExecutor(_HASHES_AT_ONCE, "hashing")

    def turn(self) -> AbstractContextManager[None]:
        """What a reading thread is in while it reads."""
        return nullcontext() if self._turns is None else self._turns.mine()

    def shutdown(self) -> None:
        """Wait for what is under way; take nothing new."""
        self.reading.shutdown()
        self.writing.shutdown()
        self.hashing.shutdown()


@dataclass(slots=True)
class _OpenRehearsal:
    """A dry run whose world is still being looked at. One thread at a time may look."""

    db: Connection
    stack: ExitStack
    lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        with self.lock:
            self.stack.close()


@dataclass(slots=True)
class Context:
    """What the resolvers of one request may use. To be closed when the answer is complete.

    `fresh`: it sees all that was committed, and asks no replica that may be behind. `has_priced`:
    a price was asked for, which is done once.
    """

    database: Database
    threads: Threads
    caller: Caller
    cursors: Cursors
    request_id: str
    idempotency_key: str | None = None
    fresh: bool = False
    prices: Prices | None = None
    has_priced: bool = False
    _loaders: dict[tuple[Any, ...], DataLoader[Any, Any]] = field(default_factory=dict)
    _rehearsal: _OpenRehearsal | None = None
    _has_written: bool = False
    _is_given_up: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def dialect(self) -> str:
        """The kind of database: `sqlite` or `postgresql`."""
        return self.database.dialect

    @property
    def hides_rows(self) -> bool:
        """Whether what one row leads to may be out of the caller's reach."""
        return bool(self.caller.reach.bounded)

    async def read(
        self, query: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The answer of `query`, in a thread, on a connection that cannot write."""
        rehearsal = self._rehearsal
        is_fresh = self.fresh or self._has_written
        door = self.database.fresh if is_fresh else self.database.reading

        def call() -> R:
            if rehearsal:
                with rehearsal.lock, seen_by(rehearsal.db, self.caller) as db:
                    return query(db, *args, **kwargs)
            with self.threads.turn(), door.connect() as connection:
                if not self.caller.reach.bounded:
                    return query(connection, *args, **kwargs)
                with seen_by(connection, self.caller) as db:
                    return query(db, *args, **kwargs)

        return await self._in(self.threads.reading, call)

    async def load(self, query: BatchQuery, key: Any, *arguments: Any, default: Any = None) -> Any:
        """One value of `query`, asked together with all the others of this tick.

        `arguments` must be hashable: keys are batched per query and arguments.
        """
        loader = self._loaders.get((query, *arguments))
        if loader is None:
            batch = partial(self._batch, query, arguments)
            loader = self._loaders[query, *arguments] = DataLoader(batch)
        # Others wait for the same future: graphql-core ends one of them when a field beside it
        # fails, and that must not end theirs.
        found = await asyncio.shield(loader.load(key))
        return default if found is None else found

    async def run(
        self,
        handler: Handler[C, R],
        translate: Callable[[], C],
        meta: Meta,
        *,
        apart: bool = False,
    ) -> Outcome:
        """Run the command that `translate` makes of the input.

        `apart`: that takes its time, as reading a file does: it is done in a thread, and before
        the transaction begins. A refusal becomes part of the outcome; a bug stays an exception.

        After it, what the request reads is fresh: the world as the command left it, or, after a
        dry run, as it would have left it.
        """
        await self.close()
        self._has_written = True
        try:
            command = await self._in(self.threads.reading, translate) if apart else translate()
            call = partial(self._execute, handler, command, meta)
            answer = await self._in(self.threads.writing, call)
        except (Denied, MalformedId):
            raise
        except DomainError as refusal:
            return Outcome(None, self.request_id, errors=refusal.reasons())
        except asyncio.CancelledError:
            with self._lock:
                self._is_given_up = True
            raise
        return Outcome(
            answer.value, self.request_id, effects=answer.effects, replayed=answer.replayed
        )

    async def try_out(self, handler: Handler[C, R], command: C, meta: Meta) -> Outcome:
        """What a command would come to. Nothing is kept, and nobody sees the world as it would be.

        Raises:
            Denied: the caller may not do it.
        """
        call = partial(
            execute,
            self.database,
            handler,
            command,
            caller=self.caller,
            now=datetime.now(UTC),
            meta=replace(meta, dry_run=True),
        )
        try:
            answer = await self._in(self.threads.writing, call)
        except Denied:
            raise
        except DomainError as refusal:
            return Outcome(None, self.request_id, errors=refusal.reasons())
        return Outcome(answer.value, self.request_id, effects=answer.effects)

    async def close(self) -> None:
        """Forget what was read, and roll back a dry run that is still open."""
        self._loaders.clear()
        rehearsal, self._rehearsal = self._rehearsal, None
        if rehearsal:
            # Shielded: a cancelled request must not leave a transaction open.
            await asyncio.shield(self._in(self.threads.reading, rehearsal.close))

    def _execute(self, handler: Handler[C, R], command: C, meta: Meta) -> Answer[R]:
        caller, now = self.caller, datetime.now(UTC)
        if not meta.dry_run:
            return execute(self.database, handler, command, caller=caller, now=now, meta=meta)
        with ExitStack() as stack:
            rehearsal = stack.enter_context(
                rehearse(self.database, handler, command, caller=caller, now=now, meta=meta)
            )
            with self._lock:
                # Nobody would close it for a request that has ended meanwhile.
                if not self._is_given_up:
                    self._rehearsal = _OpenRehearsal(rehearsal.db, stack.pop_all())
            return rehearsal.answer

    async def _batch(
        self, query: BatchQuery, arguments: tuple[Any, ...], keys: list[Any]
    ) -> list[Any]:
        found = await self.read(query, keys, *arguments)
        return [found.get(key) for key in keys]

    async def _in(self, threads: ThreadPoolExecutor, call: Callable[[], R]) -> R:
        # With the context of the request, so that what the thread logs names it, too.
        here = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(threads, here.run, call)


def as_request_error(exception: Exception) -> RequestError | None:
    """What a caller is told of an exception that left a resolver. None: it is a bug."""
    if isinstance(exception, RequestError):
        return exception
    if isinstance(exception, Denied):
        return RequestError(ErrorCode.FORBIDDEN, str(exception))
    if isinstance(exception, DomainError):
        return RequestError(ErrorCode.BAD_USER_INPUT, str(exception))
    if isinstance(exception, SQLAlchemyError) and classify(exception):
        return unavailable("The database cannot answer now; try again soon.")
    return None


Info = StrawberryInfo[Context, None]
