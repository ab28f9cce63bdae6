"""What can be asked and done with budgets."""

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.ledger.commands import budgeting
from backoffice_api.domain.ledger.model.entries import Dimensions
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries import budgets as queries
from backoffice_api.schema.budgets import Budget, BudgetComparison, BudgetPayload, BudgetSetInput
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.ledger import READ
from backoffice_api.schema.mutations import mutation

_Which = Annotated[strawberry.ID, strawberry.argument(description="Which budget.")]
_From = Annotated[
    date, strawberry.argument(description="The first day of the first month.", name="from")
]
_To = Annotated[
    date, strawberry.argument(description="The first day of the month behind the last one.")
]


def _all(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.all_budgets(db)


def _comparison(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    span = Span(arguments["from_"], arguments["to"])
    return queries.compare(db, ids.parse("bgt", arguments["budget_id"]), span)


@strawberry.type
class BudgetQuery:
    budgets: list[Budget] = asked(
        _all, [], "The budgets that there are, by name; at most 200.", scope=READ, weight=10
    )
    budget_comparison: BudgetComparison = asked(
        _comparison,
        [
            parameter("budget_id", _Which, inspect.Parameter.empty),
            parameter("from_", _From, inspect.Parameter.empty),
            parameter("to", _To, inspect.Parameter.empty),
        ],
        "What accounts were meant to come to by a budget, and what they did.",
        scope=READ,
        weight=20,
    )


@strawberry.type
class BudgetMutation:
    @mutation(budgeting.set_budget, BudgetPayload)
    def budget_set(input: BudgetSetInput) -> budgeting.SetBudget:
        """Say what accounts are meant to come to, month by month; by its name, as a whole."""
        return budgeting.SetBudget(
            name=input.name,
            lines=tuple(each.value() for each in input.lines),
            dimensions=Dimensions(
                channel_id=given_id("chn", input.channel_id),
                supplier_id=given_id("sup", input.supplier_id),
                product_id=given_id("prd", input.product_id),
                location_id=given_id("loc", input.location_id),
            ),
        )

    @mutation(budgeting.remove_budget, BudgetPayload)
    def budget_remove(id: strawberry.ID) -> budgeting.RemoveBudget:
        """Take a budget away."""
        return budgeting.RemoveBudget(id=ids.parse("bgt", id))
