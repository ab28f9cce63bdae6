"""GraphQL over HTTP, by its specification (draft of 2025, github.com/graphql/graphql-over-http).

Everything that knows the shop is handed in, so that the endpoint serves any schema.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import uuid4

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backoffice_api.engine.decode import GraphQLRequest, decode_body, decode_parameters
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.run import Terms, check_scopes, explain, run
from backoffice_api.web.body import HttpFault, bad_request, read_json_body
from backoffice_api.web.negotiation import JSON, answer_type, prefers_html

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


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

MakeContext = Callable[[CallerT, str, str | None], Context]
"""Takes the caller, the request id and the idempotency key of the header, where there is one."""


def request_id(request: Request) -> str:
    """The id that the answer and every line of the log bear; the same for each call.

    It is the one that the access log gave the request. Without one, the client's `X-Request-Id`
    counts where it has 8 to 64 harmless characters, and a random one otherwise.
    """
    state = request.scope.setdefault("state", {})
    if "request_id" not in state:
        given = request.headers.get("x-request-id", "")
        state["request_id"] = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
    found: str = state["request_id"]
    return found


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
    ) -> None:
        """`html` answers browsers that open the address, without signing in."""
        self._preparer = preparer
        self._authenticate = authenticate
        self._make_context = make_context
        self._terms = terms
        self._html = html

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        accept = ",".join(request.headers.getlist("accept")) or None
        if self._html is not None and request.method in ("GET", "HEAD") and prefers_html(accept):
            return self._html(request)
        media_type = answer_type(accept)
        answer = await self._answer(request, media_type)
        try:
            body = orjson.dumps(answer.content)
        except orjson.JSONEncodeError as bug:
            answer = self._failed(request, bug)
            body = orjson.dumps(answer.content)
        headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Request-Id": request_id(request),
            **answer.headers,
        }
        content_type = f"{media_type or JSON}; charset=utf-8"
        return Response(body, answer.status, headers, media_type=content_type)

    async def _answer(self, request: Request, media_type: str | None) -> _Answer:
        try:
            _check_method(request)
            caller = await self._authenticate(request)
            if media_type is None:
                raise bad_request("The answer would be JSON, which Accept does not allow.", 406)
            asked = await self._read(request)
        except ClientDisconnect:
            raise
        except Exception as error:  # The border: whatever goes wrong, clients get GraphQL JSON.
            return self._failed(request, error)
        try:
            return await self._run(request, caller, asked)
        except Exception as error:
            answer = self._failed(request, error)
            if answer.status == 400 and media_type == JSON and not isinstance(error, HttpFault):
                # The request was well formed, and clients of `application/json` take a response
                # for one of GraphQL only with 200.
                return _Answer(200, answer.content, answer.headers)
            return answer

    async def _read(self, request: Request) -> GraphQLRequest:
        limits = self._preparer.limits
        if request.method == "GET":
            return decode_parameters(request.scope["query_string"], limits)
        return decode_body(
            await read_json_body(request, limits.body_bytes, limits.body_time_s), limits
        )

    async def _run(self, request: Request, caller: CallerT, asked: GraphQLRequest) -> _Answer:
        prepared = self._preparer.find(asked)
        _check_transport(request, prepared)
        check_scopes(prepared, caller.scopes)
        key = _idempotency_key(request, prepared)
        context = self._make_context(caller, request_id(request), key)
        try:
            content = await run(
                prepared,
                asked.variables,
                context,
                scopes=caller.scopes,
                reference=request_id(request),
                terms=self._terms,
            )
        finally:
            await context.close()
        return _Answer(200, content, {})

    def _failed(self, request: Request, error: Exception) -> _Answer:
        refusal = explain(error, request_id(request), self._terms)
        headers = refusal_headers(refusal)
        if refusal.status == 405:
            headers["Allow"] = "POST" if request.method == "GET" else "GET, POST"
        errors = [reason.formatted() for reason in refusal.reasons()]
        return _Answer(refusal.status, {"errors": errors}, headers)


def _check_method(request: Request) -> None:
    if request.method not in ("GET", "POST"):
        raise bad_request("The method must be GET or POST.", 405)


def _check_transport(request: Request, prepared: Prepared) -> None:
    if prepared.kind is OperationType.SUBSCRIPTION:
        raise RequestError(
            ErrorCode.OPERATION_RESOLUTION_FAILURE, "Subscriptions are not served over HTTP."
        )
    if request.method == "GET" and prepared.kind is not OperationType.QUERY:
        # A link or an image may cause a GET, and nobody should change anything by following one.
        raise bad_request("Mutations must be sent by POST.", 405)


def _idempotency_key(request: Request, prepared: Prepared) -> str | None:
    """The key in the header, without the quotes of its draft (httpapi-idempotency-key-header)."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given.removeprefix('"').removesuffix('"')
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise bad_request(
            "Idempotency-Key must have 1 to 255 printable ASCII characters, no spaces."
        )
    if prepared.kind is not OperationType.MUTATION or prepared.root_fields != 1:
        raise bad_request("Idempotency-Key is for requests with exactly one mutation.")
    return key
