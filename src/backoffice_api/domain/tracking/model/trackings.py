"""Trackings: parcels under the numbers that carriers gave them, and what was told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action
from backoffice_api.domain.tracking.model.states import (
    MACHINE,
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)

CARRIER_LENGTH_MAX = 60
NUMBER_LENGTH_MAX = 100
RAW_TEXT_LENGTH_MAX = 500
BATCH_MAX = 1_000
EVENTS_PER_TRACKING_MAX = 500


class TrackingSortKey(Choice):
    """By what a list of trackings is sorted."""

    CREATED_AT = "created_at", "When it was first heard of."
    UPDATED_AT = "updated_at", "When something was last heard."


class TrackingEventSortKey(Choice):
    """By what a list of what was told is sorted."""

    OCCURRED_AT = "occurred_at", "When it happened."


class TrackingOutcome(Choice):
    """What became of one event that was handed in."""

    RECORDED = "recorded", "It was stored."
    REPEATED = "repeated", "It had been stored before; nothing was changed."
    REFUSED = "refused", "It cannot be stored."


@dataclass(frozen=True, slots=True)
class Tracking:
    """`carrier` and `number` name it; with a parcel of the shop, or without.

    `state` is that of the event that counts (`state_at`, `state_key`: which one that is); `cause`
    and `party` are what that event says. `heard_at`: when something new was last heard, at first
    when it was made. `promised_at`: by when the parcel was to arrive.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    carrier: str
    number: str
    parcel_id: UUID | None
    order_id: UUID | None
    state: TrackingState
    cause: TrackingCause | None
    party: ResponsibleParty | None
    state_at: datetime | None
    state_key: str
    heard_at: datetime
    event_count: int
    promised_at: datetime | None
    delivered_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.state)


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """What was told of a parcel, as it was told. Never changed.

    `source`: whose words `code` is of. `content_key`: the same for the same content.
    """

    id: UUID
    tracking_id: UUID
    content_key: str
    source: str
    code: str
    text: str
    place: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by_kind: str
    recorded_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class TrackingReading:
    """How an event is read. `mapping_version` None: nobody knows what its code means."""

    event_id: UUID
    tracking_id: UUID
    state: TrackingState | None
    cause: TrackingCause | None
    party: ResponsibleParty | None
    mapping_version: str | None


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """What a carrier calls a parcel."""

    carrier: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """Something that was told of a parcel, as it was told."""

    carrier: str
    number: str
    source: str
    code: str
    text: str
    occurred_at: datetime
    place: str | None = None


@dataclass(frozen=True, slots=True)
class TrackingCreated(Event):
    type = "tracking.created"
    subject = "trk"
    summary = "{carrier} {number} is followed."
    id: UUID
    version: int
    carrier: str
    number: str
    parcel_id: UUID | None
    order_id: UUID | None


@dataclass(frozen=True, slots=True)
class TrackingLinked(Event):
    type = "tracking.linked"
    subject = "trk"
    summary = "{carrier} {number} is a parcel of the shop."
    id: UUID
    version: int
    carrier: str
    number: str
    parcel_id: UUID
    order_id: UUID


@dataclass(frozen=True, slots=True)
class TrackingUpdated(Event):
    type = "tracking.updated"
    subject = "trk"
    summary = "{carrier} {number}: {state}."
    id: UUID
    version: int
    carrier: str
    number: str
    parcel_id: UUID | None
    order_id: UUID | None
    state: TrackingState
    cause: TrackingCause | None
    party: ResponsibleParty | None


@dataclass(frozen=True, slots=True)
class TrackingDelivered(Event):
    type = "tracking.delivered"
    subject = "trk"
    summary = "{carrier} {number} was delivered."
    id: UUID
    version: int
    carrier: str
    number: str
    parcel_id: UUID | None
    order_id: UUID | None
    delivered_at: datetime


@dataclass(eq=False)
class UnknownTracking(Missing):
    """There is no tracking with this id."""

    id: UUID
    message = "There is no such tracking."


@dataclass(eq=False)
class AlreadyTracked(Refused):
    """The number belongs to another parcel already."""

    carrier: str
    number: str
    message = "{carrier} {number} belongs to another parcel already."


@dataclass(eq=False)
class NotYet(Invalid):
    """An event lies in the future, by more than clocks differ."""

    message = "This has not happened yet."


@dataclass(eq=False)
class NoFurtherEvents(Refused):
    """So much was told of one parcel that no more is kept."""

    maximum: int
    message = "No more than {maximum} events are kept of one parcel."


def content_key(draft: EventDraft) -> str:
    """Names the content of an event: what is told twice has one key."""
    parts = (
        draft.source,
        draft.code,
        draft.text,
        draft.place or "",
        draft.occurred_at.isoformat(),
    )
    return sha256("\0".join(parts).encode()).hexdigest()
