import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson
import pytest
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

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.bugs: list[tuple[Exception, str]] = []
        self.contexts: list[Context] = []
        self.endpoint = GraphQLEndpoint(
            Preparer(SCHEMA, SdlRules(SCHEMA), self.limits),
            self.authenticate,
            self.make_context,
            Terms(
                limits=self.limits,
                on_bug=lambda error, reference: self.bugs.append((error, reference)),
                translate=unavailable_when_refused,
            ),
            html=lambda _: HTMLResponse("<h1>GraphiQL</h1>"),
        )
        self.client = TestClient(Starlette(routes=[Route("/graphql", self.endpoint)]))

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
        return self.client.post("/graphql", content=content, headers=_headers(headers, JSON))

    def get(
        self, headers: Mapping[str, str | None] | None = None, **parameters: str
    ) -> httpx2.Response:
        url = f"/graphql?{urlencode(parameters)}"
        return self.client.get(url, headers=_headers(headers, None))


def _headers(
    given: Mapping[str, str | None] | None, content_type: str | None
) -> list[tuple[str, str]]:
    headers = {
        "authorization": "Bearer all",
        "accept": GRAPHQL,
        "content-type": content_type,
        **(given or {}),
    }
    return [(name, value) for name, value in headers.items() if value is not None]


@pytest.fixture
def server() -> Server:
    return Server()


