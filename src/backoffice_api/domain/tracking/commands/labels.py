"""Labels: with one that is bought, a parcel is followed; one that is given back ends that."""

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.shipping.model.shipment_events import LabelBought, LabelVoided
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.recording import NoteTracking, note_tracking
from backoffice_api.domain.tracking.commands.registering import create_missing, link
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import (
    CARRIER_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    CarrierNumber,
)


def follow_label(uow: UnitOfWork, event: LabelBought) -> None:
    """Follow a parcel under the number that came with its label."""
    number = _normal(event.tracking_number)
    if not number or len(number) > NUMBER_LENGTH_MAX:
        return
    carrier = shipping.carriers_by_ids(uow.db, [event.carrier_id])[event.carrier_id]
    name = CarrierNumber(carrier.code.lower()[:CARRIER_LENGTH_MAX], number)
    found = create_missing(uow, [name])[name]
    parcel = fulfillment.parcels_by_ids(uow.db, [event.parcel_id])[event.parcel_id]
    if found.parcel_id in (None, parcel.id):  # a carrier that gives a number twice has no say
        link(uow, found, parcel, None)


def drop_label(uow: UnitOfWork, event: LabelVoided) -> None:
    """Note that nothing will travel under the number of a label that was given back."""
    shipment = shipping.shipments_by_ids(uow.db, [event.id])[event.id]
    if not shipment.tracking_number:
        return
    found = queries.trackings_by_parcels(uow.db, [shipment.parcel_id]).get(shipment.parcel_id)
    if found and found.number == _normal(shipment.tracking_number):
        note = NoteTracking(
            id=found.id,
            state=TrackingState.CANCELLED,
            cause=TrackingCause.SHIPPER_REQUEST,
            party=ResponsibleParty.SHIPPER,
            text="The label was given back.",
        )
        note_tracking(uow, note)


def _normal(number: str) -> str:
    return "".join(number.split()).upper()
