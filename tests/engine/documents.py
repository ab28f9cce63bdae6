"""Documents made at random over a schema: every construct that a client may write, all valid.

The same seed makes the same documents. Values are taken from a pool of what the database holds,
so that filters and lookups find something now and then.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

Pool = Mapping[str, Sequence[str]]
"""Values by the name of the scalar that they are given as; ids of a type by the type's, too."""

_DEPTH_MAX = 5
_FIELDS_MAX = 5
_PAGE_MAX = 4
_NOT_TOGETHER = (
    *[("last", "before", "after")] * 6,
    *[("first", "before", "after")] * 4,
    ("last", "before"),
    ("first", "after"),
    (),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document and its variables."""

    text: str
    variables: Mapping[str, Any]


@dataclass(slots=True)
class _Draft:
    """What a document under way has collected."""

    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    names: int = 0

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"


class Documents:
    """Makes queries over the schema."""

    def __init__(self, schema: GraphQLSchema, pool: Pool, seed: int) -> None:
        self._schema = schema
        self._pool = pool
        self._random = random.Random(seed)
        self._returned = ""

    def make(self) -> Document:
        """The next query."""
        root = self._schema.query_type
        assert root is not None, "a schema has queries"
        draft = _Draft()
        body = self._selection(root, draft, 0)
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in draft.variables.items())
        head = f"query Made({declared})" if declared else "query Made"
        values = {
            name: value for name, (_, value) in draft.variables.items() if value is not _ABSENT
        }
        return Document(" ".join([head, body, *draft.fragments]), values)

    def _selection(
        self, kind: GraphQLObjectType | GraphQLInterfaceType, draft: _Draft, depth: int
    ) -> str:
        names = [name for name in kind.fields if self._is_open(kind.fields[name], depth)]
        self._random.shuffle(names)
        count = self._random.randint(1, 3 if depth == 0 else _FIELDS_MAX)
        parts = [self._field(name, kind.fields[name], draft, depth) for name in names[:count]]
        if not parts or self._random.random() < 0.2:
            parts.append(self._maybe("__typename", draft))
        if isinstance(kind, GraphQLInterfaceType):
            parts += self._of_types(kind, draft, depth)
        if self._random.random() < 0.15:
            parts[-1] = self._wrapped(parts[-1], kind, draft)
        return f"{{ {' '.join(parts)} }}"

    def _is_open(self, field: GraphQLField, depth: int) -> bool:
        return depth < _DEPTH_MAX or is_leaf_type(get_named_type(field.type))

    def _of_types(self, kind: GraphQLInterfaceType, draft: _Draft, depth: int) -> Sequence[str]:
        possible = list(self._schema.get_possible_types(kind))
        chosen = self._random.sample(possible, min(len(possible), self._random.randint(0, 3)))
        made = []
        for each in chosen:
            # Fields of the same name in two fragments might differ in type: each has its own.
            names = [name for name in each.fields if self._is_open(each.fields[name], depth)]
            parts = [
                self._field(name, each.fields[name], draft, depth, alias=draft.name("of"))
                for name in self._random.sample(names, min(len(names), 2))
            ]
            if parts:
                made.append(f"... on {each.name} {{ {' '.join(parts)} }}")
        return made

    def _field(
        self,
        name: str,
        field: GraphQLField,
        draft: _Draft,
        depth: int,
        alias: str | None = None,
    ) -> str:
        if alias is None and self._random.random() < 0.15:
            alias = draft.name("as")
        text = f"{alias}: {name}" if alias else name
        text += self._arguments(field, draft)
        text = self._maybe(text, draft)
        returned = get_named_type(field.type)
        if is_leaf_type(returned):
            return text
        assert isinstance(returned, GraphQLObjectType | GraphQLInterfaceType)
        return f"{text} {self._selection(returned, draft, depth + 1)}"

    def _maybe(self, text: str, draft: _Draft) -> str:
        """The field, now and then under `@skip` or `@include`."""
        if self._random.random() > 0.1:
            return text
        condition = self._random.choice(["true", "false", "$"])
        if condition == "$":
            name = draft.name("when")
            draft.variables[name] = ("Boolean!", self._random.random() < 0.6)
            condition = f"${name}"
        return f"{text} @{self._random.choice(['skip', 'include'])}(if: {condition})"

    def _wrapped(
        self, text: str, kind: GraphQLObjectType | GraphQLInterfaceType, draft: _Draft
    ) -> str:
        """The same in a fragment."""
        if self._random.random() < 0.5:
            on = self._random.choice(["", f" on {kind.name}"])
            return f"...{on} {{ {text} }}"
        name = draft.name("Part")
        draft.fragments.append(f"fragment {name} on {kind.name} {{ {text} }}")
        return f"...{name}"

    def _arguments(self, field: GraphQLField, draft: _Draft) -> str:
        given = []
        self._returned = get_named_type(field.type).name
        # Pages that make no sense are made now and then, not all the time.
        unwanted = self._random.choice(_NOT_TOGETHER)
        for name, argument in field.args.items():
            required = isinstance(argument.type, GraphQLNonNull)
            if not required and (name in unwanted or self._random.random() > 0.25):
                continue
            value = self._value(name, argument.type, 0)
            if self._random.random() < 0.4:
                given.append(f"{name}: ${self._variable(argument, value, draft)}")
            else:
                given.append(f"{name}: {_literal(value)}")
        return f"({', '.join(given)})" if given else ""

    def _variable(self, argument: GraphQLArgument, value: Any, draft: _Draft) -> str:
        name = draft.name("given")
        kind = str(argument.type)
        if not isinstance(argument.type, GraphQLNonNull) and self._random.random() < 0.3:
            # Sometimes left to the default of the variable, or to none at all.
            default = f" = {_literal(value)}" if self._random.random() < 0.5 else ""
            draft.variables[name] = (f"{kind}{default}", _ABSENT)
        else:
            draft.variables[name] = (kind, _plain(value))
        return name

    def _value(self, name: str, kind: GraphQLInputType, depth: int) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            count = self._random.randint(0, 2)
            return [self._value(name, kind.of_type, depth + 1) for _ in range(count)]
        if isinstance(kind, GraphQLInputObjectType):
            return self._input(kind, depth)
        if isinstance(kind, GraphQLEnumType):
            return _Name(self._random.choice(list(kind.values)))
        assert isinstance(kind, GraphQLScalarType), "nothing else is left"
        return self._scalar(name, kind)

    def _input(self, kind: GraphQLInputObjectType, depth: int) -> Mapping[str, Any]:
        if _is_one_of(kind):
            names = [self._random.choice(list(kind.fields))]
        else:
            names = [
                name
                for name, each in kind.fields.items()
                if isinstance(each.type, GraphQLNonNull)
                or self._random.random() < (0.35 if depth < 2 else 0.0)
            ]
        return {name: self._value(name, kind.fields[name].type, depth + 1) for name in names}

    def _scalar(self, name: str, kind: GraphQLScalarType) -> Any:
        choose = self._random.choice
        if name in ("first", "last", "limit"):
            return self._random.randint(1, _PAGE_MAX)
        if name in ("after", "before") and kind.name == "String":
            return choose(self._pool.get("cursor", ("no cursor",)))
        scalars: Mapping[str, Callable[[], Any]] = {
            "Int": lambda: self._random.randint(0, 10),
            "Boolean": lambda: self._random.random() < 0.5,
            "BigInt": lambda: str(self._random.randint(0, 50)),
            "Decimal": lambda: choose(["0", "1.50", "20", "3.123456"]),
            "DateTime": lambda: choose(["2025-03-01T09:30:00Z", "2026-01-01T00:00:00+01:00"]),
            "Date": lambda: choose(["2025-03-01", "2026-01-01"]),
            "CurrencyCode": lambda: choose(["EUR", "BRL", "JPY"]),
        }
        if kind.name in scalars:
            return scalars[kind.name]()
        fitting = self._pool.get(self._returned, ()) if kind.name == "ID" else ()
        known = fitting or self._pool.get(kind.name, ())
        return choose(known) if known and self._random.random() < 0.95 else "nothing"


def _is_one_of(kind: GraphQLInputObjectType) -> bool:
    # Strawberry checks `@oneOf` itself, and does not tell graphql-core of it.
    definition = kind.extensions.get("strawberry-definition")
    return kind.is_one_of or bool(getattr(definition, "is_one_of", False))


class _Name(str):
    """The name of a member of an enum, which is written without quotes."""

    __slots__ = ()


_ABSENT = object()


def _literal(value: Any) -> str:
    match value:
        case _Name():
            return str(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{name}: {_literal(each)}' for name, each in value.items())}}}"
    raise AssertionError(f"no literal: {value!r}")


def _plain(value: Any) -> Any:
    match value:
        case _Name():
            return str(value)
        case list():
            return [_plain(each) for each in value]
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
    return value