def codes(response: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


class TestAnswer:
    def test_is_a_graphql_response(self, server: Server) -> None:
        response = server.post("query A($t: String) { echo(text: $t) }", variables={"t": "é😀"})

        assert response.status_code == 200
        assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
        assert orjson.loads(response.content) == {
            "data": {"echo": "text=é😀"},
            "extensions": {"cost": {"requested": 0, "limit": 20_000}},
        }

    def test_is_never_stored_and_never_guessed_at(self, server: Server) -> None:
        for response in (server.post(), server.post("{"), server.send(b"")):
            assert response.headers["cache-control"] == "no-store"
            assert response.headers["x-content-type-options"] == "nosniff"

    def test_chooses_the_operation(self, server: Server) -> None:
        text = "query A { hello } query B { b: hello }"

        assert server.post(text, operationName="B").json()["data"] == {"b": "world"}
        response = server.post(text)
        assert (response.status_code, codes(response)) == (400, ["OPERATION_RESOLUTION_FAILURE"])

    @pytest.mark.parametrize("accept", ["*/*", JSON, BROWSER])
    def test_is_plain_json_for_who_does_not_ask_for_more(self, server: Server, accept: str) -> None:
        response = server.post(headers={"accept": accept})

        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.json()["data"] == {"hello": "world"}

    def test_keeps_200_for_plain_json_where_the_request_was_well_formed(
        self, server: Server
    ) -> None:
        for text in ("{", "{ unknown }", "query ($n: Int!) { echo(number: $n) }", "query A{a} {b}"):
            assert server.post(text, {"accept": JSON}).status_code == 200
            assert server.post(text).status_code == 400

    def test_is_refused_where_nothing_is_acceptable(self, server: Server) -> None:
        response = server.post(headers={"accept": "image/png"})

        assert response.status_code == 406
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert codes(response) == ["BAD_USER_INPUT"]

    def test_of_a_failed_field_is_200(self, server: Server) -> None:
        response = server.post("{ hello fault }")

        assert response.status_code == 200
        assert response.json()["data"] == {"hello": "world", "fault": None}
        assert codes(response) == ["INTERNAL"]
        assert SECRET not in response.text

    def test_of_a_service_that_is_down_says_when_to_ask_again(self, server: Server) -> None:
        for headers in ({"accept": JSON}, {"accept": GRAPHQL}, {"authorization": "Bearer down"}):
            response = server.post("{ unavailable }", headers)

            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert codes(response) == ["UNAVAILABLE"]
            assert "data" not in response.json()
        assert server.bugs == []


class TestGet:
    def test_runs_queries(self, server: Server) -> None:
        response = server.get(
            query="query A($t: String) { echo(text: $t) }",
            variables='{"t": "é"}',
            operationName="A",
        )

        assert response.status_code == 200
        assert response.json()["data"] == {"echo": "text=é"}

    @pytest.mark.parametrize("accept", [GRAPHQL, JSON])
    def test_does_not_run_mutations(self, server: Server, accept: str) -> None:
        response = server.get({"accept": accept}, query="mutation { orderPlace { key } }")

        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert codes(response) == ["BAD_USER_INPUT"]
        assert server.contexts == []

    def test_shows_browsers_a_page_without_a_token(self, server: Server) -> None:
        response = server.get({"accept": BROWSER, "authorization": None})

        assert response.text == "<h1>GraphiQL</h1>"
        assert response.headers["content-type"] == "text/html; charset=utf-8"

    def test_refuses_subscriptions(self, server: Server) -> None:
        for response in (
            server.get(query="subscription { ticks }"),
            server.post("subscription { ticks }"),
        ):
            assert response.status_code == 400
            assert codes(response) == ["OPERATION_RESOLUTION_FAILURE"]

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    def test_and_post_are_the_only_methods(self, server: Server, method: str) -> None:
        response = server.client.request(method, "/graphql")

        assert response.status_code == 405
        assert response.headers["allow"] == "GET, POST"
        assert codes(response) == ["BAD_USER_INPUT"]


class TestAuthentication:
    def test_comes_before_everything_in_the_request(self, server: Server) -> None:
        anonymous: dict[str, str | None] = {"authorization": None}
        for response in (
            server.post(headers=anonymous),
            server.send(b"NONSENSE", anonymous),
            server.send(b"", {**anonymous, "content-type": "text/plain"}),
            server.post(headers={**anonymous, "accept": "image/png"}),
            server.post(headers={**anonymous, "accept": JSON}),
            server.get(anonymous, query="{"),
        ):
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert codes(response) == ["UNAUTHENTICATED"]

    def test_does_not_wait_for_the_body(self, server: Server) -> None:
        def endless() -> Iterator[bytes]:
            read.append(1)
            yield b"{"

        read: list[int] = []
        messages = asyncio.run(exchange(server, [], endless(), authorization=None))

        assert messages[0]["status"] == 401
        assert read == []

    @pytest.mark.parametrize("accept", [GRAPHQL, JSON])
    @pytest.mark.parametrize("given", [{}, {"id": []}, {"id": "1"}])
    def test_without_the_scopes_is_forbidden_whatever_the_input(
        self, server: Server, accept: str, given: Mapping[str, object]
    ) -> None:
        response = server.post(
            "query ($id: ID!) { order(id: $id) { id } supplier { name } }",
            {"authorization": "Bearer costs:read", "accept": accept},
            variables=given,
        )

        assert response.status_code == 403
        [error] = response.json()["errors"]
        assert error["extensions"] == {
            "code": "FORBIDDEN",
            "scopes": ["orders:read", "suppliers:read"],
        }
        assert server.contexts == []

    def test_that_breaks_is_a_bug_that_is_masked(self, server: Server) -> None:
        response = server.post(headers={"authorization": "Bearer broken"})

        assert response.status_code == 500
        reference = response.headers["x-request-id"]
        assert response.json() == {
            "errors": [
                {
                    "message": "Internal error",
                    "extensions": {"code": "INTERNAL", "reference": reference},
                }
            ]
        }
        [(bug, told)] = server.bugs
        assert (str(bug), told) == (SECRET, reference)


class TestRequestId:
    @pytest.mark.parametrize("given", ["abcdefgh", "A-b_c.1234", "x" * 64])
    def test_of_the_client_is_taken(self, server: Server, given: str) -> None:
        response = server.post("mutation { orderPlace { requestId } }", {"x-request-id": given})

        assert response.headers["x-request-id"] == given
        assert response.json()["data"] == {"orderPlace": {"requestId": given}}

    @pytest.mark.parametrize("given", [None, "", "short", "x" * 65, "has spaces", "semi;colon"])
    def test_is_made_where_the_client_has_none_that_is_harmless(
        self, server: Server, given: str | None
    ) -> None:
        first, second = (
            server.post(headers={"x-request-id": given}).headers["x-request-id"] for _ in range(2)
        )

        assert len(first) == len(second) == 32
        assert first != second


class TestIdempotencyKey:
    TEXT = "mutation { orderPlace { key } }"

    @pytest.mark.parametrize("header", ["key-1", '"key-1"'])
    def test_reaches_the_mutation(self, server: Server, header: str) -> None:
        response = server.post(self.TEXT, {"idempotency-key": header})

        assert response.json()["data"] == {"orderPlace": {"key": "key-1"}}

    @pytest.mark.parametrize(
        "text",
        [
            "mutation { a: orderPlace { key } b: orderPlace { key } }",
            "mutation { ...F orderPlace { key } } fragment F on Mutation { b: orderPlace { key } }",
            "{ hello }",
        ],
    )
    def test_is_for_exactly_one_mutation(self, server: Server, text: str) -> None:
        response = server.post(text, {"idempotency-key": "key-1"})

        assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])
        assert server.contexts == []

    @pytest.mark.parametrize("key", ["", '""', "has space", "x" * 256])
    def test_has_a_form(self, server: Server, key: str) -> None:
        response = server.post(self.TEXT, {"idempotency-key": key})

        assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])


