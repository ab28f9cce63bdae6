"""What resolvers are given for the arguments of a field: inputs as instances of their classes.

Strawberry finds out for each value anew what its type is made of. That stays the same for as long
as the schema lives, so here it is found out once for each type.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)
from strawberry import UNSET

DEFINITION = "strawberry-definition"

Convert = Callable[[Any], Any]
# By the name on the wire: the name in Python, and how a value is converted.
Ways = Mapping[str, tuple[str, Convert | None]]


def converter_of(field: GraphQLField) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Makes of the coerced arguments of a field what its resolver takes, by its own names."""
    ways = _ways(field.args)
    return lambda given: _converted(ways, given)


def _ways(places: Mapping[str, GraphQLArgument | GraphQLInputField]) -> Ways:
    return {
        name: (each.extensions[DEFINITION].python_name, _way(each.type))
        for name, each in places.items()
    }


def _converted(ways: Ways, given: Mapping[str, Any]) -> dict[str, Any]:
    made = {}
    for name, value in given.items():
        python_name, convert = ways[name]
        if convert is not None and value is not None and value is not UNSET:
            value = convert(value)
        made[python_name] = value
    return made


def _way(kind: GraphQLInputType) -> Convert | None:
    """How a value of the type is converted. None: it stays as it is."""
    if isinstance(kind, GraphQLNonNull):
        return _way(kind.of_type)
    if isinstance(kind, GraphQLList):
        return _list_way(_way(kind.of_type))
    return _input_way(kind) if isinstance(kind, GraphQLInputObjectType) else None


def _list_way(each: Convert | None) -> Convert:
    if each is None:
        # Copied: a default is the same list in each request.
        return list
    return lambda values: [None if value is None else each(value) for value in values]


@cache
def _input_way(kind: GraphQLInputObjectType) -> Convert:
    definition = kind.extensions[DEFINITION]
    make = definition.origin
    # What may be absent and has no default in Python either, is None there.
    absent = {
        each.python_name: None
        for each in definition.fields
        if each.default_value is MISSING and each.default_factory is MISSING
    }
    # Found out when first needed: an input may hold others of its own type.
    ways = cache(lambda: _ways(kind.fields))
    return lambda given: make(**{**absent, **_converted(ways(), given)})
