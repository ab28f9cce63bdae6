"""A shop whose orders are planned, picked, packed and shipped."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backoffice_api.domain.fulfillment import checks, queries
from backoffice_api.domain.fulfillment.commands.keeping import (
    CancelFulfillment,
    cancel_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.packing import CreateParcel, create_parcel
from backoffice_api.domain.fulfillment.commands.picking import (
    FinishPicking,
    PickFulfillment,
    finish_picking,
    pick_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    ShipFulfillment,
    release_fulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    Fulfillment,
    FulfillmentLine,
    Parcel,
)
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.orders import checks as of_orders
from backoffice_api.domain.stock.checks import pieces as of_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.locations import LocationKind
from backoffice_api.domain.stock.model.reservations import OPEN
from backoffice_api.domain.stock.queries import reservations_by_lines
from tests.orders.shop import Shop
from tests.soundness import findings
from tests.world import World

CHECKS = (*checks.CHECKS, *of_orders.CHECKS, *of_stock.CHECKS)


class Hall(Shop):
    """Two warehouses, NORTH and SOUTH; NORTH is preferred."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.north, self.south = self.locations

    def bin(self, code: str, site: UUID | None = None) -> UUID:
        command = CreateLocation(
            code=code, name=code, kind=LocationKind.BIN, parent_id=site or self.north
        )
        id: UUID = self.world.run(create_location, command).value
        return id

    def plan(self, *order_ids: UUID, **how: Any) -> Sequence[UUID]:
        command = PlanFulfillments(order_ids=order_ids, **how)
        planned: Sequence[UUID] = self.world.run(plan_fulfillments, command).value.fulfillment_ids
        return planned

    def planned(self, *lines: Any) -> UUID:
        """The one fulfillment of a new order."""
        (id,) = self.plan(self.place(*lines))
        return id

    def of(self, id: UUID) -> Fulfillment:
        found: Fulfillment = self.world.read(queries.fulfillment, id)
        return found

    def of_order(self, order_id: UUID) -> Sequence[Fulfillment]:
        found = self.world.read(queries.fulfillments_by_orders, [order_id])
        return found.get(order_id, ())  # type: ignore[no-any-return]

    def rows(self, id: UUID) -> Sequence[FulfillmentLine]:
        found = self.world.read(queries.lines_by_fulfillments, [id])
        return found.get(id, ())  # type: ignore[no-any-return]

    def parcels(self, id: UUID) -> Sequence[Parcel]:
        found = self.world.read(queries.parcels_by_fulfillments, [id])
        return found.get(id, ())  # type: ignore[no-any-return]

    def counts(self, id: UUID) -> list[tuple[int, int, int, int]]:
        """Wanted, picked, packed, shipped of each line."""
        return [(each.quantity, each.picked, each.packed, each.shipped) for each in self.rows(id)]

    def release(self, id: UUID) -> None:
        self.world.run(release_fulfillment, ReleaseFulfillment(id=id))

    def pick(self, id: UUID, *picks: Picking) -> None:
        """Pick what is named, or everything."""
        wanted = picks or tuple(
            Picking(line_id=each.id, quantity=each.quantity) for each in self.rows(id)
        )
        self.world.run(pick_fulfillment, PickFulfillment(id=id, picks=wanted))

    def short(self, id: UUID) -> None:
        self.world.run(finish_picking, FinishPicking(id=id, short=True))

    def pack(self, id: UUID) -> UUID:
        """Everything in one parcel."""
        command = CreateParcel(fulfillment_id=id, everything=True)
        parcel_id: UUID = self.world.run(create_parcel, command).value
        return parcel_id

    def send(self, id: UUID) -> None:
        self.world.run(ship_fulfillment, ShipFulfillment(id=id))

    def cancelled(self, id: UUID) -> None:
        self.world.run(cancel_fulfillment, CancelFulfillment(id=id))

    def packed(self, id: UUID) -> UUID:
        self.release(id)
        self.pick(id)
        return self.pack(id)

    def held(self, order_id: UUID) -> dict[tuple[str, UUID], int]:
        """What is promised to the lines of an order, by SKU and location."""
        lines = {line.id: line.sku for line in self.lines(order_id)}
        found = self.world.read(reservations_by_lines, list(lines))
        sums: dict[tuple[str, UUID], int] = {}
        for line_id, of_line in found.items():
            for each in of_line:
                if each.status in OPEN:
                    key = (lines[line_id], each.location_id)
                    sums[key] = sums.get(key, 0) + each.quantity
        return sums

    def broken(self) -> list[str]:
        """What `verify` finds wrong, in its words."""
        return [each.check.says for each in findings(self.world.database, CHECKS)]
