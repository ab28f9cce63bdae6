"""Locations, variants and stock as tests need them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import VariantDraft
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.checks import CHECKS
from backoffice_api.domain.stock.commands import reservations as on_reservations
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.commands.moves import MoveStock, move_stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import (
    AdjustLine,
    AdjustmentKind,
    MoveLine,
    Place,
    StockLevel,
    place_of,
)
from backoffice_api.domain.stock.model.movements import Cause, Movement
from backoffice_api.domain.stock.model.reservations import Demand, Reservation
from backoffice_api.domain.stock.tables import (
    cost_entries,
    costs,
    levels,
    lot_levels,
    lots,
    movements,
    reservations,
)
from tests.soundness import broken
from tests.world import NOW, World

ORDER = UUID(int=0xABC)
CAUSE = Cause("ord", ORDER)


def line_id(number: int) -> UUID:
    """The id of the line with this number; lines are not the business of stock."""
    return UUID(int=number)


def shown(prefix: str, id: UUID) -> str:
    """An id as it stands in GraphQL."""
    return ids.text(prefix, id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Command):
    """A command that does what orders do: call stock within a transaction of their own."""

    scope = Scope.ORDERS_WRITE
    call: Callable[[UnitOfWork], Any]


def run_call(uow: UnitOfWork, command: Call) -> Any:
    return command.call(uow)


class Depot:
    """Two warehouses, NORTH being asked before SOUTH, and whatever a test puts there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.north = self.location("NORTH", priority=1)
        self.south = self.location("SOUTH", priority=2)

    def location(self, code: str, **values: Any) -> UUID:
        command = CreateLocation(**{"code": code, "name": code.title(), **values})
        id: UUID = self.world.run(create_location, command).value
        return id

    def variant(self, sku: str, *on_hand: int) -> UUID:
        """A variant with so many pieces in NORTH, and so many in SOUTH."""
        (id,) = self.variants(sku)
        self.put(id, *on_hand)
        return id

    def variants(self, *skus: str) -> Sequence[UUID]:
        drafts = tuple(VariantDraft(sku=sku, option_values=(sku,)) for sku in skus)
        product = CreateProduct(title=skus[0], option_names=("Name",), variants=drafts)
        self.world.run(create_product, product)
        found = self.world.read(products.variants_by_skus, skus)
        return [found[sku].id for sku in skus]

    def put(self, variant_id: UUID, *on_hand: int) -> None:
        places = zip((self.north, self.south), on_hand, strict=False)
        self.adjust(*(line(variant_id, place, set_to=pieces) for place, pieces in places))

    def move(self, *lines: MoveLine, **how: Any) -> Any:
        return self.world.run(move_stock, MoveStock(lines=lines), **how).value

    def pieces(self, variant_id: UUID) -> Mapping[tuple[UUID, Bucket], int]:
        """How many pieces of a variant lie where, in which condition; no zeros."""
        return {
            (at.location_id, at.bucket): level.on_hand
            for at, level in self.places().items()
            if at.variant_id == variant_id and level.on_hand
        }

    def adjust(
        self, *lines: AdjustLine, kind: AdjustmentKind = AdjustmentKind.CORRECTION, **how: Any
    ) -> Any:
        return self.world.run(adjust_stock, AdjustStock(lines=lines, kind=kind), **how).value

    def call(self, verb: Callable[..., Any], *given: Any, now: datetime = NOW, **named: Any) -> Any:
        """What a function for orders answers, called in a transaction of its own."""
        command = Call(call=lambda uow: verb(uow, *given, **named))
        return self.world.run(run_call, command, now=now).value

    def reserve(
        self,
        *wanted: tuple[int, UUID, int],
        expires_at: datetime | None = None,
        location_ids: Sequence[UUID] | None = None,
        now: datetime = NOW,
    ) -> None:
        """Reserve for lines: number of the line, variant, pieces."""
        demands = [
            Demand(line_id(number), ORDER, variant_id, pieces)
            for number, variant_id, pieces in wanted
        ]
        how = {"expires_at": expires_at, "location_ids": location_ids, "now": now}
        self.call(on_reservations.reserve, demands, **how)

    def levels(self) -> Mapping[tuple[UUID, UUID], StockLevel]:
        """Every level of what is sellable, by variant and location."""
        return {at[:2]: level for at, level in self.places().items() if at[2] == "sellable"}

    def places(self) -> Mapping[Place, StockLevel]:
        """Every level."""
        rows = self.world.read(queries.level_list.page, PageRequest(size=10_000)).rows
        return {place_of(each): each for each in rows}

    def counts(self, variant_id: UUID) -> Sequence[tuple[int, int]]:
        """How many pieces of a variant are on hand and reserved, in NORTH and SOUTH."""
        found = self.levels()
        places = ((variant_id, self.north), (variant_id, self.south))
        return [(found[each].on_hand, found[each].reserved) for each in places if each in found]

    def movements(self) -> Sequence[Movement]:
        """The ledger, in the order in which it was written."""

        def read(db: Any) -> Any:
            statement = select_as(Movement, movements).order_by(movements.c.sequence)
            return fetch(db, Movement, statement)

        rows: Sequence[Movement] = self.world.read(read)
        return rows

    def reservations(self) -> Sequence[Reservation]:
        """All reservations there ever were, oldest first."""
        request = PageRequest(size=10_000, descending=False)
        rows: Sequence[Reservation] = self.world.read(queries.reservation_list.page, request).rows
        return rows

    def held(self) -> Sequence[tuple[int, int, str]]:
        """Line, pieces and state of each reservation, sorted."""
        return sorted(
            (each.line_id.int, each.quantity, each.status.value) for each in self.reservations()
        )

    def events(self) -> Sequence[str]:
        """Types of the events so far, in order."""
        page = self.world.read(event_list.page, PageRequest(size=10_000, descending=False))
        return [each.type for each in page.rows]

    def everything(self) -> Any:
        """All that stock keeps, and how much was said about it."""

        def read(db: Any) -> Any:
            tables = (levels, movements, reservations, lots, lot_levels, costs, cost_entries)
            return [sorted(db.execute(select(each)).all(), key=str) for each in tables]

        return self.world.read(read), len(self.events())

    def refusals(self, attempt: Callable[[], Any]) -> Sequence[DomainError]:
        """Why an attempt is refused; nothing was changed by it."""
        before = self.everything()
        with pytest.raises(DomainError) as refusal:
            attempt()
        assert self.everything() == before
        return refusal.value.reasons()

    def broken(self) -> Sequence[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)


def line(variant_id: UUID, location_id: UUID, **amounts: Any) -> AdjustLine:
    return AdjustLine(variant_id=variant_id, location_id=location_id, **amounts)
