"""What the schema's directives say, in the form in which the engine asks for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from strawberry import Schema
from strawberry.types.base import StrawberryObjectDefinition

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.engine.pricing import FieldCost
from backoffice_api.schema.directives import Cost, Requires

NO_COST = FieldCost()


@dataclass(frozen=True, slots=True)
class SchemaRules:
    """Cost and rights of every field, by the names of the GraphQL schema."""

    costs: Mapping[tuple[str, str], FieldCost] = field(default_factory=dict)
    field_scopes: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    type_scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def cost_of(self, type_name: str, field_name: str) -> FieldCost:
        return self.costs.get((type_name, field_name), NO_COST)

    def scopes_of_field(self, type_name: str, field_name: str) -> frozenset[str]:
        return self.field_scopes.get((type_name, field_name), frozenset())

    def scopes_of_type(self, type_name: str) -> frozenset[str]:
        return self.type_scopes.get(type_name, frozenset())


def rules_of(schema: Schema, *, introspection: bool = True) -> SchemaRules:
    """Read the directives `@cost` and `@requires` off every type and field.

    `introspection`: whether every caller may introspect the schema, or only those with the scope.
    """
    costs: dict[tuple[str, str], FieldCost] = {}
    field_scopes: dict[tuple[str, str], frozenset[str]] = {}
    type_scopes: dict[str, frozenset[str]] = {}
    for type_name, definition in _definitions(schema):
        if scopes := _scopes(definition.directives):
            type_scopes[type_name] = scopes
        for each in definition.fields:
            name = schema.config.name_converter.get_graphql_name(each)
            if scopes := _scopes(each.directives):
                field_scopes[type_name, name] = scopes
            for directive in each.directives:
                if isinstance(directive, Cost):
                    costs[type_name, name] = FieldCost(
                        directive.weight, tuple(directive.multipliers or ())
                    )
    if not introspection:
        for name in ("__schema", "__type"):
            field_scopes["Query", name] = frozenset({Scope.SCHEMA_READ.value})
    return SchemaRules(costs, field_scopes, type_scopes)


def _definitions(schema: Schema) -> Iterator[tuple[str, StrawberryObjectDefinition]]:
    for name, each in schema.schema_converter.type_map.items():
        if isinstance(each.definition, StrawberryObjectDefinition):
            yield name, each.definition


def _scopes(directives: object) -> frozenset[str]:
    found = directives if isinstance(directives, list | tuple) else ()
    return frozenset(each.scope for each in found if isinstance(each, Requires))
