"""What others say of a fulfillment: whether its documents are there, whether it has arrived."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    DispatchGate,
    Fulfillment,
    FulfillmentDelivered,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.aggregates import save, save_all
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.queries import orders_by_ids


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


def deliver_parcels(uow: UnitOfWork, parcel_ids: Collection[UUID], at: datetime) -> None:
    """Note that parcels have arrived; a fulfillment has when all its parcels have.

    What has arrived already stays as it is. To be called by whoever hears of it from the carrier.
    """
    of_parcels = {
        each.fulfillment_id for each in queries.parcels_by_ids(uow.db, parcel_ids).values()
    }
    _lock(uow, of_parcels)
    found = queries.parcels_by_ids(uow.db, parcel_ids)
    arrived = [each for each in found.values() if each.delivered_at is None]
    save_all(uow, parcels, [(each, replace(each, delivered_at=at)) for each in arrived])
    ids = {each.fulfillment_id for each in arrived}
    by_fulfillment = queries.parcels_by_fulfillments(uow.db, ids)
    before = [
        each
        for each in queries.fulfillments_by_ids(uow.db, ids).values()
        if each.status is FulfillmentState.SHIPPED
        and all(parcel.delivered_at for parcel in by_fulfillment[each.id])
    ]
    after = save_all(
        uow,
        fulfillments,
        [
            (each, replace(each, status=MACHINE.check("deliver", each.status), delivered_at=at))
            for each in before
        ],
    )
    of = orders_by_ids(uow.db, {each.order_id for each in after})
    for old, new in zip(before, after, strict=True):
        order = of[new.order_id]
        event = FulfillmentDelivered(new.id, new.version, new.number, order.name, order.id)
        uow.emit(event, before=old, after=new)


def _lock(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Have whoever delivers other parcels of these fulfillments wait, else each misses the other's.

    The orders are not locked: the carrier's word changes nothing that is promised.
    """
    of = fulfillments.c
    statement = select(of.id).where(among(of.id, ids)).order_by(of.id)
    uow.db.execute(statement.with_for_update(key_share=True)).all()
