"""What orders ask of stock: to hold it for a while, for good, or no longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.reservations import extend, harden, release, reserve
from backoffice_api.domain.stock.model.reservations import OPEN, Demand


def reserve_stock(
    uow: UnitOfWork,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    expires_at: datetime | None,
    held: Mapping[UUID, int] | None = None,
) -> None:
    """Have what still has to be shipped promised to the lines, but for what is `held` already.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is.
        ExpiryNotAhead: `expires_at` has passed.
    """
    held = held or {}
    demands = [
        Demand(line_id=line.id, owner_id=order.id, variant_id=line.variant_id, quantity=missing)
        for line in lines
        if line.variant_id and (missing := line.unshipped - held.get(line.id, 0)) > 0
    ]
    reserve(uow, demands, expires_at=expires_at)


def allocate_stock(uow: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
    """Have the lines of an order keep their stock for good, whether reserved before or not.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is.
    """
    held = harden(uow, _goods(lines)) if order.reserved_until else None
    reserve_stock(uow, order, lines, expires_at=None, held=held)


def extend_stock(
    uow: UnitOfWork, order: Order, lines: Sequence[OrderLine], until: datetime
) -> None:
    """Let what is reserved for a draft be held until another moment, and reserve what is not.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is changed.
        ExpiryNotAhead: the moment has passed.
    """
    goods = _goods(lines)
    extend(uow, goods, until)
    # Read only now that its levels are locked: until then some of it could expire.
    held = {
        line_id: sum(each.quantity for each in of_line if each.status in OPEN)
        for line_id, of_line in stock.reservations_by_lines(uow.db, goods).items()
    }
    reserve_stock(uow, order, lines, expires_at=until, held=held)


def release_stock(uow: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Give back all that is promised to the lines."""
    release(uow, dict.fromkeys(_goods(lines)))


def _goods(lines: Sequence[OrderLine]) -> Sequence[UUID]:
    return [line.id for line in lines if line.variant_id]