class TestContext:
    @pytest.mark.parametrize(
        "text",
        ["{ hello }", "{ fault }", "query ($n: Int!) { echo(number: $n) }", "{ unavailable }"],
    )
    def test_is_closed_once_however_the_run_ends(self, server: Server, text: str) -> None:
        server.post(text)

        assert [context.closed for context in server.contexts] == [1]

    def test_is_closed_after_a_timeout(self) -> None:
        server = Server(Limits(query_time_s=0.01))

        response = server.post("{ slow }")

        assert (response.status_code, codes(response)) == (503, ["UNAVAILABLE"])
        assert [context.closed for context in server.contexts] == [1]


class TestBody:
    def body_of(self, length: int) -> bytes:
        return b'{"query": "{ hello }"}'.ljust(length)

    def test_may_be_as_large_as_the_limit(self, server: Server) -> None:
        assert server.send(self.body_of(1_000_000)).status_code == 200

    def test_above_the_limit_is_refused_by_its_declared_length(self, server: Server) -> None:
        messages = asyncio.run(
            exchange(
                server, [(b"content-length", b"1000001")], iter([]), authorization=b"Bearer all"
            )
        )

        assert messages[0]["status"] == 413

    @pytest.mark.parametrize("declared", ["9" * 5_000, "1000001"])
    def test_above_the_limit_is_refused_whatever_the_number(
        self, server: Server, declared: str
    ) -> None:
        response = server.send(iter([b"{}"]), {"content-length": declared})

        assert (response.status_code, codes(response)) == (413, ["BAD_USER_INPUT"])

    def test_above_the_limit_is_refused_while_it_arrives(self, server: Server) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                read.append(100_000)
                yield b" " * 100_000

        read: list[int] = []
        messages = asyncio.run(exchange(server, [], endless(), authorization=b"Bearer all"))

        assert messages[0]["status"] == 413
        assert sum(read) == 1_100_000

    def test_that_does_not_arrive_is_not_waited_for(self) -> None:
        server = Server(Limits(body_time_s=0.01))

        messages = asyncio.run(exchange(server, [], None, authorization=b"Bearer all"))

        assert messages[0]["status"] == 408

    def test_of_a_client_that_left_is_not_answered(self, server: Server) -> None:
        async def leave() -> list[Message]:
            sent: list[Message] = []

            async def receive() -> Message:
                return {"type": "http.disconnect"}

            async def send(message: Message) -> None:
                sent.append(message)

            await server.endpoint(scope([], b"Bearer all"), receive, send)
            return sent

        assert asyncio.run(leave()) == []
        assert server.bugs == []

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "GZIP", "x"])
    def test_must_not_be_compressed(self, server: Server, coding: str) -> None:
        response = server.post(headers={"content-encoding": coding})

        assert (response.status_code, codes(response)) == (415, ["BAD_USER_INPUT"])

    def test_may_say_that_it_is_not_compressed(self, server: Server) -> None:
        assert server.post(headers={"content-encoding": "identity"}).status_code == 200

    @pytest.mark.parametrize(
        "content_type",
        [
            None,
            "text/plain",
            "application/graphql",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
        ],
    )
    def test_must_be_json_in_utf_8(self, server: Server, content_type: str | None) -> None:
        response = server.post(headers={"content-type": content_type})

        assert (response.status_code, codes(response)) == (415, ["BAD_USER_INPUT"])


