"""From a selection to the source of a function that answers it, level by level.

The source reads the rows of one level with one statement, collects the keys of the next, and
makes the dicts of the answer when all that stands in them is there. It does what graphql-core
would do with the same resolvers; where it cannot, it raises, and graphql-core is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
from backoffice_api.engine.source import Function, Place, Source
from backoffice_api.engine.unit import Constant, Details, arguments_of
from backoffice_api.engine.values import Level, Object, Raw, RowOf, Unsupported, Value


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


class Writer(Source):
    """Writes one function."""

    def root(self, root_type: GraphQLObjectType) -> Function:
        """The function `answer(run)` that gives the data of the operation."""
        asked = self.unit.root(root_type)
        value = Object(self.scope, "None")
        return self.finish("answer(run)", self._dict(root_type, asked, value, Place()))

    def selection(self, kind: GraphQLOutputType, details: Details) -> Function:
        """The function `select(run, value)` that answers a value of the type."""
        value = Object(self.scope, "value")
        return self.finish("select(run, value)", self._value(kind, details, value, Place()))

    def build(self, type_name: str, details: Details) -> Build:
        """The function `build(run, value)` that gives the dict of one object."""
        value = Object(self.scope, "value", may_be_none=False)
        answer = self._object(self.type(type_name), details, value, Place())
        return self.finish("build(run, value)", answer).call

    def load(self, type_name: str, details: Details, batch: plan.Batch | plan.Query) -> Load:
        """The function `load(run, keys)`: from keys of the batch to what they find."""
        kind = self.type(type_name)
        if isinstance(batch, plan.Query):
            answers = self._asked_by_keys(kind, details, batch, "list(keys)", None)
        else:
            level = self._read_rows(batch, "keys")
            answers = self._rows_by_keys(kind, details, batch, level, None)
        return self.finish("load(run, keys)", answers.name).call

    # Objects, and what stands in them.

    def _object(self, kind: GraphQLObjectType, details: Details, value: Value, place: Place) -> str:
        return self._dict(kind, self.unit.below(kind, details), value, place)

    def _dict(
        self, kind: GraphQLObjectType, asked: Mapping[str, Details], value: Value, place: Place
    ) -> str:
        parts = []
        for name, details in asked.items():
            is_type_name = details[0].node.name.value == "__typename"
            text = repr(kind.name) if is_type_name else self._field(kind, details, value, place)
            parts.append(f"{name!r}: {text}")
        return f"{{{', '.join(parts)}}}"

    def _field(self, kind: GraphQLObjectType, details: Details, value: Value, place: Place) -> str:
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
            case plan.Shown(function):
                made = value.computed(function, node.name.value, "run.context")
                return self._value(returned, details, made, place)
            case plan.Identity():
                return self._value(returned, details, self._identity(how, value), place)
            case plan.Linked():
                given = self._arguments(kind.name, details) if how.takes_arguments else None
                return self._linked(returned, details, how, value, place, given)
            case plan.Paged():
                arguments = self._arguments(kind.name, details)
                return self._paged(returned, details, how, value, place, arguments)
            case plan.Asked():
                arguments = self._arguments(kind.name, details)
                asked = Object(self.scope, self._ask(how, arguments))
                return self._value(returned, details, asked, place)
            case plan.Chosen(of=None):
                arguments = self._arguments(kind.name, details)
                return self._chosen_at_root(returned, details, how, arguments)
            case plan.Chosen():
                return self._chosen(returned, details, how, value, place)
        raise Unsupported(f"{kind.name}.{node.name.value}")

    def _value(self, kind: GraphQLOutputType, details: Details, value: Value, place: Place) -> str:
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
        self, kind: GraphQLOutputType, details: Details, value: Value, place: Place
    ) -> str:
        """Source for an object that is there."""
        if is_object_type(kind):
            return self._object(kind, details, value, place)
        assert is_abstract_type(kind), "nothing else is left"
        return f"{self._builders(kind.name, details)}(run, {value.bound})"

    def _list(
        self, kind: GraphQLOutputType, details: Details, value: Value, place: Place, non_null: bool
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
        self.reads = True
        return self.name(
            Builders(type_of, lambda name: Writer(self.unit).build(name, details)), type_name
        )

    def _arguments(self, type_name: str, details: Details) -> str:
        """Source for the arguments of a field."""
        node = details[0].node
        field = self.unit.schema.get_field(self.type(type_name), node.name.value)
        assert field is not None, "it is being compiled"
        match arguments_of(self.unit, type_name, field, node):
            case Constant(arguments):
                return self.name(arguments, "arguments")
            case varying:
                return f"{self.name(varying.make, 'arguments')}(run.variables)"

    def _ask(self, how: plan.Asked, arguments: str) -> str:
        ask = f"{self.name(how.read)}(run.connection, run.context, {arguments})"
        return self.once(ask, reads=how.needs_connection)

    # Links: what is found by keys.

    def _linked(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Linked,
        value: Value,
        place: Place,
        arguments: str | None,
    ) -> str:
        key = value.attribute(how.key)
        if isinstance(how.batch, plan.Query):
            keys = self.keys(key.pure, key, place)
            default = self._default(kind, how)
            given = f"list({keys})" if arguments is None else f"list({keys}), {arguments}"
            found = self._asked_by_keys(kind, details, how.batch, given, default)
            return found.of(key.bound)
        pure, bound = self.raw_key(key, how.batch.key(self.scope.dialect))
        level = self.shared.get((how.batch, place))
        if level is None:
            level = self._read_rows(how.batch, self.keys(pure, key, place))
            self.shared[how.batch, place] = level
        else:
            # Two links by one query, as from where and to where, are one statement.
            self.more_keys(level, pure, key, place)
        default = self._default(kind, how)
        return self._rows_by_keys(kind, details, how.batch, level, default).of(bound)

    @staticmethod
    def _default(kind: GraphQLOutputType, how: plan.Linked) -> str | None:
        if how.default is None:
            return None if is_non_null_type(kind) else "None"
        if len(how.default) == 0:
            return "[]"
        raise Unsupported("a default")

    def _read_rows(self, batch: plan.Batch, keys: str) -> Level:
        """Reads rows by raw keys."""
        level = Level(self.scope, batch, ["key"])
        level.keys.append(keys)
        number = level.number
        self.read_level(level, lambda: batch.reader(level.names(), self.scope.dialect))
        self.step(f"wanted_{number}", level.wanted)
        self.question(f"rows_{number}", f"reader_{number}(wanted_{number})")
        return level

    def _rows_by_keys(
        self,
        kind: GraphQLOutputType,
        details: Details,
        batch: plan.Batch,
        level: Level,
        default: str | None,
    ) -> _Answers:
        """What is answered for rows, by their raw keys."""
        if is_non_null_type(kind):
            kind = kind.of_type
        rows, found = f"rows_{level.number}", f"found_{self.scope.number()}"
        place = Place((f"for {level.place} in {rows}",))
        if not batch.many:
            item = self._value(kind, details, RowOf(level), place)
            self.step(found, f"{{key: {item} for {level.place} in {rows}}}")
            return _Answers(found, default)
        if not is_list_type(kind):
            raise Unsupported("many rows for one value")
        item = self._value(kind.of_type, details, RowOf(level), place)
        self.step(
            found,
            f"{{key: [] for key in wanted_{level.number}}}",
            f"for {level.place} in {rows}:",
            f"    {found}[key].append({item})",
        )
        return _Answers(found, default)

    def _asked_by_keys(
        self,
        kind: GraphQLOutputType,
        details: Details,
        query: plan.Query,
        given: str,
        default: str | None,
    ) -> _Answers:
        """Asks a function by plain keys, and by arguments if `given` has any behind them."""
        name, keys = self.name(query.ask), given.partition(",")[0]
        found = self.once(f"{name}(run.connection, {given}) if {keys} else {{}}")
        number = self.scope.number()
        if is_non_null_type(kind):
            kind = kind.of_type
        place = Place((f"for value_{number} in {found}.values()",))
        item = self._value(kind, details, Object(self.scope, f"value_{number}"), place)
        answers = f"found_{number}"
        self.step(answers, f"{{key: {item} for key, value_{number} in {found}.items()}}")
        return _Answers(answers, default)

    def _paged(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Paged,
        value: Value,
        place: Place,
        arguments: str,
    ) -> str:
        owner = how.listed.owner(self.scope.dialect)
        after = () if owner is None else ("_",)
        level = Level(self.scope, how.listed, (), after, is_paged=True)
        number, page = level.number, f"page_{level.number}"
        reader = f"reader_{number}"
        self.read_level(level, lambda: how.listed.reader(level.names(), self.scope.dialect))
        request = self.once(f"{self.name(how.listed.request)}(run.context, {arguments})")
        inner = PageOf(self.scope, level, page)
        if owner is None or how.key is None:
            self.question(page, f"{reader}.page({request})")
            self._cursors(level, request)
            return self._value(kind, details, inner, Place())
        key = value.attribute(how.key)
        pure, bound = self.raw_key(key, owner)
        keys = self.keys(pure, key, place)
        pages, found = f"pages_{number}", f"found_{number}"
        self.question(pages, f"{reader}.pages(run.connection, {keys}, {request})")
        self._cursors(level, request)
        item = self._value(kind, details, inner, Place((f"for {page} in {pages}.values()",)))
        self.step(found, f"{{key: {item} for key, {page} in {pages}.items()}}")
        return f"{found}[{bound}]"

    def _cursors(self, level: Level, request: str) -> None:
        number = level.number
        self.step(f"cursor_{number}", f"reader_{number}.cursors(run.context, {request})")

    # Choices: what is found in one of several ways.

    def _chosen_at_root(
        self, kind: GraphQLOutputType, details: Details, how: plan.Chosen, arguments: str
    ) -> str:
        choice = self.once(f"{self.name(how.choose, 'choose')}(run.context, {arguments})")
        if not how.many:
            found = self.once(f"{self._ways(how, details)}(run, {{{choice}}})")
            return self._found(kind, found, choice)
        if is_non_null_type(kind):
            kind = kind.of_type
        if not is_list_type(kind):
            raise Unsupported("several choices for one value")
        found = self.once(f"{self._ways(how, details)}(run, set({choice}))")
        return f"[{self._found(kind.of_type, found, 'each')} for each in {choice}]"

    def _chosen(
        self,
        kind: GraphQLOutputType,
        details: Details,
        how: plan.Chosen,
        value: Value,
        place: Place,
    ) -> str:
        assert how.of is not None, "roots are apart"
        given, choose = value.computed(how.of, "chosen_by"), self.name(how.choose, "choose")
        choices = place.all(f"{choose}(run.context, {given.pure})")
        found = self.once(f"{self._ways(how, details)}(run, {choices})")
        return self._found(kind, found, f"{choose}(run.context, {given.bound})")

    @staticmethod
    def _found(kind: GraphQLOutputType, found: str, choice: str) -> str:
        return f"{found}[{choice}]" if is_non_null_type(kind) else f"{found}.get({choice})"

    def _ways(self, how: plan.Chosen, details: Details) -> str:
        def compile_way(type_name: str, batch: plan.Batch | plan.Query) -> Load:
            return Writer(self.unit).load(type_name, details, batch)

        return self.name(Ways(how, self.scope.dialect, compile_way), "ways")
