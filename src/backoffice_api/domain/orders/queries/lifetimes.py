"""What customers have been worth: one statement, however many customers."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.orders.model.lifetime import Lifetime
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.tables import orders

_of = orders.c
_COUNTED = (OrderStatus.PENDING_APPROVAL, OrderStatus.OPEN, OrderStatus.CLOSED)


def lifetimes_by_customers(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[Lifetime]]:
    """What each customer has been worth, by currency. It lacks those who never ordered."""
    statement = (
        select(
            _of.customer_id,
            _of.currency,
            func.count(),
            func.sum(_of.current_total_minor - _of.allowance_minor),
            func.min(_of.placed_at, type_=_of.placed_at.type),
            func.max(_of.placed_at, type_=_of.placed_at.type),
        )
        .where(among(_of.customer_id, tuple(ids)), _of.status.in_(_COUNTED))
        .group_by(_of.customer_id, _of.currency)
        .order_by(_of.customer_id, _of.currency)
    )
    found: dict[UUID, list[Lifetime]] = {}
    for id, currency, count, value, first, last in db.execute(statement):
        lifetime = Lifetime(currency, count, int(value), first, last)
        found.setdefault(id, []).append(lifetime)
    return found
