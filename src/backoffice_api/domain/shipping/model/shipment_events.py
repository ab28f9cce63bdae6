"""What happens to shipments, as the log tells it."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ShipmentCreated(Event):
    type = "shipment.created"
    subject = "shm"
    summary = "Shipment {number} was made."
    id: UUID
    version: int
    number: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ShipmentUpdated(Event):
    type = "shipment.updated"
    subject = "shm"
    summary = "Shipment {number} was changed."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelOrdered(Event):
    type = "shipment.label_ordered"
    subject = "shm"
    summary = "A label is being bought for shipment {number}."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class CarrierCalled(Event):
    type = "shipment.carrier_called"
    subject = "shm"
    summary = "The carrier is asked for the label of shipment {number}."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelBought(Event):
    type = "shipment.label_bought"
    subject = "shm"
    summary = "The label of shipment {number} is there: {tracking_number}."
    id: UUID
    version: int
    number: str
    tracking_number: str
    carrier_id: UUID
    order_id: UUID
    fulfillment_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class LabelFailed(Event):
    type = "shipment.label_failed"
    subject = "shm"
    summary = "No label was bought for shipment {number}: {trouble}."
    id: UUID
    version: int
    number: str
    trouble: str


@dataclass(frozen=True, slots=True)
class LabelUnclear(Event):
    type = "shipment.label_unclear"
    subject = "shm"
    summary = "Whether the label of shipment {number} was bought is not clear."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelVoidAsked(Event):
    type = "shipment.void_asked"
    subject = "shm"
    summary = "The label of shipment {number} is being given back."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelVoided(Event):
    type = "shipment.label_voided"
    subject = "shm"
    summary = "The label of shipment {number} was given back."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelKept(Event):
    type = "shipment.void_refused"
    subject = "shm"
    summary = "The carrier does not take the label of shipment {number} back."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class LabelShown(Event):
    type = "shipment.label_shown"
    subject = "shm"
    summary = "An address was made from which the label of shipment {number} is fetched."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class ShipmentHandedOver(Event):
    type = "shipment.handed_over"
    subject = "shm"
    summary = "The carrier has shipment {number}."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class ShipmentCancelled(Event):
    type = "shipment.cancelled"
    subject = "shm"
    summary = "Shipment {number} was cancelled."
    id: UUID
    version: int
    number: str
