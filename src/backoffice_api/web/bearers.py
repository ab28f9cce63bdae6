"""Who holds connections open for subscriptions: how many, and for how long they may.

Whether their tokens and sessions are still good is asked for all of them together, more often than
once a second, on one connection. What ends with a token ends here, and not at the next event.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.authenticate import Authenticator

EVERY_S = 0.8
CONNECTIONS_PER_TOKEN_MAX = 50
_RETRY_AFTER_S = 10

log = structlog.get_logger("backoffice_api.bearers")


@dataclass(frozen=True, slots=True)
class Room:
    """How much one process holds open: connections, and subscriptions of one token or person."""

    connections: int = 1_000
    subscriptions_per_token: int = 100
    connections_per_token: int = CONNECTIONS_PER_TOKEN_MAX


@dataclass(slots=True, eq=False)
class Held:
    """A connection that is held open, and for whom. `gone` is set when that has to end."""

    secret: Secret
    key: str
    bearers: "Bearers"
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def caller_now(self) -> Caller:
        """Whose it is, with the rights of now. Raises RequestError UNAUTHENTICATED."""
        return await self.bearers.authenticator.caller_now(self.secret)

    @contextmanager
    def subscription(self) -> Iterator[None]:
        """Room for one more subscription. Raises RequestError THROTTLED: there is none."""
        with self.bearers.subscription(self.key):
            yield


class Bearers:
    """Belongs to one event loop."""

    def __init__(
        self, authenticator: Authenticator, room: Room | None = None, *, every_s: float = EVERY_S
    ) -> None:
        self.authenticator = authenticator
        self._room = room or Room()
        self._every_s = every_s
        self._held: set[Held] = set()
        self._connections: Counter[str] = Counter()
        self._subscriptions: Counter[str] = Counter()
        self._rounds: asyncio.Task[None] | None = None

    def has_room(self, sockets: int) -> bool:
        """Whether the process may hold one more of so many sockets, known or not yet."""
        return max(len(self._held), sockets) < self._room.connections

    async def hold(self, secret: Secret, scope: Scope) -> Held:
        """Have a connection held open for who bears the secret. To be released in the end.

        Raises:
            RequestError: UNAUTHENTICATED, or THROTTLED: there are too many already.
        """
        caller = await self.authenticator.identify(secret, scope)
        key = caller.actor.key
        if not self.has_room(0):
            raise _too_many("connections", self._room.connections)
        if self._connections[key] >= self._room.connections_per_token:
            raise _too_many("connections_per_token", self._room.connections_per_token)
        held = Held(secret, key, self)
        self._connections[key] += 1
        self._held.add(held)
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._go_round())
        return held

    def release(self, held: Held) -> None:
        """Hold it no longer."""
        self._held.discard(held)
        _less(self._connections, held.key)

    @contextmanager
    def subscription(self, key: str) -> Iterator[None]:
        """See `Held.subscription`."""
        if self._subscriptions[key] >= self._room.subscriptions_per_token:
            raise _too_many("subscriptions_per_token", self._room.subscriptions_per_token)
        self._subscriptions[key] += 1
        try:
            yield
        finally:
            _less(self._subscriptions, key)

    async def close(self) -> None:
        """Ask no longer whether tokens are good."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)

    async def _go_round(self) -> None:
        while self._held:
            await asyncio.sleep(self._every_s)
            try:
                gone = set(await self.authenticator.gone({each.secret for each in self._held}))
            except Exception as failure:  # Nobody else would go round in its place.
                # Without its database nothing can be delivered either, until that is back.
                say = log.warning if isinstance(failure, SQLAlchemyError) else log.exception
                say("bearers.round_failed", exc_info=True)
                continue
            for held in self._held:
                if held.secret in gone:
                    held.gone.set()


def _less(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _too_many(what: str, limit: int) -> RequestError:
    return RequestError(
        ErrorCode.THROTTLED,
        f"There are {limit} open already, which is the limit.",
        extensions={"limit": {"name": what, "value": limit}},
        retry_after_s=_RETRY_AFTER_S,
    )
