"""Erasures: what went with a person, what stays, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.privacy.model.duties import LAWS, Reason


class ErasureStatus(Choice):
    """How far an erasure is."""

    PARTIAL = "partial", "What may go is gone. What has to stay goes by itself when it may."
    COMPLETE = "complete", "Nothing is left of the person."


MACHINE = Machine(
    ErasureStatus.PARTIAL,
    move("continue", {ErasureStatus.PARTIAL}),
    move("resume", {ErasureStatus.COMPLETE}, ErasureStatus.PARTIAL),
    move("complete", {ErasureStatus.PARTIAL}, ErasureStatus.COMPLETE),
)


class ErasureSortKey(Choice):
    """By what a list of erasures is sorted."""

    CREATED_AT = "created_at", "When it was begun."


@dataclass(frozen=True, slots=True)
class Erasure:
    """`rounds`: how often it was gone through. `again_on` None: nothing is left to be done."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    customer_id: UUID
    request_id: UUID | None
    status: ErasureStatus
    rounds: int
    again_on: date | None
    rows_emptied: int
    rows_removed: int
    rows_kept: int

    @property
    def actions(self) -> Sequence[Action]:
        return ()


@dataclass(frozen=True, slots=True)
class ErasedPlace:
    """What one round did in one table. `reason` None: nothing had to stay there."""

    place: str
    emptied: int
    removed: int
    kept: int
    reason: Reason | None
    kept_until: date | None

    @property
    def law(self) -> str | None:
        """The law that keeps what stays. None: nothing stays."""
        return None if self.reason is None else LAWS[self.reason].text


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """`log_hash`: of what is left of events of the log; None: none was touched."""

    type = "erasure.made"
    subject = "ers"
    summary = "A customer was erased: {rows_emptied} rows emptied, {rows_removed} removed."
    id: UUID
    version: int
    customer_id: UUID
    rows_emptied: int
    rows_removed: int
    rows_kept: int
    log_hash: str | None = None


@dataclass(eq=False)
class UnknownErasure(Missing):
    """There is no erasure with this id."""

    id: UUID
    message = "There is no such erasure."