class TestUnwritableAnswer:
    def test_is_a_bug_that_is_masked(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        lone_surrogate = "\ud800"
        monkeypatch.setattr(SCHEMA.query_type.fields["hello"], "resolve", lambda *_: lone_surrogate)  # type: ignore[union-attr]

        response = server.post()

        assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
        assert len(server.bugs) == 1


def variables(text: str, query: str = "query ($v: [String]) { echo(texts: $v) }") -> bytes:
    return b'{"query": "%s", "variables": {"v": %s}}' % (query.encode(), text.encode())


def document(text: str) -> bytes:
    return orjson.dumps({"query": text})


FRAGMENTS = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(25))

HOSTILE_BODIES = [
    b"",
    b" ",
    b"\x00",
    b"\xff\xfe\x00",
    b"NONSENSE",
    b"{",
    b"{}",
    b"null",
    b"1",
    b"-1",
    b"true",
    b'"text"',
    b"[]",
    b"[{}]",
    b'[{"query": "{ hello }"}]',
    b"NaN",
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000,
    b"1" * 10_000,
    b'{"query": "{ hello }"} x',
    b'{"query": "\xff"}',
    b'{"query": "\xed\xa0\x80"}',
    b'{"query": "\\ud800"}',
    '{"query": "{ hello }"}'.encode("utf-16"),
    b'\xef\xbb\xbf{"query": "{ hello }"}',
    b'{"query": null}',
    b'{"query": 1}',
    b'{"query": []}',
    b'{"query": ""}',
    b'{"query": "{ hello }", "variables": []}',
    b'{"query": "{ hello }", "variables": "{}"}',
    b'{"query": "{ hello }", "operationName": 1}',
    b'{"query": "{ hello }", "operationName": "\\u0000"}',
    b'{"query": "{ hello }", "operationName": ""}',
    b'{"query": "{ hello }", "extensions": 1}',
    b'{"extensions": {"persistedQuery": {"sha256Hash": "x"}}}',
    b'{"extensions": {"persistedQuery": null}}',
    variables("1" * 10_000),
    variables("1e400"),
    variables("1e300"),
    variables("NaN"),
    variables("-Infinity"),
    variables("18446744073709551616"),
    variables('"\\ud800"'),
    variables('["\\u0000"]'),
    variables("[" * 1_000 + "]" * 1_000),
    variables('{"a":' * 1_000 + "1" + "}" * 1_000),
    variables("[" + "0," * 250 + "0]"),
    variables("{}"),
    variables("[[]]"),
    variables("[true]"),
    variables('"123456789012"', "query ($v: Int) { echo(number: $v) }"),
    variables("2147483648", "query ($v: Int) { echo(number: $v) }"),
    variables("null", "query ($v: Int!) { echo(number: $v) }"),
    variables('{"and": [{"and": [{"or": 1}]}]}', "query ($v: Filter) { echo(filter: $v) }"),
    variables('"abc"', "query ($v: Sku) { echo(sku: $v) }"),
    variables("-1", "query ($v: Int) { orders(first: $v) { nodes { id } } }"),
    variables("251", "query ($v: Int) { orders(first: $v) { nodes { id } } }"),
    document("{ hello"),
    document("hello"),
    document("\x00"),
    document("{ hello }" + "\ufeff\x07"),
    document("{ __typename " * 10_000),
    document("{ self " * 10_000 + "{ hello }" + "}" * 10_000),
    document("{ echo(texts: " + "[" * 10_000 + "]" * 10_000 + ") }"),
    document("{ echo(number: " + "1" * 60_000 + ") }"),
    document("{ echo(number: 1e99999) }"),
    document('{ echo(text: "\\u0000") }'),
    document('{ echo(text: "\\uD800") }'),
    document('{ echo(text: "' + "a" * 64_000 + '") }'),
    document("{" + "__typename " * 200 + "}"),
    document("{" + " ".join(f"a{i}: hello" for i in range(200)) + "}"),
    document("{" + "hello @skip(if: true) " * 1_000 + "}"),
    document("{ hello " + "@include(if: true) " * 200 + "}"),
    document("{" + "lines { sku } " * 1_200 + "}"),
    document("{" + " a" * 5_000 + "}"),
    document("#" * 63_000 + "\n{ unknown }"),
    document("#\n" * 30_000 + "{ hello }"),
    document(f"{{ ...F0 }} {FRAGMENTS} fragment F25 on Query {{ hello }}"),
    document("{ ...A } fragment A on Query { ...A }"),
    document("{ ...A } fragment A on Query { self { ...B } } fragment B on Query { ...A }"),
    document("{ ...Nowhere }"),
    document("query (" + " ".join(f"$v{i}: Int" for i in range(1_000)) + ") { hello }"),
    document("query ($v: " + "[" * 500 + "Int" + "]" * 500 + ") { hello }"),
    document("query A { hello } query B { hello }"),
    document("query A { hello } query A { hello }"),
    document(" ".join(f"query Q{i} {{ hello }}" for i in range(200))),
    document("mutation {" + " ".join(f"a{i}: orderPlace {{ key }}" for i in range(11)) + "}"),
    document("subscription { ticks }"),
    document("type Query { hello: String }"),
    document("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"),
    document("{ orders(first: 251) { nodes { id } } }"),
    document("{ orders(first: -1) { nodes { id } } }"),
    document(
        "{"
        + " ".join(
            f"a{i}: orders(first: 250) {{ nodes {{ id }} edges {{ node {{ id }} }} }}"
            for i in range(30)
        )
        + "}"
    ),
    document("{ hello @defer }"),
    document("{ unknown }"),
    document("{ order { id } }"),
    document("{ hello { id } }"),
    document("{ self }"),
]


