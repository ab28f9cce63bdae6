"""What orders are told when goods of them come back: the only place that counts what did."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Integer, func, select, update

from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.settling import mind_gate
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.lines import QuantityExceeded
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.parts import with_payment_status
from backoffice_api.domain.orders.model.returning import (
    OrderAllowanceChanged,
    OrderReturned,
    return_status,
)
from backoffice_api.domain.orders.tables import order_lines, orders

# O1, guarded though the order is locked: no more comes back than has left.
_PUT = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(order_lines.c.id == given("id"), order_lines.c.shipped >= given("returned"))
        .values(returned=given("returned"))
    ),
    id=Id(),
    returned=Integer(),
)


def allow(uow: UnitOfWork, before: Order, total_minor: int) -> Order:
    """Let returns have given back so much of a locked order in all. The order as it is now.

    That is not to be paid any more: its payment status, its gate and what is outstanding follow.
    """
    if total_minor == before.allowance_minor:
        return before
    changed = with_payment_status(replace(before, allowance_minor=total_minor))
    after = save_order(uow, before, changed)
    event = OrderAllowanceChanged(after.id, after.version, after.name, str(after.allowance))
    uow.emit(event, before=before, after=after)
    return mind_gate(uow, before, after)


def put_returned(
    uow: UnitOfWork, before: Order, returned: Mapping[UUID, int], *, is_open: bool
) -> Order:
    """Write how many pieces of lines have come back, and what that makes of the order.

    `before` is locked. `returned`: what came back in all, by line; lines that lack stay as they
    are. Of kits, these are whole kits. `is_open`: a return of the order is under way. The order
    as it is now.

    Raises:
        QuantityExceeded: more would have come back of a line than has left the house.
    """
    lines = queries.lines_of(uow.db, before.id)
    pieces = {line.id: returned.get(line.id, line.returned) for line in lines}
    changed = [
        {"id": line.id, "returned": pieces[line.id]}
        for line in lines
        if pieces[line.id] != line.returned
    ]
    if _PUT(uow.db, changed) != len(changed):
        raise QuantityExceeded(0)
    status = return_status(((line.shipped, pieces[line.id]) for line in lines), is_open=is_open)
    if not changed and status is before.return_status:
        return before
    after = save_order(uow, before, replace(before, return_status=status))
    event = OrderReturned(after.id, after.version, after.name, status, sum(pieces.values()))
    uow.emit(event, before=before, after=after)
    return after


# Of history, which nobody else changes; guarded all the same (O1).
_ADD = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(
            order_lines.c.id == given("id"),
            order_lines.c.shipped - order_lines.c.returned >= given("more"),
        )
        .values(returned=order_lines.c.returned + given("more"))
    ),
    id=Id(),
    more=Integer(),
)
_PUT_STATUS = UpdateEach(
    lambda given: (
        update(orders)
        .where(orders.c.id == given("id"))
        .values(
            return_status=given("return_status"),
            version=orders.c.version + 1,
            updated_at=given("now"),
        )
    ),
    id=Id(),
    return_status=orders.c.return_status.type,
    now=Instant(),
)


def add_returned(uow: UnitOfWork, more: Mapping[UUID, Mapping[UUID, int]]) -> None:
    """Count pieces of the past as returned: so many more of lines, by order and line.

    For very many orders at once, in a constant number of statements. The returns tell of it.

    Raises:
        QuantityExceeded: more would have come back of a line than has left the house.
    """
    if not more:
        return
    ids = sorted(more)
    locked = select(orders.c.id).where(among(orders.c.id, ids)).order_by(orders.c.id)
    uow.db.execute(locked.with_for_update())
    rows = [
        {"id": line_id, "more": pieces}
        for order_id in ids
        for line_id, pieces in sorted(more[order_id].items())
    ]
    if _ADD(uow.db, rows) != len(rows):
        raise QuantityExceeded(0)
    sums = (
        select(
            order_lines.c.order_id,
            func.sum(order_lines.c.shipped),
            func.sum(order_lines.c.returned),
        )
        .where(among(order_lines.c.order_id, ids))
        .group_by(order_lines.c.order_id)
    )
    statuses = [
        {
            "id": id,
            "return_status": return_status([(shipped, returned)], is_open=False),
            "now": uow.now,
        }
        for id, shipped, returned in uow.db.execute(sums)
    ]
    _PUT_STATUS(uow.db, statuses)
