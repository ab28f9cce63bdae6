"""Lists that may be long: connections by the Relay specification, and counts.

`listed` and `counted` make the fields; a listing of the domain says what can be filtered,
sorted and searched.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement

from backoffice_api.context import Context, Info
from backoffice_api.domain.kernel import pages
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import InvalidPage, Page, PageRequest, Position
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, as_filter

T = TypeVar("T")

LIST = "list"
ASKED = "asked"
COUNT_WEIGHT = 5


@described
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = about("There are rows behind the last one of this page.")
    has_previous_page: bool = about("There are rows before the first one of this page.")
    start_cursor: str | None = about("Cursor of the first row. Null if the page is empty.")
    end_cursor: str | None = about(
        "Cursor of the last row: give it as `after` for the next page. Null if the page is empty."
    )


@strawberry.type(description="One row of a page, with its place in the list.")
class Edge(Generic[T]):
    cursor: str = about("The place of the row; opaque, only good for the same list and sort.")
    node: T = about("The row.")


@strawberry.type(description="One page of a list that may be long.")
class Connection(Generic[T]):
    nodes: list[T] = about("The rows of this page, in the order of the list.")
    edges: list[Edge[T]] = about("The same rows, each with its cursor.")
    page_info: PageInfo = about("What lies before and behind this page.")


@choice
class CountPrecision(Choice):
    """How far a count can be relied on."""

    EXACT = "exact", "It is this number."
    AT_LEAST = "at_least", "It is this number or more: the count stopped at its limit."


@described
class Count:
    """How many there are, counted no further than a limit."""

    value: int = about("The number.")
    precision: CountPrecision = about("Whether there may be more.")


_First = Annotated[
    int | None,
    strawberry.argument(description="At most so many rows from the front, 1 to 250; else 50."),
]
_After = Annotated[
    str | None, strawberry.argument(description="Begin behind the row with this cursor.")
]
_Last = Annotated[
    int | None, strawberry.argument(description="At most so many rows from the end, 1 to 250.")
]
_Before = Annotated[
    str | None, strawberry.argument(description="End before the row with this cursor.")
]
_Search = Annotated[
    str | None,
    strawberry.argument(description="Words, each of which begins some word of what is found."),
]


@dataclass(frozen=True, slots=True)
class ListLink:
    """A field that pages through a listing: all of it, or the rows whose `owner` is a `key`."""

    listing: Listing[Any]
    owner: ColumnElement[Any] | None = None
    key: str = "id"


def listed(
    listing: Listing[Any],
    description: str,
    *,
    scope: Scope,
    filter: type[Any] | None = None,
    sort: type[Any] | None = None,
) -> Any:
    """A root field that pages through a listing. Annotate it with its `Connection[...]`."""

    async def resolve(info: Info, **arguments: Any) -> "_Connection":
        request = list_request(info.context, listing, arguments)
        page = await info.context.read(listing.page, request)
        return _Connection(page, info.context)

    parameters = list_parameters(listing, filter, sort)
    return about(
        description,
        resolver=with_parameters(resolve, parameters),
        metadata={LIST: ListLink(listing)},
        scope=scope,
        weight=1,
        multipliers=["first", "last"],
    )


def listed_under(
    listing: Listing[Any],
    owner: ColumnElement[Any],
    description: str,
    *,
    key: str = "id",
    filter: type[Any] | None = None,
    sort: type[Any] | None = None,
    **options: Any,
) -> Any:
    """A field that pages through those rows of a listing whose `owner` is the parent's `key`."""

    def batch(db: Any, keys: Any, request: PageRequest) -> Any:
        return listing.pages_by(db, owner, keys, request)

    async def resolve(
        parent: strawberry.Parent[Any], info: Info, **arguments: Any
    ) -> "_Connection":
        request = list_request(info.context, listing, arguments)
        page = await info.context.load(batch, getattr(parent, key), request)
        return _Connection(page, info.context)

    parameters = list_parameters(listing, filter, sort)
    return about(
        description,
        resolver=with_parameters(resolve, parameters, parent=True),
        metadata={LIST: ListLink(listing, owner, key)},
        weight=1,
        multipliers=["first", "last"],
        **options,
    )


def counted(
    listing: Listing[Any], description: str, *, scope: Scope, filter: type[Any] | None = None
) -> Any:
    """A root field that counts what a listing would show, up to a limit."""

    def ask(db: Any, context: Context, arguments: Mapping[str, Any]) -> Count:
        limit = arguments["limit"]
        if not 1 <= limit <= pages.COUNT_MAX:
            raise InvalidPage(f"`limit` is between 1 and {pages.COUNT_MAX}.")
        request = PageRequest(
            filter=as_filter(arguments.get("filter")), search=arguments.get("search")
        )
        _check_rights(context, listing, request)
        count = listing.count(db, request, limit)
        precision = CountPrecision.EXACT if count.exact else CountPrecision.AT_LEAST
        return Count(value=count.value, precision=precision)

    limit = Annotated[
        int, strawberry.argument(description="Count no further than this, 1 to 10,000.")
    ]
    parameters = [
        each for each in list_parameters(listing, filter, None) if each.name in ("filter", "search")
    ]
    parameters.append(parameter("limit", limit, pages.COUNT_DEFAULT))
    return asked(ask, parameters, description, scope=scope, weight=COUNT_WEIGHT)


