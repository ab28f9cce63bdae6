"""Waves: fulfillments that are picked together.

    planned > released > done

A wave is put together by what leaves when, with whom and where to. Releasing it hands its
fulfillments to the hall; those of orders on hold stay behind, outside of it. It is done when
nothing of it is left to be picked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

FULFILLMENTS_MAX = 1_000
FULFILLMENTS_DEFAULT = 100


class WaveStatus(Choice):
    """How far a wave is."""

    PLANNED = "planned", "Put together; nobody works on it."
    RELEASED = "released", "Being picked."
    DONE = "done", "All of it is picked."
    CANCELLED = "cancelled", "Given up; what was in it is planned without it."


MACHINE = Machine(
    WaveStatus.PLANNED,
    move("release", {WaveStatus.PLANNED}, WaveStatus.RELEASED),
    move("finish", {WaveStatus.RELEASED}, WaveStatus.DONE),
    move("cancel", {WaveStatus.PLANNED, WaveStatus.RELEASED}, WaveStatus.CANCELLED),
)


class WaveSortKey(Choice):
    """By what a list of waves is sorted."""

    CREATED_AT = "created_at", "When the wave was planned."


@dataclass(frozen=True, slots=True)
class Wave:
    """`cut_off_at`, `service`, `zone`: what it was put together by. None: by anything."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    location_id: UUID
    name: str
    status: WaveStatus
    cut_off_at: datetime | None
    service: str | None
    zone: str | None
    released_at: datetime | None
    done_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name != "finish"]


@dataclass(frozen=True, slots=True)
class WavePlanned(Event):
    type = "wave.planned"
    subject = "wav"
    summary = "Wave {name} was planned: {fulfillments} fulfillments, {pieces} pieces."
    id: UUID
    version: int
    name: str
    fulfillments: int
    pieces: int


@dataclass(frozen=True, slots=True)
class WaveReleased(Event):
    """`left_out`: how many stayed behind, since a hold or a closed gate forbids it."""

    type = "wave.released"
    subject = "wav"
    summary = "Wave {name} was released: {fulfillments} fulfillments; {left_out} stay behind."
    id: UUID
    version: int
    name: str
    fulfillments: int
    left_out: int


@dataclass(frozen=True, slots=True)
class WaveDone(Event):
    type = "wave.done"
    subject = "wav"
    summary = "Wave {name} is picked."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WaveCancelled(Event):
    type = "wave.cancelled"
    subject = "wav"
    summary = "Wave {name} was cancelled."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class UnknownWave(Missing):
    """There is no wave with this id."""

    id: UUID
    message = "There is no such wave."


@dataclass(eq=False)
class NothingForWave(Refused):
    """No planned fulfillment fits the wave. `held`: those that wait for something else alone."""

    held: int
    message = "Nothing that is planned there fits; {held} wait for a hold, a review or a document."


@dataclass(eq=False)
class BeingPicked(Refused):
    """Somebody has picked some of the wave already."""

    message = "Some of it is picked already: cancel its fulfillments one by one."
