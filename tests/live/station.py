"""A station: all that answers subscriptions, over a world, and clients that speak to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

import orjson
from sqlalchemy import update
from starlette.types import ASGIApp, Message, Scope

from backoffice_api.context import Context, as_request_error
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.identity.model.staff import secret_hash
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import Scope as Right
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.run import Terms
from backoffice_api.live.hub import Hub
from backoffice_api.live.notifications import Notifications
from backoffice_api.live.stream import Streams
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.web.access_log import request_id
from backoffice_api.web.authenticate import CACHE_S, Authenticator
from backoffice_api.web.bearers import Bearers, Room
from backoffice_api.web.budget import Budget
from backoffice_api.web.operations import Operations
from backoffice_api.web.sockets import PROTOCOL, SocketLimits, Sockets
from backoffice_api.web.streams import HttpStreams
from tests.both import COMPILER
from tests.serving import new_token
from tests.world import CLERK, LIMITS, PREPARER, World

FIELDS = SchemaFields(schema)
# Nothing takes so long; what waits for nothing fails instead of hanging.
WAIT_S = 10.0
# Nothing comes: for so long it is waited for.
QUIET_S = 0.15


class Station:
    """What a server process has for subscriptions. `leaving` ends all of them."""

    def __init__(
        self,
        world: World,
        *,
        room: Room | None = None,
        limits: SocketLimits | None = None,
        graphql_limits: Limits = LIMITS,
        listens: bool = False,
        poll_s: float = 0.5,
        heartbeat_s: float = 10.0,
        budget: Budget | None = None,
        **hub: Any,
    ) -> None:
        self.world = world
        self.bugs: list[Exception] = []
        self.noted: list[tuple[Any, ...]] = []
        self.watched: list[tuple[str, str]] = []
        database, threads = world.database, world.threads
        heard = Notifications(database) if listens else None
        self.hub = Hub(database, threads, notifications=heard, poll_s=poll_s, **hub)
        self.authenticator = Authenticator(database, threads)
        self.bearers = Bearers(self.authenticator, room, every_s=0.05)
        self.leaving = asyncio.Event()
        terms = Terms(
            limits=graphql_limits,
            on_bug=lambda bug, _: self.bugs.append(bug),
            translate=as_request_error,
            compiler=COMPILER,
        )
        self.streams = Streams(self.hub, FIELDS, self._fresh, terms)
        serving: Any = SimpleNamespace(
            preparer=PREPARER,
            make_context=self._context,
            terms=terms,
            tally=SimpleNamespace(note=lambda kind, code, _: self.watched.append((kind, code))),
            read_log=SimpleNamespace(note=lambda *told: self.noted.append(told)),
            spend=budget.spend if budget else None,
        )
        self.operations = Operations(serving, self.streams)
        self.tally = self.operations.tally
        self.sockets = Sockets(self.operations, self.bearers, terms, self.leaving, limits=limits)
        self.http = HttpStreams(
            _endpoint, self.operations, self.bearers, terms, self.leaving, heartbeat_s=heartbeat_s
        )

    def _context(self, caller: Caller, name: str, key: str | None = None) -> Context:
        cursors = Cursors(b"secret of the tests")
        return Context(self.world.database, self.world.threads, caller, cursors, name, key)

    def _fresh(self, caller: Caller, name: str) -> Context:
        return self._context(caller, name)

    def token(self, *rights: Right) -> str:
        """A token with these rights; with all of them if none is named.

        That it was made is over when somebody subscribes: while a transaction of another
        test is open on the same server, it would else be told as news.
        """
        token = new_token(self.world.database, *rights)
        self.world.settle()
        return token

    def strip(self, token: str, *rights: Right) -> None:
        """Leave a token these rights only."""
        with self.world.database.writing.begin() as db:
            hash = secret_hash(Secret(token))
            kept = update(api_tokens).where(api_tokens.c.secret_hash == hash)
            db.execute(kept.values(scopes=[each.value for each in rights]))
        # What was found before is old, also where it is only about to be told.
        self.authenticator._clock_s = lambda: time.monotonic() + CACHE_S

    def revoke(self, token: str) -> None:
        with self.world.database.reading.connect() as db:
            found = queries.authenticate(db, Secret(token), datetime.now(UTC))
        assert found is not None
        id = found.caller.actor.id
        assert id is not None
        self.world.run(revoke_token, RevokeToken(id=id))

    def happens(self, name: str = "Ada") -> UUID:
        """A customer comes: an event of the log. Id of the customer."""
        draft = CustomerDraft(kind=CustomerKind.PERSON, name=name)
        command = CreateCustomer(draft=draft)
        answer = execute(
            self.world.database, create_customer, command, caller=CLERK, now=datetime.now(UTC)
        )
        id: UUID = answer.value
        return id

    async def followed_by(self, count: int) -> None:
        """Wait until so many subscriptions are followed."""
        async with asyncio.timeout(WAIT_S):
            while self.hub.followers != count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.002)

    async def closed(self, count: int) -> None:
        """Wait until so many sockets were closed by the server, be it that nobody heard of it."""
        async with asyncio.timeout(WAIT_S):
            while self.tally.closed.total() != count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.002)

    async def throttled(self, count: int) -> None:
        """Wait until so many answers have been waited for."""
        async with asyncio.timeout(WAIT_S):
            while self.tally.throttled != count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.002)

    async def close(self) -> None:
        await self.hub.close()
        await self.bearers.close()
        await self.authenticator.close()
        assert self.hub.followers == 0
        assert self.bugs == []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def socket(
        self, token: str | None = None, *, protocols: tuple[str, ...] = (PROTOCOL,)
    ) -> AsyncIterator["Socket"]:
        """A WebSocket; with a token, one that was let in."""
        socket = Socket(self.sockets, protocols)
        try:
            if token is not None:
                await socket.enter(token)
            yield socket
        finally:
            await socket.leave()


class Wire:
    """An ASGI application, and its other side."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.to_come: asyncio.Queue[Message] = asyncio.Queue()
        self.takes = asyncio.Event()  # cleared: the client takes nothing
        self.takes.set()
        self.failure: Exception | None = None  # what a server raises once the client is gone

        async def run() -> None:
            await app(scope, self.to_come.get, self._send)

        self.task = asyncio.create_task(run())

    async def _send(self, message: Message) -> None:
        await self.takes.wait()
        if self.failure is not None:
            raise self.failure
        self.sent.put_nowait(message)

    async def next(self, wait_s: float = WAIT_S) -> Message:
        async with asyncio.timeout(wait_s):
            return await self.sent.get()

    async def is_quiet(self) -> bool:
        """Whether nothing comes."""
        try:
            await self.next(QUIET_S)
        except TimeoutError:
            return True
        return False

    async def ends(self) -> None:
        async with asyncio.timeout(WAIT_S):
            await self.task


