"""Devices: scanners and phones, each of which numbers what it scans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import Actor, ActorKind


class DeviceStatus(Choice):
    """Whether a device may be used."""

    ACTIVE = "active", "In use."
    RETIRED = "retired", "Out of use: nothing is taken from it."


MACHINE = Machine(
    DeviceStatus.ACTIVE,
    move("scan", {DeviceStatus.ACTIVE}),
    move("retire", {DeviceStatus.ACTIVE}, DeviceStatus.RETIRED),
    move("restore", {DeviceStatus.RETIRED}, DeviceStatus.ACTIVE),
)


class DeviceSortKey(Choice):
    """By what a list of devices is sorted."""

    CREATED_AT = "created_at", "When the device was registered."
    CODE = "code", "The code, by code point."


@dataclass(frozen=True, slots=True)
class Device:
    """A scanner, bound to one token or one member of staff; `location_id`: where it is used."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    actor_kind: ActorKind
    actor_id: UUID
    location_id: UUID | None
    status: DeviceStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)

    def is_of(self, actor: Actor) -> bool:
        return (actor.kind, actor.id) == (self.actor_kind, self.actor_id)


@dataclass(frozen=True, slots=True)
class DeviceRegistered(Event):
    type = "device.registered"
    subject = "dev"
    summary = "Device {code} was registered."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class DeviceRetired(Event):
    type = "device.retired"
    subject = "dev"
    summary = "Device {code} was retired."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class DeviceRestored(Event):
    type = "device.restored"
    subject = "dev"
    summary = "Device {code} is in use again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ScansTaken(Event):
    """The movements themselves say what they came to; each names the device as its cause."""

    type = "device.scans_taken"
    subject = "dev"
    summary = "{accepted} scans of device {code} were taken."
    id: UUID
    version: int
    code: str
    accepted: int
    duplicates: int
    refused: int


@dataclass(eq=False)
class UnknownDevice(Missing):
    """There is no device with this id."""

    id: UUID
    message = "There is no such device."


@dataclass(eq=False)
class DeviceCodeTaken(Refused):
    """Another device has this code."""

    name: str
    message = "Another device has the code {name!r:.90}."


@dataclass(eq=False)
class BoundToNobody(Invalid):
    """A device belongs to a token or to a member of staff: one of the two."""

    message = "A device is bound to a token or to a member of staff, one of the two."


@dataclass(eq=False)
class UnknownOwner(Missing):
    """The token or the member of staff that a device is to be bound to is not there."""

    id: UUID
    message = "There is nobody with this id to bind the device to."


@dataclass(eq=False)
class NotYourDevice(Refused):
    """The device is bound to somebody else, who alone may send what it has scanned."""

    message = "The device is bound to somebody else."
