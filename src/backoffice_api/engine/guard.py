"""Refuses documents that are too much work, before anything looks at them closely.

Validation and execution may spend far more than linear time on a document: fragments that spread
each other twice double with each step. The guard therefore comes first and looks at every node
once. What a fragment amounts to is computed once, however often it is spread, and nothing here
recurses.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)

from backoffice_api.engine.errors import ErrorCode, Location, RequestError
from backoffice_api.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Measures:
    """What was found in a document within its limits.

    `root_fields` holds one number per operation, keyed by its name (None where it has none), with
    fragments written out. `visited` is the number of nodes that the guard looked at.
    """

    root_fields: Mapping[str | None, int]
    visited: int


@dataclass(frozen=True, slots=True)
class _Spread:
    name: str
    depth: int
    nesting: int


@dataclass(slots=True)
class _Body:
    """What one definition holds: at first itself alone, later with its fragments written out."""

    depth: int = 0
    nesting: int = 0
    fields: int = 0
    root_fields: int = 0
    spreads: list[_Spread] = field(default_factory=list)


def check(document: DocumentNode, limits: Limits) -> Measures:
    """Measure a parsed document. Takes time linear in its number of nodes.

    Raises RequestError GRAPHQL_VALIDATION_FAILED where it passes a limit or where fragments spread
    themselves; `extensions` then name the limit and its value.
    """
    scan = _Scan(limits)
    operations: list[tuple[OperationDefinitionNode, _Body]] = []
    fragments: dict[str, _Body] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append((definition, scan.operation(definition)))
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = scan.fragment(definition)
    _bound("operations", len(operations), limits.operations)
    for name in _spread_first(fragments):
        _write_out(fragments[name], fragments, limits)
    for definition, body in operations:
        _write_out(body, fragments, limits)
        mutates = definition.operation is OperationType.MUTATION
        limit = ("mutations", limits.mutations) if mutates else ("root_fields", limits.root_fields)
        _bound(limit[0], body.root_fields, limit[1])
    root_fields = {
        definition.name.value if definition.name else None: body.root_fields
        for definition, body in operations
    }
    return Measures(root_fields, scan.visited)


class _Scan:
    """Looks at each node of a document once, and counts what is counted per document."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.visited = 0
        self._aliases = 0
        self._directives = 0
        self._spreads = 0

    def operation(self, definition: OperationDefinitionNode) -> _Body:
        variables = definition.variable_definitions or ()
        _bound("variables", len(variables), self.limits.variables)
        for variable in variables:
            self.visited += 1
            self._look_at_directives(variable.directives)
            if variable.default_value is not None:
                self._look_at_value(variable.default_value)
        self._look_at_directives(definition.directives)
        return self._body(definition.selection_set)

    def fragment(self, definition: FragmentDefinitionNode) -> _Body:
        self._look_at_directives(definition.directives)
        return self._body(definition.selection_set)

    def _body(self, selection_set: SelectionSetNode) -> _Body:
        body = _Body()
        waiting = [(selection_set, 0, 1)]
        while waiting:
            selection_set, depth, nesting = waiting.pop()
            body.nesting = max(body.nesting, nesting)
            asked: set[str] = set()
            for selection in selection_set.selections:
                self.visited += 1
                self._look_at_directives(selection.directives)
                inner: SelectionSetNode | None = None
                if isinstance(selection, FieldNode):
                    self._look_at_field(selection, asked)
                    body.fields += 1
                    body.root_fields += depth == 0
                    body.depth = max(body.depth, depth + 1)
                    inner = selection.selection_set
                    if inner is not None:
                        waiting.append((inner, depth + 1, nesting + 1))
                elif isinstance(selection, FragmentSpreadNode):
                    self._count_spread()
                    self._count_repeat(f"...{selection.name.value}", asked)
                    body.spreads.append(_Spread(selection.name.value, depth, nesting))
                elif isinstance(selection, InlineFragmentNode):
                    self._count_spread()
                    waiting.append((selection.selection_set, depth, nesting + 1))
        return body

    def _look_at_field(self, node: FieldNode, asked: set[str]) -> None:
        if node.alias is not None:
            self._count_alias()
            asked.add(node.alias.value)
        else:
            self._count_repeat(node.name.value, asked)
        for argument in node.arguments or ():
            self._look_at_value(argument.value)

    def _count_repeat(self, name: str, asked: set[str]) -> None:
        if name in asked:
            self._count_alias()
        asked.add(name)

    def _count_alias(self) -> None:
        self._aliases += 1
        _bound("aliases", self._aliases, self.limits.aliases)

    def _count_spread(self) -> None:
        # Validation compares each field with those of the same name in sibling fragments.
        self._spreads += 1
        _bound("spreads", self._spreads, self.limits.spreads)

    def _look_at_directives(self, directives: Iterable[DirectiveNode] | None) -> None:
        for directive in directives or ():
            self.visited += 1
            self._directives += 1
            _bound("directives", self._directives, self.limits.directives)
            for argument in directive.arguments or ():
                self._look_at_value(argument.value)

    def _look_at_value(self, value: ValueNode) -> None:
        waiting = [(value, 0)]
        while waiting:
            value, depth = waiting.pop()
            self.visited += 1
            if isinstance(value, ListValueNode | ObjectValueNode):
                items = _items(value)
                _bound("input_list", len(items), self.limits.input_list)
                _bound("input_depth", depth + 1, self.limits.input_depth)
                waiting.extend((item, depth + 1) for item in items)
            elif isinstance(value, IntValueNode | FloatValueNode):
                # Python refuses to read integers of more than 4,300 digits, by a ValueError.
                _bound("number_digits", len(value.value), self.limits.number_digits)
            elif isinstance(value, StringValueNode) and "\0" in value.value:
                raise RequestError(
                    ErrorCode.BAD_USER_INPUT,
                    "Text must not contain the character U+0000.",
                    locations=_locations(value),
                )


