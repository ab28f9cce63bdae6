"""From a selection to the source of a function that answers it, level by level.

The source reads the rows of one level with one statement, collects the keys of the next, and
makes the dicts of the answer when all that stands in them is there. It does what graphql-core
would do with the same resolvers; where it cannot, it raises, and graphql-core is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from backoffice_api.engine import plan
from backoffice_api.engine.connections import PageOf
from backoffice_api.engine.lazy import Build, Builders, Load, Ways
from backoffice_api.engine.leaves import leaf, nullable
from backoffice_api.engine.plan import Column
from backoffice_api.engine.unit import Constant, Details, Unit, arguments_of
from backoffice_api.engine.values import Level, Object, Raw, RowOf, Scope, Unsupported, Value


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A compiled function and its source. `reads`: it needs a connection."""

    call: Callable[..., Any]
    source: str
    reads: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the source a value is: what is walked through to come to it, one by one."""

    walk: tuple[str, ...] = ()

    def into(self, clause: str) -> "_Place":
        return _Place((*self.walk, clause))

    def all(self, expression: str) -> str:
        """Source for the set of an expression over all values of the place."""
        walk = " ".join(self.walk)
        once = "" if walk.startswith("for") else "for _ in (None,) "
        return f"{{{expression} {once}{walk}}}"


@dataclass(frozen=True, slots=True)
class _Answers:
    """The name of a dict from keys to answers, and source for a key that has none.

    None: every key must have one.
    """

    name: str
    otherwise: str | None

    def of(self, key: str) -> str:
        if self.otherwise is None:
            return f"{self.name}[{key}]"
        return f"{self.name}.get({key}, {self.otherwise})"


class Writer:
    """Writes one function."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.scope = Scope(unit.fields, unit.dialect)
        self._lines: list[str] = []
        self._levels: list[Level] = []
        self._readers: list[tuple[str, Callable[[], Any]]] = []
        self._key_sets: dict[str, str] = {}
        self._reads = False

    def root(self, root_type: GraphQLObjectType) -> Function:
        """The function `answer(run)` that gives the data of the operation."""
        asked = self.unit.root(root_type)
        value = Object(self.scope, "None")
        return self._finish("answer(run)", self._dict(root_type, asked, value, _Place()))

    def build(self, type_name: str, details: Details) -> Build:
        """The function `build(run, value)` that gives the dict of one object."""
        value = Object(self.scope, "value", may_be_none=False)
        answer = self._object(self._type(type_name), details, value, _Place())
        return self._finish("build(run, value)", answer).call

    def load(self, type_name: str, details: Details, batch: plan.Batch | plan.Query) -> Load:
        """The function `load(run, keys)`: from keys of the batch to what they find."""
        kind = self._type(type_name)
        if isinstance(batch, plan.Query):
            answers = self._asked_by_keys(kind, details, batch, "list(keys)", None)
        else:
            answers = self._rows_by_keys(kind, details, batch, "keys", None)
        return self._finish("load(run, keys)", answers.name).call

    def _type(self, name: str) -> GraphQLObjectType:
        kind = self.unit.schema.get_type(name)
        assert isinstance(kind, GraphQLObjectType), name
        return kind

    def _finish(self, signature: str, answer: str) -> Function:
        lines = [f"def {signature}:", *(f"    {line}" for line in self._lines)]
        source = "\n".join([*lines, f"    return {answer}", ""])
        for level in self._levels:
            source = source.replace(level.place, level.pattern())
        for name, make in self._readers:
            self.scope.constants[name] = make()
        namespace = dict(self.scope.constants)
        exec(compile(source, "<graphql>", "exec"), namespace)  # noqa: S102 - our own source
        return Function(namespace[signature.partition("(")[0]], source, self._reads)

    # Objects, and what stands in them.

    def _object(
        self, kind: GraphQLObjectType, details: Details, value: Value, place: _Place
    ) -> str:
        return self._dict(kind, self.unit.below(kind, details), value, place)

    def _dict(
        self, kind: GraphQLObjectType, asked: Mapping[str, Details], value: Value, place: _Place
    ) -> str:
        parts = []
        for name, details in asked.items():
            is_type_name = details[0].node.name.value == "__typename"
            text = repr(kind.name) if is_type_name else self._field(kind, details, value, place)
            parts.append(f"{name!r}: {text}")
        return f"{{{', '.join(parts)}}}"

    def _field(self, kind: GraphQLObjectType, details: Details, value: Value, place: _Place) -> str:
        node = details[0].node
        field = self.unit.schema.get_field(kind, node.name.value)
        how = field and self.unit.fields.kind(kind.name, node.name.value)
        if field is None or details[0].fragment_variable_values is not None:
            raise Unsupported(node.name.value)
        returned = field.type
        match how:
            case plan.Attribute(name):
                return self._value(returned, details, value.attribute(name), place)
            case plan.Computed(function):
                made = value.computed(function, node.name.value)
                return self._value(returned, details, made, place)
            case plan.Identity():
                return self._value(returned, details, self._identity(how, value), place)
            case plan.Linked():
                return self._linked(returned, details, how, value, place)
            case plan.Paged():
                arguments = self._arguments(kind.name, details)
                return self._paged(returned, details, how, value, place, arguments)
            case plan.Asked(read):
                arguments = self._arguments(kind.name, details)
                asked = self._once(f"{self._name(read)}(run.connection, run.context, {arguments})")
                return self._value(returned, details, Object(self.scope, asked), place)
            case plan.Chosen(of=None):
                arguments = self._arguments(kind.name, details)
                return self._chosen_at_root(returned, details, how, arguments)
            case plan.Chosen():
                return self._chosen(returned, details, how, value, place)
        raise Unsupported(f"{kind.name}.{node.name.value}")

    def _value(self, kind: GraphQLOutputType, details: Details, value: Value, place: _Place) -> str:
        """Source for a value of a type: CompleteValue of the specification, section 6.4.3."""
        non_null = is_non_null_type(kind)
        if is_non_null_type(kind):
            kind = kind.of_type
        if is_leaf_type(kind):
            return leaf(self.scope, kind, value, non_null)
        if is_list_type(kind):
            return self._list(kind.of_type, details, value, place, non_null)
        if not value.may_be_none:
            return self._composite(kind, details, value, place)
        place = place.into(f"if {value.pure} is not None")

        def write(bound: str) -> str:
            inner = Object(self.scope, value.pure, bound, may_be_none=False)
            return self._composite(kind, details, inner, place)

        return nullable(self.scope, value, non_null, write)

    def _composite(
        self, kind: GraphQLOutputType, details: Details, value: Value, place: _Place
    ) -> str:
        """Source for an object that is there."""
        if is_object_type(kind):
            return self._object(kind, details, value, place)
        assert is_abstract_type(kind), "nothing else is left"
        return f"{self._builders(kind.name, details)}(run, {value.bound})"

    def _list(
        self, kind: GraphQLOutputType, details: Details, value: Value, place: _Place, non_null: bool
    ) -> str:
        variable = f"item_{self.scope.number()}"
        pure, bound, item = value.items(variable)
        inner = self._value(kind, details, item, place.into(f"for {pure}"))
        if not value.may_be_none:
            return f"[{inner} for {bound}]"
        return nullable(
            self.scope, value, non_null, lambda name: f"[{inner} for {variable} in {name}]"
        )

    def _identity(self, how: plan.Identity, value: Value) -> Value:
        id = value.attribute(how.attribute)
        if isinstance(id, Raw) and id.column.is_id and not id.may_be_none:
            text = f"{how.prefix!r} + {id.raw}.hex()"
            return Object(self.scope, text, may_be_none=False, is_text=True)
        pure, bound = (f"{how.prefix!r} + {each}.hex" for each in (id.pure, id.bound))
        return Object(self.scope, pure, bound, may_be_none=False, is_text=True)

    def _builders(self, type_name: str, details: Details) -> str:
        """The name of what answers an object whose type is known only when it is met."""
        type_of = self.unit.fields.type_of(type_name)
        if type_of is None:
            raise Unsupported(type_name)
        # What it stands for may read, and there may be nobody to open a connection later.
        self._reads = True
        return self._name(
            Builders(type_of, lambda name: Writer(self.unit).build(name, details)), type_name
        )

    def _arguments(self, type_name: str, details: Details) -> str:
        """Source for the arguments of a field."""
        node = details[0].node
        field = self.unit.schema.get_field(self._type(type_name), node.name.value)
        assert field is not None, "it is being compiled"
        match arguments_of(self.unit, type_name, field, node):
            case Constant(arguments):
                return self._name(arguments, "arguments")
            case varying:
                return f"{self._name(varying.make, 'arguments')}(run.variables)"

    def _name(self, constant: Any, hint: str = "") -> str:
        return self.scope.name(constant, hint or getattr(constant, "__name__", "function"))

    def _once(self, expression: str) -> str:
        """The name of a value that is read before the answer is made."""
        self._reads = True
        name = f"read_{self.scope.number()}"
        self._lines.append(f"{name} = {expression}")
        return name

    # Links: what is found by keys.

    def _linked(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Linked,
        value: Value,
        place: _Place,
    ) -> str:
        key = value.attribute(how.key)
        if isinstance(how.batch, plan.Query):
            keys = self._keys(key.pure, key, place)
            default = self._default(kind, how)
            found = self._asked_by_keys(kind, details, how.batch, f"list({keys})", default)
            return found.of(key.bound)
        pure, bound = self._raw(key, how.batch.key(self.scope.dialect))
        keys = self._keys(pure, key, place)
        found = self._rows_by_keys(kind, details, how.batch, keys, self._default(kind, how))
        return found.of(bound)

    def _keys(self, pure: str, key: Value, place: _Place) -> str:
        """The name of the set of the keys of all values of a place."""
        keys = place.all(pure)
        name = self._key_sets.get(keys)
        if name is None:
            name = self._key_sets[keys] = f"keys_{self.scope.number()}"
            self._lines.append(f"{name} = {keys}")
            if key.may_be_none:
                self._lines.append(f"{name}.discard(None)")
        return name

    def _raw(self, key: Value, column: Column) -> tuple[str, str]:
        """The key as the driver would give it for this column, pure and bound."""
        if isinstance(key, Raw) and _are_alike(key.column, column):
            return key.raw, key.raw
        if column.encode is None:
            return key.pure, key.bound
        encode = self._name(column.encode, "encode")
        if not key.may_be_none:
            return f"{encode}({key.pure})", f"{encode}({key.bound})"
        return (
            f"(None if {key.pure} is None else {encode}({key.pure}))",
            f"(None if {key.bound} is None else {encode}({key.bound}))",
        )

    @staticmethod
    def _default(kind: GraphQLOutputType, how: plan.Linked) -> str | None:
        if how.default is None:
            return None if is_non_null_type(kind) else "None"
        if len(how.default) == 0:
            return "[]"
        raise Unsupported("a default")

    def _rows_by_keys(
        self,
        kind: GraphQLOutputType,
        details: Details,
        batch: plan.Batch,
        keys: str,
        default: str | None,
    ) -> _Answers:
        """Reads rows by raw keys."""
        level = Level(self.scope, batch, ["key"], [])
        number = level.number
        rows = f"rows_{number}"
        self._read_level(level, lambda: batch.reader(level.names(), self.scope.dialect))
        self._lines.append(f"{rows} = reader_{number}(run.connection, {keys})")
        if is_non_null_type(kind):
            kind = kind.of_type
        place = _Place((f"for {level.place} in {rows}",))
        found = f"found_{number}"
        if not batch.many:
            item = self._value(kind, details, RowOf(level), place)
            self._lines.append(f"{found} = {{key: {item} for {level.place} in {rows}}}")
            return _Answers(found, default)
        if not is_list_type(kind):
            raise Unsupported("many rows for one value")
        item = self._value(kind.of_type, details, RowOf(level), place)
        self._lines += [
            f"{found} = {{key: [] for key in {keys}}}",
            f"for {level.place} in {rows}:",
            f"    {found}[key].append({item})",
        ]
        return _Answers(found, default)

    def _read_level(self, level: Level, make: Callable[[], Any]) -> None:
        """What reads the level is made when it is known which columns it needs."""
        self._reads = True
        self._levels.append(level)
        self._readers.append((f"reader_{level.number}", make))

    def _asked_by_keys(
        self,
        kind: GraphQLOutputType,
        details: Details,
        query: plan.Query,
        keys: str,
        default: str | None,
    ) -> _Answers:
        """Asks a function by plain keys."""
        name = self._name(query.ask)
        found = self._once(f"{name}(run.connection, {keys}) if {keys} else {{}}")
        number = self.scope.number()
        if is_non_null_type(kind):
            kind = kind.of_type
        place = _Place((f"for value_{number} in {found}.values()",))
        item = self._value(kind, details, Object(self.scope, f"value_{number}"), place)
        answers = f"found_{number}"
        self._lines.append(
            f"{answers} = {{key: {item} for key, value_{number} in {found}.items()}}"
        )
        return _Answers(answers, default)

    def _paged(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Paged,
        value: Value,
        place: _Place,
        arguments: str,
    ) -> str:
        owner = how.listed.owner(self.scope.dialect)
        after = () if owner is None else ("_",)
        level = Level(self.scope, how.listed, (), after, is_paged=True)
        number, page = level.number, f"page_{level.number}"
        reader = f"reader_{number}"
        self._read_level(level, lambda: how.listed.reader(level.names(), self.scope.dialect))
        request = self._once(f"{self._name(how.listed.request)}(run.context, {arguments})")
        inner = PageOf(self.scope, level, page)
        if owner is None or how.key is None:
            self._lines.append(f"{page} = {reader}.page(run.connection, {request})")
            self._cursors(level, request)
            return self._value(kind, details, inner, _Place())
        key = value.attribute(how.key)
        pure, bound = self._raw(key, owner)
        keys = self._keys(pure, key, place)
        pages, found = f"pages_{number}", f"found_{number}"
        self._lines.append(f"{pages} = {reader}.pages(run.connection, {keys}, {request})")
        self._cursors(level, request)
        item = self._value(kind, details, inner, _Place((f"for {page} in {pages}.values()",)))
        self._lines.append(f"{found} = {{key: {item} for key, {page} in {pages}.items()}}")
        return f"{found}[{bound}]"

    def _cursors(self, level: Level, request: str) -> None:
        number = level.number
        self._lines.append(f"cursor_{number} = reader_{number}.cursors(run.context, {request})")

    # Choices: what is found in one of several ways.

    def _chosen_at_root(
        self, kind: GraphQLOutputType, details: Details, how: plan.Chosen, arguments: str
    ) -> str:
        choice = self._once(f"{self._name(how.choose, 'choose')}(run.context, {arguments})")
        if not how.many:
            found = self._once(f"{self._ways(how, details)}(run, {{{choice}}})")
            return self._found(kind, found, choice)
        if is_non_null_type(kind):
            kind = kind.of_type
        if not is_list_type(kind):
            raise Unsupported("several choices for one value")
        found = self._once(f"{self._ways(how, details)}(run, set({choice}))")
        return f"[{self._found(kind.of_type, found, 'each')} for each in {choice}]"

    def _chosen(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Chosen,
        value: Value,
        place: _Place,
    ) -> str:
        assert how.of is not None, "roots are apart"
        given, choose = value.computed(how.of, "chosen_by"), self._name(how.choose, "choose")
        choices = place.all(f"{choose}(run.context, {given.pure})")
        found = self._once(f"{self._ways(how, details)}(run, {choices})")
        return self._found(kind, found, f"{choose}(run.context, {given.bound})")

    @staticmethod
    def _found(kind: GraphQLOutputType, found: str, choice: str) -> str:
        return f"{found}[{choice}]" if is_non_null_type(kind) else f"{found}.get({choice})"

    def _ways(self, how: plan.Chosen, details: Details) -> str:
        def compile_way(type_name: str, batch: plan.Batch | plan.Query) -> Load:
            return Writer(self.unit).load(type_name, details, batch)

        return self._name(Ways(how, self.scope.dialect, compile_way), "ways")


def _are_alike(one: Column, other: Column) -> bool:
    """Whether the same raw value stands for the same plain one in both columns."""
    if one.is_id or other.is_id:
        return one.is_id and other.is_id
    same = one.python is not None and one.python is other.python
    return same and one.decode is None and other.decode is None
