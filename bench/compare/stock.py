"""The server `stock`: strawberry's own ASGI application over ORM entities and data loaders.

As strawberry's documentation builds one. Resolvers and loaders are async, since strawberry calls
sync ones on the event loop; each batch has an `AsyncSession` of its own, since resolvers run at the
same time and a session serves one of them. (Sync sessions in threads cost the same, within 10 %.)
What helps it without changing what it is, it gets: uvloop, httptools, a frozen heap, and sessions
in autocommit, which saves each batch a BEGIN and a ROLLBACK. `stock-cached` is the same with
strawberry's caches of parsed and validated documents, which are not on by themselves.

    BENCH_DATABASE_URL=postgresql://... uvicorn bench.compare.stock:from_environment --factory
"""

# The columns of entities come from tables, which mypy does not see.
# mypy: disable-error-code="attr-defined, no-any-return"

import gc
import os
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import FulfillmentStatus, OrderStatus
from backoffice_api.schema.aggregates import (
    ActionState,
    Actor,
    ExternalId,
    FieldChange,
    actor_of,
    change_of,
)
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.orders import (
    OrderAddress,
    OrderAmounts,
    OrderLineAmounts,
)
from backoffice_api.schema.products import Barcode
from backoffice_api.schema.scalars import CurrencyCode, config
from bench.compare import POOL_SIZE, entities, loaders
from bench.compare.loaders import Loaders

T = TypeVar("T")


Info = strawberry.Info[Loaders, None]
Parent = strawberry.Parent[Any]


def node_id(prefix: str) -> Any:
    """The field `id` of a type whose ids begin so."""

    def resolve(parent: Parent) -> strawberry.ID:
        return strawberry.ID(ids.text(prefix, parent.id))

    return strawberry.field(resolver=resolve)


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection(Generic[T]):
    nodes: list[T]
    page_info: PageInfo


@strawberry.type
class Product:
    id: strawberry.ID = node_id("prd")
    title: str
    brand: str | None


@strawberry.type
class Location:
    id: strawberry.ID = node_id("loc")
    code: str
    name: str


@strawberry.type
class StockLevel:
    id: strawberry.ID = node_id("lvl")
    on_hand: int
    reserved: int
    available: int

    @strawberry.field
    async def location(parent: Parent, info: Info) -> Location:
        found: Location = await info.context.one(loaders.LOCATION, parent.location_id)
        return found


@strawberry.type
class Stock:
    on_hand: int
    reserved: int
    available: int

    @strawberry.field
    async def by_location(parent: Parent, info: Info, first: int) -> Connection[StockLevel]:
        return page(await info.context.many(loaders.LEVELS, parent.variant_id), first)


@strawberry.type
class Variant:
    id: strawberry.ID = node_id("sku")
    sku: str
    title: str
    weight_g: int | None

    @strawberry.field
    async def product(parent: Parent, info: Info) -> Product:
        found: Product = await info.context.one(loaders.PRODUCT, parent.product_id)
        return found

    @strawberry.field
    async def barcodes(parent: Parent, info: Info) -> list[Barcode]:
        return await info.context.many(loaders.BARCODES, parent.id)

    @strawberry.field
    async def stock(parent: Parent, info: Info) -> Stock:
        found: Any = await info.context.position(parent.id)
        return found


@strawberry.type
class OrderLine:
    id: strawberry.ID = node_id("oln")
    position: int
    kind: LineKind
    sku: str
    title: str
    quantity: int
    cancelled: int
    shipped: int
    returned: int
    unit_price: UnitPrice
    ordered: OrderLineAmounts

    @strawberry.field
    async def variant(parent: Parent, info: Info) -> Variant | None:
        found: Variant | None = await info.context.one(loaders.VARIANT, parent.variant_id)
        return found


async def external_ids_of(parent: Parent, info: Info) -> list[ExternalId]:
    return await info.context.many(loaders.EXTERNAL_IDS, parent.id)


@strawberry.type
class Customer:
    id: strawberry.ID = node_id("cus")
    name: str
    email: str | None
    country: str | None
    external_ids: list[ExternalId] = strawberry.field(resolver=external_ids_of)

    @strawberry.field
    async def tags(parent: Parent, info: Info) -> list[str]:
        return [each.tag for each in await info.context.many(loaders.TAGS, parent.id)]


@strawberry.type
class Channel:
    id: strawberry.ID = node_id("chn")
    code: str
    name: str


@strawberry.type
class Hold:
    id: strawberry.ID = node_id("hld")
    kind: HoldKind
    note: str
    placed_at: datetime


@strawberry.type
class OrderDiscount:
    label: str
    code: str | None
    amount: Money


