"""Lookups: fields that find a thing in one of several ways, as a product by its id or its key.

A lookup is declared, like a link: the words of its `@oneOf` input, and for each a query in batch
form. The declaration stays with the field, where the engine can read it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from backoffice_api.context import BatchQuery, Context, Info
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.directives import about

CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Choices:
    """How a field finds what it answers.

    `choose` gives the way and the key, or None where there is nothing; with `many`, a list of
    these. It takes the context and the arguments of the field, or what `of` makes of the parent.
    `ways` has the query of each way, and the type of what it finds; None: that of the field.
    """

    ways: Callable[[], Mapping[str, tuple[str | None, BatchQuery]]]
    choose: Callable[[Context, Any], Any]
    of: Callable[[Any], Any] | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One word of a lookup: the query, and what makes its key of the value given.

    `scope` is what asking this way takes besides the right to the field.
    """

    query: BatchQuery
    key: Callable[[Any], Any]
    scope: Scope | None = None


def by_id(prefix: str, query: BatchQuery) -> Way:
    """The way by an id of ours. Another kind of id is MalformedId."""

    def key(given: str) -> Any:
        return ids.parse(prefix, given)

    return Way(query, key)


def found_by_id(
    prefix: str,
    query: BatchQuery,
    which: str,
    description: str,
    *,
    scope: Scope,
    **options: Any,
) -> Any:
    """A root field with an argument `id`, which `which` describes."""
    way = by_id(prefix, query)

    def choose(_: Context, arguments: Mapping[str, Any]) -> Choice:
        return Choice("id", way.key(arguments["id"]))

    async def resolve(info: Info, id: Any) -> Any:
        return await info.context.load(query, way.key(id))

    resolve.__annotations__["id"] = Annotated[strawberry.ID, strawberry.argument(description=which)]
    return about(
        description,
        resolver=resolve,
        metadata={CHOSEN: Choices(lambda: {"id": (None, query)}, choose)},
        scope=scope,
        **options,
    )


def found_of(
    key_of: Callable[[Any], Any], query: BatchQuery, description: str, **options: Any
) -> Any:
    """A field that leads to what `query` finds by the key that `key_of` makes of the parent.

    It is for keys that are no attribute of the parent, where a link would do. A key that is None
    leads to nothing.
    """

    def choose(_: Context, key: Any) -> Choice | None:
        return None if key is None else Choice("key", key)

    async def resolve(parent: strawberry.Parent[Any], info: Info) -> Any:
        key = key_of(parent)
        return None if key is None else await info.context.load(query, key)

    return about(
        description,
        resolver=resolve,
        metadata={CHOSEN: Choices(lambda: {"key": (None, query)}, choose, of=key_of)},
        **options,
    )


def lookup(
    words: type[Any], description: str, ways: Mapping[str, Way], *, scope: Scope, **options: Any
) -> Any:
    """A root field with an argument `by` of the input `words`, each of which is one of `ways`."""

    def choose(context: Context, arguments: Mapping[str, Any]) -> Choice | None:
        by = arguments["by"]
        for word, way in ways.items():
            if given := getattr(by, word):
                if way.scope:
                    context.caller.require(way.scope)
                return Choice(word, way.key(given))
        return None

    async def resolve(info: Info, by: Any) -> Any:
        choice = choose(info.context, {"by": by})
        if choice is None:
            return None
        return await info.context.load(ways[choice.way].query, choice.key)

    text = strawberry.argument(description="How it is found.")
    resolve.__annotations__["by"] = Annotated[words, text]
    queries = {word: (None, way.query) for word, way in ways.items()}
    return about(
        description,
        resolver=resolve,
        metadata={CHOSEN: Choices(lambda: queries, choose)},
        scope=scope,
        **options,
    )
