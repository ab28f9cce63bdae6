"""What can be asked and done with margins."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.margins import queries
from backoffice_api.domain.margins.commands import restating
from backoffice_api.domain.margins.model import margins as model
from backoffice_api.domain.margins.model.margins import GROUPS_MAX, MarginDimension
from backoffice_api.schema.connections import Connection, asked, listed, parameter
from backoffice_api.schema.margins import (
    COSTS,
    MarginGroup,
    MarginRestatement,
    MarginRestatementSort,
    MarginsRestateInput,
    MarginsRestatePayload,
)
from backoffice_api.schema.mutations import mutation

By = Annotated[MarginDimension, strawberry.argument(description="What is told apart.")]
From = Annotated[date, strawberry.argument(description="From this day on.", name="from")]
To = Annotated[date, strawberry.argument(description="Up to but without this day.")]
First = Annotated[
    int,
    strawberry.argument(description=f"How many, at most {GROUPS_MAX}: the worst ones."),
]
BestFirst = Annotated[bool, strawberry.argument(description="The best ones instead.")]
Number = Annotated[
    int | None,
    strawberry.argument(
        description="As they were stated by the restatement of this number; 0: before any. "
        "Null: as they are stated now."
    ),
]


def _margins(db: Db, _: Context, arguments: Mapping[str, Any]) -> Sequence[model.MarginGroup]:
    faults = Faults()
    first = arguments.get("first", 100)
    check_range(first, faults, "first", minimum=1, maximum=GROUPS_MAX)
    faults.check()
    return queries.margins(
        db,
        arguments["by"],
        (arguments["from_"], arguments["to"]),
        first=first,
        best_first=arguments.get("best_first", False),
        restatement=arguments.get("restatement"),
    )


@strawberry.type
class MarginQuery:
    margins: list[MarginGroup] = asked(
        _margins,
        [
            parameter("by", By, inspect.Parameter.empty),
            parameter("from_", From, inspect.Parameter.empty),
            parameter("to", To, inspect.Parameter.empty),
            parameter("first", First, 100),
            parameter("best_first", BestFirst, False),
            parameter("restatement", Number),
        ],
        "What is left of what was posted in a time: the worst first. All of them together are what "
        "the accounts of income and cost come to.",
        scope=COSTS,
        weight=50,
        multipliers=["first"],
    )
    margin_restatements: Connection[MarginRestatement] = listed(
        queries.restatement_list,
        "How margins were restated, newest first.",
        scope=COSTS,
        sort=MarginRestatementSort,
    )


@strawberry.type
class MarginMutation:
    @mutation(restating.restate_margins, MarginsRestatePayload)
    def margins_restate(input: MarginsRestateInput) -> restating.RestateMargins:
        """Share out what was posted of a time without a line: fees, variances, freight.

        It takes the place of earlier restatements of that time, which can still be asked for.
        """
        return restating.RestateMargins(from_on=input.from_, to_on=input.to, reason=input.reason)
