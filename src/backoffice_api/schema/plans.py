"""What the engine is told of the fields, so that it can compile operations.

All of it is read off the declarations: links, lists, lookups and plain attributes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type
from strawberry import Schema
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from backoffice_api.domain.kernel import money
from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.raw import (
    PagedRows,
    RawColumn,
    keyed_rows,
    paged_rows,
    raw_column,
)
from backoffice_api.domain.kernel.rows import ManyPer, OnePer
from backoffice_api.domain.kernel.statements import Question, together
from backoffice_api.engine.plan import (
    Asked,
    Attribute,
    Batch,
    Chosen,
    Column,
    Command,
    Computed,
    Identity,
    Kind,
    Linked,
    Paged,
    Query,
    Shortcut,
    Shown,
    Streamed,
)
from backoffice_api.schema.connections import ASKED, LIST, ListLink, list_request
from backoffice_api.schema.converting import DEFINITION, converter_of
from backoffice_api.schema.following import FOLLOWS
from backoffice_api.schema.links import LINK, Link
from backoffice_api.schema.lookups import CHOSEN, Choices
from backoffice_api.schema.nodes import KINDS, Node

_PLAIN = frozenset({money.Money, money.UnitPrice})


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """A declared batch query, as the engine reads it."""

    query: OnePer[Any, Any] | ManyPer[Any, Any]

    @property
    def shape(self) -> type[Any]:
        shape: type[Any] = self.query.shape
        return shape

    @property
    def many(self) -> bool:
        return isinstance(self.query, ManyPer)

    def column(self, name: str, dialect: str) -> RawColumn | None:
        element = self.query.source.c.get(name)
        is_field = name in self.shape.__dataclass_fields__
        return raw_column(element, dialect) if is_field and element is not None else None

    def key(self, dialect: str) -> RawColumn:
        return raw_column(self.query.key, dialect)

    def reader(self, names: tuple[str, ...], dialect: str) -> Callable[[Collection[Any]], Question]:
        return keyed_rows(self.query, names, dialect).question


@cache
def batch_of(query: Callable[..., Any]) -> Batch | Query:
    """A query in batch form as the engine reads it: by its columns, where it is declared."""
    return _Batch(query) if isinstance(query, OnePer | ManyPer) else Query(query)


@dataclass(frozen=True, slots=True, eq=False)
class _Pages:
    rows: PagedRows

    def page(self, request: PageRequest) -> Question:
        return self.rows.page(request)

    def pages(self, connection: Any, keys: Collection[Any], request: PageRequest) -> Question:
        return self.rows.pages(connection, keys, request)

    def cursors(self, context: Any, request: PageRequest) -> Callable[[Any, Any], str]:
        position, seal = self.rows.position(request), context.cursors.seal
        return lambda sort, id: seal(position(sort, id))


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """A listing, or the parts of it that belong to an owner, as the engine reads it."""

    link: ListLink

    @property
    def shape(self) -> type[Any]:
        shape: type[Any] = self.link.listing.shape
        return shape

    def column(self, name: str, dialect: str) -> RawColumn | None:
        element = self.link.listing.table.c.get(name)
        is_field = name in self.shape.__dataclass_fields__
        return raw_column(element, dialect) if is_field and element is not None else None

    def request(self, context: Any, arguments: Mapping[str, Any]) -> PageRequest:
        return list_request(context, self.link.listing, arguments)

    def owner(self, dialect: str) -> RawColumn | None:
        return None if self.link.owner is None else raw_column(self.link.owner, dialect)

    def reader(self, names: tuple[str, ...], dialect: str) -> _Pages:
        return _Pages(paged_rows(self.link.listing, names, dialect, self.link.owner))


class SchemaFields:
    """The fields of one schema, by the names of GraphQL."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._kinds: dict[tuple[str, str], Kind | None] = {}
        self._names = {kind.name: prefix for prefix, kind in KINDS.items()}
        self.together = together

    def kind(self, type_name: str, field_name: str) -> Kind | None:
        """How the field gets its value. None: only graphql-core can tell."""
        key = (type_name, field_name)
        if key not in self._kinds:
            field = self._field(type_name, field_name)
            self._kinds[key] = None if field is None else self._kind(type_name, field)
        return self._kinds[key]

    def _kind(self, type_name: str, field: GraphQLField) -> Kind | None:
        definition: StrawberryField = field.extensions[DEFINITION]
        resolver, declared = definition.base_resolver, definition.metadata
        if definition.extensions or definition.permission_classes:
            return None
        if resolver is None:
            return Attribute(definition.python_name)
        if FOLLOWS in declared:
            return Streamed(declared[FOLLOWS])
        if LINK in declared:
            return _linked(declared[LINK])
        if LIST in declared:
            return _paged(declared[LIST])
        if ASKED in declared:
            return Asked(declared[ASKED])
        if CHOSEN in declared:
            return _chosen(declared[CHOSEN], get_named_type(field.type).name)
        if iscoroutinefunction(resolver.wrapped_func):
            return _command(resolver) if type_name == "Mutation" else None
        if resolver.info_parameter:
            return _from_context(resolver)
        if resolver.wrapped_func is _NODE_ID and type_name in self._names:
            return Identity(f"{self._names[type_name]}_")
        function = resolver.wrapped_func
        if isinstance(function, FunctionType) and resolver.parent_parameter:
            return None if definition.arguments else Computed(function)
        return None

    def arguments(
        self, type_name: str, field_name: str
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Makes of coerced arguments what the resolver of the field would be given."""
        field = self._field(type_name, field_name)
        assert field is not None, "only fields that have a kind are asked for"
        return converter_of(field)

    def _field(self, type_name: str, field_name: str) -> GraphQLField | None:
        kind = self._schema._schema.get_type(type_name)
        fields = kind.fields if isinstance(kind, GraphQLObjectType) else {}
        return fields.get(field_name)

    def writer(self, column: Column, scalar: str, dialect: str) -> Callable[[Any], Any] | None:
        """What the scalar writes for a raw value. None: nothing shorter is known."""
        if isinstance(column, RawColumn):
            return _WRITERS.get((column.type_name, scalar, dialect))
        return None

    def shortcut(self, kind: type[Any], attribute: str, scalar: str) -> Shortcut | None:
        """How the scalar writes the attribute of a value of this class, where that is shorter."""
        return _SHORTCUTS.get((kind, attribute, scalar))

    def is_plain(self, kind: type[Any]) -> bool:
        """Whether making a value does nothing but keep its fields.

        Amounts check themselves, too; what the database holds has passed that.
        """
        return kind in _PLAIN or not hasattr(kind, "__post_init__")

    def type_of(self, type_name: str) -> Callable[[Any], str] | None:
        """Names the object type of a value of this interface."""
        definition = self._schema.schema_converter.type_map.get(type_name)
        origin = getattr(definition and definition.definition, "origin", None)
        resolve = getattr(origin, "resolve_type", None)
        return None if resolve is None else lambda value: resolve(value, None, None)


_NODE_ID = Node.__strawberry_definition__.fields[0].base_resolver.wrapped_func  # type: ignore[attr-defined]


def _linked(link: Link) -> Linked:
    if not link.arguments:
        return Linked(batch_of(link.query), link.key, link.default)

    def ask(
        connection: Any, keys: Sequence[Any], arguments: Mapping[str, Any]
    ) -> Mapping[Any, Any]:
        return link.query(connection, keys, *link.given(arguments))

    return Linked(Query(ask), link.key, link.default, takes_arguments=True)


def _paged(link: ListLink) -> Paged:
    return Paged(_Listed(link), None if link.owner is None else link.key)


@dataclass(frozen=True, slots=True)
class _ContextOnly:
    """Stands for the info of a resolver. One that needs more of it than the context fails."""

    context: Any


def _from_context(resolver: StrawberryResolver[Any]) -> Asked | Shown | None:
    """A resolver that reads nothing, and knows what it answers from the context and the parent."""
    if resolver.arguments:
        return None
    function = resolver.wrapped_func
    assert isinstance(function, FunctionType)
    if resolver.parent_parameter:
        parent, info = resolver.parent_parameter.name, resolver.info_parameter
        assert info is not None, "it was asked for"
        return Shown(
            lambda context, value: function(**{parent: value, info.name: _ContextOnly(context)})
        )
    return Asked(
        lambda connection, context, arguments: function(_ContextOnly(context)),
        needs_connection=False,
    )


def _command(resolver: StrawberryResolver[Any]) -> Command:
    """A field of the mutation type, which runs as it always does."""
    run = resolver.wrapped_func
    assert isinstance(run, FunctionType)
    return Command(lambda context, arguments: run(_ContextOnly(context), **arguments))


def _chosen(choices: Choices, type_name: str) -> Chosen:
    ways = {
        way: (name or type_name, batch_of(query)) for way, (name, query) in choices.ways().items()
    }
    return Chosen(ways, choices.choose, choices.of, choices.many)


def _instant_of_text(raw: str) -> str:
    """SQLite keeps `2026-01-31 09:30:00.000000`; no fraction is written where it is zero."""
    end = 19 if raw.endswith(".000000") else None
    return f"{raw[:10]}T{raw[11:end]}Z"


def _instant(raw: datetime) -> str:
    """PostgreSQL's connections are in UTC, so that what `isoformat` writes ends in `+00:00`."""
    return raw.isoformat().removesuffix("+00:00") + "Z"


_WRITERS: Mapping[tuple[str, str, str], Callable[[Any], Any]] = {
    ("Instant", "DateTime", "sqlite"): _instant_of_text,
    ("Instant", "DateTime", "postgresql"): _instant,
    ("Boolean", "Boolean", "sqlite"): bool,
    ("Boolean", "Boolean", "postgresql"): bool,
    ("Date", "Date", "sqlite"): str,
    ("Date", "Date", "postgresql"): date.isoformat,
}


def _amount(minor: int, currency: str) -> str:
    """As `Decimal` writes `Money.amount`."""
    return _written(minor, EXPONENTS[currency])


_MICRO_PER_MINOR = {
    currency: (10 ** (money.UNIT_PRICE_DECIMALS - decimals), decimals)
    for currency, decimals in EXPONENTS.items()
}


def _unit_amount(micro: int, currency: str) -> str:
    """As `Decimal` writes `UnitPrice.amount`."""
    per_minor, least = _MICRO_PER_MINOR[currency]
    minor, beyond = divmod(micro, per_minor)
    if not beyond:
        return _written(minor, least)
    decimals = money.UNIT_PRICE_DECIMALS
    while micro % 10 == 0:
        micro, decimals = micro // 10, decimals - 1
    return _written(micro, decimals)


def _written(digits: int, decimals: int) -> str:
    if decimals == 2 and digits >= 0:
        return f"{digits // 100}.{digits % 100:02d}"
    if decimals == 0:
        return str(digits)
    text = str(abs(digits)).rjust(decimals + 1, "0")
    sign = "-" if digits < 0 else ""
    return f"{sign}{text[:-decimals]}.{text[-decimals:]}"


_SHORTCUTS: Mapping[tuple[type[Any], str, str], Shortcut] = {
    (money.Money, "amount", "Decimal"): Shortcut(("minor", "currency"), _amount),
    (money.UnitPrice, "amount", "Decimal"): Shortcut(("micro", "currency"), _unit_amount),
}
