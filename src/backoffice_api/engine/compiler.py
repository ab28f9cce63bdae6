"""Answers operations by compiled functions, and says which ones it has to leave to graphql-core."""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import GraphQLError, OperationType
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from backoffice_api.engine.plan import Fields
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.unit import Unit, switches_of
from backoffice_api.engine.values import Unsupported
from backoffice_api.engine.writer import Function, Writer

# Each set of values of the variables in @skip and @include makes a function of its own.
_FUNCTIONS_MAX = 16

log = logging.getLogger(__name__)


class Context(Protocol):
    """What the engine must know of the context of a request, to read in it."""

    @property
    def dialect(self) -> str:
        """The name of the dialect of the connections."""

    def read(self, query: Callable[..., Any], *arguments: Any) -> Coroutine[Any, Any, Any]:
        """What `query` answers in a thread, called with a connection and the arguments."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a compiled function."""

    connection: Any
    context: Any
    variables: VariableValues


@dataclass(slots=True)
class Counts:
    """How many operations were answered compiled, and how many were not, by reason."""

    compiled: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)


class Compiler:
    """Compiles the operations of one schema when they are first run.

    `counts` is for whoever watches the process: a fallback costs some times as much.
    """

    def __init__(self, fields: Fields) -> None:
        self.counts = Counts()
        self._fields = fields

    async def answer(
        self, prepared: Prepared, variables: VariableValues, context: Context
    ) -> dict[str, Any] | None:
        """The data of a query. None: graphql-core must be asked.

        That is so where the query cannot be compiled, and where its run met any error, so that
        errors are always told by graphql-core.
        """
        try:
            data = await self._answer(prepared, variables, context)
        except Unsupported as unsupported:
            self._note_fallback(prepared, str(unsupported), None)
            return None
        except Exception as error:  # graphql-core meets it again, and knows where.
            self._note_fallback(prepared, type(error).__name__, error)
            return None
        self.counts.compiled += 1
        return data

    async def _answer(
        self, prepared: Prepared, variables: VariableValues, context: Context
    ) -> dict[str, Any]:
        if prepared.kind is not OperationType.QUERY:
            raise Unsupported("mutation")
        function = self.function(prepared, variables, context.dialect)
        if function.reads:
            data: dict[str, Any] = await context.read(_call, function, context, variables)
            return data
        return _call(None, function, context, variables)

    def function(self, prepared: Prepared, variables: VariableValues, dialect: str) -> Function:
        """The compiled function of an operation with these values in `@skip` and `@include`.

        Raises Unsupported where it cannot be compiled.
        """
        if prepared.switches is None:
            prepared.switches = switches_of(prepared.operation, prepared.fragments)
        given = variables.coerced
        key = (dialect, *(given.get(name) for name in prepared.switches))
        found: Function | Unsupported | None = prepared.functions.get(key)
        if found is None:
            if len(prepared.functions) >= _FUNCTIONS_MAX:
                raise Unsupported("too many values in @skip and @include")
            found = prepared.functions[key] = self._compile(prepared, variables, dialect)
        if isinstance(found, Unsupported):
            raise found.with_traceback(None)
        return found

    def _compile(
        self, prepared: Prepared, variables: VariableValues, dialect: str
    ) -> Function | Unsupported:
        # No other variables: the function is kept, and with it would be what somebody asked for.
        kept = frozenset(prepared.switches or ())
        switches = VariableValues(
            {name: each for name, each in variables.sources.items() if name in kept},
            {name: each for name, each in variables.coerced.items() if name in kept},
        )
        unit = Unit(
            schema=prepared.schema,
            operation=prepared.operation,
            fragments={name: FragmentDetails(each) for name, each in prepared.fragments.items()},
            switches=switches,
            fields=self._fields,
            dialect=dialect,
        )
        root_type = prepared.schema.get_root_type(prepared.kind)
        assert root_type is not None, "a valid operation has a root type"
        try:
            return Writer(unit).root(root_type)
        except Unsupported as unsupported:
            # The frames of the traceback would keep the compilation alive.
            return unsupported.with_traceback(None)
        except GraphQLError:
            return Unsupported("wrong directives")

    def _note_fallback(self, prepared: Prepared, reason: str, error: Exception | None) -> None:
        self.counts.fallbacks[reason] += 1
        name = prepared.operation.name.value if prepared.operation.name else "(no name)"
        log.debug("graphql-core runs %s: %s", name, reason, exc_info=error)


def _call(
    connection: Any, function: Function, context: Context, variables: VariableValues
) -> dict[str, Any]:
    answer: dict[str, Any] = function.call(Run(connection, context, variables))
    return answer
