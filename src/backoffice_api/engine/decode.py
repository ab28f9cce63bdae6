"""Reads a GraphQL request out of whatever a client sends.

One decoder serves POST bodies, GET parameters and the payloads of WebSocket messages, so that
all refuse alike. Each fault is a RequestError BAD_USER_INPUT with status 400.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits

_PARAMETERS_MAX = 20
# In a query string these two are JSON in a string (GraphQL over HTTP, section GET).
_JSON_PARAMETERS = ("variables", "extensions")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks for, and the document by its text, its id or its hash.

    `query` is the text. `document_id` names a trusted document (GraphQL over HTTP, appendix
    Persisted Documents); no text goes with it. `sha256` is the hash of the text in hexadecimal
    digits, as clients of automatic persisted queries send it with the text or alone. At least one
    of the three is given.
    """

    query: str | None
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    document_id: str | None = None
    sha256: str | None = None


def decode_body(body: bytes, limits: Limits) -> GraphQLRequest:
    """The request in the JSON body of a POST. Batches (JSON arrays) are refused."""
    return decode_payload(_json(body, "The body"), limits)


def decode_parameters(query_string: bytes, limits: Limits) -> GraphQLRequest:
    """The request in the query string of a GET. An empty parameter counts as not given."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), errors="strict", max_num_fields=_PARAMETERS_MAX
        )
    except ValueError as error:
        raise _bad("The query string is not URL-encoded UTF-8 of few parameters.") from error
    payload: dict[str, Any] = {}
    for name, value in pairs:
        if name in payload:
            raise _bad("A parameter is given twice.")
        payload[name] = value
    for name in _JSON_PARAMETERS:
        if name in payload:
            payload[name] = _json(payload[name].encode(), f"Parameter '{name}'")
    return decode_payload(payload, limits)


def decode_payload(payload: object, limits: Limits) -> GraphQLRequest:
    """The request in a value that was read from JSON."""
    if not isinstance(payload, dict):
        raise _bad("The body must be a JSON object.")
    variables = _map(payload, "variables")
    extensions = _map(payload, "extensions")
    asked = GraphQLRequest(
        query=_text(payload, "query"),
        operation_name=_text(payload, "operationName"),
        variables=variables,
        extensions=extensions,
        document_id=_text(payload, "documentId"),
        sha256=_hash(extensions) if "persistedQuery" in extensions else None,
    )
    if asked.query is None and asked.document_id is None and asked.sha256 is None:
        raise _bad("Parameter 'query' must be a string, and must be given.")
    if asked.query is not None and asked.document_id is not None:
        raise _bad("Either 'query' or 'documentId' is given, not both.")
    check_input(variables, limits)
    return asked


def check_input(variables: Mapping[str, Any], limits: Limits) -> None:
    """Refuse values that no type of a schema should have to meet.

    Nesting is bounded because coercion recurses. Integers beyond 64 bits would have lost digits
    in orjson, which reads them as floats. No database text can hold U+0000.
    """
    if len(variables) > limits.variables:
        raise _bad(f"There are more than {limits.variables} variables.")
    waiting: list[tuple[object, int]] = [(value, 0) for value in variables.values()]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict | list):
            if depth >= limits.input_depth:
                raise _bad(f"A variable is nested deeper than {limits.input_depth} levels.")
            if len(value) > limits.input_list:
                raise _bad(f"A variable holds more than {limits.input_list} entries.")
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inner)
            if isinstance(value, dict):
                waiting.extend((key, depth + 1) for key in value)
        elif isinstance(value, str):
            if "\0" in value:
                raise _bad("Text must not contain the character U+0000.")
        elif isinstance(value, float) and (not math.isfinite(value) or abs(value) >= 2**63):
            raise _bad("A number is beyond 64 bits. Send it as a string.")


def _json(text: bytes, what: str) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(f"{what} is not JSON in UTF-8.") from error
    return value


def _map(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = payload.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad(f"Parameter '{name}' must be an object.")
    return value


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad(f"Parameter '{name}' must be a string.")
    return value


def _hash(extensions: Mapping[str, Any]) -> str:
    """The hash in an extension of Apollo's protocol of automatic persisted queries."""
    extension = extensions["persistedQuery"]
    if not isinstance(extension, dict) or extension.get("version") != 1:
        raise _bad("Extension 'persistedQuery' must be an object with 'version' 1.")
    found = extension.get("sha256Hash")
    if not isinstance(found, str):
        raise _bad("Extension 'persistedQuery' must have a string 'sha256Hash'.")
    return found


def _bad(message: str) -> RequestError:
    return RequestError(ErrorCode.BAD_USER_INPUT, message)
