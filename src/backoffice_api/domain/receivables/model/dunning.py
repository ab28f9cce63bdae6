"""Dunning: who is reminded of what is overdue, when, and how firmly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.receivables.model.receivables import Receivable, ReceivableKind

STEPS_MAX = 10
DAYS_MAX = 1_000
# Who has the money of the others is no customer.
DUNNED_KINDS = frozenset(ReceivableKind) - {
    ReceivableKind.PAYOUT,
    ReceivableKind.CASH_ON_DELIVERY,
}


class DunningKind(Choice):
    """How firmly somebody is reminded."""

    REMINDER = "reminder", "A friendly word: it may have been forgotten."
    DEMAND = "demand", "A demand to pay."
    FINAL_NOTICE = "final_notice", "The last one, before it is handed over or written off."


class DunningStepSortKey(Choice):
    """By what a list of dunning steps is sorted."""

    NUMBER = "number", "Their number."


@dataclass(frozen=True, slots=True)
class DunningStep:
    """So many days after a receivable was due, its customer is written to.

    `fee_minor`: what the message claims besides, where the receivable is in `currency`.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: int
    days_after_due: int
    kind: DunningKind
    currency: str | None
    fee_minor: int
    is_active: bool

    @property
    def fee(self) -> Money | None:
        return None if self.currency is None else Money(self.fee_minor, self.currency)


@dataclass(frozen=True, slots=True)
class DunningNotice:
    """That somebody was reminded. Never changed. `amount_minor`: what was open then."""

    id: UUID
    created_at: datetime
    receivable_id: UUID
    step_number: int
    kind: DunningKind
    days_overdue: int
    currency: str
    amount_minor: int
    fee_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)


@dataclass(frozen=True, slots=True)
class NoticesMade:
    """The notices of one run."""

    notice_ids: tuple[UUID, ...]


@dataclass(eq=False)
class UnknownDunningStep(Missing):
    """There is no dunning step with this id."""

    id: UUID
    message = "There is no such dunning step."


@dataclass(eq=False)
class StepsNotInOrder(Refused):
    """A later step comes no later than the one before it."""

    number: int
    message = "Each step comes later than the one before: see step {number}."


def step_for(each: Receivable, steps: Sequence[DunningStep], today: date) -> DunningStep | None:
    """The step that a receivable has come to and has not had. None: there is none.

    It is the last one whose day has come: who is a month late gets no friendly word first.
    """
    days = (today - each.due_on).days
    reached = [step for step in steps if step.is_active and step.days_after_due <= days]
    last = max(reached, key=lambda step: step.number, default=None)
    return last if last is not None and last.number > each.dunned else None


def first_out_of_order(steps: Sequence[DunningStep]) -> int | None:
    """The number of the first step that does not come later than the one before it."""
    ordered = sorted((each for each in steps if each.is_active), key=lambda each: each.number)
    for before, after in pairwise(ordered):
        if after.days_after_due <= before.days_after_due:
            return after.number
    return None
