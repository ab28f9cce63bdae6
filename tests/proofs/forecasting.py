"""What the office needs of forecasts: recurring items and a scenario."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"RecurringItemUpdateInput": ("name",)}

WAGES = {
    "name": "Wages",
    "kind": "PAYROLL",
    "startsOn": "2025-03-25",
    "amount": {"amount": "-50.00", "currency": "EUR"},
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    changed, removed = (office._id("recurringItemCreate", "item", input=WAGES) for _ in range(2))
    scenario = office._id("forecastScenarioSet", "scenario", input={"name": "Crisis"})
    return {
        "recurringItemUpdate.id": changed,
        "recurringItemRemove.id": removed,
        "forecastScenarioRemove.id": scenario,
        "cashFlowForecast.scenarioId": scenario,
        "cashFlowForecast.to": (datetime.now(UTC).date() + timedelta(days=30)).isoformat(),
    }
