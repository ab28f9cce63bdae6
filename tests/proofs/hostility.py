"""Hostile requests: written by hand, made from the types of the schema, and stored operations bent.

The same seed makes the same requests.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.proofs.inputs import HOSTILE, LONG, Inputs, Leaf, document
from tests.proofs.inputs import leaves as leaves_of
from tests.proofs.office import ROOTS, SHOWN
from tests.web.test_hostile_requests import HOSTILE_BODIES, HOSTILE_QUERY_STRINGS

OPERATIONS = Path(__file__).parents[2] / "operations"
JSON = {"content-type": "application/json"}

# What no answer may ever hold: the inside of the program and of its database.
INSIDE = re.compile(
    rb"Traceback|sqlalchemy|psycopg|sqlite3|site-packages|/backoffice_api/|postgresql://"
    rb"|\bSELECT (?!1; --)\w|\bINSERT INTO\b|\bUPDATE \w+ SET\b|argon2|0x[0-9a-f]{8,}"
)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\$?\w+|\.\.\.|[^\s\w]')
_VARIABLE = re.compile(r"\$(\w+):")
_ODD = (
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "...",
        "!",
        "@skip(if: true)",
        "@include(if: $x)",
        "on",
        "null",
    ),
    *("-1", "1e400", "9" * 60, '"\\u0000"', '"\\ud800"', '""', '"""', "$", "|", "&", "\ufeff", "#"),
    *("__typename", "__schema { types { name } }", "fragment", "query", "mutation", "subscription"),
    *("first: 251", "first: -1", "last: 2147483648", "id", "nodes", "edges", "userErrors"),
)


DEEP = 10_000
RIGHT = 'mutation { channelCreate(input: {code: "x", name: "X", currency: "EUR"}) { replayed } }'


def named(query: str, **parameters: Any) -> bytes:
    return orjson.dumps({"query": query, **parameters})


BODIES: Mapping[str, bytes] = {
    "deep fields": named("{ node(id: 1) " + "{ timeline { nodes " * DEEP + "}" * DEEP),
    "deep fields of a mutation": named("mutation " + "{ channelCreate " * DEEP + "}" * DEEP),
    "deep lists": named("{ nodes(ids: " + "[" * DEEP + "]" * DEEP + ") { id } }"),
    "deep objects": named("{ orders(filter: " + "{not: " * DEEP + "{}" + "}" * DEEP + ") { x } }"),
    "deep variables": b'{"query": "%s", "variables": {"f": %s1%s}}'
    % (RIGHT.replace('"', '\\"').encode(), b"[" * DEEP, b"]" * DEEP),
    "deep filters": named(
        "query ($f: OrderFilter) { orders(filter: $f) { nodes { id } } }",
        variables={"f": orjson.Fragment(b'{"not": ' * 16 + b"{}" + b"}" * 16)},
    ),
    "many fragments": named(
        RIGHT + "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(60))
    ),
    "many aliases": named(
        "mutation {" + "".join(f"a{n}: {RIGHT[10:-1]} " for n in range(200)) + "}"
    ),
    "two operations": named(f"{RIGHT} {RIGHT}"),
    "an unknown field": named(RIGHT.replace("name:", "nom:")),
    "no UTF-8": named(RIGHT.replace('"X"', '"@"')).replace(b"@", b"\xff\xfe"),
    "half of a pair": named(RIGHT.replace('"X"', '"@"')).replace(b"@", b"\\ud800"),
    "a batch": b"[" + named(RIGHT) + b"]",
    "two bodies": named(RIGHT) * 2,
    "not a number": named(RIGHT, variables={"x": orjson.Fragment(b"NaN")}),
    "a megabyte": named(RIGHT + " " * 1_000_000),
}
CONTENT_TYPES = (
    "",
    "text/plain",
    "application/graphql",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/jsonx",
)


