"""Each operation answered twice: compiled, and by graphql-core. The bytes must be the same.

With `World.ask` going through here, every GraphQL test of the project compares the two.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from graphql import ExecutionResult, FieldNode, OperationType
from graphql.execution.values import VariableValues

from backoffice_api.context import Context, as_request_error
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.mutations import CompiledField
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.reference import Outcome, execute_field, execute_values
from backoffice_api.engine.run import Terms, run
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from tests.databases import uncounted

REFERENCE = "test-request"


class DifferenceError(BaseException):
    """The two answers differ. No Exception: the engine must not take it for a failed run."""


class ComparingCompiler(Compiler):
    """Has graphql-core answer the selection below a mutation, too, of the same outcome."""

    async def select(
        self,
        prepared: Prepared,
        field: CompiledField,
        variables: VariableValues,
        context: Any,
        outcome: Outcome,
    ) -> Any:
        data = await super().select(prepared, field, variables, context, outcome)
        with uncounted():
            expected = await execute_field(
                prepared, field.nodes, variables, context, suggestions=False, outcome=outcome
            )
        assert expected.errors is None, expected.errors
        compare(expected.data, {field.name: data}, prepared.document.loc)
        return data

    async def stream(
        self,
        prepared: Prepared,
        nodes: tuple[FieldNode, ...],
        variables: VariableValues,
        context: Any,
        values: Sequence[Any],
        *,
        suggestions: bool,
    ) -> Sequence[ExecutionResult]:
        answers = await super().stream(
            prepared, nodes, variables, context, values, suggestions=suggestions
        )
        with uncounted():
            expected = await execute_values(
                prepared, nodes, variables, context, values, suggestions=suggestions
            )
        for one, other in zip(expected, answers, strict=True):
            assert one.errors is None, one.errors
            compare(one.data, other.data, prepared.document.loc)
        return answers


COMPILER = ComparingCompiler(SchemaFields(schema))

MakeContext = Callable[[], Context]
OnBug = Callable[[Exception, str], None]


async def ask_both(
    preparer: Preparer,
    document: str,
    variables: dict[str, Any],
    make_context: MakeContext,
    on_bug: OnBug,
) -> Mapping[str, Any]:
    """The answer of the compiled operation, which is that of graphql-core.

    A mutation is run once. The statements of graphql-core are not counted.
    """
    answer = await ask_one(preparer, document, variables, make_context, on_bug, COMPILER)
    if _is_query(preparer, document):
        with uncounted():
            expected = await ask_one(
                preparer, document, variables, make_context, lambda *_: None, None
            )
        compare(expected, answer, (document, variables))
    return answer


def compare(expected: Any, answer: Any, asked: object) -> None:
    """Fail where an answer is not that of graphql-core, byte by byte."""
    if orjson.dumps(answer) != orjson.dumps(expected) and not _failed_elsewhere(expected, answer):
        raise DifferenceError(f"{asked}\n{answer}\nbut graphql-core answers\n{expected}")


def _failed_elsewhere(expected: Any, answer: Any) -> bool:
    """Whether several root fields fail, some of which end the answer: which come first is chance.

    What both tell of the same field has to be the same.
    """
    if not all(
        isinstance(each, dict) and each.get("data", each) is None for each in (expected, answer)
    ):
        return False
    one, other = (
        {tuple(error.get("path", ())): error for error in each.get("errors", ())}
        for each in (expected, answer)
    )
    return one.keys() != other.keys() and all(
        one[path] == other[path] for path in one.keys() & other.keys()
    )


async def ask_one(
    preparer: Preparer,
    document: str,
    variables: dict[str, Any],
    make_context: MakeContext,
    on_bug: OnBug,
    compiler: Compiler | None,
) -> Mapping[str, Any]:
    """The whole answer to a document, errors and all."""
    context = make_context()
    terms = Terms(
        limits=preparer.limits, on_bug=on_bug, translate=as_request_error, compiler=compiler
    )
    try:
        return await run(
            preparer.prepare(document, None),
            variables,
            context,
            scopes=context.caller.scopes,
            reference=REFERENCE,
            terms=terms,
        )
    except RequestError as refusal:
        return {"errors": [each.formatted() for each in refusal.reasons()]}
    finally:
        await context.close()


def _is_query(preparer: Preparer, document: str) -> bool:
    try:
        return preparer.prepare(document, None).kind is OperationType.QUERY
    except RequestError:
        return False