def scope_of(kind: str, headers: Mapping[str, str]) -> Scope:
    return {
        "type": kind,
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {},
    }


class Socket(Wire):
    def __init__(self, app: ASGIApp, protocols: tuple[str, ...], **headers: str) -> None:
        scope = {**scope_of("websocket", headers), "subprotocols": list(protocols)}
        self.name = request_id(scope)
        super().__init__(app, scope)
        self.to_come.put_nowait({"type": "websocket.connect"})

    async def enter(self, token: str) -> None:
        """Be let in with a token."""
        assert (await self.next())["type"] == "websocket.accept"
        self.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await self.hear() == {"type": "connection_ack"}

    def say(self, **message: Any) -> None:
        self.put(orjson.dumps(message).decode())

    def put(self, text: str) -> None:
        self.to_come.put_nowait({"type": "websocket.receive", "text": text})

    def subscribe(self, name: str, query: str, **variables: Any) -> None:
        self.say(type="subscribe", id=name, payload={"query": query, "variables": variables})

    async def hear(self) -> dict[str, Any]:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        heard: dict[str, Any] = orjson.loads(message["text"])
        return heard

    async def data(self, id: str) -> Any:
        """The data of the next answer, which is one to this operation and has no errors."""
        heard = await self.hear()
        assert (heard["type"], heard["id"]) == ("next", id), heard
        assert "errors" not in heard["payload"], heard
        return heard["payload"]["data"]

    async def refusal(self, id: str) -> str:
        """The code with which this operation is refused, or ends."""
        heard = await self.hear()
        assert (heard["type"], heard["id"]) == ("error", id), heard
        code: str = heard["payload"][0]["extensions"]["code"]
        return code

    async def closed(self) -> tuple[int, str]:
        """The code and the reason with which it is closed, whatever was said before."""
        while (message := await self.next())["type"] != "websocket.close":
            pass
        await self.ends()
        return int(message["code"]), message["reason"]

    async def leave(self) -> None:
        self.takes.set()
        self.to_come.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.ends()


class Request(Wire):
    """A POST whose answer is a stream."""

    def __init__(
        self, app: ASGIApp, token: str, accept: str, body: Mapping[str, Any], **headers: str
    ) -> None:
        given = {
            "authorization": f"Bearer {token}",
            "accept": accept,
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        super().__init__(app, {**scope_of("http", given), "method": "POST"})
        content = orjson.dumps(body)
        self.to_come.put_nowait({"type": "http.request", "body": content, "more_body": False})

    async def part(self) -> bytes:
        """The next part of the body."""
        message = await self.next()
        assert message["type"] == "http.response.body", message
        body: bytes = message["body"]
        return body

    async def leave(self) -> None:
        self.to_come.put_nowait({"type": "http.disconnect"})
        await self.ends()


async def _endpoint(scope: Scope, receive: Any, send: Any) -> None:
    """Stands for the endpoint: says what it was asked."""
    message = await receive()
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def customer(id: UUID) -> str:
    return ids.text("cus", id)
