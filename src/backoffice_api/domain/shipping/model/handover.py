"""Manifests and pickups: how parcels leave our hands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

MANIFEST_SHIPMENTS_MAX = 1_000
PIECES_MAX = 100_000


class ManifestStatus(Choice):
    """Whether the carrier has taken over what stands on a manifest."""

    OPEN = "open", "Parcels are put on it and taken off."
    PENDING = "pending", "The carrier is being told."
    CLOSED = "closed", "Handed over; nothing changes any more."
    CANCELLED = "cancelled", "Given up; what stood on it is free for another one."


MANIFEST_MACHINE = Machine(
    ManifestStatus.OPEN,
    move("add", {ManifestStatus.OPEN}),
    move("remove", {ManifestStatus.OPEN}),
    move("close", {ManifestStatus.OPEN}, ManifestStatus.PENDING),
    move("settle", {ManifestStatus.PENDING}, ManifestStatus.CLOSED),
    move("reopen", {ManifestStatus.PENDING}, ManifestStatus.OPEN),
    move("cancel", {ManifestStatus.OPEN}, ManifestStatus.CANCELLED),
)


class PickupStatus(Choice):
    """Whether the carrier comes."""

    REQUESTED = "requested", "The carrier was asked to come, or is being asked."
    CONFIRMED = "confirmed", "The carrier will come."
    FAILED = "failed", "The carrier said no."
    CANCELLING = "cancelling", "The carrier is being told not to come."
    CANCELLED = "cancelled", "The carrier does not come."


PICKUP_MACHINE = Machine(
    PickupStatus.REQUESTED,
    move("confirm", {PickupStatus.REQUESTED}, PickupStatus.CONFIRMED),
    move("fail", {PickupStatus.REQUESTED}, PickupStatus.FAILED),
    move("cancel", {PickupStatus.CONFIRMED}, PickupStatus.CANCELLING),
    move("settle_cancel", {PickupStatus.CANCELLING}, PickupStatus.CANCELLED),
    move("keep", {PickupStatus.CANCELLING}, PickupStatus.CONFIRMED),
    # Where nobody has to be told: it was not confirmed yet, or we only note it.
    move(
        "withdraw",
        {PickupStatus.REQUESTED, PickupStatus.FAILED, PickupStatus.CONFIRMED},
        PickupStatus.CANCELLED,
    ),
    # The carrier has confirmed what we had withdrawn meanwhile: then it has to be told.
    move("call_off", {PickupStatus.CANCELLED}, PickupStatus.CANCELLING),
)


class ManifestSortKey(Choice):
    """By what a list of manifests is sorted."""

    CREATED_AT = "created_at", "When the manifest was made."


class PickupSortKey(Choice):
    """By what a list of pickups is sorted."""

    WINDOW_FROM = "window_from", "When the carrier comes at the earliest."
    CREATED_AT = "created_at", "When the pickup was asked for."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a carrier is handed over at once. `pieces` counts its shipments."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    carrier_id: UUID
    number: str
    status: ManifestStatus
    pieces: int
    carrier_reference: str | None
    trouble: str | None
    closed_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        inner = ("settle", "reopen")
        return [each for each in MANIFEST_MACHINE.actions(self.status) if each.name not in inner]


@dataclass(frozen=True, slots=True)
class Pickup:
    """A carrier's visit. `pieces` and `weight_g`: what it is told to expect."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    carrier_id: UUID
    location_id: UUID
    status: PickupStatus
    window_from: datetime
    window_until: datetime
    pieces: int
    weight_g: int
    note: str | None
    confirmation: str | None
    trouble: str | None

    @property
    def actions(self) -> Sequence[Action]:
        by_name = {each.name: each for each in PICKUP_MACHINE.actions(self.status)}
        cancel = next(
            (each for each in (by_name["cancel"], by_name["withdraw"]) if each.allowed),
            by_name["cancel"],
        )
        return [by_name["confirm"], replace(cancel, name="cancel")]


@dataclass(frozen=True, slots=True)
class ManifestCreated(Event):
    type = "manifest.created"
    subject = "man"
    summary = "Manifest {number} was made, with {pieces} shipments."
    id: UUID
    version: int
    number: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ManifestUpdated(Event):
    type = "manifest.updated"
    subject = "man"
    summary = "Manifest {number} has {pieces} shipments now."
    id: UUID
    version: int
    number: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ManifestAsked(Event):
    type = "manifest.close_asked"
    subject = "man"
    summary = "The carrier is told of manifest {number}."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class ManifestClosed(Event):
    type = "manifest.closed"
    subject = "man"
    summary = "Manifest {number} is closed: {pieces} shipments were handed over."
    id: UUID
    version: int
    number: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ManifestRefused(Event):
    type = "manifest.close_refused"
    subject = "man"
    summary = "The carrier did not take manifest {number}; it is open again."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class ManifestCancelled(Event):
    type = "manifest.cancelled"
    subject = "man"
    summary = "Manifest {number} was given up."
    id: UUID
    version: int
    number: str


@dataclass(frozen=True, slots=True)
class PickupRequested(Event):
    type = "pickup.requested"
    subject = "pup"
    summary = "The carrier was asked to fetch {pieces} parcels."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class PickupConfirmed(Event):
    type = "pickup.confirmed"
    subject = "pup"
    summary = "The carrier will come: {confirmation}."
    id: UUID
    version: int
    confirmation: str


@dataclass(frozen=True, slots=True)
class PickupFailed(Event):
    type = "pickup.failed"
    subject = "pup"
    summary = "The carrier will not come."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PickupCancelAsked(Event):
    type = "pickup.cancel_asked"
    subject = "pup"
    summary = "The carrier is told not to come."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PickupCancelled(Event):
    type = "pickup.cancelled"
    subject = "pup"
    summary = "The carrier does not come."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class PickupKept(Event):
    type = "pickup.cancel_refused"
    subject = "pup"
    summary = "The carrier comes all the same."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownManifest(Missing):
    """There is no manifest with this id."""

    id: UUID
    message = "There is no such manifest."


@dataclass(eq=False)
class UnknownPickup(Missing):
    """There is no pickup with this id."""

    id: UUID
    message = "There is no such pickup."


@dataclass(eq=False)
class NothingToHandOver(Refused):
    """No shipment of the carrier has a label and stands on no manifest yet."""

    message = "No shipment of this carrier waits to be handed over."


@dataclass(eq=False)
class NotToHandOver(Refused):
    """The shipment is another carrier's, has no label, or stands on a manifest already."""

    shipment: str
    message = "Shipment {shipment!r:.90} cannot be put on this manifest."


@dataclass(eq=False)
class NotOnManifest(Refused):
    """The shipment does not stand on this manifest."""

    shipment: str
    message = "Shipment {shipment!r:.90} does not stand on this manifest."


@dataclass(eq=False)
class InvalidWindow(Invalid):
    """A carrier comes between two moments, the second after the first and not yet over."""

    message = "The window ends after it has begun, and in the future."


@dataclass(eq=False)
class CarrierConfirms(Refused):
    """This carrier is asked over the net, and confirms its pickups itself."""

    message = "This carrier confirms its pickups itself."
