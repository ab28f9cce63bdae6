"""What others say of a fulfillment: whether its documents are there, whether it has arrived."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.writing import (
    locked_orders,
    parts_by_lines,
    units_by_lines,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    DispatchGate,
    Fulfillment,
    FulfillmentDelivered,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.aggregates import save, save_all
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.shipping import count_delivered
from backoffice_api.domain.orders.model.orders import Order


def set_gate(uow: UnitOfWork, fulfillment_id: UUID, gate: DispatchGate) -> Fulfillment:
    """Say whether the document that a fulfillment waits for is there. The fulfillment as it is now.

    To be called by whoever makes the document, in the same transaction.

    Raises:
        KeyError: there is no such fulfillment.
    """
    before = queries.fulfillments_by_ids(uow.db, [fulfillment_id])[fulfillment_id]
    if before.dispatch_gate is gate:
        return before
    return save(uow, fulfillments, before, replace(before, dispatch_gate=gate))


def close_new_gates(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Have those of the fulfillments wait for a document of which nothing was said so far."""
    found = queries.fulfillments_by_ids(uow.db, ids) if ids else {}
    new = [each for each in found.values() if each.dispatch_gate is DispatchGate.NOT_REQUIRED]
    closed = [replace(each, dispatch_gate=DispatchGate.CLOSED) for each in new]
    save_all(uow, fulfillments, list(zip(new, closed, strict=True)))


def deliver_parcels(uow: UnitOfWork, arrivals: Mapping[UUID, datetime]) -> None:
    """Note when parcels have arrived; a fulfillment has when all its parcels have.

    Its order counts the pieces as delivered. What has arrived already stays as it is. To be called
    by whoever hears of it from the carrier. A constant number of statements.
    """
    known = queries.parcels_by_ids(uow.db, arrivals).values()
    # Whoever delivers other parcels of these orders waits, else each misses the other's.
    ordered = locked_orders(uow, {each.order_id for each in known})
    found = queries.parcels_by_ids(uow.db, arrivals).values()
    late = [each for each in found if each.delivered_at is None]
    here = [(each, replace(each, delivered_at=arrivals[each.id])) for each in late]
    save_all(uow, parcels, here)
    ids = {each.fulfillment_id for each in late}
    by_fulfillment = queries.parcels_by_fulfillments(uow.db, ids)
    before = [
        each
        for each in queries.fulfillments_by_ids(uow.db, ids).values()
        if each.status is FulfillmentState.SHIPPED
        and all(parcel.delivered_at for parcel in by_fulfillment[each.id])
    ]
    # They have arrived when the last of their parcels has.
    arrived = {
        each.id: max(filter(None, (of.delivered_at for of in by_fulfillment[each.id])))
        for each in before
    }
    if before:
        deliver(uow, ordered, before, arrived)


def deliver(
    uow: UnitOfWork,
    ordered: Mapping[UUID, Order],
    before: Sequence[Fulfillment],
    arrived: Mapping[UUID, datetime],
    reason: str | None = None,
) -> None:
    """Note that fulfillments have arrived, all of each; their orders are locked and count it."""
    there = [
        replace(
            each,
            status=MACHINE.check("deliver", each.status),
            delivered_at=arrived[each.id],
        )
        for each in before
    ]
    after = save_all(uow, fulfillments, list(zip(before, there, strict=True)))
    for old, new in zip(before, after, strict=True):
        order = ordered[new.order_id]
        event = FulfillmentDelivered(new.id, new.version, new.number, order.name, order.id, reason)
        uow.emit(event, before=old, after=new)
    lines = orders.lines_by_orders(uow.db, {each.order_id for each in after})
    parts = parts_by_lines(uow, [line for of in lines.values() for line in of])
    more: Counter[UUID] = Counter()
    for sent in queries.lines_by_fulfillments(uow.db, [each.id for each in after]).values():
        more.update(units_by_lines(sent, parts))
    count_delivered(uow, list(ordered.values()), lines, more)
