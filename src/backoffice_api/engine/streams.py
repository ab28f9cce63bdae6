"""Subscriptions for the engine: what the one root field follows, and how its values are answered.

Where the values come from is no business of the engine: whoever follows hands them over.
"""

from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLList, GraphQLObjectType
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from backoffice_api.engine.errors import ErrorCode, RequestError, from_graphql
from backoffice_api.engine.plan import Fields, Streamed
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.source import Function
from backoffice_api.engine.unit import Constant, Details, Unit, arguments_of
from backoffice_api.engine.values import Unsupported
from backoffice_api.engine.writer import Writer


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A subscription with its variables. `follows`: what the schema makes of the arguments."""

    prepared: Prepared
    nodes: tuple[FieldNode, ...]
    variables: VariableValues
    follows: Any


def opened(prepared: Prepared, variables: VariableValues, fields: Fields) -> Opened:
    """What the root field of a subscription follows, with these variables.

    Raises RequestError where it asks for no field, or for one with wrong arguments; and whatever
    the schema raises that makes something of them.
    """
    unit = Unit(
        schema=prepared.schema,
        operation=prepared.operation,
        fragments={name: FragmentDetails(each) for name, each in prepared.fragments.items()},
        switches=variables,
        fields=fields,
        dialect="",
    )
    root_type = prepared.schema.subscription_type
    assert root_type is not None, "a valid subscription has a root type"
    details = _asked(unit, root_type)
    node = details[0].node
    field = prepared.schema.get_field(root_type, node.name.value)
    how = fields.kind(root_type.name, node.name.value)
    if field is None or not isinstance(how, Streamed):
        raise _nothing()
    try:
        given = arguments_of(unit, root_type.name, field, node)
        arguments = given.arguments if isinstance(given, Constant) else given.make(variables)
    except (GraphQLError, Unsupported) as error:
        cause = error if isinstance(error, GraphQLError) else error.__cause__
        assert isinstance(cause, GraphQLError), "arguments fail as graphql-core fails"
        raise from_graphql(cause, ErrorCode.BAD_USER_INPUT) from None
    nodes = tuple(each.node for each in details)
    return Opened(prepared, nodes, variables, how.open(arguments))


def selected(unit: Unit, root_type: GraphQLObjectType) -> Function:
    """The function that answers a list of values of the root field."""
    details = _asked(unit, root_type)
    field = unit.schema.get_field(root_type, details[0].node.name.value)
    assert field is not None, "a valid document asks for known fields"
    return Writer(unit).selection(GraphQLList(field.type), details)


def response_name(node: FieldNode) -> str:
    """What a field is called in the answer."""
    return node.alias.value if node.alias else node.name.value


def _asked(unit: Unit, root_type: GraphQLObjectType) -> Details:
    # Validation sees to it that there is one at most; `@skip` may leave none.
    for details in unit.root(root_type).values():
        return details
    raise _nothing()


def _nothing() -> RequestError:
    return RequestError(ErrorCode.BAD_USER_INPUT, "The subscription asks for nothing to follow.")
