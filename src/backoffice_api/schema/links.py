"""Links: how a type reaches another one. One declaration each; nobody writes a loader.

Through graphql-core a link becomes a batch: one statement per link and level, however long the
list. The declaration stays with the field, where the engine can read it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation

from backoffice_api.context import BatchQuery, Info
from backoffice_api.schema.connections import with_parameters
from backoffice_api.schema.directives import about

LINK = "link"


@dataclass(frozen=True, slots=True)
class Link:
    """A field that follows `key` of its parent through `query`.

    `arguments`: those of the field, by name, which the query takes behind the keys.
    """

    query: BatchQuery
    key: str
    default: Any
    arguments: tuple[str, ...] = ()

    def given(self, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the query is given of the arguments; it can be hashed, so that asking is shared."""
        values = (arguments[name] for name in self.arguments)
        return tuple(tuple(each) if isinstance(each, list) else each for each in values)


def one(query: BatchQuery, key: str, description: str, **options: Any) -> Any:
    """A field that follows attribute `key` of its parent to one thing, or to None."""
    return _linked(Link(query, key, None), description, options)


def many(query: BatchQuery, key: str, description: str, **options: Any) -> Any:
    """A field that follows attribute `key` of its parent to a bounded list."""
    return _linked(Link(query, key, ()), description, options)


def linked_with(
    query: BatchQuery,
    key: str,
    parameters: Sequence[inspect.Parameter],
    description: str,
    *,
    default: Any = None,
    **options: Any,
) -> Any:
    """A field with arguments that follows `key` of its parent: `query(db, keys, *arguments)`."""
    link = Link(query, key, default, tuple(each.name for each in parameters))

    async def resolve(parent: strawberry.Parent[Any], info: Info, **arguments: Any) -> Any:
        given = link.given(arguments)
        return await info.context.load(query, getattr(parent, key), *given, default=default)

    return about(
        description,
        resolver=with_parameters(resolve, parameters, parent=True),
        metadata={LINK: link},
        **options,
    )


def attach(owner: type[Any], name: str, annotation: Any, field: Any) -> None:
    """Give a type of a context below a field that leads up to this one, as `Customer.orders`.

    Types know only those of the contexts below them; so the one above declares the way up, too.
    """
    field.name = field.python_name = name
    field.origin = owner
    field.type_annotation = StrawberryAnnotation(annotation)
    owner.__strawberry_definition__.fields.append(field)


def _linked(link: Link, description: str, options: dict[str, Any]) -> Any:
    return about(description, resolver=_follow(link), metadata={LINK: link}, **options)


def _follow(link: Link) -> Callable[..., Any]:
    async def resolve(parent: strawberry.Parent[Any], info: Info) -> Any:
        key = getattr(parent, link.key)
        if key is None:
            return link.default
        return await info.context.load(link.query, key, default=link.default)

    return resolve
