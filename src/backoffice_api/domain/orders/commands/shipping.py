"""What orders are told when goods of them leave the house, and when they have arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Integer, update

from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.events import OrderDelivered, OrderShipped
from backoffice_api.domain.orders.model.lines import OrderLine, QuantityExceeded
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.parts import with_sums
from backoffice_api.domain.orders.tables import order_lines, orders

# O1, guarded though the order is locked: what was cancelled can never be shipped.
_SHIP = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(
            order_lines.c.id == given("id"),
            order_lines.c.quantity - order_lines.c.cancelled - order_lines.c.shipped
            >= given("more"),
        )
        .values(shipped=order_lines.c.shipped + given("more"))
    ),
    id=Id(),
    more=Integer(),
)
_DELIVER = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(order_lines.c.id == given("id"), order_lines.c.shipped >= given("delivered"))
        .values(delivered=given("delivered"))
    ),
    id=Id(),
    delivered=Integer(),
)


def count_shipped(uow: UnitOfWork, before: Order, quantities: Mapping[UUID, int]) -> Order:
    """Count pieces of lines as shipped, and let the order say how far it is. The order then.

    `before` is locked. Of kits, these are whole kits. The stock is the caller's to take.

    Raises:
        QuantityExceeded: a line has not so many pieces left to ship.
    """
    rows = [{"id": id, "more": pieces} for id, pieces in sorted(quantities.items()) if pieces]
    if _SHIP(uow.db, rows) != len(rows):
        raise QuantityExceeded(0)
    after = save_order(uow, before, with_sums(before, queries.lines_of(uow.db, before.id)))
    event = OrderShipped(
        after.id, after.version, after.name, sum(quantities.values()), after.unshipped
    )
    uow.emit(event, before=before, after=after)
    return after


def count_delivered(
    uow: UnitOfWork,
    found: Sequence[Order],
    lines: Mapping[UUID, Sequence[OrderLine]],
    more: Mapping[UUID, int],
) -> None:
    """Count pieces of lines as arrived, and let their orders say how far they are.

    `found` are locked, `lines` theirs by order; `more`: by line. Of kits, these are whole kits. A
    constant number of statements.

    Raises:
        QuantityExceeded: more of a line would have arrived than has left the house.
    """
    changed = {id: pieces for id, pieces in more.items() if pieces}
    after = {
        order_id: [replace(line, delivered=line.delivered + changed.get(line.id, 0)) for line in of]
        for order_id, of in lines.items()
        if any(line.id in changed for line in of)
    }
    rows = [
        {"id": line.id, "delivered": line.delivered}
        for of in after.values()
        for line in of
        if line.id in changed
    ]
    if _DELIVER(uow.db, sorted(rows, key=lambda row: row["id"])) != len(rows):
        raise QuantityExceeded(0)
    before = [order for order in found if order.id in after]
    arrived = [(order, with_sums(order, after[order.id])) for order in before]
    for old, new in zip(before, save_all(uow, orders, arrived), strict=True):
        pieces = sum(changed.get(line.id, 0) for line in lines[new.id])
        event = OrderDelivered(new.id, new.version, new.name, pieces)
        uow.emit(event, before=old, after=new)
