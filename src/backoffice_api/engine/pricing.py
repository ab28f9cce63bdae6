"""What an operation needs and costs: known before it runs, from its text and its variables.

Cost counts the objects that an answer may hold:

- an object costs the weight of its field (1, a root field of the mutation type 10), a leaf nothing;
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
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits

OBJECT_WEIGHT = 1
MUTATION_WEIGHT = 10
ASSUMED_ITEMS = 10
INTROSPECTION_COSTS = {"__typename": 0, "__type": 100, "__schema": 1_000}

_PAGE_ARGUMENTS = ("first", "last")

# The position of the empty selection set, which leaves have.
_NOTHING = 0


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
    cost: "Cost"


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one argument that sizes a field gets its value from."""

    argument: str
    field: str
    constant: int | None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    """One field that may cost something. `inner` is the position of its selection set."""

    weight: int
    inner: int
    is_list: bool
    sources: tuple[_Source, ...] = ()
    size: int | None = None  # where the sources give none; None: left to the enclosing page


@dataclass(slots=True)
class _Selection:
    """One selection set. What it spreads or contains lies at earlier positions."""

    fixed: int
    items: list[_Item]
    spreads: list[int]


@dataclass(frozen=True, slots=True)
class _Sum:
    """`fixed`, and the cost of unsized lists: for one item each, and for the assumed number."""

    fixed: int
    per_item: int
    assumed: int


class Cost:
    """The cost of an operation as a function of its coerced variables."""

    def __init__(self, selections: Sequence[_Selection], root: int, limits: Limits) -> None:
        self._selections = selections
        self._root = root
        self._page = limits.page
        items = [item for selection in selections for item in selection.items]
        varies = any(source.variable for item in items for source in item.sources)
        self._known = None if varies else self._try()

    def __call__(self, variables: Mapping[str, Any]) -> int:
        """The cost with these coerced variables.

        Raises RequestError BAD_USER_INPUT where a page size is negative or above the limit.
        """
        if isinstance(self._known, int):
            return self._known
        if self._known is not None:
            raise self._known.with_traceback(None)
        return self._count(variables)

    def _try(self) -> int | RequestError:
        try:
            return self._count({})
        except RequestError as error:
            return error

    def _count(self, variables: Mapping[str, Any]) -> int:
        sums: list[_Sum] = []
        for selection in self._selections:
            sums.append(self._sum(selection, sums, variables))
        root = sums[self._root]
        return root.fixed + root.assumed

    def _sum(
        self, selection: _Selection, sums: Sequence[_Sum], variables: Mapping[str, Any]
    ) -> _Sum:
        fixed, per_item, assumed = selection.fixed, 0, 0
        for position in selection.spreads:
            fixed += sums[position].fixed
            per_item += sums[position].per_item
            assumed += sums[position].assumed
        for item in selection.items:
            inner = sums[item.inner]
            size = self._size(item, variables)
            if not item.is_list:
                lists = inner.assumed if size is None else size * inner.per_item
                fixed += item.weight + inner.fixed + lists
                continue
            one = item.weight + inner.fixed + inner.assumed
            if size is None:
                per_item += one
                assumed += ASSUMED_ITEMS * one
            else:
                fixed += size * one
        return _Sum(fixed, per_item, assumed)

    def _size(self, item: _Item, variables: Mapping[str, Any]) -> int | None:
        sizes = [size for source in item.sources for size in self._read(source, variables)]
        return max(sizes, default=item.size)

    def _read(self, source: _Source, variables: Mapping[str, Any]) -> Iterator[int]:
        value: Any = source.constant
        if source.variable is not None:
            value = variables.get(source.variable, source.constant)
        if isinstance(value, list | tuple):
            value = len(value)
        if not isinstance(value, int):
            return
        if not 0 <= value <= self._page:
            raise RequestError(
                ErrorCode.BAD_USER_INPUT,
                f"Argument '{source.argument}' of '{source.field}' must be from 0 to {self._page}.",
                extensions={
                    "argument": source.argument,
                    "limit": {"name": "page", "value": self._page},
                },
            )
        yield value


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
        self.selections = [_Selection(fixed=0, items=[], spreads=[])]
        self._spread: dict[str, int] = {}

    def selection(self, parent: GraphQLCompositeType, selection_set: SelectionSetNode) -> int:
        """The position of a selection set, after everything that it contains."""
        self.scopes |= self.rules.scopes_of_type(parent.name)
        built = _Selection(fixed=0, items=[], spreads=[])
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

    def _field(self, parent: GraphQLCompositeType, node: FieldNode, into: _Selection) -> None:
        name = node.name.value
        self.scopes |= self._scopes(parent, name)
        if name in INTROSPECTION_COSTS:
            into.fixed += INTROSPECTION_COSTS[name]
            return
        definition = self.schema.get_field(parent, name)
        assert definition is not None, "a valid document asks for known fields"
        cost = self.rules.cost_of(parent.name, name) or FieldCost()
        returned = get_named_type(definition.type)
        sources = tuple(_sources(definition, node, cost))
        paged = any(source.argument in _PAGE_ARGUMENTS for source in sources)
        if node.selection_set is not None and is_composite_type(returned):
            inner = self.selection(returned, node.selection_set)
            weight = MUTATION_WEIGHT if parent is self.schema.mutation_type else OBJECT_WEIGHT
        else:
            inner = _NOTHING
            weight = 0
        item = _Item(
            weight=weight if cost.weight is None else cost.weight,
            inner=inner,
            is_list=_is_list(definition.type),
            sources=sources,
            size=self.limits.page_default if paged and cost.assumed is None else cost.assumed,
        )
        if item.weight or item.sources or inner != _NOTHING:
            into.items.append(item)

    def _scopes(self, parent: GraphQLCompositeType, field_name: str) -> frozenset[str]:
        needed = self.rules.scopes_of_field(parent.name, field_name)
        if is_abstract_type(parent) and field_name != "__typename":
            for behind in self.schema.get_possible_types(parent):
                needed |= self.rules.scopes_of_field(behind.name, field_name)
        return needed


def _sources(definition: GraphQLField, node: FieldNode, cost: FieldCost) -> Iterator[_Source]:
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    for name, argument in definition.args.items():
        if name in cost.multipliers or (name in _PAGE_ARGUMENTS and _is_integer(argument)):
            value = given.get(name)
            field_name = node.name.value
            if isinstance(value, VariableNode):
                yield _Source(name, field_name, _default(argument), value.name.value)
            elif value is not None:
                yield _Source(name, field_name, _size_of_literal(value))
            else:
                yield _Source(name, field_name, _default(argument))


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
