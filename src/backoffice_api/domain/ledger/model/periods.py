"""Periods: months, which are closed when their figures are to stay as they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

REASON_LENGTH_MAX = 1_000
EXCEPTION_ENTRIES_MAX = 1_000


class PeriodStatus(Choice):
    """Whether a month takes entries."""

    OPEN = "open", "It takes entries."
    CLOSED = "closed", "It takes entries by exception only."


MACHINE = Machine(
    PeriodStatus.OPEN,
    move("close", {PeriodStatus.OPEN}, PeriodStatus.CLOSED),
    move("reopen", {PeriodStatus.CLOSED}, PeriodStatus.OPEN),
    move("except", {PeriodStatus.CLOSED}),
)


class PeriodSortKey(Choice):
    """By what a list of periods is sorted."""

    STARTS_ON = "starts_on", "The month."


@dataclass(frozen=True, slots=True)
class Period:
    """A month that is or was closed."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    starts_on: date
    is_closed: bool
    closed_at: datetime | None

    @property
    def status(self) -> PeriodStatus:
        return PeriodStatus.CLOSED if self.is_closed else PeriodStatus.OPEN

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(MACHINE.actions(self.status))


@dataclass(frozen=True, slots=True)
class PeriodException:
    """So many entries may come into the closed month until then, and why."""

    id: UUID
    created_at: datetime
    period_id: UUID
    reason: str
    actor_kind: str
    actor_id: UUID | None
    expires_at: datetime
    entries_max: int
    entries_used: int


@dataclass(frozen=True, slots=True)
class PeriodWasClosed(Event):
    """A month takes no more entries."""

    type: ClassVar[str] = "ledger_period.closed"
    subject: ClassVar[str] = "per"
    summary: ClassVar[str] = "The month of {starts_on} was closed."
    id: UUID
    version: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class PeriodReopened(Event):
    """A month takes entries again."""

    type: ClassVar[str] = "ledger_period.reopened"
    subject: ClassVar[str] = "per"
    summary: ClassVar[str] = "The month of {starts_on} was opened again."
    id: UUID
    version: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class PeriodExceptionMade(Event):
    """Some entries may come into a closed month."""

    type: ClassVar[str] = "ledger_period.excepted"
    subject: ClassVar[str] = "per"
    summary: ClassVar[str] = (
        "{entries_max} entries may come into the closed month of {starts_on} until {expires_at}."
    )
    id: UUID
    version: int
    starts_on: date
    exception_id: UUID
    entries_max: int
    expires_at: datetime
    why: str


def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month behind that of `day`; behind the last one there is, its end."""
    if (day.year, day.month) == (date.max.year, date.max.month):
        return date.max
    return month_of(month_of(day) + timedelta(days=31))


def open_day(day: date, closed: Collection[date]) -> date:
    """`day`, or the first day behind it whose month is not among the `closed` ones."""
    if month_of(day) not in closed:
        return day
    month = next_month(day)
    while month in closed and month < date.max:
        month = next_month(month)
    return month
