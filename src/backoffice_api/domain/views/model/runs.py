"""Runs: one mutation on each of many things, one after the other.

    queued > running > finished
                     > cancelled    called off; what was done stays done
                     > stopped      who asked may not do it any more

Which things is fixed when the run is made: what passes the filter later is not touched. Each
thing is one transaction of its own; one that is refused does not keep the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

ITEMS_MAX = 10_000
IDS_MAX = 1_000
PREVIEWED_MAX = 25
ERROR_LENGTH_MAX = 1_000

_CONTENT = {"personal": "content"}


class RunStatus(Choice):
    """How far a run is."""

    QUEUED = "queued", "It waits for a worker."
    RUNNING = "running", "It is under way."
    FINISHED = "finished", "Every item was tried."
    CANCELLED = "cancelled", "It was called off; what was done stays done."
    STOPPED = "stopped", "Who asked for it may not do it any more; the rest was not tried."


class ItemStatus(Choice):
    """What has become of one item of a run."""

    PENDING = "pending", "It was not tried yet; of a run that has ended: it never was."
    SUCCEEDED = "succeeded", "It was done; in a dry run: it would be."
    FAILED = "failed", "It was refused; the error says why."


class RunSortKey(Choice):
    """By what a list of runs is sorted."""

    CREATED_AT = "created_at", "When it was asked for."


class ItemSortKey(Choice):
    """By what the items of a run are sorted."""

    POSITION = "position", "In the order in which they are done."


MACHINE = Machine(
    RunStatus.QUEUED,
    move("start", {RunStatus.QUEUED}, RunStatus.RUNNING),
    move("finish", {RunStatus.RUNNING}, RunStatus.FINISHED),
    move("cancel", {RunStatus.QUEUED, RunStatus.RUNNING}, RunStatus.CANCELLED),
    move("stop", {RunStatus.QUEUED, RunStatus.RUNNING}, RunStatus.STOPPED),
)
OPEN = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
_BY_PEOPLE = frozenset({"cancel"})


@dataclass(frozen=True, slots=True)
class BulkRun:
    """`input`: of the mutation, as it was given. `kind`: prefix of the ids of the items.

    `scopes`: the rights of who asked, when he asked: the run never has more. `source_run_id`: the
    run whose items these are; None: they were found otherwise.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    mutation: str
    input: Mapping[str, Any] | None = field(metadata=_CONTENT)
    kind: str
    target: str | None
    filter: Mapping[str, Any] | None = field(metadata=_CONTENT)
    search: str | None = field(metadata=_CONTENT)
    source_run_id: UUID | None
    status: RunStatus
    dry_run: bool
    actor_kind: ActorKind
    actor_id: UUID | None
    scopes: Sequence[str]
    reason: str | None
    job_id: UUID | None
    items_total: int
    items_succeeded: int
    items_failed: int
    error: str | None
    finished_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it; the other moves are the worker's."""
        return [each for each in MACHINE.actions(self.status) if each.name in _BY_PEOPLE]

    @property
    def items_left(self) -> int:
        return self.items_total - self.items_succeeded - self.items_failed


@dataclass(frozen=True, slots=True)
class RunItem:
    """One thing of a run. `errors`: why it was refused; `code` is that of the first of them."""

    id: UUID
    run_id: UUID
    position: int
    subject_kind: str
    subject_id: UUID
    status: ItemStatus
    code: str | None
    errors: Sequence[Mapping[str, Any]]
    effects: Sequence[str]
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item was refused. `path` in the words of the schema; `data` are the facts."""

    code: str
    message: str
    path: Sequence[str] | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an item came to: no `failures` if it was done; then `effects` tell what happened."""

    item_id: UUID
    effects: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkRunStarted(Event):
    type = "bulk_run.started"
    subject = "brn"
    summary = "Run of {mutation} on {items} items was asked for."
    id: UUID
    version: int
    mutation: str
    items: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class BulkRunEnded(Event):
    type = "bulk_run.ended"
    subject = "brn"
    summary = "Run of {mutation} is {status}: {succeeded} done, {failed} refused."
    id: UUID
    version: int
    mutation: str
    status: RunStatus
    succeeded: int
    failed: int
    left: int


@dataclass(eq=False)
class UnknownBulkRun(Missing):
    """There is no run with this id."""

    id: UUID
    message = "There is no such run."


@dataclass(eq=False)
class UnknownAction(Invalid):
    """There is no mutation of this name that can be done on many things at once."""

    mutation: str
    message = "The mutation {mutation!r:.60} cannot be run on many."


@dataclass(eq=False)
class UnfitInput(Invalid):
    """The input is none that the mutation takes."""

    mutation: str
    reason: str
    message = "This is no input of {mutation}: {reason}"


@dataclass(eq=False)
class OfAnotherKind(Invalid):
    """The mutation is done on other things than these."""

    mutation: str
    wanted: str
    message = "The mutation {mutation} is done on things whose ids begin with {wanted}_."


@dataclass(eq=False)
class NothingToDo(Refused):
    """Nothing passes the filter, or no item is left of the run."""

    message = "There is nothing that this could be done on."


@dataclass(eq=False)
class TooManyItems(Refused):
    """More things pass the filter than one run takes."""

    maximum: int
    message = "One run takes at most {maximum} items: narrow the filter."
