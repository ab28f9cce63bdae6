"""How fulfillments are written, by whichever command.

Whoever changes a fulfillment locks its order first, as everybody does who changes an order, its
lines or what is promised to them. So all that is decided on what was read stays right.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from sqlalchemy import Integer, delete, func, select, update

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model.events import FulfillmentEvent
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    Pick,
)
from backoffice_api.domain.fulfillment.model.refusals import OrderNotOpen
from backoffice_api.domain.fulfillment.model.waves import MACHINE as WAVES
from backoffice_api.domain.fulfillment.model.waves import Wave, WaveDone, WaveStatus
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments, waves
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.kits import parts_of
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order, OrderStatus
from backoffice_api.domain.orders.tables import orders as order_rows

_put_lines = UpdateEach(
    lambda given: (
        update(fulfillment_lines)
        .where(fulfillment_lines.c.id == given("id"))
        .values(
            quantity=given("quantity"),
            picked=given("picked"),
            packed=given("packed"),
            shipped=given("shipped"),
        )
    ),
    id=Id(),
    quantity=Integer(),
    picked=Integer(),
    packed=Integer(),
    shipped=Integer(),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A fulfillment that nobody else changes until the transaction ends, with its order."""

    order: Order
    before: Fulfillment
    lines: Sequence[FulfillmentLine]

    @property
    def by_id(self) -> Mapping[UUID, FulfillmentLine]:
        return {line.id: line for line in self.lines}


class _Telling(Protocol):
    """Makes an event of a fulfillment."""

    def __call__(
        self, id: UUID, version: int, fulfillment: str, order: str, order_id: UUID, pieces: int
    ) -> FulfillmentEvent: ...


def opened(uow: UnitOfWork, id: UUID, action: str) -> Opened:
    """The fulfillment `id`, for an action that its state allows.

    Raises:
        UnknownFulfillment, InvalidTransition.
        OrderNotOpen: its order is not open.
    """
    order = orders.locked_order(uow.db, queries.fulfillment(uow.db, id).order_id)
    # Read again: it may have been changed while we waited for the lock.
    before = queries.fulfillment(uow.db, id)
    MACHINE.check(action, before.status)
    check_open(order)
    return Opened(order, before, queries.lines_by_fulfillments(uow.db, [id]).get(id, ()))


def check_open(order: Order) -> None:
    """Raises: OrderNotOpen."""
    if order.status is not OrderStatus.OPEN:
        raise OrderNotOpen(order.name)


def locked_orders(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Order]:
    """The orders, locked in the order of their ids."""
    statement = (
        select_as(Order, order_rows)
        .where(among(order_rows.c.id, ids))
        .order_by(order_rows.c.id)
        .with_for_update()
    )
    return {order.id: order for order in fetch(uow.db, Order, statement)}


def save_told(
    uow: UnitOfWork,
    before: Fulfillment,
    after: Fulfillment,
    event: _Telling,
    order: Order,
    pieces: int,
) -> Fulfillment:
    """Write a fulfillment and tell what happened to it. The fulfillment as it is now."""
    after = save(uow, fulfillments, before, after)
    tell(uow, event, before, after, order, pieces)
    return after


def tell(
    uow: UnitOfWork,
    event: _Telling,
    before: Fulfillment | None,
    after: Fulfillment,
    order: Order,
    pieces: int,
) -> None:
    told = event(after.id, after.version, after.number, order.name, order.id, pieces)
    uow.emit(told, before=before, after=after)


def finish_wave(uow: UnitOfWork, of: Fulfillment) -> None:
    """End a wave of which nothing is left to be picked, once `of` is picked or out of it.

    `of` names the wave. To be called after what became of it is written.
    """
    if of.wave_id is None:
        return
    # Locked before counting: else two who end their picking at once each see the other at work.
    # Not its key, which whoever writes a fulfillment twice shares.
    statement = select_as(Wave, waves).where(waves.c.id == of.wave_id)
    (before,) = fetch(uow.db, Wave, statement.with_for_update(key_share=True))
    if before.status is not WaveStatus.RELEASED:
        return
    left = select(func.count()).where(
        fulfillments.c.wave_id == before.id,
        fulfillments.c.status.in_((FulfillmentState.RELEASED, FulfillmentState.PICKING)),
    )
    if uow.db.execute(left).scalar_one():
        return
    status = WAVES.check("finish", before.status)
    after = save(uow, waves, before, replace(before, status=status, done_at=uow.now))
    uow.emit(WaveDone(after.id, after.version, after.name), before=before, after=after)


def put_lines(uow: UnitOfWork, lines: Iterable[FulfillmentLine]) -> None:
    """Write the counts of lines that are there, with one statement."""
    _put_lines(
        uow.db,
        [
            {
                "id": line.id,
                "quantity": line.quantity,
                "picked": line.picked,
                "packed": line.packed,
                "shipped": line.shipped,
            }
            for line in sorted(lines, key=lambda each: each.id)
        ],
    )


def remove_lines(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Take lines off of which nothing is left; neither picks nor parcels name them any more."""
    if ids:
        uow.db.execute(delete(fulfillment_lines).where(among(fulfillment_lines.c.id, ids)))


def pieces_of(lines: Iterable[FulfillmentLine]) -> int:
    return sum(line.quantity for line in lines)


def parts_by_lines(
    uow: UnitOfWork, lines: Iterable[OrderLine]
) -> Mapping[UUID, Mapping[UUID, int]]:
    """How many pieces of each variant one unit of a line of goods is made of."""
    goods = [line for line in lines if line.variant_id]
    found: dict[UUID, Mapping[UUID, int]] = {
        line.id: {line.variant_id: 1} for line in goods if line.variant_id and not line.is_kit
    }
    return {**found, **parts_of(orders.components_of(uow.db, goods))}


def units_by_lines(
    lines: Iterable[FulfillmentLine], parts: Mapping[UUID, Mapping[UUID, int]]
) -> Mapping[UUID, int]:
    """Of each line of an order, how many units the lines of a fulfillment make."""
    found: dict[UUID, int] = {}
    for line in lines:
        per = parts[line.order_line_id][line.variant_id]
        units = -(-line.quantity // per)
        found[line.order_line_id] = max(found.get(line.order_line_id, 0), units)
    return found


def picks_of(uow: UnitOfWork, lines: Iterable[FulfillmentLine]) -> Mapping[UUID, Sequence[Pick]]:
    """What was taken for the lines, in the order in which it was taken."""
    return queries.picks_by_lines(uow.db, [line.id for line in lines if line.picked])
