"""Labels of shipments: what is told of them, and what follows a purchase or a return."""

from uuid import UUID

from backoffice_api.domain.fulfillment.commands.readying import mark_ready, unmark_ready
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.queries import (
    fulfillments_by_ids,
    parcels_by_fulfillments,
    parcels_by_ids,
)
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import give_back
from backoffice_api.domain.shipping.commands.purchases import Purchases, ResolvePurchase
from backoffice_api.domain.shipping.model.shipment_events import (
    CarrierCalled,
    LabelBought,
    LabelFailed,
    LabelKept,
    LabelUnclear,
    LabelVoided,
)
from backoffice_api.domain.shipping.model.shipments import WITH_LABEL, Shipment
from backoffice_api.domain.shipping.tables import shipments


def resolve_purchase(uow: UnitOfWork, command: ResolvePurchase) -> UUID:
    """Say what became of a purchase that is not clear. Its id.

    Raises:
        UnknownShipment, InvalidTransition.
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    return OF_SHIPMENTS.resolve(uow, command)


def _labelled(uow: UnitOfWork, before: Shipment, bought: Shipment, _: str | None) -> Shipment:
    """A fulfillment that has all its labels is ready; one that was called off gives them back."""
    # Else two who settle two parcels of a fulfillment would each miss the other's label.
    orders.locked_order(uow.db, before.order_id)
    after = save(uow, shipments, before, bought)
    event = LabelBought(
        *_facts(after),
        after.tracking_number or "",
        after.carrier_id,
        after.order_id,
        after.fulfillment_id,
        after.parcel_id,
    )
    uow.emit(event, before=before, after=after)
    if _stays_here(uow, after):
        return give_back(uow, after)
    _ready_if_complete(uow, after.fulfillment_id)
    return after


def _voided(uow: UnitOfWork, shipment: Shipment) -> None:
    # A parcel that was taken apart needs no label; the others have theirs.
    if parcels_by_ids(uow.db, [shipment.parcel_id])[shipment.parcel_id].removed_at is None:
        unmark_ready(uow, shipment.fulfillment_id)


def _facts(shipment: Shipment) -> tuple[UUID, int, str]:
    """What every event of a shipment begins with."""
    return shipment.id, shipment.version, shipment.number


def _stays_here(uow: UnitOfWork, shipment: Shipment) -> bool:
    """Whether the goods were called off while the label was being bought."""
    parcel = parcels_by_ids(uow.db, [shipment.parcel_id])[shipment.parcel_id]
    of = fulfillments_by_ids(uow.db, [shipment.fulfillment_id])[shipment.fulfillment_id]
    return parcel.removed_at is not None or of.status is FulfillmentState.CANCELLED


def _ready_if_complete(uow: UnitOfWork, fulfillment_id: UUID) -> None:
    parcels = parcels_by_fulfillments(uow.db, [fulfillment_id]).get(fulfillment_id, ())
    made = queries.shipments_by_fulfillments(uow.db, [fulfillment_id]).get(fulfillment_id, ())
    labelled = {each.parcel_id for each in made if each.status in WITH_LABEL}
    if labelled >= {each.id for each in parcels}:
        mark_ready(uow, fulfillment_id)


OF_SHIPMENTS: Purchases[Shipment] = Purchases(
    table=shipments,
    read=queries.shipment,
    files_of="shipment_id",
    called=lambda of: CarrierCalled(*_facts(of)),
    failed=lambda of, trouble: LabelFailed(*_facts(of), trouble),
    unclear=lambda of: LabelUnclear(*_facts(of)),
    kept=lambda of: LabelKept(*_facts(of)),
    given_back=lambda of: LabelVoided(*_facts(of)),
    labelled=_labelled,
    voided=_voided,
)
