"""What can be asked about how often things come back."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.returns.model import rates as model
from backoffice_api.domain.returns.model.rates import RateBy
from backoffice_api.domain.returns.queries import rates as queries
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.return_rates import ReturnRate
from backoffice_api.schema.returns import READ

_By = Annotated[RateBy, strawberry.argument(description="Of what.")]
_Since = Annotated[datetime, strawberry.argument(description="Of orders placed then or later.")]
_Until = Annotated[datetime, strawberry.argument(description="Of orders placed before.")]


def _rates(db: Database, _: Context, arguments: Mapping[str, Any]) -> Sequence[model.ReturnRate]:
    since, until = arguments["since"], arguments["until"]
    model.check_window(since, until)
    return queries.rates(db, arguments["by"], since, until)


@strawberry.type
class ReturnRateQuery:
    return_rates: list[ReturnRate] = asked(
        _rates,
        [
            parameter("by", _By, inspect.Parameter.empty),
            parameter("since", _Since, inspect.Parameter.empty),
            parameter("until", _Until, inspect.Parameter.empty),
        ],
        "How much of what was ordered in at most 732 days and sent came back since; those of which "
        "most came back first, at most 250.",
        scope=READ,
        weight=50,
    )
