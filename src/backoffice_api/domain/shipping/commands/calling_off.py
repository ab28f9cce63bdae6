"""What becomes of shipments when their goods stay here: drafts are cancelled, labels given back.

What is being bought cannot be called back: it is given back as soon as it is there (`settling`).
What the carrier has, it has.
"""

from collections.abc import Sequence
from dataclasses import replace

from backoffice_api.domain.fulfillment.model.events import FulfillmentCancelled
from backoffice_api.domain.fulfillment.model.packing import ParcelRemoved
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import give_back
from backoffice_api.domain.shipping.commands.manifests import (
    RemoveFromManifest,
    remove_from_manifest,
)
from backoffice_api.domain.shipping.model.handover import ManifestStatus
from backoffice_api.domain.shipping.model.shipment_events import ShipmentCancelled
from backoffice_api.domain.shipping.model.shipments import MACHINE, Shipment, ShipmentStatus
from backoffice_api.domain.shipping.tables import shipments


def on_fulfillment_cancelled(uow: UnitOfWork, event: FulfillmentCancelled) -> None:
    """Call off what is sent of a fulfillment that was cancelled."""
    found = queries.shipments_by_fulfillments(uow.db, [event.id]).get(event.id, ())
    _call_off(uow, found)


def on_parcel_removed(uow: UnitOfWork, event: ParcelRemoved) -> None:
    """Call off how a parcel is sent that was taken apart."""
    found = queries.live_shipments_by_parcels(uow.db, [event.id])
    _call_off(uow, list(found.values()))


def _call_off(uow: UnitOfWork, found: Sequence[Shipment]) -> None:
    for each in found:
        if each.status in (ShipmentStatus.DRAFT, ShipmentStatus.FAILED):
            status = MACHINE.check("cancel", each.status)
            after = save(uow, shipments, each, replace(each, status=status))
            event = ShipmentCancelled(after.id, after.version, after.number)
            uow.emit(event, before=each, after=after)
        elif each.status is ShipmentStatus.LABELLED and _is_off_manifest(uow, each):
            give_back(uow, queries.shipment(uow.db, each.id))


def _is_off_manifest(uow: UnitOfWork, shipment: Shipment) -> bool:
    """Whether a shipment stands on no manifest; it is taken off one that is still open."""
    if shipment.manifest_id is None:
        return True
    if queries.manifest(uow.db, shipment.manifest_id).status is not ManifestStatus.OPEN:
        return False
    command = RemoveFromManifest(id=shipment.manifest_id, shipment_ids=(shipment.id,))
    remove_from_manifest(uow, command)
    return True
