"""What resolvers are given for their arguments is what strawberry would give them."""

from random import Random
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    is_required_argument,
    is_required_input_field,
)
from strawberry.types.arguments import convert_arguments

from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.converting import DEFINITION, converter_of

DEPTH_MAX = 3


def some(kind: GraphQLInputType, random: Random, depth: int = 0) -> Any:
    """A value of the type as graphql-core hands it on; what may lack, lacks now and then."""
    match kind:
        case GraphQLNonNull():
            return some(kind.of_type, random, depth)
        case _ if depth and random.random() < 0.1:
            return None
        case GraphQLList():
            return [some(kind.of_type, random, depth) for _ in range(random.randrange(3))]
        case GraphQLInputObjectType():
            return {
                name: some(field.type, random, depth + 1)
                for name, field in kind.fields.items()
                if is_required_input_field(field) or (depth < DEPTH_MAX and random.random() < 0.6)
            } | {
                name: field.default_value
                for name, field in kind.fields.items()
                if field.default_value is not Undefined and random.random() < 0.3
            }
        case _:
            return object()


class TestConverterOf:
    def test_converts_the_arguments_of_every_root_field_as_strawberry_does(self) -> None:
        random, registry = Random(5), schema.schema_converter.scalar_registry
        core = schema._schema
        roots = (core.query_type, core.mutation_type, core.subscription_type)
        for root in roots:
            assert isinstance(root, GraphQLObjectType)
            for name, field in root.fields.items():
                given = {
                    each: some(argument.type, random)
                    for each, argument in field.args.items()
                    if is_required_argument(argument) or random.random() < 0.8
                }
                declared = field.extensions[DEFINITION].arguments
                wanted = convert_arguments(given, declared, registry, schema.config)
                assert repr(converter_of(field)(given)) == repr(wanted), name