def asked(
    ask: Callable[[Any, Context, Mapping[str, Any]], Any],
    parameters: Sequence[inspect.Parameter],
    description: str,
    **options: Any,
) -> Any:
    """A root field that `ask` answers from a connection, the context and the arguments."""

    async def resolve(info: Info, **arguments: Any) -> Any:
        return await info.context.read(ask, info.context, arguments)

    return about(
        description,
        resolver=with_parameters(resolve, parameters),
        metadata={ASKED: ask},
        **options,
    )


def list_request(
    context: Context, listing: Listing[Any], arguments: Mapping[str, Any]
) -> PageRequest:
    """What the arguments of a connection field ask for.

    Raises:
        InvalidPage, InvalidCursor, MalformedId: they make no sense.
        NotAllowed: the caller may not ask by these words.
    """
    first, last = arguments.get("first"), arguments.get("last")
    after, before = arguments.get("after"), arguments.get("before")
    backwards = last is not None or (before is not None and first is None)
    if (before is not None and not backwards) or (after is not None and backwards):
        raise InvalidPage("`first` goes with `after`, `last` with `before`.")
    sort = arguments.get("sort")
    request = PageRequest(
        size=pages.bounds(first, last),
        backwards=backwards,
        sort=sort.key if sort else None,
        descending=sort.direction is SortDirection.DESC if sort else None,
        filter=as_filter(arguments.get("filter")),
        search=arguments.get("search"),
    )
    _check_rights(context, listing, request)
    cursor = before if backwards else after
    if cursor is None:
        return request
    key = request.sort or listing.default_sort()
    start = context.cursors.open(cursor, listing.sort_name(request), listing.sort_kind(key))
    return replace(request, start=start)


def paged(page: Page[Any], context: Context) -> Any:
    """A page as the value of a `Connection` field."""
    return _Connection(page, context)


class _Connection:
    """A page as its connection: edges and cursors are made when they are asked for."""

    def __init__(self, page: Page[Any], context: Context) -> None:
        self.nodes = page.rows
        self._page = page
        self._context = context

    @property
    def edges(self) -> list["_Edge"]:
        rows = zip(self._page.positions, self._page.rows, strict=True)
        return [_Edge(self._seal(position), row) for position, row in rows]

    @property
    def page_info(self) -> PageInfo:
        positions = self._page.positions
        return PageInfo(
            has_next_page=self._page.has_next,
            has_previous_page=self._page.has_previous,
            start_cursor=self._seal(positions[0]) if positions else None,
            end_cursor=self._seal(positions[-1]) if positions else None,
        )

    def _seal(self, position: Position) -> str:
        return self._context.cursors.seal(position)


class _Edge:
    def __init__(self, cursor: str, node: Any) -> None:
        self.cursor = cursor
        self.node = node


def _check_rights(context: Context, listing: Listing[Any], request: PageRequest) -> None:
    for scope in sorted(listing.needs(request)):
        context.caller.require(scope)


def list_parameters(
    listing: Listing[Any], filter: type[Any] | None, sort: type[Any] | None
) -> list[inspect.Parameter]:
    """The arguments of a field that pages through a listing."""
    parameters = []
    if filter:
        text = strawberry.argument(description="Only what passes this.")
        parameters.append(parameter("filter", Annotated[filter | None, text]))
    if listing.searched:
        parameters.append(parameter("search", _Search))
    if sort:
        text = strawberry.argument(description="In which order; the id breaks ties.")
        parameters.append(parameter("sort", Annotated[sort | None, text]))
    return [
        *parameters,
        parameter("first", _First),
        parameter("after", _After),
        parameter("last", _Last),
        parameter("before", _Before),
    ]


def parameter(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def with_parameters(
    resolve: Callable[..., Any], parameters: Sequence[inspect.Parameter], *, parent: bool = False
) -> Callable[..., Any]:
    """The resolver with the parameters that strawberry is to publish as arguments."""
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    leading = [inspect.Parameter("info", positional, annotation=Info)]
    if parent:
        leading.insert(
            0,
            inspect.Parameter("parent", positional, annotation=strawberry.Parent[Any]),  # type: ignore[misc]
        )
    signature = inspect.Signature([*leading, *parameters])
    resolve.__signature__ = signature  # type: ignore[attr-defined]
    resolve.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return resolve
