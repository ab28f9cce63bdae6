"""What can be asked about costs."""

from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from backoffice_api.context import Info
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.schema.directives import about
from backoffice_api.schema.query_costs import Offer, QueryCost

# To read a document costs time, which an alias would multiply.
WEIGHT = 10

_Document = Annotated[str, strawberry.argument(description="The text of the operation.")]
_Variables = Annotated[
    JSON | None, strawberry.argument(description="Its variables, as they are sent with it.")
]
_Name = Annotated[
    str | None,
    strawberry.argument(description="Which operation, where the document has several."),
]


async def _query_cost(
    info: Info, document: _Document, variables: _Variables = None, operation_name: _Name = None
) -> QueryCost:
    context = info.context
    if context.prices is None or context.has_priced:
        raise RequestError(ErrorCode.BAD_USER_INPUT, "A request may ask for one price only.")
    context.has_priced = True
    given: Any = {} if variables is None else variables
    if not isinstance(given, dict):
        raise RequestError(ErrorCode.BAD_USER_INPUT, "The variables must be an object.")
    quote = context.prices.quote(document, operation_name, given)
    lacking = quote.scopes - context.caller.scopes
    missing = tuple(each for each in Scope if each in lacking)
    offer: Any = Offer(quote, missing, context.prices.standing(context.caller))
    return offer


@strawberry.type
class QueryCostQuery:
    query_cost: QueryCost | None = about(
        "What an operation would cost, whether you may run it, and when your budget allows it. "
        "Errors are those that sending it would meet. One of these in a request.",
        weight=WEIGHT,
        resolver=_query_cost,
    )
