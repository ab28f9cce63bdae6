"""`@oneOf` inputs, as graphql-core knows them.

Strawberry checks them by a rule of its own schema and by a function that raises while arguments
are read, which looks like a bug of ours. graphql-core validates them as the specification says
(September 2025, section 5.6.5), once it is told which they are.
"""

from graphql import GraphQLInputObjectType
from strawberry import Schema
from strawberry.types.base import StrawberryObjectDefinition


def declare_one_of(schema: Schema) -> Schema:
    """Let graphql-core validate the `@oneOf` inputs of the schema."""
    for known in schema.schema_converter.type_map.values():
        definition, made = known.definition, known.implementation
        if isinstance(definition, StrawberryObjectDefinition) and definition.is_one_of:
            assert isinstance(made, GraphQLInputObjectType), "only inputs are @oneOf"
            made.is_one_of = True
    return schema
