"""Reviews: the look at one order, and what came of it.

    waiting > accepted | open
    open > accepted | rejected

An order is judged after it was placed, by a job. What may go on is accepted at once; else a hold
is on the order, and it lies in the queue until a person decides. While an outside provider is
asked, it waits, with the hold on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.reviews.model.rules import RiskCode, Verdict

NOTE_LENGTH_MAX = 5_000


class ReviewStatus(Choice):
    """Where the look at an order stands."""

    WAITING = "waiting", "The outside provider is asked."
    OPEN = "open", "In the queue: somebody has to look."
    ACCEPTED = "accepted", "It may go on."
    REJECTED = "rejected", "It must not go on."
    VOID = "void", "The order was called off before anybody decided."


class ReviewOutcome(Choice):
    """What turned out later, by which the rules are judged."""

    LEGITIMATE = "legitimate", "It was a proper order."
    FRAUD = "fraud", "It was fraud."
    CHARGEBACK = "chargeback", "The payment was charged back."


# What turned out to be what the rules look for.
BAD = frozenset({ReviewOutcome.FRAUD, ReviewOutcome.CHARGEBACK})

_S = ReviewStatus

MACHINE = Machine(
    _S.WAITING,
    move("pass", {_S.WAITING}, _S.ACCEPTED),
    move("queue", {_S.WAITING}, _S.OPEN),
    move("assign", {_S.WAITING, _S.OPEN}),
    move("accept", {_S.OPEN}, _S.ACCEPTED),
    move("reject", {_S.OPEN}, _S.REJECTED),
    move("void", {_S.WAITING, _S.OPEN}, _S.VOID),
    move("note", set(_S)),
    move("record_outcome", {_S.ACCEPTED, _S.REJECTED}),
)

# Moves of the back office itself.
DERIVED = frozenset({"pass", "queue", "void"})


class ReviewSortKey(Choice):
    """By what a list of reviews is sorted."""

    CREATED_AT = "created_at", "When the order was judged: its age in the queue."
    SCORE = "score", "The score."
    UPDATED_AT = "updated_at", "When it was last changed."


@dataclass(frozen=True, slots=True)
class Review:
    """`hold_id`: the hold that it has put on the order; None: none.

    `provider_due_at`: until when the outside provider may answer; None: it is not asked, or
    has answered.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    order_id: UUID
    channel_id: UUID
    score: int
    verdict: Verdict
    status: ReviewStatus
    assignee_id: UUID | None
    hold_id: UUID | None
    provider: str | None
    provider_due_at: datetime | None
    decided_at: datetime | None
    decided_by_kind: str | None
    decided_by_id: UUID | None
    outcome: ReviewOutcome | None
    outcome_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class SignalFigures:
    """How a signal did: in how many orders it was found (`hits`), and how these turned out.

    `right`: they were rejected, or turned out to be fraud. `wrong`: they were accepted, and
    nothing bad turned out since; or they were rejected and turned out to be proper.
    """

    code: RiskCode
    hits: int
    right: int
    wrong: int

    @property
    def undecided(self) -> int:
        return self.hits - self.right - self.wrong


@dataclass(frozen=True, slots=True)
class OrderReviewed(Event):
    """`signals`: what was found, by code, and what it weighs."""

    type = "review.made"
    subject = "rev"
    summary = "Order {order} was judged: {score}, {verdict}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    score: int
    verdict: Verdict
    status: ReviewStatus
    signals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReviewSettled(Event):
    """The outside provider answered, or did not in time."""

    type = "review.settled"
    subject = "rev"
    summary = "The outside provider had its say: {score}, {verdict}."
    id: UUID
    version: int
    order_id: UUID
    score: int
    verdict: Verdict
    status: ReviewStatus


@dataclass(frozen=True, slots=True)
class ReviewDecided(Event):
    """A person decided."""

    type = "review.decided"
    subject = "rev"
    summary = "A review was decided: {status}."
    id: UUID
    version: int
    order_id: UUID
    status: ReviewStatus


@dataclass(frozen=True, slots=True)
class ReviewAssigned(Event):
    type = "review.assigned"
    subject = "rev"
    summary = "A review was assigned."
    id: UUID
    version: int
    order_id: UUID
    assignee_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReviewNoted(Event):
    type = "review.noted"
    subject = "rev"
    summary = "A note was left on a review."
    id: UUID
    version: int
    order_id: UUID
    body: str


@dataclass(frozen=True, slots=True)
class ReviewVoided(Event):
    type = "review.voided"
    subject = "rev"
    summary = "The order was called off before anybody decided."
    id: UUID
    version: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewOutcomeRecorded(Event):
    type = "review.outcome_recorded"
    subject = "rev"
    summary = "It turned out: {outcome}."
    id: UUID
    version: int
    order_id: UUID
    outcome: ReviewOutcome


@dataclass(eq=False)
class UnknownReview(Missing):
    """There is no review with this id."""

    id: UUID
    message = "There is no such review."


@dataclass(eq=False)
class OrderUnderWay(Refused):
    """Some of the order has left the house: it cannot be cancelled as a whole any more."""

    message = "Some of the order has left the house: it cannot be cancelled as a whole."