def _items(value: ListValueNode | ObjectValueNode) -> list[ValueNode]:
    if isinstance(value, ListValueNode):
        return list(value.values)
    return [entry.value for entry in value.fields]


def _spread_first(fragments: Mapping[str, _Body]) -> Iterator[str]:
    """The names of all fragments, each after those that it spreads.

    Raises RequestError where a fragment spreads itself, be it through others.
    """
    done: set[str] = set()
    for root in fragments:
        path = {} if root in done else {root: iter(fragments[root].spreads)}
        while path:
            name, spreads = next(reversed(path.items()))
            spread = next(spreads, None)
            if spread is None:
                del path[name]
                done.add(name)
                yield name
            elif spread.name in path:
                raise RequestError(
                    ErrorCode.GRAPHQL_VALIDATION_FAILED,
                    f"Fragment '{spread.name}' spreads itself.",
                )
            elif spread.name in fragments and spread.name not in done:
                path[spread.name] = iter(fragments[spread.name].spreads)


def _write_out(body: _Body, fragments: Mapping[str, _Body], limits: Limits) -> None:
    """Add to a body what its spreads bring. The fragments spread are written out already.

    A fragment within the limits stays a small number however often it is spread, so these sums
    cannot grow beyond what the next bound refuses.
    """
    for spread in body.spreads:
        fragment = fragments.get(spread.name)
        if fragment is None:
            continue  # Validation says so, with the place.
        body.depth = max(body.depth, spread.depth + fragment.depth)
        body.nesting = max(body.nesting, spread.nesting + fragment.nesting)
        body.fields += fragment.fields
        body.root_fields += fragment.root_fields if spread.depth == 0 else 0
        _bound("fields", body.fields, limits.fields)
    _bound("depth", body.depth, limits.depth)
    _bound("nesting", body.nesting, limits.nesting)
    _bound("fields", body.fields, limits.fields)


_SENTENCES = {
    "operations": "The document holds more than {limit} operations.",
    "depth": "Fields are nested deeper than {limit} levels.",
    "nesting": "Selections and fragments are nested deeper than {limit} levels.",
    "fields": "The operation asks for more than {limit} fields, fragments written out.",
    "root_fields": "The operation asks for more than {limit} fields of the root.",
    "mutations": "The request holds more than {limit} mutations.",
    "aliases": "The document holds more than {limit} aliases and repeated fields.",
    "spreads": "The document holds more than {limit} inline fragments and fragment spreads.",
    "directives": "The document holds more than {limit} directives.",
    "variables": "The operation declares more than {limit} variables.",
    "input_depth": "An input value is nested deeper than {limit} levels.",
    "input_list": "An input value has more than {limit} entries.",
    "number_digits": "A number has more than {limit} digits.",
}


def _bound(name: str, found: int, limit: int) -> None:
    if found > limit:
        raise RequestError(
            ErrorCode.GRAPHQL_VALIDATION_FAILED,
            _SENTENCES[name].format(limit=limit),
            extensions={"limit": {"name": name, "value": limit}},
        )


def _locations(node: ValueNode) -> list[Location]:
    if node.loc is None:
        return []
    start = node.loc.start_token
    return [Location(start.line, start.column)]