def rehearsed(leaf: Leaf, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same as a dry run, if the leaf is not what says so."""
    if leaf.path == ("meta", "dryRun"):
        return given
    return {**given, "meta": {**given.get("meta", {}), "dryRun": True}}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request, and what it is about."""

    about: str
    body: bytes = b""
    method: str = "POST"
    target: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def hand_made() -> Iterator[Hostile]:
    """Some 260: what people have thought of."""
    for number, body in enumerate((*HOSTILE_BODIES, *BODIES.values())):
        yield Hostile(f"body {number}", body)
        accept = "application/graphql-response+json"
        yield Hostile(f"body {number}, {accept}", body, headers={**JSON, "accept": accept})
    for query in HOSTILE_QUERY_STRINGS:
        yield Hostile(f"?{query[:60]}", method="GET", target=f"/graphql?{query}", headers={})
    good = b'{"query": "{ __typename }"}'
    for content_type in CONTENT_TYPES:
        yield Hostile(content_type, good, headers={"content-type": content_type})
    for name, value in (
        ("accept", "image/png"),
        ("accept", "," * 4_000),
        ("content-encoding", "gzip"),
        ("x-request-id", "a" * 4_000),
        ("idempotency-key", "\u00e9"),
        ("idempotency-key", "x" * 4_000),
    ):
        yield Hostile(f"{name}: {value[:20]}", good, headers={**JSON, name: value})
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
        yield Hostile(method, good, method)


def typed(inputs: Inputs, count: int, seed: int) -> Iterator[Hostile]:
    """So many of: a right request for one root field, with something wrong in one place.

    Mutations are dry runs.
    """
    chance = random.Random(seed)
    roots = sorted(ROOTS.items())
    leaves = {name: list(leaves_of(name, each)) for name, (_, each) in roots}
    roots = [each for each in roots if leaves[each[0]]]
    for number in range(count):
        name, (kind, root) = roots[number % len(roots)]
        leaf = chance.choice(leaves[name])
        value = chance.choice((*leaf.hostile, LONG))
        given: Mapping[str, Any] = inputs.hostile(name, root, leaf, value)
        if kind == "mutation" and "meta" in root.args:
            given = rehearsed(leaf, given)
        text = document(kind, name, root, given, SHOWN if kind == "mutation" else "{ __typename }")
        body = orjson.dumps({"query": text, "variables": given})
        yield Hostile(f"{name} {leaf.name} = {value!r:.60}", body)


def bent(count: int, seed: int) -> Iterator[Hostile]:
    """So many stored operations, each changed in some places; with variables of any kind."""
    chance = random.Random(seed)
    texts = {file.stem: file.read_text() for file in sorted(OPERATIONS.glob("*.graphql"))}
    tokens = {name: _TOKEN.findall(re.sub(r"#.*", "", text)) for name, text in texts.items()}
    names = sorted(tokens)
    values = [each for several in HOSTILE.values() for each in several]
    for number in range(count):
        name = names[number % len(names)]
        changed = tokens[name]
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            changed = _change(changed, tokens[chance.choice(names)], chance)
        body = orjson.dumps(
            {
                "query": " ".join(changed),
                "variables": {
                    each: chance.choice(values)
                    for each in _VARIABLE.findall(texts[name])
                    if chance.random() < 0.8
                },
            }
        )
        if chance.random() < 0.1:
            body = _damage(body, chance)
        yield Hostile(f"{name}, bent {number}", body)


def _change(tokens: Sequence[str], others: Sequence[str], chance: random.Random) -> list[str]:
    """The same with one part dropped, doubled, moved, replaced or put in."""
    start = chance.randrange(len(tokens) + 1)
    end = min(len(tokens), start + chance.choice((1, 1, 2, 5, 20)))
    before, part, after = list(tokens[:start]), list(tokens[start:end]), list(tokens[end:])
    begin = chance.randrange(len(others))
    match chance.randrange(6):
        case 0:
            return before + after
        case 1:
            return before + part * chance.choice((2, 3, 60)) + after
        case 2:
            return before + list(reversed(part)) + after
        case 3:
            return [*before, chance.choice(_ODD), *after]
        case 4:
            return before + part + list(others[begin : begin + 20]) + after
        case _:
            return after + part + before


def _damage(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body))
    return chance.choice(
        (
            body[:at],
            body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
            body[:at] + bytes(chance.randrange(256) for _ in range(9)) + body[at:],
            body + body[at:],
        )
    )
