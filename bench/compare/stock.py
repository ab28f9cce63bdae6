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
# mypy: disable-error-code="attr-defined, call-arg, no-any-return"

import gc
import os
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import strawberry
from aiodataloader import DataLoader
from sqlalchemy import Select, func, make_url, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import InstrumentedAttribute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import AddressKind, FulfillmentStatus, OrderStatus
from backoffice_api.domain.stock.model.levels import StockPosition
from backoffice_api.schema.aggregates import ActionState, Actor, ExternalId, FieldChange, actor_of
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.orders import (
    OrderAddress,
    OrderAmounts,
    OrderDiscount,
    OrderLineAmounts,
)
from backoffice_api.schema.products import Barcode
from backoffice_api.schema.scalars import CurrencyCode, config
from bench.compare import POOL_SIZE, entities

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Entities that are found by the value of a column: those that `statement` selects."""

    key: InstrumentedAttribute[Any]
    statement: Select[Any]


def link(key: InstrumentedAttribute[Any], *order: Any, where: Sequence[Any] = ()) -> Link:
    return Link(key, select(key.class_).where(*where).order_by(*order))


@dataclass(slots=True)
class Loaders:
    """What the resolvers of one request load: together, and each thing once."""

    sessions: async_sessionmaker[AsyncSession]
    _made: dict[Any, DataLoader[Any, Any]] = field(default_factory=dict)

    async def many(self, link: Link, value: UUID) -> list[Any]:
        """The entities of the link with this value."""
        if link not in self._made:
            self._made[link] = DataLoader(partial(self._batch, link))
        found: list[Any] = await self._made[link].load(value)
        return found

    async def one(self, link: Link, value: UUID | None) -> Any:
        """The entity of the link with this value. None: there is none."""
        found = await self.many(link, value) if value else ()
        return found[0] if found else None

    async def position(self, variant_id: UUID) -> StockPosition:
        """The sums over all levels of a variant."""
        if StockPosition not in self._made:
            self._made[StockPosition] = DataLoader(self._positions)
        found: StockPosition = await self._made[StockPosition].load(variant_id)
        return found

    async def _batch(self, link: Link, values: list[UUID]) -> list[list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        async with self.sessions() as session:
            for entity in await session.scalars(link.statement.where(link.key.in_(values))):
                found[getattr(entity, link.key.key)].append(entity)
        return [found[value] for value in values]

    async def _positions(self, variant_ids: list[UUID]) -> list[StockPosition]:
        level = entities.StockLevel
        columns = (level.on_hand, level.reserved, level.safety, level.available)
        sums = select(level.variant_id, *map(func.sum, columns)).group_by(level.variant_id)
        async with self.sessions() as session:
            rows = await session.execute(sums.where(level.variant_id.in_(variant_ids)))
        found = {row[0]: StockPosition(*row) for row in rows}
        return [found.get(id) or StockPosition(id) for id in variant_ids]


def by_id(entity: type[Any]) -> Link:
    return link(entity.id)


def address(kind: AddressKind) -> Link:
    of = entities.OrderAddress
    return link(of.order_id, where=[of.kind == kind])


CHANNEL = by_id(entities.Channel)
CUSTOMER = by_id(entities.Customer)
LOCATION = by_id(entities.Location)
ORDER = by_id(entities.Order)
PRODUCT = by_id(entities.Product)
VARIANT = by_id(entities.Variant)
SHIPPING_ADDRESS = address(AddressKind.SHIPPING)
BILLING_ADDRESS = address(AddressKind.BILLING)
BARCODES = link(entities.Barcode.variant_id, entities.Barcode.code)
DISCOUNTS = link(entities.OrderDiscount.order_id, entities.OrderDiscount.position)
EVENTS = link(entities.Event.subject_id, entities.Event.sequence.desc())
EXTERNAL_IDS = link(
    entities.ExternalId.subject_id, entities.ExternalId.system, entities.ExternalId.key
)
HOLDS = link(
    entities.Hold.order_id,
    entities.Hold.placed_at,
    entities.Hold.id,
    where=[entities.Hold.released_at.is_(None)],
)
LEVELS = link(
    entities.StockLevel.variant_id,
    entities.StockLevel.created_at.desc(),
    entities.StockLevel.id.desc(),
)
LINES = link(entities.OrderLine.order_id, entities.OrderLine.position, entities.OrderLine.id)
TAGS = link(entities.CustomerTag.customer_id, entities.CustomerTag.tag)

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
        found: Location = await info.context.one(LOCATION, parent.location_id)
        return found


@strawberry.type
class Stock:
    on_hand: int
    reserved: int
    available: int

    @strawberry.field
    async def by_location(parent: Parent, info: Info, first: int) -> Connection[StockLevel]:
        return page(await info.context.many(LEVELS, parent.variant_id), first)


@strawberry.type
class Variant:
    id: strawberry.ID = node_id("sku")
    sku: str
    title: str
    weight_g: int | None

    @strawberry.field
    async def product(parent: Parent, info: Info) -> Product:
        found: Product = await info.context.one(PRODUCT, parent.product_id)
        return found

    @strawberry.field
    async def barcodes(parent: Parent, info: Info) -> list[Barcode]:
        return await info.context.many(BARCODES, parent.id)

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
        found: Variant | None = await info.context.one(VARIANT, parent.variant_id)
        return found


async def external_ids_of(parent: Parent, info: Info) -> list[ExternalId]:
    return await info.context.many(EXTERNAL_IDS, parent.id)


@strawberry.type
class Customer:
    id: strawberry.ID = node_id("cus")
    name: str
    email: str | None
    country: str | None
    external_ids: list[ExternalId] = strawberry.field(resolver=external_ids_of)

    @strawberry.field
    async def tags(parent: Parent, info: Info) -> list[str]:
        return [each.tag for each in await info.context.many(TAGS, parent.id)]


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
        return [FieldChange(**change) for change in parent.changes]


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
        found: Channel = await info.context.one(CHANNEL, parent.channel_id)
        return found

    @strawberry.field
    async def customer(parent: Parent, info: Info) -> Customer | None:
        found: Customer | None = await info.context.one(CUSTOMER, parent.customer_id)
        return found

    @strawberry.field
    async def shipping_address(parent: Parent, info: Info) -> OrderAddress | None:
        found: OrderAddress | None = await info.context.one(SHIPPING_ADDRESS, parent.id)
        return found

    @strawberry.field
    async def billing_address(parent: Parent, info: Info) -> OrderAddress | None:
        found: OrderAddress | None = await info.context.one(BILLING_ADDRESS, parent.id)
        return found

    @strawberry.field
    async def discounts(parent: Parent, info: Info) -> list[OrderDiscount]:
        return await info.context.many(DISCOUNTS, parent.id)

    @strawberry.field
    async def holds(parent: Parent, info: Info) -> list[Hold]:
        return await info.context.many(HOLDS, parent.id)

    @strawberry.field
    async def lines(parent: Parent, info: Info, first: int) -> Connection[OrderLine]:
        return page(await info.context.many(LINES, parent.id), first)

    @strawberry.field
    async def timeline(parent: Parent, info: Info, first: int) -> Connection[Event]:
        return page(await info.context.many(EVENTS, parent.id), first)


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
        found: Order | None = await info.context.one(ORDER, ids.parse("ord", by.id))
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
