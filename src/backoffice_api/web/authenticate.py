"""Who sends a request: the bearer of an API token or of a session, or nobody."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.types import Scope

from backoffice_api.context import Threads
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.uses import NoteUses, Use, note_uses
from backoffice_api.domain.identity.model.factors import NO_DEMAND, Demand
from backoffice_api.domain.identity.model.staff import (
    ACTOR_PREFIXES,
    USE_NOTED_EVERY,
    Bearer,
    kind_of,
    secret_hash,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Actor, Caller
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.fields import field

# What is revoked must be good for nothing a second later, in every process.
CACHE_S = 1.0
CACHE_MAX = 10_000
NOTE_AFTER_S = 5.0

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750, section 2.1

log = structlog.get_logger("backoffice_api.authenticate")


@dataclass(frozen=True, slots=True)
class _Known:
    """Who was found, what the log calls them, and when the database was asked."""

    bearer: Bearer
    name: str
    asked_s: float


class Authenticator:
    """Finds out who sends a request, with one statement per secret and second at most.

    `demand`: of whom a second factor is demanded. `now` tells the time; `clock_s` counts seconds
    from anywhere and never goes back. Uses are written down together, `note_after_s` seconds after
    the first of them.
    """

    def __init__(
        self,
        database: Database,
        threads: Threads,
        *,
        demand: Demand = NO_DEMAND,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock_s: Callable[[], float] = time.monotonic,
        note_after_s: float = NOTE_AFTER_S,
        found: Callable[[Bearer], None] | None = None,
    ) -> None:
        """`found` is told of everybody who was found in the database, before the request runs."""
        self._database = database
        self._threads = threads
        self._demand = demand
        self._now = now
        self._clock_s = clock_s
        self._note_after_s = note_after_s
        self._found = found
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._uses: dict[str, datetime] = {}
        self._noting: asyncio.Task[None] | None = None

    async def authenticate(self, request: Request) -> Caller:
        """The caller, whose name is then on every line of the log that the request causes.

        Raises:
            RequestError: UNAUTHENTICATED, the request bears no secret that is good now.
        """
        return await self.identify(bearer_secret(request), request.scope)

    async def identify(self, secret: Secret, scope: Scope) -> Caller:
        """The caller who bears this secret, named in the log of the request or socket.

        Raises:
            RequestError: UNAUTHENTICATED, it is not good now.
        """
        hash = secret_hash(secret)
        known = self._remembered(hash) or await self._find(secret, hash)
        self._use(hash, known.bearer)
        scope.setdefault("state", {})["actor_id"] = known.name
        return known.bearer.caller

    async def caller_now(self, secret: Secret) -> Caller:
        """The same, for what was begun before: it is no use of the secret.

        Raises:
            RequestError: UNAUTHENTICATED.
        """
        hash = secret_hash(secret)
        known = self._remembered(hash) or await self._find(secret, hash)
        return known.bearer.caller

    async def gone(self, secrets: Collection[Secret]) -> Sequence[Secret]:
        """Those of the secrets that are not good any more, asked on one connection."""
        asked_s, now = self._clock_s(), self._now()

        def ask() -> list[tuple[Secret, Bearer | None]]:
            with self._database.fresh.connect() as db:
                return [
                    (each, queries.authenticate(db, each, now, self._demand)) for each in secrets
                ]

        gone = []
        loop = asyncio.get_running_loop()
        for secret, found in await loop.run_in_executor(self._threads.reading, ask):
            if found is None:
                self._known.pop(secret_hash(secret), None)
                gone.append(secret)
            else:
                self._keep(secret_hash(secret), found, asked_s)
        return gone

    async def note_uses(self) -> None:
        """Write down now which secrets were used of late."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        command = NoteUses(uses=tuple(Use(hash, at) for hash, at in uses.items()))
        call = partial(
            execute, self._database, note_uses, command, caller=THE_SYSTEM, now=self._now()
        )
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads.writing, call)
        except SQLAlchemyError:
            # The next use will be noted; nobody's request may fail for this.
            log.warning("authenticate.uses_not_noted", exc_info=True)

    async def close(self) -> None:
        """Write down what is left. To be awaited before the threads are shut down."""
        if self._noting is not None:
            self._noting.cancel()
        await self.note_uses()

    def _remembered(self, hash: str) -> _Known | None:
        known = self._known.get(hash)
        if known is None or self._clock_s() - known.asked_s >= CACHE_S:
            return None
        return known

    async def _find(self, secret: Secret, hash: str) -> _Known:
        if kind_of(secret) is None:
            raise unauthenticated()
        asked_s, now = self._clock_s(), self._now()

        def ask() -> Bearer | None:
            # A replica may be behind: it would know revoked tokens, and not know new sessions.
            with self._database.fresh.connect() as db:
                return queries.authenticate(db, secret, now, self._demand)

        found = await asyncio.get_running_loop().run_in_executor(self._threads.reading, ask)
        self._known.pop(hash, None)
        if found is None:
            raise unauthenticated()
        return self._keep(hash, found, asked_s)

    def _keep(self, hash: str, found: Bearer, asked_s: float) -> _Known:
        if self._found is not None:
            self._found(found)
        self._known.pop(hash, None)
        name = _public_name(found.caller.actor)
        self._known[hash] = known = _Known(found, name, asked_s)
        if len(self._known) > CACHE_MAX:
            self._known.popitem(last=False)
        return known

    def _use(self, hash: str, bearer: Bearer) -> None:
        now = self._now()
        if bearer.last_used_at is not None and now - bearer.last_used_at < USE_NOTED_EVERY:
            return
        self._uses[hash] = now
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_soon())

    async def _note_soon(self) -> None:
        await asyncio.sleep(self._note_after_s)
        await self.note_uses()


def bearer_secret(request: Request) -> Secret:
    """What the request bears, whether or not it is good for anything.

    Raises:
        RequestError: UNAUTHENTICATED, there is no such header, or it has another form.
    """
    return secret_in(field(request.scope, b"authorization"))


def secret_in(authorization: str | None) -> Secret:
    """The secret in what such a header says.

    Raises:
        RequestError: UNAUTHENTICATED, it has another form.
    """
    match = _BEARER.fullmatch(authorization or "")
    if match is None:
        raise unauthenticated("Send one header Authorization: Bearer, with a token.")
    return Secret(match[1])


def unauthenticated(message: str = "The token is not valid, or not any more.") -> RequestError:
    """The refusal of a request from nobody whom we know."""
    return RequestError(ErrorCode.UNAUTHENTICATED, message)


def _public_name(actor: Actor) -> str:
    return ids.text(ACTOR_PREFIXES[actor.kind], actor.id) if actor.id else actor.kind.value
