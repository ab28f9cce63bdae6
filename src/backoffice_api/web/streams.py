"""Subscriptions over HTTP: as server-sent events, or as the parts of a multipart answer.

Events are those of "distinct connections mode" (PROTOCOL.md of github.com/enisdenjo/graphql-sse),
the parts those of Apollo's multipart protocol, version 1.0. Which of the two a client takes, it
says in Accept; who names neither is answered by the endpoint.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, Protocol

import orjson
import structlog
from graphql import OperationType
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice_api.engine.decode import GraphQLRequest, decode_body
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.run import Terms, explain
from backoffice_api.live.stream import Delivery
from backoffice_api.web.access_log import request_id
from backoffice_api.web.authenticate import secret_in, unauthenticated
from backoffice_api.web.bearers import Bearers, Held
from backoffice_api.web.body import read_json_body
from backoffice_api.web.fields import field
from backoffice_api.web.graphql import idempotency_key, refusal_headers
from backoffice_api.web.negotiation import EVENTS, PARTS, stream_type
from backoffice_api.web.operations import Operations

HEARTBEAT_S = 10.0
SEND_S = 20.0
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep it back until there is much of it
)

log = structlog.get_logger("backoffice_api.streams")


class _Form(Protocol):
    """How answers are written one after the other."""

    media_type: bytes
    begin: bytes
    heartbeat: bytes
    complete: bytes

    def next(self, delivery: Delivery) -> bytes: ...
    def failed(self, errors: list[dict[str, Any]]) -> bytes: ...


class _Events:
    """Server-sent events. Each names the place in the log from which a client can go on."""

    media_type = b"text/event-stream; charset=utf-8"
    begin = b":\n\n"
    heartbeat = b":\n\n"
    complete = b"event: complete\ndata:\n\n"

    def next(self, delivery: Delivery) -> bytes:
        id = b"" if delivery.sequence is None else b"id: %d\n" % delivery.sequence
        return b"event: next\n%sdata: %s\n\n" % (id, orjson.dumps(delivery.content))

    def failed(self, errors: list[dict[str, Any]]) -> bytes:
        return b"event: next\ndata: %s\n\n" % orjson.dumps({"errors": errors})


class _Parts:
    """Parts of JSON. The line that ends a part goes with it: clients wait for it."""

    media_type = b'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    begin = b"--graphql"
    complete = b"--\r\n"

    def __init__(self) -> None:
        self.heartbeat = self._part({})

    def next(self, delivery: Delivery) -> bytes:
        return self._part({"payload": delivery.content})

    def failed(self, errors: list[dict[str, Any]]) -> bytes:
        return self._part({"payload": None, "errors": errors})

    @staticmethod
    def _part(content: object) -> bytes:
        return b"\r\nContent-Type: application/json\r\n\r\n%s\r\n--graphql" % orjson.dumps(content)


_FORMS: dict[str, _Form] = {EVENTS: _Events(), PARTS: _Parts()}


class HttpStreams:
    """An ASGI application around the endpoint. `leaving` is set when the server is to stop."""

    def __init__(
        self,
        endpoint: ASGIApp,
        operations: Operations,
        bearers: Bearers,
        terms: Terms,
        leaving: asyncio.Event,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        send_s: float = SEND_S,
    ) -> None:
        self._endpoint = endpoint
        self._operations = operations
        self._bearers = bearers
        self._terms = terms
        self._leaving = leaving
        self._heartbeat_s = heartbeat_s
        self._send_s = send_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = stream_type(field(scope, b"accept")) if scope["method"] == "POST" else None
        if wanted is None:
            await self._endpoint(scope, receive, send)
            return
        held = None
        try:
            secret = secret_in(field(scope, b"authorization"))
            await self._bearers.authenticator.identify(secret, scope)
            limits = self._terms.limits
            body = await read_json_body(scope, receive, limits.body_bytes, limits.body_time_s)
            asked = decode_body(body, limits)
            if wanted == PARTS and not self._is_subscription(asked):
                await self._endpoint(scope, _again(body, receive), send)
                return
            held = await self._bearers.hold(secret, scope)
        except ClientDisconnect:
            return
        except Exception as error:  # The border: whatever goes wrong, clients get GraphQL JSON.
            refusal = explain(error, request_id(scope), self._terms)
            errors = [each.formatted() for each in refusal.reasons()]
            headers = refusal_headers(refusal)
            await JSONResponse({"errors": errors}, refusal.status, headers)(scope, receive, send)
            return
        try:
            await self._stream(_FORMS[wanted], asked, held, scope, receive, send)
        except TimeoutError:
            log.info("stream.too_slow")  # it ends without an end: the client knows of the rest
        finally:
            self._bearers.release(held)

    def _is_subscription(self, asked: GraphQLRequest) -> bool:
        """Whether it is a good one: whatever else it is, the endpoint answers better."""
        with suppress(RequestError):
            return self._operations.find(asked).kind is OperationType.SUBSCRIPTION
        return False

    async def _stream(
        self,
        form: _Form,
        asked: GraphQLRequest,
        held: Held,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        async def put(part: bytes, *, more: bool = True) -> None:
            async with asyncio.timeout(self._send_s):
                await send({"type": "http.response.body", "body": part, "more_body": more})

        headers = [(b"content-type", form.media_type), *_HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await put(form.begin)
        deliveries = self._deliveries(asked, held, scope)
        ends: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(each)
            for each in (held.gone.wait(), self._leaving.wait(), _left(receive))
        }
        upcoming: asyncio.Task[Delivery | None] | None = None
        async with aclosing(deliveries):
            try:
                while not any(each.done() for each in ends):
                    upcoming = upcoming or asyncio.create_task(_upcoming(deliveries))
                    done, _ = await asyncio.wait(
                        {upcoming, *ends},
                        timeout=self._heartbeat_s,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    if not done:
                        await put(form.heartbeat)
                    elif upcoming in done:
                        each, upcoming = upcoming.result(), None
                        if each is None:
                            await put(form.complete, more=False)
                            return
                        await put(form.next(each))
                if held.gone.is_set():
                    raise unauthenticated()
                # Without an end: the client is to come again.
                await put(b"", more=False)
            except RequestError as refusal:
                errors = [reason.formatted() for reason in refusal.reasons()]
                await put(form.failed(errors) + form.complete, more=False)
            finally:
                tasks: list[asyncio.Future[Any]] = [*ends, *([upcoming] if upcoming else [])]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliveries(
        self, asked: GraphQLRequest, held: Held, scope: Scope
    ) -> AsyncGenerator[Delivery, None]:
        """All answers to an operation, be it one or many. Raises RequestError."""
        reference = request_id(scope)
        prepared = self._operations.find(asked)
        if prepared.kind is not OperationType.SUBSCRIPTION:
            key = idempotency_key(scope, prepared)
            yield await self._operations.once(prepared, asked, held, reference, key)
            return
        after = _last_event_id(scope)
        follow = self._operations.follow(prepared, asked, held, reference, after=after)
        async with aclosing(follow):
            async for each in follow:
                yield each


async def _upcoming(deliveries: AsyncGenerator[Delivery, None]) -> Delivery | None:
    return await anext(deliveries, None)


def _last_event_id(scope: Scope) -> int | None:
    """Where a client of server-sent events goes on."""
    given = field(scope, b"last-event-id") or ""
    return int(given) if given.isdecimal() and len(given) < 19 else None


async def _left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already once more."""
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return given.pop() if given else await receive()

    return receive_again
