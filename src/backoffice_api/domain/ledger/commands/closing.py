"""Months are closed, opened again, and let entries in by exception."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.periods import (
    EXCEPTION_ENTRIES_MAX,
    MACHINE,
    REASON_LENGTH_MAX,
    Period,
    PeriodException,
    PeriodExceptionMade,
    PeriodReopened,
    PeriodWasClosed,
    month_of,
    next_month,
)
from backoffice_api.domain.ledger.model.refusals import ExceptionEndsTooSoon, PeriodNotOver
from backoffice_api.domain.ledger.tables import exceptions, periods
from backoffice_api.domain.ledger.tables.guards import MONTH_LOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePeriod(Command):
    """`day`: any of the month."""

    scope = Scope.LEDGER_CLOSE
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPeriod(Command):
    scope = Scope.LEDGER_CLOSE
    table = periods
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowPeriodException(Command):
    """`entries_max` entries that people post may come into the month until `expires_at`."""

    scope = Scope.LEDGER_CLOSE
    table = periods
    id: UUID
    reason: str
    expires_at: datetime
    entries_max: int = 1


def close_period(uow: UnitOfWork, command: ClosePeriod) -> UUID:
    """Have a month take no more entries. The period's id.

    Those who post into it at this moment are waited for.

    Raises:
        PeriodNotOver: the month goes on, or lies ahead.
        InvalidTransition: it is closed.
    """
    month = month_of(command.day)
    if uow.now.date() < next_month(month):
        raise PeriodNotOver(month).at("day")
    if uow.db.dialect.name == "postgresql":
        number = month.year * 12 + month.month
        uow.db.execute(select(func.pg_advisory_xact_lock(MONTH_LOCK, number)))
    before = queries.periods_by_months(uow.db, [month]).get(month)
    closed = Period(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        starts_on=month,
        is_closed=True,
        closed_at=uow.now,
    )
    if before is None:
        add(uow, periods, [closed])
    else:
        MACHINE.check("close", before.status)
        closed = save(uow, periods, before, closed)
    uow.emit(PeriodWasClosed(closed.id, closed.version, month), before=before, after=closed)
    return closed.id


def reopen_period(uow: UnitOfWork, command: ReopenPeriod) -> UUID:
    """Have a month take entries again. The period's id.

    Raises:
        UnknownPeriod, InvalidTransition.
    """
    before = queries.period(uow.db, command.id)
    MACHINE.check("reopen", before.status)
    after = save(uow, periods, before, replace(before, is_closed=False, closed_at=None))
    event = PeriodReopened(after.id, after.version, after.starts_on)
    uow.emit(event, before=before, after=after)
    return after.id


def allow_period_exception(uow: UnitOfWork, command: AllowPeriodException) -> UUID:
    """Let some entries into a closed month. The period's id.

    Raises:
        UnknownPeriod, InvalidTransition, InvalidText, OutOfRange, ExceptionEndsTooSoon.
    """
    before = queries.period(uow.db, command.id)
    MACHINE.check("except", before.status)
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    count = command.entries_max
    check_range(count, faults, "entries_max", minimum=1, maximum=EXCEPTION_ENTRIES_MAX)
    if command.expires_at <= uow.now:
        faults.add(ExceptionEndsTooSoon().at("expires_at"))
    faults.check()
    made = PeriodException(
        id=uow.new_id(),
        created_at=uow.now,
        period_id=before.id,
        reason=command.reason,
        actor_kind=uow.caller.actor.kind.value,
        actor_id=uow.caller.actor.id,
        expires_at=command.expires_at,
        entries_max=count,
        entries_used=0,
    )
    add(uow, exceptions, [made])
    after = save(uow, periods, before, before)
    uow.emit(
        PeriodExceptionMade(
            after.id, after.version, after.starts_on, made.id, count, made.expires_at, made.reason
        )
    )
    return after.id
