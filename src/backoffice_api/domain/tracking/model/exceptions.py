"""Exceptions: parcels that somebody has to look after.

    open > acknowledged > resolved

Each kind is open at most once for a parcel. One ends by itself when its reason has gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tracking.model.states import ENDS, TrackingState

SILENT_DAYS = 5


class TrackingExceptionKind(Choice):
    """What is wrong with a parcel."""

    ATTEMPT_FAILED = "attempt_failed", "It could not be handed over."
    ON_HOLD = "on_hold", "It stands still."
    DELAYED = "delayed", "The carrier says that it is late."
    OVERDUE = "overdue", "It has not arrived by the time that was promised."
    SILENT = "silent", "Nothing was heard of it for days."
    RETURNING = "returning", "It comes back."
    LOST = "lost", "It will not arrive."


class TrackingExceptionStatus(Choice):
    """How far it was looked after."""

    OPEN = "open", "Nobody has seen it."
    ACKNOWLEDGED = "acknowledged", "Somebody looks after it."
    RESOLVED = "resolved", "Done with."


class TrackingExceptionSortKey(Choice):
    """By what a list of exceptions is sorted."""

    CREATED_AT = "created_at", "Since when it is there."


MACHINE = Machine(
    TrackingExceptionStatus.OPEN,
    move(
        "acknowledge",
        {TrackingExceptionStatus.OPEN, TrackingExceptionStatus.ACKNOWLEDGED},
        TrackingExceptionStatus.ACKNOWLEDGED,
    ),
    move(
        "resolve",
        {TrackingExceptionStatus.OPEN, TrackingExceptionStatus.ACKNOWLEDGED},
        TrackingExceptionStatus.RESOLVED,
    ),
)

OF_STATES = {
    TrackingState.ATTEMPT_FAILED: TrackingExceptionKind.ATTEMPT_FAILED,
    TrackingState.ON_HOLD: TrackingExceptionKind.ON_HOLD,
    TrackingState.DELAYED: TrackingExceptionKind.DELAYED,
    TrackingState.RETURNING: TrackingExceptionKind.RETURNING,
    TrackingState.LOST: TrackingExceptionKind.LOST,
}


@dataclass(frozen=True, slots=True)
class TrackingException:
    """`owner_id`: the person who looks after it. `note`: what was said when it was resolved."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    tracking_id: UUID
    kind: TrackingExceptionKind
    status: TrackingExceptionStatus
    owner_id: UUID | None
    note: str
    resolved_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class TrackingExceptionOpened(Event):
    type = "tracking.exception"
    subject = "trk"
    summary = "{carrier} {number} needs looking after: {kind}."
    id: UUID
    version: int
    carrier: str
    number: str
    parcel_id: UUID | None
    order_id: UUID | None
    kind: TrackingExceptionKind
    exception_id: UUID


@dataclass(frozen=True, slots=True)
class TrackingExceptionAcknowledged(Event):
    type = "tracking_exception.acknowledged"
    subject = "tex"
    summary = "Somebody looks after it."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class TrackingExceptionResolved(Event):
    type = "tracking_exception.resolved"
    subject = "tex"
    summary = "It is done with."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownTrackingException(Missing):
    """There is no exception with this id."""

    id: UUID
    message = "There is no such exception."


def ended(kind: TrackingExceptionKind, state: TrackingState, *, heard: bool) -> bool:
    """Whether the reason of an exception has gone. `heard`: something was told just now."""
    match kind:
        case TrackingExceptionKind.SILENT:
            return heard or state in ENDS
        case TrackingExceptionKind.OVERDUE:
            return state in ENDS
        case TrackingExceptionKind.LOST:
            return state is not TrackingState.LOST
        case TrackingExceptionKind.RETURNING:
            # Back at the shop it still waits for somebody who unpacks it.
            return state in {TrackingState.DELIVERED, TrackingState.CANCELLED}
        case _:
            return OF_STATES.get(state) is not kind
