"""Counts: words and rules.

    planned > counting > (recount) > counted > review > posted

A count does not stop the hall. Each line notes what the books said at the moment it was counted;
what moves afterwards changes shelf and books alike, so the difference found then is the
difference to post, however long the review takes (ADR 0016).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.stock.model.buckets import Bucket

LINES_MAX = 1_000
ENTRIES_MAX = 1_000
PERCENT_MAX = 100
ABC_DAYS_DEFAULT = 90
ABC_DAYS_MAX = 730


class CountStatus(Choice):
    """How far a count is."""

    PLANNED = "planned", "To be counted; nobody has begun."
    COUNTING = "counting", "Being counted."
    COUNTED = "counted", "Every line has a number."
    RECOUNT = "recount", "Some lines differ so much that they are to be counted again."
    REVIEW = "review", "To be approved."
    POSTED = "posted", "The differences are in the ledger."
    CANCELLED = "cancelled", "Given up; nothing was changed."


MACHINE = Machine(
    CountStatus.PLANNED,
    move("start", {CountStatus.PLANNED}, CountStatus.COUNTING),
    move("enter", {CountStatus.COUNTING, CountStatus.RECOUNT}),
    move("finish", {CountStatus.COUNTING, CountStatus.RECOUNT}, CountStatus.COUNTED),
    # By itself, when counting ends and lines differ too much; or as somebody asks.
    move(
        "recount",
        {CountStatus.COUNTING, CountStatus.COUNTED, CountStatus.REVIEW},
        CountStatus.RECOUNT,
    ),
    move("review", {CountStatus.COUNTED}, CountStatus.REVIEW),
    move("post", {CountStatus.REVIEW}, CountStatus.POSTED),
    move(
        "cancel",
        {
            CountStatus.PLANNED,
            CountStatus.COUNTING,
            CountStatus.COUNTED,
            CountStatus.RECOUNT,
            CountStatus.REVIEW,
        },
        CountStatus.CANCELLED,
    ),
)


class CountLineStatus(Choice):
    """How far a line of a count is."""

    OPEN = "open", "To be counted."
    COUNTED = "counted", "Counted."
    RECOUNT = "recount", "To be counted again."
    RECOUNTED = "recounted", "Counted again: this number stands."


DONE = frozenset({CountLineStatus.COUNTED, CountLineStatus.RECOUNTED})


class AbcClass(Choice):
    """How much of what moves is of a variant: by pieces times cost, or by pieces."""

    A = "a", "Those that make up the first 80 percent."
    B = "b", "Those that make up the next 15 percent."
    C = "c", "All others, also what did not move."


class CountSortKey(Choice):
    """By what a list of counts is sorted."""

    CREATED_AT = "created_at", "When the count was planned."
    UPDATED_AT = "updated_at", "When it was last changed."


class CountLineSortKey(Choice):
    """By what a list of lines of counts is sorted."""

    POSITION = "position", "Place after place."


@dataclass(frozen=True, slots=True)
class CountTask:
    """A count of what lies at a location and its parts.

    `blind`: who counts does not see what the books say. Lines that differ by more than
    `recount_pieces`, and by more than `recount_percent` of what was expected, are counted twice.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    location_id: UUID
    status: CountStatus
    name: str | None
    blind: bool
    recount_pieces: int
    recount_percent: int
    posted_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CountLine:
    """One variant in one bucket of one location, or one lot of it.

    `expected`: what the books said when it was counted; `counted`: what was there. Both are None
    until then. `first_counted`: the number before the recount.
    """

    id: UUID
    task_id: UUID
    position: int
    variant_id: UUID
    location_id: UUID
    bucket: Bucket
    lot_id: UUID | None
    status: CountLineStatus
    expected: int | None
    counted: int | None
    first_counted: int | None
    counted_at: datetime | None
    counted_by_id: UUID | None

    @property
    def variance(self) -> int | None:
        """Pieces too many, or, below zero, too few. None: it was not counted."""
        if self.counted is None or self.expected is None:
            return None
        return self.counted - self.expected


class Spot(NamedTuple):
    """What a line of a count is of."""

    variant_id: UUID
    location_id: UUID
    bucket: Bucket
    lot_id: UUID | None


