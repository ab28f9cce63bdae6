"""Snapshots: how stock was when each month began, so that the past need not be added up anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, delete, func, insert, literal, select

from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock.queries import past
from backoffice_api.domain.stock.tables import (
    movements,
    snapshot_months,
    snapshots,
    value_snapshots,
)

# Name of the job that runs `take_snapshots`.
TAKE_JOB = "stock.take_snapshots"
MONTHS_MAX = 12

# Commands that began before a month did have ended by then.
_QUIET = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSnapshots(Command):
    """Run by the worker several times a day."""

    scope = Scope.STOCK_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetSnapshots(Command):
    """Of months that began on this day or later; they are taken again by the worker."""

    scope = Scope.STOCK_WRITE
    since: date


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The months whose snapshots were forgotten."""

    months: tuple[date, ...]


def take_snapshots(uow: UnitOfWork, command: TakeSnapshots) -> int:
    """Take the snapshots of months that have none, the oldest first. How many those were.

    A bounded number; if there are more, another job is enqueued to go on.
    """
    taken = past.months_taken(uow.db)
    first = uow.db.execute(select(func.min(movements.c.occurred_at))).scalar()
    missing = [month for month in _months(first, uow.now - _QUIET) if month not in taken]
    for month in missing[:MONTHS_MAX]:
        _take(uow, month, max((each for each in taken if each < month), default=None))
        taken = {**taken, month: uow.now}
    if len(missing) > MONTHS_MAX:
        uow.enqueue(Job(TAKE_JOB))
    return min(len(missing), MONTHS_MAX)


def forget_snapshots(uow: UnitOfWork, command: ForgetSnapshots) -> Forgotten:
    """Forget snapshots, so that they are made anew from the ledger. The months.

    They are made by a job, at once; questions about the past are answered meanwhile, too, only
    slower.
    """
    known = [month for month in past.months_taken(uow.db) if month >= command.since]
    uow.db.execute(delete(snapshot_months).where(snapshot_months.c.month >= command.since))
    uow.enqueue(Job(TAKE_JOB))
    return Forgotten(tuple(known))


def forget_after(uow: UnitOfWork, moment: datetime) -> None:
    """Forget the snapshots that something changes which happened at that moment."""
    uow.db.execute(delete(snapshot_months).where(snapshot_months.c.month > moment.date()))


def _months(first: datetime | None, until: datetime) -> Iterator[date]:
    """The days on which months began after `first`, until a moment."""
    if first is None:
        return
    month = _next(first.date())
    while past.start_of(month) <= until:
        yield month
        month = _next(month)


def _next(day: date) -> date:
    """The first day of the month after that of `day`."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _take(uow: UnitOfWork, month: date, base: date | None) -> None:
    """Count on from the snapshot before. Three statements, however many rows."""
    until = past.start_of(month)
    uow.db.execute(insert(snapshot_months).values(month=month, taken_at=uow.now))
    marked = literal(month, Date()).label("month")
    pieces = past.pieces_before(until, base).add_columns(marked)
    names = ["variant_id", "location_id", "bucket", "on_hand", "month"]
    uow.db.execute(insert(snapshots).from_select(names, pieces))
    values = past.values_before(until, base).add_columns(marked)
    names = ["variant_id", "currency", "quantity", "value_micro", "month"]
    uow.db.execute(insert(value_snapshots).from_select(names, values))
