"""The endpoint over the shop of `tests.engine.shop`, and ways to speak to it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.graphql import GraphQLEndpoint
from tests.engine.shop import ALL_SCOPES, SECRET, Context, SdlRules, shop, unavailable_when_refused

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

SCHEMA = shop()


@dataclass(frozen=True)
class Caller:
    scopes: frozenset[str]


class Server:
    """The endpoint over the shop. A token names the scopes that its bearer has."""

    def __init__(self, limits: Limits | None = None, preparer: Preparer | None = None) -> None:
        self.limits = limits or Limits()
        self.bugs: list[tuple[Exception, str]] = []
        self.contexts: list[Context] = []
        self.endpoint = GraphQLEndpoint(
            preparer or Preparer(SCHEMA, SdlRules(SCHEMA), self.limits),
            self.authenticate,
            self.make_context,
            Terms(
                limits=self.limits,
                on_bug=lambda error, reference: self.bugs.append((error, reference)),
                translate=unavailable_when_refused,
            ),
            html=lambda _: HTMLResponse("<h1>GraphiQL</h1>"),
        )
        routes = [Route("/graphql", self.endpoint)]
        self.client = TestClient(AccessLog(Starlette(routes=routes)))

    async def authenticate(self, request: Request) -> Caller:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token == "broken":
            raise LookupError(SECRET)
        if token == "down":
            raise ConnectionRefusedError(SECRET)
        if not token:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "Send a token.")
        return Caller(ALL_SCOPES if token == "all" else frozenset(token.split()))

    def make_context(self, caller: Caller, request_id: str, key: str | None) -> Context:
        self.contexts.append(Context(request_id, key))
        return self.contexts[-1]

    def post(
        self,
        query: str = "{ hello }",
        headers: Mapping[str, str | None] | None = None,
        **parameters: object,
    ) -> httpx2.Response:
        return self.send(orjson.dumps({"query": query, **parameters}), headers)

    def send(
        self, content: bytes | Iterator[bytes], headers: Mapping[str, str | None] | None = None
    ) -> httpx2.Response:
        return self.client.post("/graphql", content=content, headers=headers_of(headers, JSON))

    def get(
        self, headers: Mapping[str, str | None] | None = None, **parameters: str
    ) -> httpx2.Response:
        url = f"/graphql?{urlencode(parameters)}"
        return self.client.get(url, headers=headers_of(headers, None))


def headers_of(
    given: Mapping[str, str | None] | None, content_type: str | None
) -> list[tuple[str, str]]:
    headers = {
        "authorization": "Bearer all",
        "accept": GRAPHQL,
        "content-type": content_type,
        **(given or {}),
    }
    return [(name, value) for name, value in headers.items() if value is not None]


def codes(response: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def scope(headers: list[tuple[bytes, bytes]], authorization: bytes | None) -> dict[str, Any]:
    given = [(b"content-type", b"application/json"), *headers]
    if authorization is not None:
        given.append((b"authorization", authorization))
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": given,
    }


async def exchange(
    server: Server,
    headers: list[tuple[bytes, bytes]],
    chunks: Iterator[bytes] | None,
    authorization: bytes | None,
) -> list[Message]:
    """Speak ASGI with the endpoint. Each chunk is made when it is asked for; None never comes."""
    sent: list[Message] = []

    async def receive() -> Message:
        if chunks is None:
            await asyncio.Event().wait()
        assert chunks is not None
        return {"type": "http.request", "body": next(chunks), "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await server.endpoint(scope(headers, authorization), receive, send)
    return sent
