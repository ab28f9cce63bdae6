"""Inputs for every field of the schema's roots, made from its types: right ones, and hostile ones.

A right input is the smallest that the types allow, filled with examples. A hostile one differs
from it in a single leaf, wherever that lies, so that nothing before the leaf is refused.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
)

from tests.proofs.canaries import FORGED

Step = str | int
Path = tuple[Step, ...]

# Would be part of a statement, if texts ever were.
SQL = "' OR 1=1 UNION SELECT 1; --"
# Whose beginning must not be found in any log.
LONG = FORGED + "x" * 100_000


def raw(number: str) -> Any:
    """A number in JSON, or what only looks like one."""
    return orjson.Fragment(number)


# By the name of a scalar; whatever is wrong for one of them, or right and seldom seen.
HOSTILE: Mapping[str, tuple[Any, ...]] = {
    "String": (
        *("", " ", "\ufeff", "\u202egnirts", "\u200f\u200e", "a\r\nb", "\x7f\x1b[2J", "🧺" * 200),
        *(
            SQL,
            "%_\\",
            "{0}{field}%s",
            "<script>",
            "../../etc/passwd",
            "ﬁ",
            "İ",
            "ß" * 99,
        ),
        *(7, 1.5, True, [], ["a", "b"], {}, {"a": 1}, raw("1e999"), None),
    ),
    "ID": (
        *("", " ", "x", "ord_", "ord_0", "zzz_" + "0" * 32, "ord_" + "0" * 32, "sku_" + "f" * 32),
        *("ORD_" + "0" * 32, "ord_" + "g" * 32, "ord_" + "\u0660" * 32, "ord_" + "0" * 32 + "\n"),
        *("0" * 32, "b3JkZXI6MQ==", "\u202e", "../../etc/passwd", SQL),
        *(7, -1, 2**63 - 1, 1.5, True, [], {}, raw("1e999"), None),
    ),
    "Int": (
        *(-1, 0, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 10**9 + 1),
        *(1.5, -0.0, "1", "", "NaN", True, [], [1, 2], {}, None),
        *(raw("1e999"), raw("-1e999"), raw("NaN"), raw("Infinity"), raw("9" * 400), raw("1e9")),
    ),
    "BigInt": (
        *(str(2**63 - 1), str(-(2**63)), str(2**63), str(-(2**63) - 1), "9" * 400, "0", "-1", "-0"),
        *("", " 1", "1_000", "+1", "0x10", "1.0", "1e3", "NaN", "\u0663", "\u202e1"),
        *(2**63 - 1, 1.5, True, [], {}, None, raw(str(2**63)), raw("1e999"), raw("NaN")),
    ),
    "Decimal": (
        *("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1e999", "1e1000000", "1E5", "9" * 400),
        *("0." + "0" * 400 + "1", "-1", "-0", "-0.000001", "0.0000001", "9" * 38, "-" + "9" * 38),
        *(str(2**63), "92233720368547758.07", "92233720368547758.08", "9223372036854.775807"),
        *("", " 1", "1_000", "1,5", "1.", ".5", "\u0663", "\u202e1", "0x10"),
        *(1, 1.5, True, [], {}, None, raw("1e999"), raw("NaN"), raw("9" * 400)),
    ),
    "DateTime": (
        *("2026-02-30T00:00:00Z", "2025-02-29T12:00:00Z", "0000-01-01T00:00:00Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"),
        *("0001-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z", "2026-01-01"),
        *("2026-01-01T00:00:00", "2026-01-01T00:00:00+99:99", "now", "infinity", "-infinity", ""),
        *("\uff12026-01-01T00:00:00Z", "10000-01-01T00:00:00Z", 0, 1.5, True, [], {}, None),
    ),
    "Date": (
        *("", " ", "2026-02-30", "2025-02-29", "2026-1-1", "20260101", "2026-W01-1", "2026-001"),
        *("0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-2026-01-01"),
        *("2026-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "2026-01-01\n", " 2026-01-01", "now"),
        *("\uff12026-01-01", "\u0662\u0660\u0662\u0666-01-01", "\u202e2026-01-01", "infinity"),
        *(0, 20260101, 1.5, True, [], ["2026-01-01", "x"], {}, None, raw("1e999"), raw("NaN")),
    ),
    "CurrencyCode": ("", "eur", "EU", "EURO", "ZZZ", "€", "EUR\n", "\u202eEUR", 978, [], {}, None),
    "Secret": ("", " ", "short", "🧺" * 64, "\u202e" * 20, 7, [], {}, None),
    "JSON": (
        *(
            "",
            "\u202e",
            "x" * 20_001,
            raw(str(2**70)),
            2**63,
            1.5,
            True,
            [],
            [[]],
            {},
            {"a": {"b": 1}},
        ),
        *(["a", 1], [None], raw("1e999"), raw("9" * 400), "2026-02-30", "NaN"),
    ),
    "Boolean": ("true", "", 0, 1, [], [True, False], {}, None),
}
ANY_ENUM: tuple[Any, ...] = ("NO_SUCH_WORD", "", "\u202e", 0, 1.5, True, [], {}, None)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in the arguments of a root field where a scalar or a word of an enum stands.

    `home` is what declares it: an argument of this field alone, or an input that others take too.
    """

    path: Path
    home: str
    type: str
    hostile: tuple[Any, ...]

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True)
class Inputs:
    """Makes the arguments of fields.

    `examples` has right values: by a path that begins with the name of a root field, else by
    `Type.field`, else by the name of a scalar. One that changes with time is called for its value.
    `wanted` are optional fields of inputs that stand in a right one all the same.
    """

    examples: Mapping[str, Any]
    wanted: Mapping[str, tuple[str, ...]]

    def right(self, name: str, field: GraphQLField) -> dict[str, Any]:
        """The least that is right for a root field."""
        return {
            key: self._example(argument.type, f"{name}.{key}")
            for key, argument in field.args.items()
            if self._is_required(argument)
        }

    def hostile(self, name: str, field: GraphQLField, leaf: Leaf, value: Any) -> dict[str, Any]:
        """The same as `right`, with another value at the leaf."""
        key, *rest = leaf.path
        assert isinstance(key, str)
        changed = self._changed(field.args[key].type, f"{name}.{key}", rest, value)
        return {**self.right(name, field), key: changed}

    def _example(self, type_: GraphQLInputType, name: str) -> Any:
        if name in self.examples:
            example = self.examples[name]
            return example() if callable(example) else example
        match type_:
            case GraphQLNonNull():
                return self._example(type_.of_type, name)
            case GraphQLList():
                return [self._example(type_.of_type, name)]
            case GraphQLInputObjectType():
                return self._object(type_)
            case GraphQLEnumType():
                return next(iter(type_.values))
            case _:
                return self.examples[str(type_)]

    def _object(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        names = [key for key, field in type_.fields.items() if self._is_required(field)]
        names += self.wanted.get(type_.name, ())
        return {key: self._example(type_.fields[key].type, f"{type_.name}.{key}") for key in names}

    def _changed(self, type_: GraphQLInputType, name: str, path: list[Step], value: Any) -> Any:
        match type_:
            case GraphQLNonNull():
                return self._changed(type_.of_type, name, path, value)
            case GraphQLList():
                return [self._changed(type_.of_type, name, path[1:], value)] if path else value
            case GraphQLInputObjectType() if path:
                key, *rest = path
                assert isinstance(key, str)
                whole = {} if type_.is_one_of else self._object(type_)
                inner = self._changed(type_.fields[key].type, f"{type_.name}.{key}", rest, value)
                return {**whole, key: inner}
            case _:
                return value

    def _is_required(self, field: Any) -> bool:
        return isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined


def leaves(name: str, field: GraphQLField) -> Iterator[Leaf]:
    """Each place in the arguments of a root field."""
    for key, argument in field.args.items():
        yield from _leaves(argument.type, (key,), f"{name}.{key}", ())


def _leaves(
    type_: GraphQLInputType, path: Path, home: str, inside: tuple[str, ...]
) -> Iterator[Leaf]:
    match type_:
        case GraphQLNonNull():
            yield from _leaves(type_.of_type, path, home, inside)
        case GraphQLList():
            yield from _leaves(type_.of_type, (*path, 0), home, inside)
        case GraphQLInputObjectType():
            if type_.name not in inside:  # filters hold filters
                for key, field in type_.fields.items():
                    around = (*inside, type_.name)
                    yield from _leaves(field.type, (*path, key), f"{type_.name}.{key}", around)
        case _:
            yield Leaf(path, home, str(type_), HOSTILE.get(str(type_), ANY_ENUM))


def document(
    kind: str, name: str, field: GraphQLField, given: Mapping[str, Any], shown: str
) -> str:
    """A document that asks one root field, with its arguments in variables of the same names."""
    used = {key: field.args[key].type for key in given}
    declared = ", ".join(f"${key}: {type_}" for key, type_ in used.items())
    passed = ", ".join(f"{key}: ${key}" for key in used)
    head = f"{kind} ({declared})" if used else kind
    return f"{head} {{ {name}{f'({passed})' if used else ''} {shown} }}"


def literal(type_: GraphQLInputType, value: Any) -> str:
    """A value as it stands in a document. Texts are written as JSON writes them, with escapes."""
    match type_:
        case GraphQLNonNull():
            return literal(type_.of_type, value)
        case GraphQLList() if isinstance(value, list):
            return f"[{', '.join(literal(type_.of_type, each) for each in value)}]"
        case GraphQLInputObjectType() if isinstance(value, dict):
            inner = (
                f"{key}: {literal(type_.fields[key].type, each)}" for key, each in value.items()
            )
            return f"{{{', '.join(inner)}}}"
        case GraphQLEnumType() if isinstance(value, str):
            return value
        case _:
            return json.dumps(value)


def inline(kind: str, name: str, field: GraphQLField, given: Mapping[str, Any], shown: str) -> str:
    """The same as `document`, with the arguments written into it."""
    passed = ", ".join(
        f"{key}: {literal(field.args[key].type, each)}" for key, each in given.items()
    )
    return f"{kind} {{ {name}{f'({passed})' if passed else ''} {shown} }}"
