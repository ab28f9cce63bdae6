"""Shipments: one parcel, one carrier, one label.

    draft > pending > labelled > handed over
                    \\ failed      \\ voiding > voided

A label is bought once (ADR 0030). The purchase is noted under a key of its own before the carrier
is called, and the call is noted before it is made. A worker that finds a call which was begun and
never settled asks the carrier what became of the key; where a carrier cannot be asked, a person
has to say what happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from backoffice_api.domain.customers.model import ADDRESS, CONTACT
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import COST
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.orders.model.orders import AddressKind, OrderAddress
from backoffice_api.domain.shipping.model.rating import Piece, Place

SHIPMENTS_MAX = 250
TRACKING_LENGTH_MAX = 80
TROUBLE_LENGTH_MAX = 500


class ShipmentStatus(Choice):
    """How far a shipment is."""

    DRAFT = "draft", "Carrier and service are chosen; there is no label."
    PENDING = "pending", "The label is being bought."
    UNCLEAR = "unclear", "Nobody knows whether the carrier sold the label; a person has to say."
    FAILED = "failed", "The carrier sold no label. It may be tried again."
    LABELLED = "labelled", "The label is there."
    VOIDING = "voiding", "The label is being given back."
    VOIDED = "voided", "The label was given back."
    HANDED_OVER = "handed_over", "The carrier has the parcel, by a manifest."
    CANCELLED = "cancelled", "Not to be sent this way; no label was bought."


# A parcel has at most one shipment that is in none of these.
ENDED = (ShipmentStatus.VOIDED, ShipmentStatus.CANCELLED)

# The shipment has a label that counts.
WITH_LABEL = (ShipmentStatus.LABELLED, ShipmentStatus.HANDED_OVER)

_S = ShipmentStatus
MACHINE = Machine(
    _S.DRAFT,
    move("update", {_S.DRAFT, _S.FAILED}, _S.DRAFT),
    move("buy", {_S.DRAFT, _S.FAILED}, _S.PENDING),
    move("settle", {_S.PENDING, _S.UNCLEAR}, _S.LABELLED),
    move("fail", {_S.PENDING, _S.UNCLEAR}, _S.FAILED),
    move("doubt", {_S.PENDING}, _S.UNCLEAR),
    move("resolve", {_S.UNCLEAR}),
    move("void", {_S.LABELLED}, _S.VOIDING),
    move("settle_void", {_S.VOIDING}, _S.VOIDED),
    move("keep_label", {_S.VOIDING}, _S.LABELLED),
    move("hand_over", {_S.LABELLED}, _S.HANDED_OVER),
    move("cancel", {_S.DRAFT, _S.FAILED}, _S.CANCELLED),
)
# What a worker does, or what goes with something else: no buttons for these.
_INNER = frozenset({"settle", "fail", "doubt", "settle_void", "keep_label", "hand_over"})


class Turn(Choice):
    """Whose turn it is to call the carrier."""

    FIRST = "first", "Ours; nobody has called before."
    AGAIN = "again", "Ours; a call before this one has ended without an answer, or its caller died."
    BUSY = "busy", "Not ours: a call may still be under way."


# No call lasts longer: adapters give up well before.
CALL_MAX = timedelta(seconds=90)


def turn_of(called_at: datetime | None, trouble: str | None, now: datetime) -> Turn:
    """Whether a carrier may be called that was last called then; with `trouble`, that has ended."""
    if called_at is None:
        return Turn.FIRST
    is_under_way = trouble is None and now - called_at < CALL_MAX
    return Turn.BUSY if is_under_way else Turn.AGAIN


class ShipmentSortKey(Choice):
    """By what a list of shipments is sorted."""

    CREATED_AT = "created_at", "When the shipment was made."
    UPDATED_AT = "updated_at", "When it was last changed."


class LabelFormat(Choice):
    """How a label is written."""

    PDF = "pdf", "A page to be printed anywhere."
    ZPL = "zpl", "Commands for a label printer (Zebra Programming Language)."
    PNG = "png", "A picture."


@dataclass(frozen=True, slots=True)
class Shipment:
    """`purchase_key`: under which the carrier is asked for the label; None: nobody has asked yet.

    `called_at`: when the carrier was last called; with `trouble`, that call has ended. `quoted_…`
    is what the label should cost, `cost_…` what it did; None: not known.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    parcel_id: UUID
    fulfillment_id: UUID
    order_id: UUID
    carrier_id: UUID
    service_id: UUID
    status: ShipmentStatus
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    currency: str
    value_minor: int
    cash_minor: int
    quoted_minor: int | None = field(metadata=COST)
    promised_on: date | None
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
    cost_minor: int | None = field(metadata=COST)
    labelled_at: datetime | None
    voided_at: datetime | None
    manifest_id: UUID | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in _INNER]

    def turn(self, now: datetime) -> Turn:
        """Whether the carrier may be called now for the purchase that is under way."""
        return turn_of(self.called_at, self.trouble, now)

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
        return Piece(
            self.weight_g,
            self.length_mm,
            self.width_mm,
            self.height_mm,
            self.value_minor,
            self.cash_minor,
        )

    @property
    def place(self) -> Place:
        return Place(self.country, self.region, self.postal_code)

    @property
    def quoted(self) -> Money | None:
        return None if self.quoted_minor is None else Money(self.quoted_minor, self.currency)

    @property
    def cost(self) -> Money | None:
        return None if self.cost_minor is None else Money(self.cost_minor, self.currency)

    @property
    def value(self) -> Money:
        return Money(self.value_minor, self.currency)

    @property
    def cash(self) -> Money:
        return Money(self.cash_minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelToSend:
    """A parcel; `value` is insured, `cash` collected at the door."""

    parcel_id: UUID
    value: Money | None = None
    cash: Money | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A file of a label: of a shipment, or of a return. `key`: its place in the storage."""

    id: UUID
    created_at: datetime
    shipment_id: UUID | None
    purchase_key: str
    format: LabelFormat
    key: str
    byte_size: int
    sha256: str
    return_label_id: UUID | None = None


@dataclass(eq=False)
class UnknownShipment(Missing):
    """There is no shipment with this id."""

    id: UUID
    message = "There is no such shipment."


@dataclass(eq=False)
class UnknownLabel(Missing):
    """The shipment has no label, or none in this format."""

    message = "The shipment has no such label."


@dataclass(eq=False)
class ParcelHasShipment(Refused):
    """A parcel has one shipment at a time. Void or cancel the one that there is."""

    parcel: str
    shipment: str
    message = "Parcel {parcel!r:.90} is sent by shipment {shipment!r:.90} already."


@dataclass(eq=False)
class FulfillmentIsOver(Refused):
    """The fulfillment was shipped or cancelled: no label is bought for it any more."""

    fulfillment: str
    message = "Fulfillment {fulfillment!r:.90} has been shipped or cancelled."


@dataclass(eq=False)
class ParcelTakenApart(Refused):
    """The parcel was taken apart: nothing is sent in it."""

    parcel: str
    message = "Parcel {parcel!r:.90} was taken apart."


@dataclass(eq=False)
class ParcelNotWeighed(Refused):
    """Without its weight, no label can be bought for a parcel."""

    parcel: str
    message = "Parcel {parcel!r:.90} has not been weighed."


@dataclass(eq=False)
class NoDestination(Refused):
    """The order does not say where its goods go."""

    message = "The order has no shipping address."


@dataclass(eq=False)
class NothingToSend(Invalid):
    """Shipments are made for at least one parcel."""

    message = "Name at least one parcel."


@dataclass(eq=False)
class TrackingNumberNeeded(Invalid):
    """Nobody but you knows the number and the cost that a carrier of the kind MANUAL gave."""

    message = "Type the tracking number that the carrier gave."


@dataclass(eq=False)
class NumberNotAsked(Invalid):
    """Only with a carrier of the kind MANUAL are number and cost typed."""

    message = "This carrier gives the tracking number and the cost itself."


@dataclass(eq=False)
class OnManifest(Refused):
    """The shipment stands on a manifest: take it off that first."""

    message = "The shipment stands on a manifest."


@dataclass(eq=False)
class PurchaseMoved(Refused):
    """The purchase that is to be settled is not the one that is under way."""

    message = "Another purchase is under way."
