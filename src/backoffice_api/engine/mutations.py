"""Mutations for the compiler: each root field is run as it always is, its selection is compiled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType
from graphql.execution.values import VariableValues

from backoffice_api.engine.plan import Command
from backoffice_api.engine.source import Function
from backoffice_api.engine.unit import Constant, Details, Unit, Varying, arguments_of
from backoffice_api.engine.values import Unsupported
from backoffice_api.engine.writer import Writer


@dataclass(frozen=True, slots=True, eq=False)
class CompiledField:
    """How a root field is run, and the function that answers its value."""

    name: str
    nodes: tuple[FieldNode, ...]
    run: Callable[[Any, dict[str, Any]], Awaitable[Any]]
    arguments: Constant | Varying
    function: Function

    def arguments_of(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments of one run. Raises GraphQLError where they are wrong."""
        if isinstance(self.arguments, Constant):
            return self.arguments.arguments
        return self.arguments.make(variables)


@dataclass(frozen=True, slots=True, eq=False)
class LeftField:
    """A root field that is left to graphql-core, and why."""

    name: str
    nodes: tuple[FieldNode, ...]
    reason: str


def root_fields(unit: Unit, root_type: GraphQLObjectType) -> tuple[CompiledField | LeftField, ...]:
    """The fields of a mutation in their order."""
    asked = unit.root(root_type)
    return tuple(_root_field(unit, root_type, name, asked[name]) for name in asked)


def _root_field(
    unit: Unit, root_type: GraphQLObjectType, name: str, details: Details
) -> CompiledField | LeftField:
    node = details[0].node
    nodes = tuple(each.node for each in details)
    field = unit.schema.get_field(root_type, node.name.value)
    how = unit.fields.kind(root_type.name, node.name.value)
    if field is None or not isinstance(how, Command):
        return LeftField(name, nodes, f"{root_type.name}.{node.name.value}")
    try:
        arguments = arguments_of(unit, root_type.name, field, node)
        function = Writer(unit).selection(field.type, details)
    except Unsupported as unsupported:
        return LeftField(name, nodes, str(unsupported))
    return CompiledField(name, nodes, how.run, arguments, function)
