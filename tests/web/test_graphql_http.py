import asyncio
from collections.abc import Iterator, Mapping

import orjson
import pytest
from starlette.types import Message

from backoffice_api.engine.limits import Limits
from tests.engine.shop import SECRET
from tests.web.server import BROWSER, GRAPHQL, JSON, SCHEMA, Server, codes, exchange, scope


@pytest.fixture
def server() -> Server:
    return Server()


class TestAnswer:
    def test_is_a_graphql_response(self, server: Server) -> None:
        response = server.post("query A($t: String) { echo(text: $t) }", variables={"t": "é😀"})

        assert response.status_code == 200
        assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
        assert orjson.loads(response.content) == {
            "data": {"echo": "text=é😀"},
            "extensions": {"cost": {"requestedQueryCost": 1, "actualQueryCost": 1}},
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
        for accept in (GRAPHQL, JSON):
            response = server.post(text, {"idempotency-key": "key-1", "accept": accept})

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
