"""What an operation needs and costs: known before it runs, from its text and its variables.

Cost counts the objects that an answer may hold:

- an object costs the weight of its field (1, a root field of the mutation type 10), a leaf nothing;
- a root field of the mutation type costs 1 more for each item of the lists in its input;
- a list costs its size times what one item costs;
- a field with arguments `first` or `last`, or with multipliers, has the size that they say. Is it
  no list itself (a connection), then the lists directly in it (`nodes`, `edges`) have that size;
- a list without a size of its own counts as `assumed` items, 10 unless the rules say otherwise;
- `__schema` and `__type` cost a fixed sum, since they touch no data.

`@skip` and `@include` are ignored, fragments on different types are added up, fields that merge
are counted each: the price is an upper bound, never too low by a trick. It holds for lists as long
as the sizes hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from backoffice_api.engine.cost import NO_LINES, NOTHING, Cost, Item, Lines, Selection, Source
from backoffice_api.engine.limits import Limits

OBJECT_WEIGHT = 1
MUTATION_WEIGHT = 10
INTROSPECTION_COSTS = {"__typename": 0, "__type": 100, "__schema": 1_000}

_PAGE_ARGUMENTS = ("first", "last")


@dataclass(frozen=True, slots=True)
class FieldCost:
    """What the schema says of the cost of one field. None and () mean that it says nothing.

    `multipliers` are arguments that give the size: an integer itself, or the length of a list.
    The largest counts, and none may pass the page limit. `assumed` is the number of items of a
    list that no argument sizes.
    """

    weight: int | None = None
    multipliers: Sequence[str] = ()
    assumed: int | None = None


class Rules(Protocol):
    """What a schema says of cost and rights. Names are those of the GraphQL schema.

    `scopes_of_field` is also asked for the introspection fields of the root types.
    """

    def cost_of(self, type_name: str, field_name: str) -> FieldCost | None:
        """The price of a field where the schema states one."""

    def scopes_of_field(self, type_name: str, field_name: str) -> frozenset[str]:
        """The scopes that a caller needs to ask for a field."""

    def scopes_of_type(self, type_name: str) -> frozenset[str]:
        """The scopes that a caller needs to ask for anything that returns the type."""


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation needs (`scopes`) and what it costs with its variables (`cost`)."""

    scopes: frozenset[str]
    cost: Cost


