"""Budgets: what accounts are meant to come to, month by month, to be held against what they did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money

NAME_LENGTH_MAX = 120
BUDGETS_MAX = 200
LINES_MAX = 500


@dataclass(frozen=True, slots=True)
class BudgetLineDraft:
    """`amount` for each month from `from_` up to but without `to`."""

    account_id: UUID
    from_: date
    to: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Budget:
    """Only what is about the dimensions counts, where any is given."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str
    channel_id: UUID | None
    supplier_id: UUID | None
    product_id: UUID | None
    location_id: UUID | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """So much for each month from `from_on` up to but without `to_on`.

    Above zero as accounts of its kind grow: income and expenses alike.
    """

    budget_id: UUID
    position: int
    account_id: UUID
    from_on: date
    to_on: date
    currency: str
    amount_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def from_(self) -> date:
        return self.from_on

    @property
    def to(self) -> date:
        return self.to_on


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What an account was meant to come to and what it did."""

    account_id: UUID
    planned: Money
    actual: Money

    @property
    def difference(self) -> Money:
        return self.actual - self.planned


@dataclass(frozen=True, slots=True)
class BudgetComparison:
    """`unrated`: how many postings have no amount in the currency of the books yet."""

    from_: date
    to: date
    rows: Sequence[BudgetRow]
    planned_result: Money
    actual_result: Money
    unrated: int


@dataclass(frozen=True, slots=True)
class BudgetSet(Event):
    type = "budget.set"
    subject = "bgt"
    summary = "The budget {name} was set."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class BudgetRemoved(Event):
    type = "budget.removed"
    subject = "bgt"
    summary = "The budget {name} was removed."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class UnknownBudget(Missing):
    """There is no such budget."""

    id: UUID
    message = "There is no such budget."


@dataclass(eq=False)
class MonthsNeeded(Invalid):
    """Budgets are by months: days are the first ones of months, the later one behind the other."""

    message = "Give first days of months, the second one behind the first one."


@dataclass(eq=False)
class TooManyBudgets(Refused):
    """There are as many budgets as may be kept."""

    maximum: int
    message = "At most {maximum} budgets are kept."


def months_between(from_: date, to: date) -> int:
    """How many months lie from one first day up to another. Raises: MonthsNeeded."""
    if from_.day != 1 or to.day != 1 or from_ >= to:
        raise MonthsNeeded
    return (to.year - from_.year) * 12 + to.month - from_.month


def planned_minor(lines: Sequence[BudgetLine], from_: date, to: date) -> int:
    """What lines come to over whole months."""
    found = 0
    for each in lines:
        first, last = max(from_, each.from_on), min(to, each.to_on)
        if first < last:
            found += each.amount_minor * months_between(first, last)
    return found
