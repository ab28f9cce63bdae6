from urllib.parse import urlencode

import orjson
import pytest

from backoffice_api.engine.decode import (
    GraphQLRequest,
    decode_body,
    decode_parameters,
    decode_payload,
)
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits

LIMITS = Limits()


def refused(body: bytes) -> str:
    with pytest.raises(RequestError) as caught:
        decode_body(body, LIMITS)
    assert caught.value.code is ErrorCode.BAD_USER_INPUT
    assert caught.value.status == 400
    return caught.value.message


def with_variable(text: str) -> bytes:
    return b'{"query": "{hello}", "variables": {"v": %s}}' % text.encode()


class TestDecodeBody:
    def test_reads_all_four_parameters(self) -> None:
        body = orjson.dumps(
            {
                "query": "query A { hello }",
                "operationName": "A",
                "variables": {"v": [1, None, {"a": "b"}]},
                "extensions": {"some": "value"},
                "unknown": "is ignored",
            }
        )

        assert decode_body(body, LIMITS) == GraphQLRequest(
            "query A { hello }", "A", {"v": [1, None, {"a": "b"}]}, {"some": "value"}
        )

    def test_takes_null_for_absent(self) -> None:
        body = b'{"query":"{a}","operationName":null,"variables":null,"extensions":null}'

        assert decode_body(body, LIMITS) == GraphQLRequest("{a}", None, {}, {})

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"NONSENSE",
            b'{ "not a JSON',
            b"{} trailing",
            b"\xff\xfe",
            b'{"query": "\xff"}',
            b'{"query": "\xed\xa0\x80"}',
            '{"query": "{a}"}'.encode("utf-16"),
            b'\xef\xbb\xbf{"query": "{a}"}',
            b"[" * 100_000 + b"]" * 100_000,
            b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
            with_variable("9" * 10_000),
            with_variable("1e400"),
            with_variable("NaN"),
            with_variable("Infinity"),
            with_variable("-Infinity"),
            with_variable('"\\ud800"'),
            with_variable('"\\udc00 a"'),
            with_variable("'single'"),
            with_variable("01"),
        ],
    )
    def test_refuses_what_is_not_json_in_utf_8(self, body: bytes) -> None:
        assert refused(body) == "The body is not JSON in UTF-8."

    @pytest.mark.parametrize(
        "body", [b"null", b"1", b"true", b'"text"', b"[]", b'[{"query":"{a}"}]']
    )
    def test_refuses_what_is_not_an_object(self, body: bytes) -> None:
        assert refused(body) == "The body must be a JSON object."

    @pytest.mark.parametrize("query", ["null", "1", "true", "[]", "{}"])
    def test_refuses_a_query_that_is_not_text(self, query: str) -> None:
        assert "'query'" in refused(b'{"query": %s}' % query.encode())

    def test_needs_a_query(self) -> None:
        assert "'query'" in refused(b"{}")

    @pytest.mark.parametrize("name", ["1", "true", "[]", "{}"])
    def test_refuses_an_operation_name_that_is_not_text(self, name: str) -> None:
        message = refused(b'{"query": "{a}", "operationName": %s}' % name.encode())

        assert message == "Parameter 'operationName' must be a string."

    @pytest.mark.parametrize("parameter", ["variables", "extensions"])
    @pytest.mark.parametrize("value", ["1", "true", "[]", '"{}"'])
    def test_refuses_maps_that_are_none(self, parameter: str, value: str) -> None:
        message = refused(b'{"query": "{a}", "%s": %s}' % (parameter.encode(), value.encode()))

        assert message == f"Parameter '{parameter}' must be an object."


