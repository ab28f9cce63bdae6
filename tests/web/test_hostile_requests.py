from typing import Any

import httpx2
import orjson
import pytest

from backoffice_api.engine.errors import ErrorCode
from tests.engine.shop import SECRET
from tests.web.server import JSON, Server, headers_of


@pytest.fixture
def server() -> Server:
    return Server()


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

HOSTILE_QUERY_STRINGS = [
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

    @pytest.mark.parametrize("query_string", HOSTILE_QUERY_STRINGS)
    def test_get_a_clean_refusal_by_get(self, server: Server, query_string: str) -> None:
        response = server.client.get(f"/graphql?{query_string}", headers=headers_of(None, None))

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