class TestHostileRequests:
    @pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
    def test_get_a_clean_refusal(self, server: Server, body: bytes) -> None:
        response = server.send(body)

        assert 400 <= response.status_code < 500
        self.check(server, response)

    @pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
    def test_get_the_same_refusal_as_plain_json(self, server: Server, body: bytes) -> None:
        response = server.send(body, {"accept": JSON})

        assert response.status_code == 200 or 400 <= response.status_code < 500
        self.check(server, response)
        assert response.json() == server.send(body).json()

    @pytest.mark.parametrize(
        "query_string",
        [
            "",
            "query",
            "query=",
            "query=%FF",
            "query=%ED%A0%80",
            "query=%",
            "query=%00",
            "query=%7Bhello",
            "query=%7Bhello%7D&query=%7Bhello%7D",
            "query=%7Bhello%7D&variables=1",
            "query=%7Bhello%7D&variables=NaN",
            "query=%7Bhello%7D&variables=%7B%22v%22:" + "1" * 10_000 + "%7D",
            "query=%7Bhello%7D&variables=" + "%5B" * 5_000,
            "query=%7Bhello%7D&extensions=%5B%5D",
            "query=%7Bhello%7D&operationName=%00",
            "query=mutation%7BorderPlace%7Bkey%7D%7D",
            "&".join(f"p{i}=1" for i in range(1_000)),
        ],
    )
    def test_get_a_clean_refusal_by_get(self, server: Server, query_string: str) -> None:
        response = server.client.get(f"/graphql?{query_string}", headers=_headers(None, None))

        assert 400 <= response.status_code < 500
        self.check(server, response)

    def check(self, server: Server, response: httpx2.Response) -> None:
        answer: dict[str, Any] = response.json()
        assert set(answer) == {"errors"}
        assert 1 <= len(answer["errors"]) <= 20
        for error in answer["errors"]:
            assert error["message"]
            assert error["extensions"]["code"] in set(ErrorCode) - {"INTERNAL", "UNAVAILABLE"}
        assert SECRET not in response.text
        assert server.bugs == []


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
