"""Labels for goods that come back: bought from a carrier, once, and given back.

    pending > labelled > voiding > voided
       \\ failed, to be bought again

They live as labels of shipments do (ADR 0030): the purchase is noted under a key before the carrier
is called. A return has one label that counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import ADDRESS, CONTACT
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action
from backoffice_api.domain.orders.model.orders import AddressKind, OrderAddress
from backoffice_api.domain.shipping.model.rating import Piece, Place
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    ShipmentStatus,
    Turn,
    turn_of,
)

WEIGHT_MAX_G = 1_000_000
# What people ask for; the rest a worker does. A label is bought anew by asking for one again.
_BY_PEOPLE = ("resolve", "void")


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """`recipient` and what follows it: of the customer, who sends the goods.

    `quoted_minor` is what it should cost, `cost_minor` what it did; None: not known.
    `return_shipment_id`: the parcel that is followed under its number.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    return_id: UUID
    order_id: UUID
    carrier_id: UUID
    service_id: UUID
    status: ShipmentStatus
    weight_g: int
    currency: str
    quoted_minor: int | None = field(metadata=COST)
    recipient: str = field(metadata=ADDRESS)
    address_lines: Sequence[str] = field(metadata=ADDRESS)
    district: str | None = field(metadata=ADDRESS)
    city: str = field(metadata=ADDRESS)
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)
    phone: str | None = field(metadata=CONTACT)
    attempts: int
    purchase_key: str | None
    called_at: datetime | None
    trouble: str | None
    tracking_number: str | None
    carrier_reference: str | None
    drop_off_code: str | None
    cost_minor: int | None = field(metadata=COST)
    labelled_at: datetime | None
    voided_at: datetime | None
    return_shipment_id: UUID | None

    # A parcel that comes back has no measures and no value that is insured.
    length_mm = width_mm = height_mm = None

    @property
    def value(self) -> Money:
        return Money(0, self.currency)

    @property
    def cash(self) -> Money:
        return Money(0, self.currency)

    @property
    def cost(self) -> Money | None:
        return None if self.cost_minor is None else Money(self.cost_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name in _BY_PEOPLE]

    @property
    def destination(self) -> OrderAddress:
        return OrderAddress(
            AddressKind.SHIPPING,
            self.recipient,
            self.address_lines,
            self.district,
            self.city,
            self.region,
            self.postal_code,
            self.country,
        )

    @property
    def piece(self) -> Piece:
        return Piece(self.weight_g, None, None, None, 0, 0)

    @property
    def place(self) -> Place:
        return Place(self.country, self.region, self.postal_code)

    def turn(self, now: datetime) -> Turn:
        """Whether the carrier may be called now for the purchase that is under way."""
        return turn_of(self.called_at, self.trouble, now)


@dataclass(frozen=True, slots=True)
class ReturnLabelEvent(Event):
    """Something that happened to a label for goods that come back."""

    subject = "rlb"
    id: UUID
    version: int
    number: str
    return_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnLabelOrdered(ReturnLabelEvent):
    type = "return_label.ordered"
    summary = "A label for goods that come back is bought: {number}."


@dataclass(frozen=True, slots=True)
class ReturnLabelCalled(ReturnLabelEvent):
    type = "return_label.carrier_called"
    summary = "The carrier is asked for label {number}."


@dataclass(frozen=True, slots=True)
class ReturnLabelBought(ReturnLabelEvent):
    type = "return_label.bought"
    summary = "Label {number} was bought: {tracking_number}."
    order_id: UUID
    tracking_number: str


@dataclass(frozen=True, slots=True)
class ReturnLabelFailed(ReturnLabelEvent):
    type = "return_label.failed"
    summary = "No label was bought for {number}: {trouble}."
    trouble: str


@dataclass(frozen=True, slots=True)
class ReturnLabelUnclear(ReturnLabelEvent):
    type = "return_label.unclear"
    summary = "Nobody knows whether label {number} was bought."


@dataclass(frozen=True, slots=True)
class ReturnLabelVoidAsked(ReturnLabelEvent):
    type = "return_label.void_asked"
    summary = "Label {number} is given back."


@dataclass(frozen=True, slots=True)
class ReturnLabelVoided(ReturnLabelEvent):
    type = "return_label.voided"
    summary = "Label {number} was given back."
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnLabelKept(ReturnLabelEvent):
    type = "return_label.kept"
    summary = "The carrier did not take label {number} back."


@dataclass(frozen=True, slots=True)
class ReturnLabelShown(ReturnLabelEvent):
    type = "return_label.shown"
    summary = "Label {number} was given out."


@dataclass(eq=False)
class UnknownReturnLabel(Missing):
    """There is no label for goods that come back with this id."""

    id: UUID
    message = "There is no such label."


@dataclass(eq=False)
class ReturnHasLabel(Refused):
    """A return has one label at a time. Give back the one that there is."""

    label: str
    message = "The return has label {label!r:.90} already."


@dataclass(eq=False)
class NoSenderAddress(Refused):
    """No order of the return says where its goods went, so nobody knows where they come from."""

    message = "No order of the return has a shipping address."