class TestVariables:
    def test_keep_every_digit_of_64_bits(self) -> None:
        asked = decode_body(with_variable("[9223372036854775807, -9223372036854775808]"), LIMITS)

        assert asked.variables == {"v": [2**63 - 1, -(2**63)]}

    @pytest.mark.parametrize(
        "number", ["18446744073709551616", "-9223372036854775809", "1e20", "-1e300", "9" * 300]
    )
    def test_refuse_numbers_that_have_lost_digits(self, number: str) -> None:
        assert refused(with_variable(number)) == (
            "A number is beyond 64 bits. Send it as a string."
        )

    def test_are_nested_up_to_the_limit(self) -> None:
        decode_body(with_variable("[" * 16 + "]" * 16), LIMITS)

        assert refused(with_variable("[" * 17 + "]" * 17)) == (
            "A variable is nested deeper than 16 levels."
        )
        assert "nested deeper" in refused(with_variable('{"a":' * 900 + "1" + "}" * 900))

    def test_hold_up_to_250_entries(self) -> None:
        asked = decode_body(with_variable(orjson.dumps([0] * 250).decode()), LIMITS)

        assert len(asked.variables["v"]) == 250
        assert refused(with_variable(orjson.dumps([0] * 251).decode())) == (
            "A variable holds more than 250 entries."
        )
        entries = orjson.dumps({f"k{i}": 0 for i in range(251)}).decode()
        assert refused(with_variable(entries)) == "A variable holds more than 250 entries."

    def test_are_not_more_than_the_limit(self) -> None:
        variables = {f"v{i}": 0 for i in range(101)}

        message = refused(orjson.dumps({"query": "{a}", "variables": variables}))

        assert message == "There are more than 100 variables."

    @pytest.mark.parametrize("text", ['"\\u0000"', '["a", {"b": "c\\u0000"}]', '{"a\\u0000": 1}'])
    def test_refuse_the_character_that_no_database_text_holds(self, text: str) -> None:
        assert refused(with_variable(text)) == "Text must not contain the character U+0000."

    def test_keep_characters_beyond_the_basic_plane(self) -> None:
        asked = decode_body(with_variable('"\\ud83d\\ude00 \\u202e"'), LIMITS)

        assert asked.variables == {"v": "😀 \u202e"}


class TestDecodeParameters:
    def test_reads_all_four_parameters(self) -> None:
        query_string = urlencode(
            {
                "query": "query A { café }",
                "operationName": "A",
                "variables": '{"v": "é"}',
                "extensions": '{"a": 1}',
            }
        )

        assert decode_parameters(query_string.encode(), LIMITS) == GraphQLRequest(
            "query A { café }", "A", {"v": "é"}, {"a": 1}
        )

    def test_takes_an_empty_parameter_for_absent(self) -> None:
        asked = decode_parameters(b"query=%7Ba%7D&operationName=&variables=&extensions=", LIMITS)

        assert asked == GraphQLRequest("{a}", None, {}, {})

    @pytest.mark.parametrize(
        "query_string",
        [
            b"",
            b"query=",
            b"query=%FF",
            b"query=%ED%A0%80",
            b"query=\xff",
            b"query=%7Ba%7D&query=%7Bb%7D",
            b"query=%7Ba%7D&variables=1",
            b"query=%7Ba%7D&variables=null&variables=null",
            b"query=%7Ba%7D&variables=%7B",
            b"query=%7Ba%7D&variables=NaN",
            b"query=%7Ba%7D&extensions=%5B%5D",
            b"query=%7Ba%7D&variables=" + b"%5B" * 2_000,
            b"&".join(b"p%d=1" % i for i in range(1_000)),
        ],
    )
    def test_refuses_the_malformed(self, query_string: bytes) -> None:
        with pytest.raises(RequestError) as caught:
            decode_parameters(query_string, LIMITS)

        assert (caught.value.code, caught.value.status) == (ErrorCode.BAD_USER_INPUT, 400)

    def test_takes_null_for_no_variables(self) -> None:
        assert decode_parameters(b"query=%7Ba%7D&variables=null", LIMITS).variables == {}


class TestDecodePayload:
    def test_takes_an_id_for_a_text(self) -> None:
        asked = decode_payload({"documentId": "sha256:ab", "operationName": "A"}, LIMITS)

        assert asked == GraphQLRequest(None, "A", {}, {}, document_id="sha256:ab")

    @pytest.mark.parametrize("query", [None, "{ a }"])
    def test_takes_a_hash_with_a_text_and_without(self, query: str | None) -> None:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0a"}}

        asked = decode_payload({"query": query, "extensions": extensions}, LIMITS)

        assert asked == GraphQLRequest(query, None, {}, extensions, sha256="0a")

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            {"documentId": None},
            {"documentId": 1},
            {"documentId": "a", "query": "{ a }"},
            {"query": "{ a }", "extensions": {"persistedQuery": None}},
            {"extensions": {"persistedQuery": "0a"}},
            {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0a"}}},
            {"extensions": {"persistedQuery": {"version": 1}}},
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 10}}},
        ],
    )
    def test_refuses_what_names_no_document_or_two(self, payload: object) -> None:
        with pytest.raises(RequestError) as caught:
            decode_payload(payload, LIMITS)

        assert caught.value.code is ErrorCode.BAD_USER_INPUT

    def test_reads_the_same_from_a_query_string(self) -> None:
        extensions = urlencode(
            {"extensions": '{"persistedQuery": {"version": 1, "sha256Hash": "0a"}}'}
        ).encode()

        assert decode_parameters(b"documentId=a&query=", LIMITS).document_id == "a"
        assert decode_parameters(extensions, LIMITS).sha256 == "0a"