@strawberry.type
class Event:
    id: strawberry.ID = node_id("evt")
    type: str
    occurred_at: datetime
    command: str

    @strawberry.field
    def actor(parent: Parent) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)

    @strawberry.field
    def changes(parent: Parent) -> list[FieldChange]:
        return [change_of(each) for each in parent.changes]


@strawberry.type
class Order:
    id: strawberry.ID = node_id("ord")
    version: int
    created_at: datetime
    updated_at: datetime
    number: str | None
    recorded: bool
    status: OrderStatus
    fulfillment_status: FulfillmentStatus
    has_hold: bool
    placed_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    reserved_until: datetime | None
    email: str | None
    phone: str | None
    note: str
    currency: CurrencyCode
    tax_included: bool
    total: Money
    ordered: OrderAmounts
    current: OrderAmounts
    actions: list[ActionState]
    external_ids: list[ExternalId] = strawberry.field(resolver=external_ids_of)

    @strawberry.field
    async def channel(parent: Parent, info: Info) -> Channel:
        found: Channel = await info.context.one(loaders.CHANNEL, parent.channel_id)
        return found

    @strawberry.field
    async def customer(parent: Parent, info: Info) -> Customer | None:
        found: Customer | None = await info.context.one(loaders.CUSTOMER, parent.customer_id)
        return found

    @strawberry.field
    async def shipping_address(parent: Parent, info: Info) -> OrderAddress | None:
        found: OrderAddress | None = await info.context.one(loaders.SHIPPING_ADDRESS, parent.id)
        return found

    @strawberry.field
    async def billing_address(parent: Parent, info: Info) -> OrderAddress | None:
        found: OrderAddress | None = await info.context.one(loaders.BILLING_ADDRESS, parent.id)
        return found

    @strawberry.field
    async def discounts(parent: Parent, info: Info) -> list[OrderDiscount]:
        return await info.context.many(loaders.DISCOUNTS, parent.id)

    @strawberry.field
    async def holds(parent: Parent, info: Info) -> list[Hold]:
        return await info.context.many(loaders.HOLDS, parent.id)

    @strawberry.field
    async def lines(parent: Parent, info: Info, first: int) -> Connection[OrderLine]:
        return page(await info.context.many(loaders.LINES, parent.id), first)

    @strawberry.field
    async def timeline(parent: Parent, info: Info, first: int) -> Connection[Event]:
        return page(await info.context.many(loaders.EVENTS, parent.id), first)


@strawberry.input
class OrderLookup:
    id: strawberry.ID


@strawberry.type
class Query:
    @strawberry.field
    async def orders(info: Info, first: int) -> Connection[Order]:
        return await newest(info, entities.Order, first)

    @strawberry.field
    async def variants(info: Info, first: int) -> Connection[Variant]:
        return await newest(info, entities.Variant, first)

    @strawberry.field
    async def order(info: Info, by: OrderLookup) -> Order | None:
        found: Order | None = await info.context.one(loaders.ORDER, ids.parse("ord", by.id))
        return found


async def newest(info: Info, entity: type[Any], first: int) -> Connection[Any]:
    """The first page of a list, newest first."""
    statement = select(entity).order_by(entity.created_at.desc(), entity.id.desc())
    async with info.context.sessions() as session:
        rows = list(await session.scalars(statement.limit(first + 1)))
    return page(rows, first)


def page(rows: Sequence[Any], first: int) -> Connection[Any]:
    """The first rows of those that there are."""
    nodes = list(rows[:first])
    cursor = urlsafe_b64encode(nodes[-1].id.bytes).decode() if nodes else None
    info = PageInfo(has_next_page=len(rows) > first, end_cursor=cursor)
    return Connection(nodes=nodes, page_info=info)


class Endpoint(GraphQL[Loaders, None]):
    """strawberry's endpoint, with the loaders of each request as its context."""

    def __init__(self, schema: strawberry.Schema, sessions: async_sessionmaker[AsyncSession]):
        super().__init__(schema, graphql_ide=None)
        self._sessions = sessions

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Loaders:
        return Loaders(self._sessions)


def connect(url: str) -> AsyncEngine:
    """The database at `url`."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
    )


def application(database: AsyncEngine, *, caches: bool = False) -> ASGIApp:
    """The server for a database."""
    extensions = [ParserCache, ValidationCache] if caches else []
    schema = strawberry.Schema(Query, config=config(), extensions=extensions)
    return Endpoint(schema, async_sessionmaker(database, expire_on_commit=False))


def from_environment(*, caches: bool = False) -> ASGIApp:
    """The server for the database that `BENCH_DATABASE_URL` names."""
    made = application(connect(os.environ["BENCH_DATABASE_URL"]), caches=caches)
    gc.collect()
    gc.freeze()
    return made


cached_from_environment = partial(from_environment, caches=True)
