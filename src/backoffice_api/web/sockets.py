"""GraphQL over WebSocket: the sub-protocol `graphql-transport-ws`, and no other.

What it says is in PROTOCOL.md of github.com/enisdenjo/graphql-ws; the older `graphql-ws` is
refused. A socket belongs to the bearer of one token, which its first message or the header of its
request names, never its address. Each operation goes the way of a request over HTTP.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson
import structlog
from graphql import OperationType
from starlette.types import Message, Receive, Scope, Send

from backoffice_api.engine.decode import GraphQLRequest, decode_payload
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.run import Terms, explain
from backoffice_api.web.access_log import request_id
from backoffice_api.web.authenticate import secret_in
from backoffice_api.web.bearers import Bearers, Held
from backoffice_api.web.fields import field
from backoffice_api.web.operations import Operations

PROTOCOL = "graphql-transport-ws"
MESSAGE_BYTES_MAX = 256_000
OPERATIONS_MAX = 20
INIT_S = 10.0
# Who takes nothing for so long has left, or is too slow for what he has subscribed to.
SEND_S = 20.0
ID_LENGTH_MAX = 128
_REFERENCE_LENGTH_MAX = 50

log = structlog.get_logger("backoffice_api.sockets")


class Close(IntEnum):
    """Why a socket is closed. Those from 4400 are of the protocol."""

    GOING_AWAY = 1001
    TOO_LARGE = 1009
    TRY_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    BAD_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_MANY = 4429
    INTERNAL = 4500


_REASONS: Mapping[Close, str] = {
    Close.GOING_AWAY: "Going away",
    Close.TOO_LARGE: "Message too large",
    Close.TRY_LATER: "Try again later",
    Close.BAD_REQUEST: "Invalid message",
    Close.UNAUTHORIZED: "Unauthorized",
    Close.FORBIDDEN: "Forbidden",
    Close.BAD_PROTOCOL: "Subprotocol not acceptable",
    Close.INIT_TIMEOUT: "Connection initialisation timeout",
    Close.TOO_MANY: "Too many initialisation requests",
    Close.INTERNAL: "Internal error",
}


class _Closing(Exception):
    """The socket is to be closed."""

    def __init__(self, code: Close, reason: str | None = None) -> None:
        self.code = code
        self.reason = _REASONS[code] if reason is None else reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketLimits:
    """What one socket may take."""

    init_s: float = INIT_S
    send_s: float = SEND_S
    message_bytes: int = MESSAGE_BYTES_MAX
    operations: int = OPERATIONS_MAX


class Sockets:
    """An ASGI application for WebSockets. `leaving` is set when the server is about to stop."""

    def __init__(
        self,
        operations: Operations,
        bearers: Bearers,
        terms: Terms,
        leaving: asyncio.Event,
        *,
        limits: SocketLimits | None = None,
    ) -> None:
        self._operations = operations
        self._bearers = bearers
        self._terms = terms
        self._leaving = leaving
        self._limits = limits or SocketLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        speaks = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if speaks else None})
        tally = self._operations.tally
        has_room = self._bearers.has_room(tally.sockets)
        tally.sockets += 1
        socket = _Socket(
            self._operations, self._bearers, self._terms, self._limits, scope, receive, send
        )
        try:
            if not speaks:
                raise _Closing(Close.BAD_PROTOCOL)
            if not has_room:
                raise _Closing(Close.TRY_LATER)
            await socket.serve(self._leaving)
        except _Left:
            pass
        except _Closing as closing:
            tally.closed[int(closing.code)] += 1
            log.info("socket.closed", code=int(closing.code))
            message = {"type": "websocket.close", "code": closing.code, "reason": closing.reason}
            with suppress(TimeoutError, OSError, RuntimeError):
                async with asyncio.timeout(1.0):
                    await send(message)
        finally:
            tally.sockets -= 1


class _Socket:
    """One socket, from its acceptance to its end."""

    def __init__(
        self,
        operations: Operations,
        bearers: Bearers,
        terms: Terms,
        limits: SocketLimits,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._operations = operations
        self._bearers = bearers
        self._terms = terms
        self._limits = limits
        self._scope = scope
        self._receive = receive
        self._send = send
        self._reference = request_id(scope)[:_REFERENCE_LENGTH_MAX]
        self._asked = 0
        self._held: Held | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        # What one of the tasks has met that ends all of them.
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self, leaving: asyncio.Event) -> None:
        """Answer until the client leaves. Raises _Closing: the socket is to be closed."""
        try:
            await self._answer_all(await self._let_in(leaving), leaving)
        finally:
            # Also where it was let in, and has left before it was told so.
            if self._held is not None:
                self._bearers.release(self._held)

    async def _answer_all(self, held: Held, leaving: asyncio.Event) -> None:
        ends: dict[asyncio.Future[Any], _Closing | None] = {
            asyncio.ensure_future(self._read()): None,
            asyncio.ensure_future(held.gone.wait()): _Closing(Close.FORBIDDEN),
            asyncio.ensure_future(leaving.wait()): _Closing(Close.GOING_AWAY),
            self._broken: None,
        }
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for ended, closing in ends.items():
                if ended.done():
                    ended.result()  # raises what it has ended with
                    if closing is not None:
                        raise closing
        finally:
            tasks = [*ends, *self._running.values()]
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # What comes.

    async def _let_in(self, leaving: asyncio.Event) -> Held:
        """Whom the first message names. Raises _Closing where none comes in time."""
        coming = asyncio.ensure_future(self._init())
        going = asyncio.ensure_future(leaving.wait())
        try:
            await asyncio.wait(
                (coming, going), timeout=self._limits.init_s, return_when=asyncio.FIRST_COMPLETED
            )
            if coming.done():
                return coming.result()
            raise _Closing(Close.GOING_AWAY if going.done() else Close.INIT_TIMEOUT)
        finally:
            for each in (coming, going):
                each.cancel()
            await asyncio.gather(coming, going, return_exceptions=True)

    async def _init(self) -> Held:
        """Wait for the first message, and find out who speaks."""
        while True:
            message = await self._next()
            match message.get("type"):
                case "connection_init":
                    self._held = held = await self._hold(message.get("payload"))
                    await self._say({"type": "connection_ack"})
                    return held
                case "ping":
                    await self._say(_pong(message))
                case "pong":
                    pass
                case "subscribe":
                    raise _Closing(Close.UNAUTHORIZED)
                case _:
                    raise _Closing(Close.BAD_REQUEST)

    async def _hold(self, payload: object) -> Held:
        if payload is not None and not isinstance(payload, dict):
            raise _Closing(Close.BAD_REQUEST, "The payload must be an object")
        given = {str(name).lower(): value for name, value in (payload or {}).items()}
        said = given.get("authorization") or field(self._scope, b"authorization")
        try:
            return await self._bearers.hold(
                secret_in(said if isinstance(said, str) else None), self._scope
            )
        except Exception as error:
            refusal = explain(error, self._reference, self._terms)
            match refusal.code:
                case ErrorCode.UNAUTHENTICATED:
                    raise _Closing(Close.UNAUTHORIZED) from None
                case ErrorCode.THROTTLED:
                    raise _Closing(Close.TOO_MANY, "Too many connections") from None
                case ErrorCode.UNAVAILABLE:
                    raise _Closing(Close.TRY_LATER) from None
                case _:
                    raise _Closing(Close.INTERNAL) from None

    async def _read(self) -> None:
        """Take messages until the client leaves."""
        while True:
            try:
                message = await self._next()
            except _Left:
                return
            match message.get("type"):
                case "subscribe":
                    await self._subscribe(message)
                case "complete":
                    running = self._running.pop(_id(message), None)
                    if running is not None:
                        running.cancel()
                case "ping":
                    await self._say(_pong(message))
                case "pong":
                    pass
                case "connection_init":
                    raise _Closing(Close.TOO_MANY)
                case _:
                    raise _Closing(Close.BAD_REQUEST)

    async def _next(self) -> Mapping[str, Any]:
        """The next message. Raises _Left, or _Closing for what is none of the protocol."""
        event: Message = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise _Left
        text = event.get("text")
        if text is None:
            raise _Closing(Close.BAD_REQUEST, "Only text is taken")
        content = text.encode()
        if len(content) > self._limits.message_bytes:
            raise _Closing(Close.TOO_LARGE)
        try:
            message = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise _Closing(Close.BAD_REQUEST) from None
        if not isinstance(message, dict):
            raise _Closing(Close.BAD_REQUEST)
        return message

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        id, payload = _id(message), message.get("payload")
        if not isinstance(payload, dict):
            raise _Closing(Close.BAD_REQUEST)
        if id in self._running:
            # A reason has 123 bytes at most, and a character up to four.
            raise _Closing(Close.ID_IN_USE, f"Subscriber for {id[:20]} already exists")
        if len(self._running) >= self._limits.operations:
            limit = self._limits.operations
            refusal = RequestError(
                ErrorCode.THROTTLED,
                f"There are {limit} operations on this connection, which is the limit.",
                extensions={"limit": {"name": "operations_per_connection", "value": limit}},
            )
            await self._say(_error(id, refusal))
            return
        self._asked += 1
        reference = f"{self._reference}-{self._asked}"
        task = asyncio.create_task(self._answer(id, payload, reference))
        self._running[id] = task
        task.add_done_callback(lambda _: self._forget(id, task))

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        if self._running.get(id) is task:
            del self._running[id]

    # What is answered.

    async def _answer(self, id: str, payload: Mapping[str, Any], reference: str) -> None:
        """Answer one operation to its end. What ends the socket goes to `_broken`."""
        try:
            try:
                asked = decode_payload(payload, self._terms.limits)
                await self._run(id, asked, reference)
            except (_Closing, _Left, asyncio.CancelledError):
                raise
            except Exception as error:
                await self._say(_error(id, explain(error, reference, self._terms)))
            else:
                await self._say({"id": id, "type": "complete"})
        except (_Closing, _Left) as end:
            if not self._broken.done():
                self._broken.set_exception(end)

    async def _run(self, id: str, asked: GraphQLRequest, reference: str) -> None:
        assert self._held is not None, "nothing is asked before the connection is made"
        held, operations = self._held, self._operations
        prepared = operations.find(asked)
        if prepared.kind is not OperationType.SUBSCRIPTION:
            answer = await operations.once(prepared, asked, held, reference, _key(asked))
            await self._say({"id": id, "type": "next", "payload": answer.content})
            return
        deliveries = operations.follow(prepared, asked, held, reference)
        async with aclosing(deliveries):
            async for each in deliveries:
                await self._say({"id": id, "type": "next", "payload": each.content})

    async def _say(self, message: Mapping[str, Any]) -> None:
        """Send a message. Raises _Closing: the client does not take it; _Left: it is gone."""
        text = orjson.dumps(message).decode()
        try:
            async with asyncio.timeout(self._limits.send_s):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise _Closing(Close.TRY_LATER, "Too slow") from None
        except (OSError, RuntimeError):  # as uvicorn says it, by how far the end has got
            raise _Left from None


class _Left(Exception):
    """The client has closed the socket, or is gone."""


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= ID_LENGTH_MAX:
        raise _Closing(Close.BAD_REQUEST, "An id must be a text")
    return id


def _key(asked: GraphQLRequest) -> str | None:
    """The idempotency key, which comes as a header over HTTP."""
    key = asked.extensions.get("idempotencyKey")
    if key is not None and not isinstance(key, str):
        raise RequestError(ErrorCode.BAD_USER_INPUT, "Extension 'idempotencyKey' must be a string.")
    return key


def _pong(ping: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = ping.get("payload")
    return {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}


def _error(id: str, refusal: RequestError) -> Mapping[str, Any]:
    errors = [reason.formatted() for reason in refusal.reasons()]
    return {"id": id, "type": "error", "payload": errors}
