"""GraphQL over HTTP, by its specification (draft of 2025, github.com/graphql/graphql-over-http).

Everything that knows the shop is handed in, so that the endpoint serves any schema.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice_api.engine.decode import GraphQLRequest, decode_body, decode_parameters
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.run import Spent, Terms, check_scopes, explain, run
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import HttpFault, bad_request, read_json_body
from backoffice_api.web.fields import field
from backoffice_api.web.negotiation import GRAPHQL_RESPONSE, JSON, answer_type, prefers_html

# Where a request's scope names the kind of its operation.
_KIND = "backoffice.operation_kind"
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_TYPES = {each: f"{each}; charset=utf-8".encode() for each in (JSON, GRAPHQL_RESPONSE)}
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Caller(Protocol):
    """Who asks, as far as the endpoint must know."""

    @property
    def scopes(self) -> frozenset[str]:
        """What the caller may do."""


class Context(Protocol):
    """What resolvers find in `info.context`. One per request."""

    async def close(self) -> None:
        """Give back what the request held. Called once, also after a failure or a timeout."""


CallerT = TypeVar("CallerT", bound=Caller)

Authenticate = Callable[[Request], Awaitable[CallerT]]
"""Raises RequestError UNAUTHENTICATED where the request bears no valid token."""

Watch = Callable[[str, str, float], None]
"""Told of each answer: the kind of operation (`none` where the request led to none), the code of
the first error or `OK`, and the seconds it took."""

Note = Callable[[CallerT, Prepared, Mapping[str, Any], str, bytes], None]
"""Told of each answer with data after it was sent: to whom, to what, with which variables, under
which request id, and the answer itself."""

MakeContext = Callable[[CallerT, str, str | None], Context]
"""Takes the caller, the request id and the idempotency key of the header, where there is one."""

Spend = Callable[[CallerT, int], Awaitable[Spent]]
"""Takes a cost from the caller's budget. Raises RequestError THROTTLED, COST_LIMIT."""


