"""What comes back: wages, rent, what a loan takes; and the scenarios of forecasts."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backoffice_api.domain.banking.model.forecast import Scenario
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money

ITEMS_MAX = 500
SCENARIOS_MAX = 50
EXTRAS_MAX = 100
INTERVAL_MAX = 120
DELAY_DAYS_MAX = 365
NAME_LENGTH_MAX = 120
# A bill of the item's supplier that is due so near to an occurrence is its document.
DOCUMENT_DAYS = 10
_MONTHS_OF_YEAR = 12


class RecurringKind(Choice):
    """What it is for."""

    PAYROLL = "payroll", "Wages and what goes with them."
    RENT = "rent", "Rent and lease."
    TAX = "tax", "Taxes."
    LOAN = "loan", "Interest and repayment."
    SUBSCRIPTION = "subscription", "Services that are paid regularly."
    OTHER = "other", "Something else, as money that comes in."


class RecurrenceUnit(Choice):
    """What is counted between two times."""

    WEEK = "week", "Weeks."
    MONTH = "month", "Months; a day that a month lacks is its last one."


@dataclass(frozen=True, slots=True)
class RecurringItem:
    """Money that moves every so often: above zero it comes in, below it goes out.

    `supplier_id`: whose bills are its documents; where there is one, it is not counted besides.
    `ends_on`: the last day on which it may be; None: it goes on.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    kind: RecurringKind
    currency: str
    amount_minor: int
    starts_on: date
    ends_on: date | None
    unit: RecurrenceUnit
    interval: int
    supplier_id: UUID | None
    is_active: bool

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class ExtraDraft:
    """What only a scenario knows: above zero it comes in, below it goes out."""

    on: date
    amount: Money
    label: str


@dataclass(frozen=True, slots=True)
class ForecastScenario:
    """`extras`: as they are stored; `scenario` has them as they are used."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    delay_days: int
    collected_bp: int
    extras: Sequence[Mapping[str, Any]]
    is_active: bool

    @property
    def extra_items(self) -> Sequence[ExtraDraft]:
        return [
            ExtraDraft(
                date.fromisoformat(each["on"]),
                Money(each["minor"], each["currency"]),
                each["label"],
            )
            for each in self.extras
        ]

    def scenario(self, currency: str) -> Scenario:
        """What it comes to in a currency."""
        extras = tuple(
            (each.on, each.amount, each.label)
            for each in self.extra_items
            if each.amount.currency == currency
        )
        return Scenario(self.delay_days, self.collected_bp, extras)


@dataclass(eq=False)
class UnknownRecurringItem(Missing):
    """There is no recurring item with this id."""

    id: UUID
    message = "There is no such recurring item."


@dataclass(eq=False)
class UnknownForecastScenario(Missing):
    """There is no scenario with this id."""

    id: UUID
    message = "There is no such scenario."


@dataclass(eq=False)
class AmountIsZero(Invalid):
    """Nothing would move."""

    message = "The amount must not be zero."


@dataclass(eq=False)
class LastDayBeforeFirst(Invalid):
    """The last day lies before the first one."""

    message = "It would end before it starts."


@dataclass(eq=False)
class TooManyKept(Refused):
    """There are as many of them as there may be."""

    maximum: int
    message = "There may be at most {maximum} of them."


def occurrences(item: RecurringItem, first: date, last: date) -> Sequence[date]:
    """The days from `first` to `last`, both included, on which an item is."""
    end = last if item.ends_on is None else min(last, item.ends_on)
    found: list[date] = []
    number = _first_number(item, first)
    while (day := _nth(item, number)) <= end:
        if day >= first:
            found.append(day)
        number += 1
    return found


def is_documented(day: date, due: Sequence[date]) -> bool:
    """Whether a bill is there already for what is on a day."""
    return any(abs((each - day).days) <= DOCUMENT_DAYS for each in due)


def _first_number(item: RecurringItem, first: date) -> int:
    """The number of an occurrence that is not after the first one from a day on."""
    if item.unit is RecurrenceUnit.WEEK:
        return max((first - item.starts_on).days // (7 * item.interval), 0)
    months = (first.year - item.starts_on.year) * _MONTHS_OF_YEAR
    months += first.month - item.starts_on.month
    return max(months // item.interval - 1, 0)


def _nth(item: RecurringItem, number: int) -> date:
    if item.unit is RecurrenceUnit.WEEK:
        return item.starts_on + timedelta(weeks=number * item.interval)
    month = item.starts_on.month - 1 + number * item.interval
    year, month = item.starts_on.year + month // _MONTHS_OF_YEAR, month % _MONTHS_OF_YEAR + 1
    day = min(item.starts_on.day, monthrange(year, month)[1])
    return date(year, month, day)
