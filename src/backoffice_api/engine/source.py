"""The source of one function while it is being written: lines, constants, and the keys to read."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from operator import attrgetter
from typing import Any

from graphql import GraphQLObjectType

from backoffice_api.engine.plan import Column
from backoffice_api.engine.unit import Unit
from backoffice_api.engine.values import Level, Raw, Scope, Value

# Where the globals of a compiled function have its source.
SOURCE = "__source__"

_NAMES = re.compile(r"\b[a-z_]+_\d+\b")
# Names that clients gave, and no quote is in any of them.
_TEXTS = re.compile(r"'[^']*'")


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A compiled function and its source. `reads`: it needs a connection."""

    call: Callable[..., Any]
    source: str
    reads: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the source a value is: what is walked through to come to it, one by one."""

    walk: tuple[str, ...] = ()

    def into(self, clause: str) -> "Place":
        return Place((*self.walk, clause))

    def all(self, expression: str) -> str:
        """Source for the set of an expression over all values of the place."""
        walk = " ".join(self.walk)
        once = "" if walk.startswith("for") else "for _ in (None,) "
        return f"{{{expression} {once}{walk}}}"


@dataclass(slots=True, eq=False)
class _Step:
    """Source that gives one name a value. One that reads is a question, to be asked with others."""

    name: str
    text: str
    reads: bool = False

    def needs(self) -> set[str]:
        """The names in it."""
        return set(_NAMES.findall(_TEXTS.sub("", self.text)))


class Source:
    """Collects the steps of one function, and the constants that they name."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.scope = Scope(unit.fields, unit.dialect)
        self._steps: list[_Step] = []
        self._levels: list[Level] = []
        self._readers: list[tuple[str, Callable[[], Any]]] = []
        self._key_sets: dict[str, str] = {}
        self.shared: dict[tuple[Any, Place], Level] = {}
        self.reads = False

    def finish(self, signature: str, answer: str) -> Function:
        """The function of this signature that ends with the answer."""
        for level in self._levels:
            for step in self._steps:
                step.text = step.text.replace(level.wanted, " | ".join(level.keys))
        lines = "\n".join([*self._written(), f"return {answer}"]).replace("\n", "\n    ")
        source = f"def {signature}:\n    {lines}\n"
        for level in self._levels:
            source = source.replace(level.place, level.pattern())
        for name, make in self._readers:
            self.scope.constants[name] = make()
        namespace = {**self.scope.constants, SOURCE: source}
        # Our own source: of what callers send, there are only names of the schema in it.
        exec(compile(source, "<graphql>", "exec"), namespace)  # noqa: S102  # nosec B102
        return Function(namespace[signature.partition("(")[0]], source, self.reads)

    def type(self, name: str) -> GraphQLObjectType:
        """The object type of the schema that has the name."""
        kind = self.unit.schema.get_type(name)
        assert isinstance(kind, GraphQLObjectType), name
        return kind

    def name(self, constant: Any, hint: str = "") -> str:
        """The name of a constant."""
        return self.scope.name(constant, hint or getattr(constant, "__name__", "function"))

    def step(self, name: str, expression: str, *more: str) -> None:
        """Give a name a value; `more` are lines that add to it."""
        self._steps.append(_Step(name, "\n".join([f"{name} = {expression}", *more])))

    def question(self, name: str, question: str) -> None:
        """Give a name what is read for a question."""
        self._steps.append(_Step(name, question, reads=True))

    def _written(self) -> Iterator[str]:
        """The steps, each as soon as all is there that it needs.

        So all questions of a level are asked together, and there is one wait for all of them.
        """
        together = self.name(self.unit.fields.together, "together")
        waiting, missing = self._steps, {step.name for step in self._steps}
        while waiting:
            ready = [step for step in waiting if not (step.needs() & missing) - {step.name}]
            plain = list(filterfalse(attrgetter("reads"), ready))
            for step in plain:
                yield step.text
            if not plain:
                yield _asked_together(together, ready or waiting[:1])
            done = plain or ready or waiting[:1]
            missing -= {step.name for step in done}
            waiting = [step for step in waiting if step not in done]

    def once(self, expression: str, *, reads: bool = True) -> str:
        """The name of a value that is read before the answer is made."""
        self.reads |= reads
        name = f"read_{self.scope.number()}"
        self.step(name, expression)
        return name

    def keys(self, pure: str, key: Value, place: Place) -> str:
        """Source for the set of the keys of all values of a place."""
        if key.may_be_none:
            place = place.into(f"if {pure} is not None")
        keys = place.all(pure)
        name = self._key_sets.get(keys)
        if name is None:
            name = self._key_sets[keys] = f"keys_{self.scope.number()}"
            self.step(name, keys)
        return name

    def more_keys(self, level: Level, pure: str, key: Value, place: Place) -> None:
        """Have a level that is being read already read the keys of other values, too."""
        if key.may_be_none:
            place = place.into(f"if {pure} is not None")
        keys = place.all(pure)
        if keys not in level.keys and self._key_sets.get(keys) not in level.keys:
            level.keys.append(keys)

    def raw_key(self, key: Value, column: Column) -> tuple[str, str]:
        """The key as the driver would give it for this column, pure and bound."""
        if isinstance(key, Raw) and _are_alike(key.column, column):
            return key.raw, key.raw
        if column.encode is None:
            return key.pure, key.bound
        encode = self.name(column.encode, "encode")
        if not key.may_be_none:
            return f"{encode}({key.pure})", f"{encode}({key.bound})"
        return (
            f"(None if {key.pure} is None else {encode}({key.pure}))",
            f"(None if {key.bound} is None else {encode}({key.bound}))",
        )

    def read_level(self, level: Level, make: Callable[[], Any]) -> None:
        """What reads the level is made when it is known which columns it needs."""
        self.reads = True
        self._levels.append(level)
        self._readers.append((f"reader_{level.number}", make))


def _asked_together(together: str, steps: Sequence[_Step]) -> str:
    names, questions = (", ".join(map(attrgetter(each), steps)) for each in ("name", "text"))
    return f"({names},) = {together}(run.connection, {questions})"


def _are_alike(one: Column, other: Column) -> bool:
    """Whether the same raw value stands for the same plain one in both columns."""
    if one.is_id or other.is_id:
        return one.is_id and other.is_id
    same = one.python is not None and one.python is other.python
    return same and one.decode is None and other.decode is None
