"""Nodes: everything that has an id, and how any of them is found by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from backoffice_api.context import BatchQuery, Context, Info
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.reaching import is_open
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.directives import Requires, about, docstring
from backoffice_api.schema.lookups import CHOSEN, Choices

T = TypeVar("T", bound=type)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of node: prefix of its ids, its rows, how they are read, the right that it takes.

    `key`: of whom `by_ids` asks for which id, where not everybody with the right sees all of them.
    """

    prefix: str
    name: str
    row: type[Any]
    by_ids: BatchQuery
    scope: Scope
    key: Callable[[Caller, UUID], Any] | None = None


KINDS: dict[str, Kind] = {}
_BY_ROW: dict[type[Any], Kind] = {}


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    @strawberry.field(description="The id: a prefix that names the kind, and 32 digits.")
    def id(parent: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(ids.text(_BY_ROW[type(parent)].prefix, parent.id))

    @classmethod
    def resolve_type(
        cls, value: Any, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType
    ) -> str:
        return _BY_ROW[type(value)].name


@strawberry.interface(description="Something that changes, and counts its changes.")
class Versioned:
    version: int = about(
        "Grows by one with each change; give it as `meta.expectedVersion` to change only what "
        "you have seen."
    )
    created_at: datetime = about("When it was made.")
    updated_at: datetime = about("When it was last changed.")

    @classmethod
    def resolve_type(
        cls, value: Any, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType
    ) -> str:
        return _BY_ROW[type(value)].name


def node(
    prefix: str,
    row: type[Any],
    by_ids: BatchQuery,
    *,
    scope: Scope,
    key: Callable[[Caller, UUID], Any] | None = None,
) -> Callable[[T], T]:
    """Make a class a type of the schema whose values are rows of the shape `row`.

    `scope` is needed wherever one of them is read. `key` makes of who asks and an id what
    `by_ids` is asked for; None: the id.

    Raises:
        ValueError: another kind of node has the prefix.
    """

    def decorate(cls: T) -> T:
        if prefix in KINDS:
            raise ValueError(f"ids of {KINDS[prefix].name} begin with {prefix} already")
        cls.is_type_of = classmethod(lambda cls, value, info: isinstance(value, row))  # type: ignore[attr-defined]
        made = strawberry.type(
            cls, description=docstring(cls), directives=[Requires(scope=scope.value)]
        )
        kind = Kind(prefix, cls.__name__, row, by_ids, scope, key)
        KINDS[prefix] = _BY_ROW[row] = kind
        return made

    return decorate


def choose_node(context: Context, id: str | None) -> Choice | None:
    """Kind and key of the node with this id. None: malformed, or not for the caller to see."""
    parts = ids.split(id) if id else None
    if parts is None:
        return None
    prefix, key = parts
    kind = KINDS.get(prefix)
    if kind is None or not context.caller.may(kind.scope):
        return None
    if not is_open(context.caller, prefix):
        return None
    return Choice(prefix, key if kind.key is None else kind.key(context.caller, key))


async def find(context: Context, id: str | None) -> Any:
    """The node with this id. None: malformed, unknown, or not for the caller to see."""
    choice = choose_node(context, id)
    return None if choice is None else await context.load(KINDS[choice.way].by_ids, choice.key)


def node_ways() -> Mapping[str, tuple[str | None, BatchQuery]]:
    """How each kind of node is found, and its type."""
    return {prefix: (kind.name, kind.by_ids) for prefix, kind in KINDS.items()}


def linked_node(id_of: Callable[[Any], str | None], description: str) -> Any:
    """A field that leads to the node whose id `id_of` makes of the parent. None: to nothing."""

    async def resolve(parent: strawberry.Parent[Any], info: Info) -> Node | None:
        found: Node | None = await find(info.context, id_of(parent))
        return found

    return about(
        description,
        resolver=resolve,
        metadata={CHOSEN: Choices(node_ways, choose_node, of=id_of)},
    )
