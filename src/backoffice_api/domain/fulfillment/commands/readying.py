"""Whether a fulfillment may be given to the carrier, as its labels say."""

from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.writing import save_told
from backoffice_api.domain.fulfillment.model.events import FulfillmentReadied, FulfillmentUnreadied
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    DispatchGate,
    FulfillmentState,
)
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.queries import orders_by_ids
from backoffice_api.domain.reviews.queries import unreviewed


def mark_ready(uow: UnitOfWork, fulfillment_id: UUID) -> bool:
    """Let a packed fulfillment go whose document is there and whose order nothing holds (O5).

    Whether it became ready. To be called by whoever sees to its labels, once all its parcels have
    one.

    Raises:
        UnknownFulfillment.
    """
    before = queries.fulfillment(uow.db, fulfillment_id)
    order = orders_by_ids(uow.db, [before.order_id])[before.order_id]
    is_closed = before.dispatch_gate is DispatchGate.CLOSED
    if before.status is not FulfillmentState.PACKED or is_closed or order.has_hold:
        return False
    if unreviewed(uow.db, [order.id]):
        return False
    after = replace(before, status=MACHINE.check("ready", before.status))
    lines = queries.lines_by_fulfillments(uow.db, [before.id]).get(before.id, ())
    save_told(uow, before, after, FulfillmentReadied, order, sum(each.packed for each in lines))
    return True


def unmark_ready(uow: UnitOfWork, fulfillment_id: UUID) -> bool:
    """Keep a fulfillment that was ready: a label of it was given back. Whether it was ready.

    Raises:
        UnknownFulfillment.
    """
    before = queries.fulfillment(uow.db, fulfillment_id)
    if before.status is not FulfillmentState.READY:
        return False
    order = orders_by_ids(uow.db, [before.order_id])[before.order_id]
    after = replace(before, status=MACHINE.check("unready", before.status))
    lines = queries.lines_by_fulfillments(uow.db, [before.id]).get(before.id, ())
    save_told(uow, before, after, FulfillmentUnreadied, order, sum(each.packed for each in lines))
    return True
