"""What can be asked and done about cash flow forecasts."""

import inspect
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db
from strawberry import UNSET

from backoffice_api.context import Context
from backoffice_api.domain.banking.commands import recurring
from backoffice_api.domain.banking.model.forecast import PLAIN, ForecastStep
from backoffice_api.domain.banking.queries import recurring as queries
from backoffice_api.domain.banking.queries.forecast import cash_flow
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.ledger.queries import base_currency
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.forecast import (
    READ,
    CashFlowForecast,
    ForecastScenario,
    ForecastScenarioPayload,
    ForecastScenarioSetInput,
    RecurringItem,
    RecurringItemCreateInput,
    RecurringItemPayload,
    RecurringItemUpdateInput,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.scalars import CurrencyCode

_Currency = Annotated[
    CurrencyCode | None,
    strawberry.argument(
        description="In which currency: each has its own accounts. Null: that of the books."
    ),
]
_From = Annotated[
    date | None,
    strawberry.argument(name="from", description="Since when. Null: today, in UTC."),
]
_To = Annotated[date, strawberry.argument(description="The last day, at most 400 days on.")]
_By = Annotated[ForecastStep, strawberry.argument(description="How long its parts are.")]
_ScenarioId = Annotated[
    strawberry.ID | None, strawberry.argument(description="What if. Null: as things stand.")
]


def _forecast(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    currency, given = arguments.get("currency"), arguments.get("scenario_id")
    currency = currency or base_currency(db)
    scenario = PLAIN
    if given:
        scenario = queries.forecast_scenario(db, ids.parse("fsc", given)).scenario(currency)
    starts_on = arguments.get("from_") or datetime.now(UTC).date()
    return cash_flow(db, currency, starts_on, arguments["to"], arguments["by"], scenario)


def _items(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.all_items(db)


def _scenarios(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.all_scenarios(db)


@strawberry.type
class ForecastQuery:
    cash_flow_forecast: CashFlowForecast = asked(
        _forecast,
        [
            parameter("to", _To, inspect.Parameter.empty),
            parameter("currency", _Currency),
            parameter("from_", _From),
            parameter("by", _By, ForecastStep.WEEK),
            parameter("scenario_id", _ScenarioId),
        ],
        "What will be on the bank accounts, of what is known today.",
        scope=READ,
        weight=100,
    )
    recurring_items: list[RecurringItem] = asked(
        _items, [], "What comes back every so often, by name; at most 500.", scope=READ, weight=5
    )
    forecast_scenarios: list[ForecastScenario] = asked(
        _scenarios, [], "The scenarios of forecasts, by name; at most 50.", scope=READ, weight=5
    )


@strawberry.type
class ForecastMutation:
    @mutation(recurring.create_recurring_item, RecurringItemPayload)
    def recurring_item_create(input: RecurringItemCreateInput) -> recurring.CreateRecurringItem:
        """Expect money every so often."""
        return recurring.CreateRecurringItem(
            name=input.name,
            kind=input.kind,
            amount=input.amount.value(),
            starts_on=input.starts_on,
            ends_on=input.ends_on,
            unit=input.unit,
            interval=input.interval,
            supplier_id=given_id("sup", input.supplier_id),
        )

    @mutation(recurring.update_recurring_item, RecurringItemPayload)
    def recurring_item_update(
        id: strawberry.ID, input: RecurringItemUpdateInput
    ) -> recurring.UpdateRecurringItem:
        """Change a recurring item. What is absent stays."""
        supplier_id: Any = keep(input.supplier_id, nullable=True)
        if isinstance(supplier_id, str):
            supplier_id = ids.parse("sup", supplier_id)
        amount = input.amount
        return recurring.UpdateRecurringItem(
            id=ids.parse("rec", id),
            name=keep(input.name),
            amount=KEEP if amount is UNSET or amount is None else amount.value(),
            starts_on=keep(input.starts_on),
            ends_on=keep(input.ends_on, nullable=True),
            supplier_id=supplier_id,
        )

    @mutation(recurring.remove_recurring_item, RecurringItemPayload)
    def recurring_item_remove(id: strawberry.ID) -> recurring.RemoveRecurringItem:
        """Expect it no more."""
        return recurring.RemoveRecurringItem(id=ids.parse("rec", id))

    @mutation(recurring.set_forecast_scenario, ForecastScenarioPayload)
    def forecast_scenario_set(input: ForecastScenarioSetInput) -> recurring.SetForecastScenario:
        """Make or replace the scenario with a name."""
        return recurring.SetForecastScenario(
            name=input.name,
            delay_days=input.delay_days,
            collected_bp=input.collected_bp,
            extras=tuple(each.value() for each in input.extras),
        )

    @mutation(recurring.remove_forecast_scenario, ForecastScenarioPayload)
    def forecast_scenario_remove(id: strawberry.ID) -> recurring.RemoveForecastScenario:
        """Take a scenario away."""
        return recurring.RemoveForecastScenario(id=ids.parse("fsc", id))