def refusal_headers(refusal: RequestError) -> dict[str, str]:
    """What HTTP says of a refusal besides its status: how to sign in, when to ask again."""
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    return headers


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is sent: the status it has by itself, and the GraphQL response."""

    status: int
    content: Mapping[str, Any]
    headers: Mapping[str, str]
    asked: tuple[Any, Prepared, Mapping[str, Any]] | None = None


class GraphQLEndpoint(Generic[CallerT]):
    """An ASGI application for one route: `Route("/graphql", GraphQLEndpoint(...))`."""

    def __init__(
        self,
        preparer: Preparer,
        authenticate: Authenticate[CallerT],
        make_context: MakeContext[CallerT],
        terms: Terms,
        *,
        html: Callable[[Request], Response] | None = None,
        watch: Watch | None = None,
        note: Note[CallerT] | None = None,
        spend: Spend[CallerT] | None = None,
    ) -> None:
        """`html` answers browsers that open the address, without signing in.

        `spend` keeps the budgets of callers; without it, they have none.
        """
        self._preparer = preparer
        self._authenticate = authenticate
        self._make_context = make_context
        self._terms = terms
        self._html = html
        self._watch = watch
        self._note = note
        self._spend = spend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, accept = scope["method"], field(scope, b"accept")
        if self._html is not None and method in ("GET", "HEAD") and prefers_html(accept):
            await self._html(Request(scope, receive))(scope, receive, send)
            return
        begun_s = perf_counter()
        media_type = answer_type(accept)
        try:
            answer = await self._answer(scope, receive, media_type)
        except ClientDisconnect:
            return
        try:
            body = orjson.dumps(answer.content)
        except orjson.JSONEncodeError as bug:
            answer = self._failed(scope, bug)
            body = orjson.dumps(answer.content)
        if self._watch is not None:
            kind = scope.get(_KIND, "none")
            self._watch(kind, outcome(answer.content), perf_counter() - begun_s)
        # Two plain messages: a Response would be built and taken apart again for each request.
        headers = [
            (b"content-type", _TYPES[media_type or JSON]),
            (b"content-length", b"%d" % len(body)),
            *_HEADERS,
        ]
        for name, value in answer.headers.items():
            headers.append((name.lower().encode(), value.encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
        if self._note is not None and answer.asked is not None:
            caller, prepared, variables = answer.asked
            self._note(caller, prepared, variables, request_id(scope), body)

    async def _answer(self, scope: Scope, receive: Receive, media_type: str | None) -> _Answer:
        try:
            _check_method(scope)
            caller = await self._authenticate(Request(scope, receive))
            if media_type is None:
                raise bad_request("The answer would be JSON, which Accept does not allow.", 406)
            asked = await self._read(scope, receive)
        except ClientDisconnect:
            raise
        except Exception as error:  # The border: whatever goes wrong, clients get GraphQL JSON.
            return self._failed(scope, error)
        try:
            return await self._run(scope, caller, asked)
        except Exception as error:
            answer = self._failed(scope, error)
            if answer.status == 400 and media_type == JSON and not isinstance(error, HttpFault):
                # The request was well formed, and clients of `application/json` take a response
                # for one of GraphQL only with 200.
                return _Answer(200, answer.content, answer.headers)
            return answer

    async def _read(self, scope: Scope, receive: Receive) -> GraphQLRequest:
        limits = self._preparer.limits
        if scope["method"] == "GET":
            return decode_parameters(scope["query_string"], limits)
        body = await read_json_body(scope, receive, limits.body_bytes, limits.body_time_s)
        return decode_body(body, limits)

    async def _run(self, scope: Scope, caller: CallerT, asked: GraphQLRequest) -> _Answer:
        prepared = self._preparer.find(asked)
        scope[_KIND] = prepared.kind.value
        _check_transport(scope, prepared)
        check_scopes(prepared, caller.scopes)
        reference = request_id(scope)
        context = self._make_context(caller, reference, idempotency_key(scope, prepared))
        try:
            content = await run(
                prepared,
                asked.variables,
                context,
                scopes=caller.scopes,
                reference=reference,
                terms=self._terms,
                spend=None if self._spend is None else partial(self._spend, caller),
            )
        finally:
            await context.close()
        return _Answer(200, content, {}, (caller, prepared, asked.variables))

    def _failed(self, scope: Scope, error: Exception) -> _Answer:
        refusal = explain(error, request_id(scope), self._terms)
        headers = refusal_headers(refusal)
        if refusal.status == 405:
            headers["Allow"] = "POST" if scope["method"] == "GET" else "GET, POST"
        content: dict[str, Any] = {"errors": [reason.formatted() for reason in refusal.reasons()]}
        if refusal.code is ErrorCode.THROTTLED and "cost" in refusal.extensions:
            # Where clients look for it in every answer.
            content["extensions"] = {"cost": refusal.extensions["cost"]}
        return _Answer(refusal.status, content, headers)


def outcome(content: Mapping[str, Any]) -> str:
    """The code of the first error; `OK` where there is none."""
    errors = content.get("errors")
    return errors[0]["extensions"]["code"] if errors else "OK"


def _check_method(scope: Scope) -> None:
    if scope["method"] not in ("GET", "POST"):
        raise bad_request("The method must be GET or POST.", 405)


def _check_transport(scope: Scope, prepared: Prepared) -> None:
    if prepared.kind is OperationType.SUBSCRIPTION:
        raise RequestError(
            ErrorCode.OPERATION_RESOLUTION_FAILURE,
            "Subscriptions are answered over a WebSocket, or to who accepts text/event-stream or"
            " multipart/mixed;subscriptionSpec=1.0.",
        )
    if scope["method"] == "GET" and prepared.kind is not OperationType.QUERY:
        # A link or an image may cause a GET, and nobody should change anything by following one.
        raise bad_request("Mutations must be sent by POST.", 405)


def idempotency_key(scope: Scope, prepared: Prepared) -> str | None:
    """The key in the header, without the quotes of its draft (httpapi-idempotency-key-header)."""
    given = field(scope, b"idempotency-key")
    if given is None:
        return None
    key = given.removeprefix('"').removesuffix('"')
    check_key(key, prepared)
    return key


def check_key(key: str, prepared: Prepared) -> None:
    """Refuse an idempotency key that has another form, or another operation than it is for."""
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise bad_request(
            "Idempotency-Key must have 1 to 255 printable ASCII characters, no spaces."
        )
    if prepared.kind is not OperationType.MUTATION or prepared.root_fields != 1:
        raise bad_request("Idempotency-Key is for requests with exactly one mutation.")


class Shortcut:
    """An ASGI application that sends one path straight to its endpoint, and the rest to `app`.

    `app` serves the path too, under whatever prefix a proxy may give it. Its routing and its
    layers cost as much as an endpoint that reads nothing.
    """

    def __init__(self, app: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = scope["type"] == "http" and scope["path"] == self._path
        await (self._endpoint if direct else self._app)(scope, receive, send)