def price(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    rules: Rules,
    limits: Limits,
) -> Price:
    """Price one operation of a document that passed the guard and is valid.

    Each selection set is walked once, a fragment's too, however often it is spread. A field of an
    interface needs what the same field needs on any type behind the interface.
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    walk = _Walk(schema, fragments, rules, limits)
    root_type = schema.get_root_type(operation.operation)
    assert root_type is not None, "a valid operation has a root type"
    root = walk.selection(root_type, operation.selection_set)
    return Price(frozenset(walk.scopes), Cost(walk.selections, root, limits))


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        rules: Rules,
        limits: Limits,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.rules = rules
        self.limits = limits
        self.scopes: set[str] = set()
        self.selections = [Selection(items=[], spreads=[])]
        self._spread: dict[str, int] = {}

    def selection(self, parent: GraphQLCompositeType, selection_set: SelectionSetNode) -> int:
        """The position of a selection set, after everything that it contains."""
        self.scopes |= self.rules.scopes_of_type(parent.name)
        built = Selection(items=[], spreads=[])
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                self._field(parent, node, built)
            elif isinstance(node, InlineFragmentNode):
                on = parent
                if node.type_condition is not None:
                    on = self._type(node.type_condition.name.value)
                built.spreads.append(self.selection(on, node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                built.spreads.append(self._fragment(node.name.value))
        self.selections.append(built)
        return len(self.selections) - 1

    def _fragment(self, name: str) -> int:
        if name not in self._spread:
            fragment = self.fragments[name]
            on = self._type(fragment.type_condition.name.value)
            self._spread[name] = self.selection(on, fragment.selection_set)
        return self._spread[name]

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self.schema.get_type(name)
        assert is_composite_type(found), "fragments of a valid document are on composite types"
        return found

    def _field(self, parent: GraphQLCompositeType, node: FieldNode, into: Selection) -> None:
        name = node.name.value
        self.scopes |= self._scopes(parent, name)
        if name in INTROSPECTION_COSTS:
            if weight := INTROSPECTION_COSTS[name]:
                into.items.append(Item(response_name(node), weight, NOTHING, is_list=False))
            return
        definition = self.schema.get_field(parent, name)
        assert definition is not None, "a valid document asks for known fields"
        cost = self.rules.cost_of(parent.name, name) or FieldCost()
        returned = get_named_type(definition.type)
        sources = tuple(_sources(definition, node, cost))
        paged = any(source.argument in _PAGE_ARGUMENTS for source in sources)
        mutates = parent is self.schema.mutation_type
        if node.selection_set is not None and is_composite_type(returned):
            inner = self.selection(returned, node.selection_set)
            weight = MUTATION_WEIGHT if mutates else OBJECT_WEIGHT
        else:
            inner = NOTHING
            weight = 0
        item = Item(
            response_name(node),
            weight=weight if cost.weight is None else cost.weight,
            inner=inner,
            is_list=_is_list(definition.type),
            sources=sources,
            size=self.limits.page_default if paged and cost.assumed is None else cost.assumed,
            lines=_lines(node) if mutates else NO_LINES,
        )
        if item.weight or item.sources or inner != NOTHING:
            into.items.append(item)

    def _scopes(self, parent: GraphQLCompositeType, field_name: str) -> frozenset[str]:
        needed = self.rules.scopes_of_field(parent.name, field_name)
        if is_abstract_type(parent) and field_name != "__typename":
            for behind in self.schema.get_possible_types(parent):
                needed |= self.rules.scopes_of_field(behind.name, field_name)
        return needed


def response_name(node: FieldNode) -> str:
    """What the field is called in the answer."""
    return node.alias.value if node.alias else node.name.value


def _lines(node: FieldNode) -> Lines:
    """How many items the lists in the arguments have, and which variables may bring more."""
    written, variables = 0, []
    values = [argument.value for argument in node.arguments or ()]
    while values:
        value = values.pop()
        if isinstance(value, VariableNode):
            variables.append(value.name.value)
        elif isinstance(value, ListValueNode):
            written += len(value.values)
            values += value.values
        elif isinstance(value, ObjectValueNode):
            values += [each.value for each in value.fields]
    return Lines(written, tuple(variables))


def _sources(definition: GraphQLField, node: FieldNode, cost: FieldCost) -> Iterator[Source]:
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    for name, argument in definition.args.items():
        if name in cost.multipliers or (name in _PAGE_ARGUMENTS and _is_integer(argument)):
            value = given.get(name)
            field_name = node.name.value
            if isinstance(value, VariableNode):
                yield Source(name, field_name, _default(argument), value.name.value)
            elif value is not None:
                yield Source(name, field_name, _size_of_literal(value))
            else:
                yield Source(name, field_name, _default(argument))


def _size_of_literal(value: ValueNode) -> int | None:
    if isinstance(value, NullValueNode):
        return None
    if isinstance(value, IntValueNode):
        return int(value.value)
    # GraphQL takes a single value for a list of one.
    return len(value.values) if isinstance(value, ListValueNode) else 1


def _default(argument: GraphQLArgument) -> int | None:
    if argument.default is None:
        value: Any = argument.default_value
    elif argument.default.literal is not None:
        return _size_of_literal(argument.default.literal)
    else:
        value = argument.default.value
    if isinstance(value, list | tuple):
        return len(value)
    return value if isinstance(value, int) else None


def _is_integer(argument: GraphQLArgument) -> bool:
    return get_named_type(argument.type) is GraphQLInt


def _is_list(returned: object) -> bool:
    if isinstance(returned, GraphQLNonNull):
        returned = returned.of_type
    return isinstance(returned, GraphQLList)
