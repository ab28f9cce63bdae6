"""Each query asked twice: compiled, and of graphql-core. The answers must be the same bytes.

With `World.ask` going through here, every GraphQL test of the project compares the two.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from graphql import OperationType

from backoffice_api.context import Context, as_request_error
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms, run
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from tests.databases import uncounted

COMPILER = Compiler(SchemaFields(schema))
REFERENCE = "test-request"

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

    Mutations are asked once. The statements of graphql-core are not counted.
    """
    answer = await ask_one(preparer, document, variables, make_context, on_bug, COMPILER)
    if _is_query(preparer, document):
        with uncounted():
            expected = await ask_one(
                preparer, document, variables, make_context, lambda *_: None, None
            )
        assert orjson.dumps(answer) == orjson.dumps(expected), (
            "The compiled operation answers otherwise than graphql-core:\n"
            f"{document}\n{variables}\n{answer}\n{expected}"
        )
    return answer


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
