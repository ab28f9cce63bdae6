"""What happens to recurring items and scenarios."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class RecurringItemCreated(Event):
    type = "recurring_item.created"
    subject = "rec"
    summary = "{name} is expected every so often: {amount}."
    id: UUID
    version: int
    name: str
    amount: str


@dataclass(frozen=True, slots=True)
class RecurringItemUpdated(Event):
    type = "recurring_item.updated"
    subject = "rec"
    summary = "What is expected every so often was changed: {name}, {amount}."
    id: UUID
    version: int
    name: str
    amount: str


@dataclass(frozen=True, slots=True)
class RecurringItemRemoved(Event):
    type = "recurring_item.removed"
    subject = "rec"
    summary = "{name} is expected no more."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ForecastScenarioSet(Event):
    type = "forecast_scenario.set"
    subject = "fsc"
    summary = "The scenario {name} was set."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ForecastScenarioRemoved(Event):
    type = "forecast_scenario.removed"
    subject = "fsc"
    summary = "The scenario {name} was removed."
    id: UUID
    version: int
    name: str
