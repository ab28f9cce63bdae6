"""Answers operations by compiled functions, and says which ones it has to leave to graphql-core."""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from graphql import ExecutionResult, FieldNode, GraphQLError, OperationType, print_ast
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from backoffice_api.engine import reference
from backoffice_api.engine.lazy import Ways
from backoffice_api.engine.mutations import CompiledField, LeftField, root_fields
from backoffice_api.engine.plan import Fields
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.reference import Outcome
from backoffice_api.engine.source import SOURCE, Function
from backoffice_api.engine.streams import response_name, selected
from backoffice_api.engine.unit import Unit, switches_of
from backoffice_api.engine.values import Unsupported
from backoffice_api.engine.writer import Writer

# Each set of values of the variables in @skip and @include makes functions of its own.
_VARIANTS_MAX = 16
_PARTS_MAX = 100

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
    """How many operations were answered compiled, and how many were not, by reason.

    A mutation counts once for each of its fields.
    """

    compiled: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)


class Compiler:
    """Compiles the operations of one schema when they are first run.

    `counts` is for whoever watches the process: a fallback costs some times as much.
    """

    def __init__(self, fields: Fields) -> None:
        self.counts = Counts()
        self._fields = fields

    async def query(
        self, prepared: Prepared, variables: VariableValues, context: Context, *, suggestions: bool
    ) -> ExecutionResult:
        """The answer to a query.

        It is that of graphql-core where the query cannot be compiled, and where its run met any
        error, so that errors are always told by graphql-core.
        """
        try:
            data = await self._call(
                self.function(prepared, variables, context.dialect), variables, context
            )
        except Unsupported as unsupported:
            self._note_fallback(prepared, str(unsupported))
        except Exception as error:  # graphql-core meets it again, and knows where.
            self._note_fallback(prepared, type(error).__name__)
        else:
            self.counts.compiled += 1
            return ExecutionResult(data)
        return await reference.execute(prepared, variables, context, suggestions=suggestions)

    async def mutation(
        self, prepared: Prepared, variables: VariableValues, context: Context, *, suggestions: bool
    ) -> ExecutionResult:
        """The answer to a mutation: its fields are run one by one, and never twice."""
        try:
            fields = self.root_fields(prepared, variables, context.dialect)
        except Unsupported as unsupported:
            self._note_fallback(prepared, str(unsupported))
            return await reference.execute(prepared, variables, context, suggestions=suggestions)
        data: dict[str, Any] = {}
        errors: list[GraphQLError] = []
        for each in fields:
            result = await self._run_field(
                prepared, each, variables, context, suggestions=suggestions
            )
            errors += result.errors or ()
            if result.data is None:
                # A null where there must be none ends a mutation: 6.3.1 of the specification.
                return ExecutionResult(None, errors)
            data |= result.data
        return ExecutionResult(data, errors or None)

    async def _run_field(
        self,
        prepared: Prepared,
        field: CompiledField | LeftField,
        variables: VariableValues,
        context: Context,
        *,
        suggestions: bool,
    ) -> ExecutionResult:
        outcome: Outcome | None = None
        try:
            if isinstance(field, LeftField):
                raise Unsupported(field.reason)
            outcome = await _outcome_of(field, context, field.arguments_of(variables))
            if outcome.raised is not None:
                raise outcome.raised
            data = await self.select(prepared, field, variables, context, outcome)
        except Unsupported as unsupported:
            self._note_fallback(prepared, str(unsupported))
        except Exception as error:  # graphql-core tells it, without running the field again.
            self._note_fallback(prepared, type(error).__name__)
        else:
            self.counts.compiled += 1
            return ExecutionResult({field.name: data})
        return await reference.execute_field(
            prepared, field.nodes, variables, context, suggestions=suggestions, outcome=outcome
        )

    async def stream(
        self,
        prepared: Prepared,
        nodes: tuple[FieldNode, ...],
        variables: VariableValues,
        context: Context,
        values: Sequence[Any],
        *,
        suggestions: bool,
    ) -> Sequence[ExecutionResult]:
        """What a subscription answers of each of these values of its root field, in one go.

        Where that fails, graphql-core answers them one by one: then each has its own error.
        """
        try:
            function = self.function(prepared, variables, context.dialect)
            answers = await self._call(function, variables, context, values)
        except Unsupported as unsupported:
            self._note_fallback(prepared, str(unsupported))
        except Exception as error:  # graphql-core meets it again, and knows where.
            self._note_fallback(prepared, type(error).__name__)
        else:
            self.counts.compiled += 1
            name = response_name(nodes[0])
            return [ExecutionResult({name: answer}) for answer in answers]
        return await reference.execute_values(
            prepared, nodes, variables, context, values, suggestions=suggestions
        )

    async def select(
        self,
        prepared: Prepared,
        field: CompiledField,
        variables: VariableValues,
        context: Context,
        outcome: Outcome,
    ) -> Any:
        """What the selection below a root field makes of its outcome."""
        return await self._call(field.function, variables, context, outcome.value)

    def function(self, prepared: Prepared, variables: VariableValues, dialect: str) -> Function:
        """The compiled function of a query with these values in `@skip` and `@include`.

        That of a subscription takes a list of values of its root field, and answers each.

        Raises Unsupported where it cannot be compiled.
        """
        function: Function = self._kept(prepared, variables, dialect)
        return function

    def root_fields(
        self, prepared: Prepared, variables: VariableValues, dialect: str
    ) -> tuple[CompiledField | LeftField, ...]:
        """The fields of a mutation, in their order. Raises Unsupported."""
        fields: tuple[CompiledField | LeftField, ...] = self._kept(prepared, variables, dialect)
        return fields

    def source(self, prepared: Prepared, variables: VariableValues, dialect: str) -> str:
        """What was made of an operation, to be read: the document as comments, then the source.

        With it is that of what is found in one of several ways, and compiled when it is met; of
        many such parts only the first ones. Raises Unsupported where it cannot be compiled.
        """
        document = [f"# {line}" for line in print_ast(prepared.document).splitlines()]
        parts: list[str] = []
        if prepared.kind is not OperationType.MUTATION:
            function = self.function(prepared, variables, dialect)
            parts += islice(_sources(function.call), _PARTS_MAX)
        else:
            for each in self.root_fields(prepared, variables, dialect):
                if isinstance(each, LeftField):
                    parts.append(f"# {each.name}: left to graphql-core for {each.reason}")
                else:
                    parts.append(f"# {each.name}")
                    parts += islice(_sources(each.function.call), _PARTS_MAX)
        return "\n".join([*document, *parts])

    def _kept(self, prepared: Prepared, variables: VariableValues, dialect: str) -> Any:
        if prepared.switches is None:
            prepared.switches = switches_of(prepared.operation, prepared.fragments)
        given = variables.coerced
        key = (dialect, *(given.get(name) for name in prepared.switches))
        found = prepared.compiled.get(key)
        if found is None:
            if len(prepared.compiled) >= _VARIANTS_MAX:
                raise Unsupported("too many values in @skip and @include")
            found = prepared.compiled[key] = self._compile(prepared, variables, dialect)
        if isinstance(found, Unsupported):
            raise found.with_traceback(None)
        return found

    def _compile(self, prepared: Prepared, variables: VariableValues, dialect: str) -> Any:
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
            if prepared.kind is OperationType.MUTATION:
                return root_fields(unit, root_type)
            if prepared.kind is OperationType.SUBSCRIPTION:
                return selected(unit, root_type)
            return Writer(unit).root(root_type)
        except Unsupported as unsupported:
            # The frames of the traceback would keep the compilation alive.
            return unsupported.with_traceback(None)
        except GraphQLError:
            return Unsupported("wrong directives")

    @staticmethod
    async def _call(
        function: Function, variables: VariableValues, context: Context, *values: Any
    ) -> Any:
        if function.reads:
            return await context.read(_run, function, context, variables, *values)
        return function.call(Run(None, context, variables), *values)

    def _note_fallback(self, prepared: Prepared, reason: str) -> None:
        """Not with the words of the error, which may repeat what was sent."""
        self.counts.fallbacks[reason] += 1
        name = prepared.operation.name.value if prepared.operation.name else "(no name)"
        log.debug("graphql-core runs %s: %s", name, reason)


def _sources(function: Any) -> Iterator[str]:
    """The source of a compiled function, and of what it is compiled with when that is met."""
    yield function.__globals__[SOURCE]
    for name, each in list(function.__globals__.items()):
        if isinstance(each, Ways):
            for way in each.names:
                yield f"# {name}: {way}"
                try:
                    yield from _sources(each.loader(way))
                except Unsupported as reason:
                    yield f"# left to graphql-core for {reason}"


def _run(
    connection: Any, function: Function, context: Any, variables: VariableValues, *values: Any
) -> Any:
    return function.call(Run(connection, context, variables), *values)


async def _outcome_of(field: CompiledField, context: Any, arguments: dict[str, Any]) -> Outcome:
    try:
        return Outcome(await field.run(context, arguments))
    except Exception as error:
        return Outcome(raised=error)
