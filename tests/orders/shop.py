"""Channels, stock and orders as tests need them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.checks import CHECKS
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import AddressKind, Order, OrderAddress
from backoffice_api.domain.orders.model.parts import with_sums
from backoffice_api.domain.orders.tables import order_lines
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import VariantDraft
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.levels import AdjustLine, StockPosition
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries.positions import positions_by_variants
from tests.soundness import broken
from tests.world import NOW, World

POSTAGE = LineDraft(
    kind=LineKind.CHARGE,
    sku="POST",
    title="Postage",
    quantity=1,
    unit_price=UnitPrice(4_500_000, "EUR"),
)
# What needs neither stock nor money, and so is done at once.
FREE = replace(POSTAGE, unit_price=UnitPrice(0, "EUR"))


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def price(micro: int) -> UnitPrice:
    return UnitPrice(micro, "EUR")


def goods(sku: str, quantity: int = 1, **values: Any) -> LineDraft:
    return LineDraft(sku=sku, quantity=quantity, **values)


def address(kind: AddressKind = AddressKind.SHIPPING, **values: Any) -> OrderAddress:
    given = {
        "recipient": "Ana Silva",
        "lines": ("Rua Augusta 1",),
        "district": None,
        "city": "São Paulo",
        "region": "SP",
        "postal_code": "01304-001",
        "country": "BR",
    }
    return OrderAddress(kind=kind, **{**given, **values})


class Shop:
    """A channel in euros, two warehouses, and whatever stock a test asks for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.channel_id: UUID = world.run(
            create_channel,
            CreateChannel(code="web", name="Web shop", currency="EUR", number_prefix="W-"),
        ).value
        self.locations: Sequence[UUID] = [
            world.run(
                create_location, CreateLocation(code=code, name=code, priority=priority)
            ).value
            for priority, code in enumerate(("NORTH", "SOUTH"), start=1)
        ]

    def variant(self, sku: str, *on_hand: int, price: UnitPrice | None = None) -> UUID:
        """A variant at 10.00 euros, with so many pieces in each warehouse."""
        draft = VariantDraft(sku=sku, prices=(price or UnitPrice(10_000_000, "EUR"),))
        self.world.run(create_product, CreateProduct(title=f"Thing {sku}", variants=(draft,)))
        id: UUID = self.world.read(products.variants_by_skus, [sku])[sku].id
        lines = tuple(
            AdjustLine(variant_id=id, location_id=location, set_to=pieces)
            for location, pieces in zip(self.locations, on_hand, strict=False)
        )
        if lines:
            self.world.run(adjust_stock, AdjustStock(lines=lines))
        return id

    def create(self, *lines: LineDraft, now: datetime = NOW, **values: Any) -> UUID:
        command = CreateOrder(channel="web", lines=lines, **values)
        id: UUID = self.world.run(create_order, command, now=now).value
        return id

    def place(self, *lines: LineDraft, **values: Any) -> UUID:
        return self.create(*lines, place=True, **values)

    def order(self, id: UUID) -> Order:
        found: Order = self.world.read(queries.orders_by_ids, [id])[id]
        return found

    def lines(self, id: UUID) -> Sequence[OrderLine]:
        found: Sequence[OrderLine] = self.world.read(queries.lines_of, id)
        return found

    def position(self, variant_id: UUID) -> StockPosition:
        found: Mapping[UUID, StockPosition] = self.world.read(positions_by_variants, [variant_id])
        return found[variant_id]

    def reserved(self, variant_id: UUID) -> int:
        return self.position(variant_id).reserved

    def refused(self, handler: Any, command: Any, **how: Any) -> list[str]:
        """The codes of the refusals; nothing was changed, not even the log."""
        before = self.everything()
        with pytest.raises(DomainError) as refusal:
            self.world.run(handler, command, **how)
        assert self.everything() == before
        return [each.code for each in refusal.value.reasons()]

    def everything(self) -> tuple[int, Sequence[Any]]:
        page = PageRequest(size=250)
        rows = self.world.read(queries.order_list.page, page).rows
        return len(self.events()), rows

    def log(self, subject: UUID | None = None) -> list[Logged]:
        """The events so far, or those of one subject, in order."""
        page = self.world.read(event_list.page, PageRequest(size=10_000, descending=False))
        return [each for each in page.rows if subject in (None, each.subject_id)]

    def events(self, subject: UUID | None = None) -> list[str]:
        """Types of the events so far, or of those of one subject, in order."""
        return [each.type for each in self.log(subject)]

    def jobs(self) -> list[str]:
        """Kinds of the jobs that wait."""
        with self.world.database.reading.connect() as db:
            return list(db.execute(select(jobs.c.kind)).scalars())

    def ship(self, id: UUID, quantity: int) -> None:
        """Have pieces of the first line leave the house."""
        self.world.run(_ship, _Ship(id=id, quantity=quantity))

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ship(Command):
    scope = Scope.ORDERS_WRITE
    id: UUID
    quantity: int


def _ship(uow: UnitOfWork, command: _Ship) -> UUID:
    """What a context above will do: the stock leaves, the line counts it, the sums follow."""
    before = queries.locked_order(uow.db, command.id)
    first, *others = queries.lines_of(uow.db, before.id)
    shipped = replace(first, shipped=first.shipped + command.quantity)
    consume(uow, {first.id: command.quantity}, cause=Cause("ord", before.id))
    uow.db.execute(
        update(order_lines).where(order_lines.c.id == first.id).values(shipped=shipped.shipped)
    )
    return save_order(uow, before, with_sums(before, (shipped, *others))).id


def counted(values: Sequence[Any]) -> Mapping[str, int]:
    return Counter(map(str, values))
