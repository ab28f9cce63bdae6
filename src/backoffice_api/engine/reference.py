"""Runs operations on graphql-core, which is the measure of what they have to answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLResolveInfo,
    MiddlewareManager,
    OperationDefinitionNode,
    SelectionSetNode,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from backoffice_api.engine.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a root field came to when it was run: its value, or what was raised."""

    value: Any = None
    raised: Exception | None = None


async def execute(
    prepared: Prepared, variables: VariableValues, context: Any, *, suggestions: bool
) -> ExecutionResult:
    """The answer of graphql-core to an operation."""
    executor = _executor(prepared, prepared.operation, variables, context, suggestions, None)
    return await _result(executor)


async def execute_field(
    prepared: Prepared,
    nodes: tuple[FieldNode, ...],
    variables: VariableValues,
    context: Any,
    *,
    suggestions: bool,
    outcome: Outcome | None,
) -> ExecutionResult:
    """The answer to one root field alone, asked by these nodes.

    With an outcome, its resolver is not run again.
    """
    whole = prepared.operation
    operation = OperationDefinitionNode(
        loc=whole.loc,
        name=whole.name,
        operation=whole.operation,
        variable_definitions=whole.variable_definitions,
        directives=whole.directives,
        selection_set=SelectionSetNode(selections=nodes),
    )
    middleware = None if outcome is None else MiddlewareManager(_replaying(outcome))
    return await _result(
        _executor(prepared, operation, variables, context, suggestions, middleware)
    )


async def execute_values(
    prepared: Prepared,
    nodes: tuple[FieldNode, ...],
    variables: VariableValues,
    context: Any,
    values: Sequence[Any],
    *,
    suggestions: bool,
) -> Sequence[ExecutionResult]:
    """The answer to the root field of a subscription for each of these values of it."""
    return [
        await execute_field(
            prepared, nodes, variables, context, suggestions=suggestions, outcome=Outcome(value)
        )
        for value in values
    ]


def _replaying(outcome: Outcome) -> Callable[..., Any]:
    def replay(
        resolve: Callable[..., Any], parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any
    ) -> Any:
        if info.path.prev is not None:
            return resolve(parent, info, **arguments)
        if outcome.raised is not None:
            raise outcome.raised
        return outcome.value

    return replay


async def _result(executor: Executor[Any]) -> ExecutionResult:
    result = executor.execute_operation()
    if isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult), "no incremental delivery without @defer"
    return result


def _executor(
    prepared: Prepared,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    context: Any,
    suggestions: bool,
    middleware: MiddlewareManager | None,
) -> Executor[Any]:
    """An executor like `Executor.build` makes it, without coercing the variables again."""
    fragments: Mapping[str, Any] = prepared.fragments
    return Executor(
        schema=prepared.schema,
        fragment_definitions=dict(fragments),
        fragments={name: FragmentDetails(fragment) for name, fragment in fragments.items()},
        root_value=None,
        context_value=context,
        operation=operation,
        variable_values=variables,
        field_resolver=default_field_resolver,
        type_resolver=default_type_resolver,
        subscribe_field_resolver=default_field_resolver,
        middleware_manager=middleware,
        hide_suggestions=not suggestions,
    )
