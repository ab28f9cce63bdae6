"""What the resolvers of `stock` load, and how: one SELECT for all that ask at the same time."""

# The columns of entities come from tables, which mypy does not see.
# mypy: disable-error-code="attr-defined"

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from aiodataloader import DataLoader
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import InstrumentedAttribute

from backoffice_api.domain.orders.model.orders import AddressKind
from bench.compare import entities


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Entities that are found by the value of a column: those that `statement` selects."""

    key: InstrumentedAttribute[Any]
    statement: Select[Any]


def link(key: InstrumentedAttribute[Any], *order: Any, where: Sequence[Any] = ()) -> Link:
    return Link(key, select(key.class_).where(*where).order_by(*order))


@dataclass(frozen=True, slots=True)
class Position:
    """The sums of one variant over all its levels."""

    variant_id: UUID
    on_hand: int = 0
    reserved: int = 0
    available: int = 0


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

    async def position(self, variant_id: UUID) -> Position:
        """The sums over all levels of a variant."""
        if Position not in self._made:
            self._made[Position] = DataLoader(self._positions)
        found: Position = await self._made[Position].load(variant_id)
        return found

    async def _batch(self, link: Link, values: list[UUID]) -> list[list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        async with self.sessions() as session:
            for entity in await session.scalars(link.statement.where(link.key.in_(values))):
                found[getattr(entity, link.key.key)].append(entity)
        return [found[value] for value in values]

    async def _positions(self, variant_ids: list[UUID]) -> list[Position]:
        level = entities.StockLevel
        columns = (level.on_hand, level.reserved, level.available)
        sums = select(level.variant_id, *map(func.sum, columns)).group_by(level.variant_id)
        async with self.sessions() as session:
            rows = await session.execute(sums.where(level.variant_id.in_(variant_ids)))
        found = {id: Position(id, *found) for id, *found in rows}
        return [found.get(id) or Position(id) for id in variant_ids]


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
