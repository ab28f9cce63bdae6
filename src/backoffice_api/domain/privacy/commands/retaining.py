"""Retention: what was kept for long enough loses what is personal in it, by a job."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Table,
    delete,
    exists,
    false,
    not_,
    or_,
    select,
    update,
)

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.emptying import still_there, values_of
from backoffice_api.domain.privacy.commands.pruning import prune_files
from backoffice_api.domain.privacy.model.retention import (
    BY_LAW,
    MONTHS_MAX,
    RetentionRule,
    RetentionRuleSet,
    RetentionRun,
    RetentionSchedule,
    cutoff_of,
    months_min,
)
from backoffice_api.domain.privacy.queries.holds import holds
from backoffice_api.domain.privacy.queries.registry import places
from backoffice_api.domain.privacy.tables import reads, retention_rules, retention_runs

RETAIN_JOB = "privacy.retain"
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRetentionRule(Command):
    """`months` None: nothing is removed by itself."""

    scope = Scope.PRIVACY_WRITE
    schedule: RetentionSchedule
    months: int | None


@dataclass(frozen=True, slots=True)
class ApplyRetention(Command):
    """Run by the worker every day. A dry run tells what would go."""

    scope = Scope.PRIVACY_ERASE


def set_retention_rule(uow: UnitOfWork, command: SetRetentionRule) -> UUID:
    """Say for how long something is kept. The id of the rule.

    Raises:
        OutOfRange: that is no sensible time, or less than any law has.
    """
    if command.months is not None:
        faults = Faults()
        minimum = months_min(command.schedule)
        check_range(command.months, faults, "months", minimum=minimum, maximum=MONTHS_MAX)
        faults.check()
    before = queries.retention_rule_of(uow.db, command.schedule)
    if before is None:
        after = RetentionRule(uow.new_id(), 1, uow.now, uow.now, command.schedule, command.months)
        add(uow, retention_rules, [after])
    else:
        after = save(uow, retention_rules, before, replace(before, months=command.months))
    event = RetentionRuleSet(after.id, after.version, after.schedule, after.months)
    uow.emit(event, before=before, after=after)
    return after.id


def apply_retention(uow: UnitOfWork, command: ApplyRetention) -> int:
    """Empty what was kept for long enough, and note it. How many rows that were.

    What a law prescribes for is counted from days of its own; anything else that belongs to an
    order waits until that is served and nobody claims anything.
    At most `ROWS_AT_ONCE` of each table: if there may be more, another job goes on.
    """
    runs: list[RetentionRun] = []
    for schedule, months in queries.months_kept(uow.db).items():
        if months is None:
            continue
        cutoff = cutoff_of(schedule, months, uow.now.date())
        for table in metadata.sorted_tables:
            if table.info.get("kept", table.info.get("schedule")) == schedule:
                rows = _empty(uow, table, cutoff, by_law=schedule in BY_LAW)
                runs.append(_run(uow, schedule, table, cutoff, rows))
        if schedule is RetentionSchedule.READS:
            old = select(reads.c.id).where(reads.c.read_at < _moment(cutoff)).limit(ROWS_AT_ONCE)
            gone = uow.db.execute(delete(reads).where(reads.c.id.in_(old)))
            runs.append(_run(uow, schedule, reads, cutoff, gone.rowcount))
        if schedule is RetentionSchedule.PRINTS:
            pruned = prune_files(uow, _moment(cutoff), ROWS_AT_ONCE)
            runs += [_run(uow, schedule, table, cutoff, pruned[table]) for table in pruned]
    runs = [each for each in runs if each.rows]
    add(uow, retention_runs, runs)
    if any(each.rows == ROWS_AT_ONCE for each in runs):
        uow.enqueue(Job(RETAIN_JOB))
    return sum(each.rows for each in runs)


def _empty(uow: UnitOfWork, table: Table, cutoff: date, *, by_law: bool) -> int:
    values = values_of(table)
    since: Column[Any] = table.c[table.info["since"]]
    oldest = cutoff if isinstance(since.type, Date) else _moment(cutoff)
    old = select(table.c.id).where(since < oldest, still_there(table, values)).limit(ROWS_AT_ONCE)
    if not by_law:
        known = holds(uow.now.date(), queries.years_kept(uow.db))
        held = [each.condition for each in known if each.table is orders]
        old = old.where(not_(_leads_to(table, or_(*held))))
    counted: dict[str, Any] = dict(values)
    if {"version", "updated_at"} <= set(table.c.keys()):
        counted |= {"version": table.c.version + 1, "updated_at": uow.now}
    return uow.db.execute(update(table).where(table.c.id.in_(old)).values(counted)).rowcount


def _leads_to(table: Table, held: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row leads to an order that is held, straight or through others."""
    (place,) = (each for each in places() if each.table is table)
    found: list[ColumnElement[bool]] = [false()]
    for way in place.ways:
        if way.to is not None and way.to is not customers:
            there = held if way.to is orders else _leads_to(way.to, held)
            found.append(exists().where(way.to.c.id == way.column, there))
    return or_(*found)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _run(
    uow: UnitOfWork, schedule: RetentionSchedule, table: Table, cutoff: date, rows: int
) -> RetentionRun:
    return RetentionRun(uow.new_id(), uow.now, schedule, table.name, cutoff, rows)
