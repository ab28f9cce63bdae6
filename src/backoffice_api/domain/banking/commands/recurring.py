"""What can be done with recurring items and scenarios."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.banking.model.forecast import BASIS_POINTS
from backoffice_api.domain.banking.model.forecast_events import (
    ForecastScenarioRemoved,
    ForecastScenarioSet,
    RecurringItemCreated,
    RecurringItemRemoved,
    RecurringItemUpdated,
)
from backoffice_api.domain.banking.model.recurring import (
    DELAY_DAYS_MAX,
    EXTRAS_MAX,
    INTERVAL_MAX,
    ITEMS_MAX,
    NAME_LENGTH_MAX,
    SCENARIOS_MAX,
    AmountIsZero,
    ExtraDraft,
    ForecastScenario,
    LastDayBeforeFirst,
    RecurrenceUnit,
    RecurringItem,
    RecurringKind,
    TooManyKept,
)
from backoffice_api.domain.banking.queries import recurring as queries
from backoffice_api.domain.banking.tables.forecast import forecast_scenarios, recurring_items
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing.model.suppliers import UnknownSupplier
from backoffice_api.domain.purchasing.queries import suppliers_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRecurringItem(Command):
    """`amount` above zero comes in, below it goes out. `ends_on` None: it goes on."""

    scope = Scope.BANKING_WRITE
    name: str
    kind: RecurringKind
    amount: Money
    starts_on: date
    ends_on: date | None = None
    unit: RecurrenceUnit = RecurrenceUnit.MONTH
    interval: int = 1
    supplier_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRecurringItem(Command):
    scope = Scope.BANKING_WRITE
    table = recurring_items
    id: UUID
    name: str | Keep = KEEP
    amount: Money | Keep = KEEP
    starts_on: date | Keep = KEEP
    ends_on: date | Keep | None = KEEP
    supplier_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRecurringItem(Command):
    scope = Scope.BANKING_WRITE
    table = recurring_items
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetForecastScenario(Command):
    """`delay_days`: how much later customers pay; `collected_bp`: how much of it comes."""

    scope = Scope.BANKING_WRITE
    name: str
    delay_days: int = 0
    collected_bp: int = BASIS_POINTS
    extras: tuple[ExtraDraft, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveForecastScenario(Command):
    scope = Scope.BANKING_WRITE
    table = forecast_scenarios
    id: UUID


def create_recurring_item(uow: UnitOfWork, command: CreateRecurringItem) -> UUID:
    """Expect money every so often. Id of the item.

    Raises:
        TooManyKept: there are as many as there may be.
        InvalidText, OutOfRange, AmountIsZero, LastDayBeforeFirst, UnknownSupplier: the input is
            wrong.
    """
    made = RecurringItem(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        kind=command.kind,
        currency=command.amount.currency,
        amount_minor=command.amount.minor,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        unit=command.unit,
        interval=command.interval,
        supplier_id=command.supplier_id,
        is_active=True,
    )
    _check_item(uow, made)
    count = select(func.count()).where(recurring_items.c.is_active)
    if uow.db.execute(count).scalar_one() >= ITEMS_MAX:
        raise TooManyKept(ITEMS_MAX)
    add(uow, recurring_items, [made])
    uow.emit(RecurringItemCreated(made.id, made.version, made.name, str(made.amount)), after=made)
    return made.id


def update_recurring_item(uow: UnitOfWork, command: UpdateRecurringItem) -> UUID:
    """Change what is named of an item. Its id.

    Raises:
        UnknownRecurringItem.
        InvalidText, AmountIsZero, LastDayBeforeFirst, UnknownSupplier: the input is wrong.
    """
    before = queries.recurring_item(uow.db, command.id)
    amount = patched(command.amount, before.amount)
    after = replace(
        before,
        name=patched(command.name, before.name),
        currency=amount.currency,
        amount_minor=amount.minor,
        starts_on=patched(command.starts_on, before.starts_on),
        ends_on=patched(command.ends_on, before.ends_on),
        supplier_id=patched(command.supplier_id, before.supplier_id),
    )
    _check_item(uow, after)
    after = save(uow, recurring_items, before, after)
    event = RecurringItemUpdated(after.id, after.version, after.name, str(after.amount))
    uow.emit(event, before=before, after=after)
    return after.id


def remove_recurring_item(uow: UnitOfWork, command: RemoveRecurringItem) -> UUID:
    """Expect it no more. Its id.

    Raises:
        UnknownRecurringItem.
    """
    before = queries.recurring_item(uow.db, command.id)
    after = save(uow, recurring_items, before, replace(before, is_active=False))
    event = RecurringItemRemoved(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def set_forecast_scenario(uow: UnitOfWork, command: SetForecastScenario) -> UUID:
    """Make or replace the scenario with a name. Its id.

    Raises:
        TooManyKept: there are as many as there may be.
        InvalidText, OutOfRange, TooMany, AmountIsZero: the input is wrong.
    """
    _check_scenario(command)
    before = queries.scenario_named(uow.db, command.name)
    after = ForecastScenario(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        name=command.name,
        delay_days=command.delay_days,
        collected_bp=command.collected_bp,
        extras=[
            {
                "on": each.on.isoformat(),
                "minor": each.amount.minor,
                "currency": each.amount.currency,
                "label": each.label,
            }
            for each in command.extras
        ],
        is_active=True,
    )
    if before is None:
        count = select(func.count()).select_from(forecast_scenarios)
        if uow.db.execute(count).scalar_one() >= SCENARIOS_MAX:
            raise TooManyKept(SCENARIOS_MAX)
        add(uow, forecast_scenarios, [after])
    else:
        after = save(uow, forecast_scenarios, before, after)
    uow.emit(ForecastScenarioSet(after.id, after.version, after.name), before=before, after=after)
    return after.id


def remove_forecast_scenario(uow: UnitOfWork, command: RemoveForecastScenario) -> UUID:
    """Take a scenario away. Its id.

    Raises:
        UnknownForecastScenario.
    """
    before = queries.forecast_scenario(uow.db, command.id)
    after = save(uow, forecast_scenarios, before, replace(before, is_active=False))
    event = ForecastScenarioRemoved(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def _check_item(uow: UnitOfWork, item: RecurringItem) -> None:
    faults = Faults()
    check_text(item.name, faults, "name", maximum=NAME_LENGTH_MAX)
    check_range(item.interval, faults, "interval", minimum=1, maximum=INTERVAL_MAX)
    if not item.amount_minor:
        faults.add(AmountIsZero().at("amount"))
    if item.ends_on is not None and item.ends_on < item.starts_on:
        faults.add(LastDayBeforeFirst().at("ends_on"))
    if item.supplier_id is not None and not suppliers_by_ids(uow.db, [item.supplier_id]):
        faults.add(UnknownSupplier(item.supplier_id.hex).at("supplier_id"))
    faults.check()


def _check_scenario(command: SetForecastScenario) -> None:
    faults = Faults()
    check_text(command.name, faults, "name", maximum=NAME_LENGTH_MAX)
    check_range(command.delay_days, faults, "delay_days", minimum=0, maximum=DELAY_DAYS_MAX)
    check_range(command.collected_bp, faults, "collected_bp", minimum=0, maximum=BASIS_POINTS)
    check_size(command.extras, faults, "extras", maximum=EXTRAS_MAX)
    for position, each in enumerate(command.extras[:EXTRAS_MAX]):
        check_text(each.label, faults, "extras", position, "label", maximum=NAME_LENGTH_MAX)
        if not each.amount:
            faults.add(AmountIsZero().at("extras", position, "amount"))
    faults.check()
