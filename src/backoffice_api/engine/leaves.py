"""How leaves are written: the shortest source that gives what graphql-core would."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, Undefined

from backoffice_api.engine.values import Derived, Raw, Scope, Value

_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
_TEXTS = ("String", "ID")


class MetNull(Exception):
    """A run met a null, or something that cannot be written, where there must be a value."""


def met_null() -> None:
    """Raises MetNull: what generated source calls in an expression."""
    raise MetNull


def nullable(
    scope: Scope, value: Value, non_null: bool, write: Callable[[str], str], name: str = ""
) -> str:
    """Source for a value that may be None: `write` gives that of what it is otherwise.

    `name` has the value already; without one, it is bound to a new name where it is used twice.
    """
    if not value.may_be_none:
        return write(value.bound)
    name = name or (value.bound if value.bound.isidentifier() else "")
    bound, test = name, f"{name} is None"
    if not name:
        bound = f"v_{scope.number()}"
        test = f"({bound} := {value.bound}) is None"
    written = write(bound)
    if written == bound and not non_null:
        return value.bound
    otherwise = f"{scope.name(met_null, 'met_null')}()" if non_null else "None"
    return f"({otherwise} if {test} else {written})"


def leaf(scope: Scope, kind: GraphQLLeafType, value: Value, non_null: bool) -> str:
    """Source for a leaf of the answer."""
    if isinstance(value, Raw):
        return nullable(scope, value, non_null, lambda _: _of_raw(scope, kind, value), value.raw)
    if isinstance(value, Derived):
        shortcut = scope.fields.shortcut(value.base.kind, value.name, kind.name)
        if shortcut is not None:
            given = [value.base.attribute(name) for name in shortcut.attributes]
            if not any(each.may_be_none for each in given):
                write = scope.name(shortcut.write, f"{value.name}_as_{kind.name}")
                return f"{write}({', '.join(each.bound for each in given)})"
    if value.is_text and kind.name in _TEXTS:
        return nullable(scope, value, non_null, lambda bound: bound)
    write = scope.name(_serializer(kind), kind.name)
    if non_null:
        return f"{write}({value.bound})"
    return nullable(scope, value, non_null, lambda bound: f"{write}({bound})")


def _of_raw(scope: Scope, kind: GraphQLLeafType, value: Raw) -> str:
    raw, column = value.raw, value.column
    writer = scope.fields.writer(column, kind.name, scope.dialect)
    if writer is not None:
        return f"{scope.name(writer, kind.name)}({raw})"
    serialize = _serializer(kind)
    if column.known is not None:
        written = {each: serialize(plain) for each, plain in column.known.items()}
        return f"{scope.name(written, kind.name)}[{raw}]"
    if column.decode is None and column.python is str and _writes_texts(kind):
        return raw
    if column.decode is None and column.python is int and kind.name == "Int":
        refuse = scope.name(met_null, "met_null")
        return f"({raw} if {_INT_MIN} <= {raw} <= {_INT_MAX} else {refuse}())"
    write = scope.name(serialize, kind.name)
    if column.decode is None:
        return f"{write}({raw})"
    return f"{write}({scope.name(column.decode, 'decode')}({raw}))"


def _writes_texts(kind: GraphQLLeafType) -> bool:
    """Whether a text is written as it is."""
    return kind.name in _TEXTS or kind.coerce_output_value is str


_serializers: dict[GraphQLLeafType, Callable[[Any], Any]] = {}


def _serializer(kind: GraphQLLeafType) -> Callable[[Any], Any]:
    """What graphql-core makes of a value, quicker for those that are met most. Refuses None."""
    found = _serializers.get(kind)
    if found is None:
        found = _serializers[kind] = _make_serializer(kind)
    return found


def _make_serializer(kind: GraphQLLeafType) -> Callable[[Any], Any]:
    coerce = kind.coerce_output_value

    def checked(value: Any) -> Any:
        written = None if value is None else coerce(value)
        if written is None or written is Undefined:
            raise MetNull
        return written

    if _writes_texts(kind):
        return lambda value: value if value.__class__ is str else checked(value)
    if kind.name == "Int":
        return lambda value: (
            value if value.__class__ is int and _INT_MIN <= value <= _INT_MAX else checked(value)
        )
    if kind.name == "Boolean":
        return lambda value: value if value is True or value is False else checked(value)
    if isinstance(kind, GraphQLEnumType):
        return _Names(checked).__getitem__
    return checked


class _Names(dict[Any, Any]):
    """The names of the members of an enum, each looked up once."""

    def __init__(self, find: Callable[[Any], Any]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, value: Any) -> Any:
        name = self._find(value)
        if isinstance(value, Enum):
            self[value] = name
        return name
