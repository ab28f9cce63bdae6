"""One operation, as the compiler goes through it: what is asked where, and with which arguments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_argument_values,
    visit,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from backoffice_api.engine.plan import Fields
from backoffice_api.engine.values import Unsupported

Details = list[FieldDetails]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What the parts of one operation are compiled with. `switches` decide `@skip`, `@include`."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDetails]
    switches: VariableValues
    fields: Fields
    dialect: str

    def root(self, root_type: GraphQLObjectType) -> dict[str, Details]:
        """The fields asked of the root type, by their names in the answer."""
        return _plain(
            collect_fields(
                self.schema, dict(self.fragments), self.switches, root_type, self.operation
            )
        )

    def below(self, kind: GraphQLObjectType, details: Details) -> dict[str, Details]:
        """The fields asked of an object of this type, by their names in the answer."""
        return _plain(
            collect_subfields(
                self.schema, dict(self.fragments), self.switches, self.operation, kind, details
            )
        )


def _plain(collected: CollectedFields) -> dict[str, Details]:
    if collected.new_defer_usages:
        raise Unsupported("@defer")
    return dict(collected.grouped_field_set)


@dataclass(frozen=True, slots=True)
class Constant:
    """Arguments that are the same in every run."""

    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Varying:
    """Arguments that are made of the variables of a run."""

    make: Callable[[VariableValues], dict[str, Any]]


def arguments_of(
    unit: Unit, type_name: str, field: GraphQLField, node: FieldNode
) -> Constant | Varying:
    """The arguments of a field as its resolver would be given them.

    Raises Unsupported where they are wrong: graphql-core says why.
    """
    convert = unit.fields.arguments(type_name, node.name.value)

    def make(values: VariableValues) -> dict[str, Any]:
        return convert(get_argument_values(field, node, values))

    if _variables_in(*(node.arguments or ())):
        return Varying(make)
    try:
        return Constant(make(unit.switches))
    except GraphQLError as error:
        raise Unsupported("wrong arguments") from error


def switches_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The variables that decide which fields are asked at all, by `@skip` and `@include`."""
    finder = _Switches()
    for node in (operation, *fragments.values()):
        visit(node, finder)
    return tuple(sorted(finder.found))


class _Switches(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.found |= _variables_in(node)


def _variables_in(*nodes: Node) -> set[str]:
    finder = _Variables()
    for node in nodes:
        visit(node, finder)
    return finder.found


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.found.add(node.name.value)
