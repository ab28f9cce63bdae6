"""Cash flow forecasts, recurring items and scenarios on the wire."""

from datetime import date
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.banking.model import forecast as model
from backoffice_api.domain.banking.model import recurring as recurring_model
from backoffice_api.domain.banking.model.forecast import (
    BASIS_POINTS,
    FlowKind,
    ForecastStep,
    LatenessKind,
)
from backoffice_api.domain.banking.model.recurring import (
    ExtraDraft,
    RecurrenceUnit,
    RecurringKind,
)
from backoffice_api.domain.banking.queries import recurring as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.suppliers import Supplier

READ = Scope.BANKING_READ

choice(FlowKind, name="CashFlowKind")
choice(ForecastStep)
choice(LatenessKind)
choice(RecurrenceUnit)
choice(RecurringKind, name="RecurringItemKind")


def _subject(flow: model.Flow) -> str | None:
    return ids.text(*flow.subject) if flow.subject else None


@described
class CashFlow:
    """Money that should move on a day, and the document that says so."""

    kind: FlowKind = about("What brings it in, or takes it away.")
    on: date = about("The day by which it should; what is late moves at once.")
    amount: Money = about("How much. Below zero: it goes out.")
    label: str = about("What it is called.")
    lateness: LatenessKind | None = about("Like what it is paid. Null: on the day.")
    subject: Node | None = linked_node(
        _subject, "The document. Null: there is none, or the caller may not see it."
    )

    @strawberry.field(description="Id of the document. Null: there is none.")
    def subject_id(parent: strawberry.Parent[Any]) -> strawberry.ID | None:
        id = _subject(parent)
        return strawberry.ID(id) if id else None


@described
class CashFlowBucket:
    """A day or a week of a forecast."""

    starts_on: date = about("Its first day.")
    ends_on: date = about("Its last day.")
    opening: Money = about("What is on the accounts as it begins, if all moves on its day.")
    incoming: Money = about("What comes in.")
    outgoing: Money = about("What goes out; not below zero.")
    closing: Money = about("What is there as it ends.")
    p50: Money = about("The same if all is paid as late as half of it was so far.")
    p90: Money = about(
        "The same if what comes in is as late as nine of ten at most were, and what goes out as "
        "early as one of ten was."
    )
    flows: list[CashFlow] = about("What moves in it, by the day; at most 20,000 in all.")


@described
class PaymentLateness:
    """How many days after its due date a kind was paid in the last year."""

    kind: LatenessKind = about("Of what.")
    sample: int = about("How many payments tell it.")
    is_borrowed: bool = about(
        "They are fewer than 8: all kinds that come in are taken together; if these are fewer as "
        "well, it is taken to be on the day."
    )
    p10_days: int = about("One of ten was paid so many days late, or less. Below zero: early.")
    p50_days: int = about("Half were.")
    p90_days: int = about("Nine of ten were.")


@described
class CashFlowForecast:
    """What will be on the bank accounts in one currency."""

    currency: CurrencyCode = about("The currency.")
    starts_on: date = about("The first day.")
    ends_on: date = about("The last day.")
    opening: Money = about("What statements say is on the accounts at the end of the first day.")
    buckets: list[CashFlowBucket] = about("Its days or weeks, at most 120.")
    lateness: list[PaymentLateness] = about("What `p50` and `p90` are made of.")


@node("rec", recurring_model.RecurringItem, queries.items_by_ids, scope=READ)
class RecurringItem(Node, Versioned, HasTimeline):
    """Money that moves every so often, as wages and rent."""

    name: str = about("What it is called.")
    kind: RecurringKind = about("What it is for.")
    amount: Money = about("How much each time. Below zero: it goes out.")
    starts_on: date = about("The first time.")
    ends_on: date | None = about("The last day on which it may be. Null: it goes on.")
    unit: RecurrenceUnit = about("What is counted between two times.")
    interval: int = about("How many of these.")
    is_active: bool = about("False: it was removed.")
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "Whose bills take its place. Null: it has none.",
        scope=Scope.PURCHASING_READ,
    )


@described
class ForecastExtra:
    """What only a scenario knows."""

    on: date = about("The day.")
    amount: Money = about("How much. Below zero: it goes out.")
    label: str = about("What it is.")


@node("fsc", recurring_model.ForecastScenario, queries.scenarios_by_ids, scope=READ)
class ForecastScenario(Node, Versioned, HasTimeline):
    """What if customers paid later, or less, or something else came about."""

    name: str = about("What it is called.")
    delay_days: int = about("How many days later customers pay.")
    collected_bp: int = about("How much of what they owe comes, in hundredths of a per cent.")
    extra_items: list[ForecastExtra] = about("What else comes and goes, at most 100.")
    is_active: bool = about("False: it was removed.")


@payload
class RecurringItemPayload(MutationPayload):
    """What a mutation of a recurring item answers."""

    item: RecurringItem | None = one(
        queries.items_by_ids, "value", "It as it is now. Null if it was refused."
    )


@payload
class ForecastScenarioPayload(MutationPayload):
    """What a mutation of a scenario answers."""

    scenario: ForecastScenario | None = one(
        queries.scenarios_by_ids, "value", "It as it is now. Null if it was refused."
    )


@strawberry.input(description="Money that moves every so often.")
class RecurringItemCreateInput:
    name: str = about("What it is called, at most 120 characters.")
    kind: RecurringKind = about("What it is for.")
    amount: MoneyInput = about("How much each time. Below zero: it goes out.")
    starts_on: date = about("The first time.")
    ends_on: date | None = about("The last day on which it may be. Null: it goes on.", default=None)
    unit: RecurrenceUnit = about("What is counted between two times.", default=RecurrenceUnit.MONTH)
    interval: int = about("How many of these, 1 to 120.", default=1)
    supplier_id: strawberry.ID | None = about(
        "Whose bills take its place: it is not counted where one is due within 10 days.",
        default=None,
    )


@strawberry.input(description="What is to change of a recurring item. What is absent stays.")
class RecurringItemUpdateInput:
    name: str | None = about("What it is called.", default=UNSET)
    amount: MoneyInput | None = about("How much each time.", default=UNSET)
    starts_on: date | None = about("The first time.", default=UNSET)
    ends_on: date | None = about("The last day. Null: it goes on.", default=UNSET)
    supplier_id: strawberry.ID | None = about(
        "Whose bills take its place. Null: nobody's.", default=UNSET
    )


@strawberry.input(description="What only a scenario knows.")
class ForecastExtraInput:
    on: date = about("The day.")
    amount: MoneyInput = about("How much. Below zero: it goes out.")
    label: str = about("What it is, at most 120 characters.")

    def value(self) -> ExtraDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return ExtraDraft(on=self.on, amount=self.amount.value(), label=self.label)


@strawberry.input(description="A scenario. The one with this name is replaced.")
class ForecastScenarioSetInput:
    name: str = about("What it is called, at most 120 characters.")
    delay_days: int = about("How many days later customers pay, at most 365.", default=0)
    collected_bp: int = about(
        "How much of what they owe comes, in hundredths of a per cent.", default=BASIS_POINTS
    )
    extras: list[ForecastExtraInput] = about(
        "What else comes and goes, at most 100.", default_factory=list
    )