def spot_of(line: CountLine) -> Spot:
    return Spot(line.variant_id, line.location_id, line.bucket, line.lot_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry:
    """What was found somewhere: `quantity` pieces in all, or `scanned` more than before.

    What the plan does not name becomes a line of its own. `counted_at`: when it was counted, as by
    a device that was out of reach; None: now.
    """

    variant_id: UUID
    location_id: UUID
    bucket: Bucket = Bucket.SELLABLE
    lot_id: UUID | None = None
    quantity: int | None = None
    scanned: int | None = None
    counted_at: datetime | None = None

    @property
    def spot(self) -> Spot:
        return Spot(self.variant_id, self.location_id, self.bucket, self.lot_id)


@dataclass(frozen=True, slots=True)
class CountPlanned(Event):
    type = "count.planned"
    subject = "cnt"
    summary = "A count of {lines} lines was planned."
    id: UUID
    version: int
    lines: int


@dataclass(frozen=True, slots=True)
class CountStarted(Event):
    type = "count.started"
    subject = "cnt"
    summary = "Counting began."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CountEntered(Event):
    type = "count.entered"
    subject = "cnt"
    summary = "{lines} lines were counted; {left} are left."
    id: UUID
    version: int
    lines: int
    left: int


@dataclass(frozen=True, slots=True)
class CountRecountAsked(Event):
    type = "count.recount_asked"
    subject = "cnt"
    summary = "{lines} lines are to be counted again."
    id: UUID
    version: int
    lines: int


@dataclass(frozen=True, slots=True)
class CountReviewed(Event):
    type = "count.reviewed"
    subject = "cnt"
    summary = "The count is to be approved: {differing} lines differ."
    id: UUID
    version: int
    differing: int


@dataclass(frozen=True, slots=True)
class CountPosted(Event):
    type = "count.posted"
    subject = "cnt"
    summary = "The count was posted: {found} pieces were found, {missed} missed."
    id: UUID
    version: int
    found: int
    missed: int


@dataclass(frozen=True, slots=True)
class CountCancelled(Event):
    type = "count.cancelled"
    subject = "cnt"
    summary = "The count was given up."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownCount(Missing):
    """There is no count with this id."""

    id: UUID
    message = "There is no such count."


@dataclass(eq=False)
class NotInCount(Invalid):
    """An entry is of a location that the count does not cover, or of pieces on their way."""

    message = "The count does not cover this location."


@dataclass(eq=False)
class CountedLater(Invalid):
    """An entry was counted in the future, or before counting began."""

    message = "It was counted before counting began, or will be in the future."


@dataclass(eq=False)
class LinesLeft(Refused):
    """Some lines have no number yet."""

    left: int
    message = "{left} lines are still to be counted."


@dataclass(eq=False)
class NothingToCount(Refused):
    """Nothing that the plan names is kept there."""

    message = "Nothing is kept there that could be counted."


@dataclass(eq=False)
class TotalOrScanned(Invalid):
    """An entry says how many pieces there are in all, or how many more were scanned."""

    message = "Give either a quantity or what was scanned."


@dataclass(eq=False)
class CountedAlready(Refused):
    """The line has its number, and nobody has asked to count it again."""

    counted: int
    message = "There were {counted} pieces; ask for a recount first."


@dataclass(eq=False)
class NothingToRecount(Refused):
    """No line differs by more than the count allows, and none was named."""

    message = "No line differs so much that it should be counted again."


def exceeds(task: CountTask, line: CountLine) -> bool:
    """Whether a line differs by so much that it is to be counted again."""
    variance, expected = line.variance, line.expected
    if not variance or expected is None or line.status is CountLineStatus.RECOUNTED:
        return False
    share = abs(variance) * 100 > task.recount_percent * abs(expected)
    return abs(variance) > task.recount_pieces and share


def abc_classes(worth: Mapping[UUID, int]) -> Mapping[UUID, AbcClass]:
    """The class of each key, by what is moved of it: 80, 95 and 100 percent of the whole.

    Who passes a border is still in the class below it, so that there is always an A.
    """
    whole, done = sum(worth.values()), 0
    classes: dict[UUID, AbcClass] = {}
    for id, each in sorted(worth.items(), key=lambda entry: (-entry[1], entry[0])):
        if each <= 0:
            classes[id] = AbcClass.C
        elif done * 100 < whole * 80:
            classes[id] = AbcClass.A
        elif done * 100 < whole * 95:
            classes[id] = AbcClass.B
        else:
            classes[id] = AbcClass.C
        done += each
    return classes
