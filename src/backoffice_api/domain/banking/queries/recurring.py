"""What can be asked about recurring items and scenarios."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.banking.model.recurring import (
    ForecastScenario,
    RecurringItem,
    UnknownForecastScenario,
    UnknownRecurringItem,
)
from backoffice_api.domain.banking.tables.forecast import forecast_scenarios, recurring_items
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as

items_by_ids = one_per(RecurringItem, recurring_items, recurring_items.c.id)
scenarios_by_ids = one_per(ForecastScenario, forecast_scenarios, forecast_scenarios.c.id)


def recurring_item(db: Connection, id: UUID) -> RecurringItem:
    """Raises: UnknownRecurringItem."""
    found = items_by_ids(db, [id]).get(id)
    if found is not None and found.is_active:
        return found
    raise UnknownRecurringItem(id).at("id")


def forecast_scenario(db: Connection, id: UUID) -> ForecastScenario:
    """Raises: UnknownForecastScenario."""
    found = scenarios_by_ids(db, [id]).get(id)
    if found is not None and found.is_active:
        return found
    raise UnknownForecastScenario(id).at("id")


def scenario_named(db: Connection, name: str) -> ForecastScenario | None:
    """The scenario with this name, also one that was removed."""
    statement = select_as(ForecastScenario, forecast_scenarios)
    found = fetch(db, ForecastScenario, statement.where(forecast_scenarios.c.name == name))
    return next(iter(found), None)


def all_items(db: Connection) -> Sequence[RecurringItem]:
    """What is expected every so often, by name."""
    statement = select_as(RecurringItem, recurring_items).where(recurring_items.c.is_active)
    return fetch(db, RecurringItem, statement.order_by(recurring_items.c.name))


def all_scenarios(db: Connection) -> Sequence[ForecastScenario]:
    """The scenarios that there are, by name."""
    statement = select_as(ForecastScenario, forecast_scenarios)
    statement = statement.where(forecast_scenarios.c.is_active)
    return fetch(db, ForecastScenario, statement.order_by(forecast_scenarios.c.name))
