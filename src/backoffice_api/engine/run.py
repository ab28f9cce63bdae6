"""Runs a prepared operation on graphql-core, and answers nothing that it should not.

What resolvers raise by accident is masked: the client gets a reference, the exception goes to
`on_bug`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from backoffice_api.engine import reference as core
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.errors import (
    ErrorCode,
    RequestError,
    from_graphql,
    innermost,
    together,
)
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.plan import Fields
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.streams import Opened, opened
from backoffice_api.engine.within import within

# With graphql-core, what a client gets wrong in an argument is an error that begins like this and
# has a place; what a resolver returns wrongly has none, or a text that begins otherwise.
_NOTHING = "Cannot return null for non-nullable field"
_ARGUMENT_FAULT = "Argument '"

# Whatever a request asks for, to take it in is worth something.
COST_MIN = 1

Translate = Callable[[Exception], RequestError | None]


class Spent(Protocol):
    """What was taken from somebody's budget for one run."""

    def settle(self, used: int) -> Mapping[str, Any]:
        """Give back what was not used; how the budget stands then, as clients are told."""


Spend = Callable[[int], Awaitable[Spent]]
"""Takes a cost from a budget. Raises RequestError THROTTLED where it does not allow that now."""


def _translate_nothing(_: Exception) -> RequestError | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for every run of a process.

    `on_bug(exception, reference)` is told of each exception that was masked. `translate` may turn
    an exception that a resolver raised into an error meant for clients (a database that is down
    into UNAVAILABLE, say); None leaves it masked. `compiler` answers what it can; without one,
    graphql-core runs everything.
    """

    limits: Limits
    on_bug: Callable[[Exception, str], None]
    translate: Translate = _translate_nothing
    suggestions: bool = False
    compiler: Compiler | None = None


async def run(
    prepared: Prepared,
    variables: dict[str, Any],
    context: Any,
    *,
    scopes: frozenset[str],
    reference: str,
    terms: Terms,
    spend: Spend | None = None,
) -> dict[str, Any]:
    """Run a query or mutation for a caller with these scopes; the answer as JSON writes it.

    In this order, each only if all before it holds: scopes, variables, cost, budget, execution. So
    a caller without the right learns nothing of what the input would have met. Errors of fields
    stand in the answer with their path, 20 at most. `reference` names the run to whoever reads
    the log. `spend` takes the price from the caller's budget, which has back what was not used;
    without it, nobody's budget is touched.

    Raises RequestError where nothing was executed: FORBIDDEN, BAD_USER_INPUT, COST_LIMIT,
    THROTTLED; and UNAVAILABLE where the time ran out or no root field could be answered. A
    mutation may then have happened or not: its idempotency key makes asking again safe.
    """
    check_scopes(prepared, scopes)
    coerced = coerce(prepared, variables, terms)
    requested = check_cost(prepared, coerced.coerced, terms.limits)
    spent = None if spend is None else await spend(requested)
    # What ran out of time has used what it was to cost.
    result = await _execute(prepared, coerced, context, terms)
    try:
        answer, used = _answer(prepared, coerced, result, requested, reference, terms, context)
    except RequestError:
        if spent is not None:
            spent.settle(COST_MIN)
        raise
    if spent is not None:
        answer["extensions"]["cost"]["throttleStatus"] = spent.settle(used)
    return answer


async def deliver(
    opened: Opened,
    values: Sequence[Any],
    context: Any,
    *,
    scopes: frozenset[str],
    reference: str,
    terms: Terms,
    spend: Spend | None = None,
) -> list[dict[str, Any]]:
    """What a subscription answers of these values of its root field, as `run` answers a query.

    All of it is read in one snapshot, by as many statements as one value takes, and paid for
    together. Raises RequestError as `run` does.
    """
    prepared, coerced = opened.prepared, opened.variables
    check_scopes(prepared, scopes)
    requested = check_cost(prepared, coerced.coerced, terms.limits)
    spent = None if spend is None else await spend(requested * len(values))
    how = terms.compiler.stream if terms.compiler else core.execute_values
    try:
        async with asyncio.timeout(terms.limits.query_time_s):
            results = await how(
                prepared, opened.nodes, coerced, context, values, suggestions=terms.suggestions
            )
    except TimeoutError:
        raise _late(terms.limits.query_time_s) from None
    answered = [
        _answer(prepared, coerced, each, requested, reference, terms, context) for each in results
    ]
    if spent is not None:
        status = spent.settle(sum(used for _, used in answered))
        for answer, _ in answered:
            answer["extensions"]["cost"]["throttleStatus"] = status
    return [answer for answer, _ in answered]


def open_stream(
    prepared: Prepared, variables: dict[str, Any], fields: Fields, terms: Terms
) -> Opened:
    """What a subscription is to follow.

    Raises RequestError as `run` does before it executes, and what the schema raises of arguments.
    """
    coerced = coerce(prepared, variables, terms)
    check_cost(prepared, coerced.coerced, terms.limits)
    return opened(prepared, coerced, fields)


def _answer(
    prepared: Prepared,
    coerced: VariableValues,
    result: ExecutionResult,
    requested: int,
    reference: str,
    terms: Terms,
    context: Any,
) -> tuple[dict[str, Any], int]:
    """The answer as JSON writes it, and what it has cost. Raises RequestError UNAVAILABLE."""
    answer: dict[str, Any] = {"data": result.data}
    # What failed may have read all it asked for, though little of it is left in the answer.
    used = requested
    if result.errors:
        told = result.errors[: terms.limits.errors]
        shown = [_shown(error, reference, terms, context) for error in told]
        if _is_down(result.data, shown):
            raise unavailable("The service cannot answer at the moment.")
        answer["errors"] = shown
    elif result.data is not None:
        used = max(prepared.cost.of_answer(result.data, coerced.coerced), COST_MIN)
    answer["extensions"] = {"cost": {"requestedQueryCost": requested, "actualQueryCost": used}}
    return answer, used


def check_scopes(prepared: Prepared, scopes: frozenset[str]) -> None:
    """Raises RequestError FORBIDDEN with the missing scopes, sorted, in `extensions.scopes`."""
    if not prepared.scopes <= scopes:
        missing = sorted(prepared.scopes - scopes)
        raise RequestError(
            ErrorCode.FORBIDDEN,
            f"This needs scopes that the caller does not have: {', '.join(missing)}.",
            extensions={"scopes": missing},
        )


def coerce(prepared: Prepared, variables: dict[str, Any], terms: Terms) -> VariableValues:
    """The variables as the operation's types want them.

    Raises RequestError BAD_USER_INPUT, several together, as far as the limit of errors goes.
    """
    definitions = prepared.operation.variable_definitions
    if not definitions:
        return VariableValues({}, {})
    values = get_variable_values(
        prepared.schema,
        definitions,
        variables,
        max_errors=terms.limits.errors,
        hide_suggestions=not terms.suggestions,
    )
    if isinstance(values, list):
        shown = values[: terms.limits.errors]
        raise together([from_graphql(error, ErrorCode.BAD_USER_INPUT) for error in shown])
    return values


def check_cost(prepared: Prepared, coerced: Mapping[str, Any], limits: Limits) -> int:
    """The cost of the operation with these variables.

    Raises RequestError COST_LIMIT where it is above the limit, and BAD_USER_INPUT where a page is
    larger than allowed.
    """
    requested = max(prepared.cost(coerced), COST_MIN)
    if requested > limits.cost:
        raise too_dear(requested, limits.cost)
    return requested


def too_dear(requested: int, limit: int) -> RequestError:
    """The error for an operation that costs more than it ever may."""
    return RequestError(
        ErrorCode.COST_LIMIT,
        f"The operation costs {requested}, and {limit} is the limit. Ask for smaller pages or"
        " fewer fields.",
        extensions={"cost": {"requestedQueryCost": requested, "limit": limit}},
    )


def unavailable(message: str) -> RequestError:
    """The error for a service that cannot answer now, with the advice to ask again in a second."""
    return RequestError(ErrorCode.UNAVAILABLE, message, retry_after_s=1)


async def _execute(
    prepared: Prepared, coerced: VariableValues, context: Any, terms: Terms
) -> ExecutionResult:
    mutates = prepared.kind is OperationType.MUTATION
    limit_s = terms.limits.mutation_time_s if mutates else terms.limits.query_time_s
    try:
        if terms.compiler is None:
            how = core.execute
        else:
            how = terms.compiler.mutation if mutates else terms.compiler.query
        return await within(limit_s, how(prepared, coerced, context, suggestions=terms.suggestions))
    except TimeoutError:
        raise _late(limit_s) from None


def _late(limit_s: float) -> RequestError:
    return unavailable(f"The answer took longer than {limit_s:g} s.")


def _shown(error: GraphQLError, reference: str, terms: Terms, context: Any) -> dict[str, Any]:
    if context.hides_rows and _NOTHING in str(innermost(error)):
        # A row that always leads to another one, which this caller does not see.
        hidden = RequestError(ErrorCode.FORBIDDEN, "This leads to something out of your reach.")
        shown = hidden.formatted()
    else:
        shown = explain(error, reference, terms).formatted()
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return shown


def explain(error: Exception, reference: str, terms: Terms) -> RequestError:
    """What may be told about an exception. Those that nobody expected go to `terms.on_bug`."""
    cause = innermost(error)
    if isinstance(cause, RequestError):
        return cause
    if isinstance(error, GraphQLError) and _is_argument_fault(error):
        return from_graphql(error, ErrorCode.BAD_USER_INPUT)
    translated = terms.translate(cause)
    if translated is not None:
        return translated
    terms.on_bug(cause, reference)
    return RequestError(ErrorCode.INTERNAL, "Internal error", extensions={"reference": reference})


def _is_argument_fault(error: GraphQLError) -> bool:
    raised = error.original_error if error.path is not None else error
    return (
        isinstance(raised, GraphQLError)
        and raised.nodes is not None
        and raised.message.startswith(_ARGUMENT_FAULT)
    )


def _is_down(data: Mapping[str, Any] | None, errors: list[dict[str, Any]]) -> bool:
    """Whether nothing at all could be answered, because something needed is not there."""
    if data is not None and any(value is not None for value in data.values()):
        return False
    return any(error["extensions"]["code"] == ErrorCode.UNAVAILABLE for error in errors)
