"""What orders are told when goods of them leave the house."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Integer, update

from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.events import OrderShipped
from backoffice_api.domain.orders.model.lines import QuantityExceeded
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.parts import with_sums
from backoffice_api.domain.orders.tables import order_lines

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
