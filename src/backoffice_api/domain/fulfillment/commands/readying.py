"""Whether a fulfillment may be given to the carrier."""

from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    DispatchGate,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.model.readying import FulfillmentReadied
from backoffice_api.domain.fulfillment.tables import fulfillments
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.queries import orders_by_ids


def mark_ready(uow: UnitOfWork, fulfillment_id: UUID) -> bool:
    """Let a packed fulfillment leave whose documents are there. Whether it became ready.

    To be called by whoever sees to its labels, once all its parcels have one.

    Raises:
        KeyError: there is no such fulfillment.
    """
    before = queries.fulfillments_by_ids(uow.db, [fulfillment_id])[fulfillment_id]
    if before.status is not FulfillmentState.PACKED or before.dispatch_gate is DispatchGate.CLOSED:
        return False
    status = MACHINE.check("ready", before.status)
    after = save(uow, fulfillments, before, replace(before, status=status))
    order = orders_by_ids(uow.db, [after.order_id])[after.order_id]
    event = FulfillmentReadied(after.id, after.version, after.number, order.name)
    uow.emit(event, before=before, after=after)
    return True
