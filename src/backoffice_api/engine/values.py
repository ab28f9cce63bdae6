"""Values as the compiler sees them: not what they are, but how the generated source gets at them.

Each has two expressions of its plain value. `pure` may be written anywhere; `bound` may use a
name that was bound around it, and is what answers are made with.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from inspect import getattr_static
from itertools import count
from typing import Any

from backoffice_api.engine.plan import Column, Fields, Rows
from backoffice_api.engine.properties import (
    Construction,
    columns_of,
    construction_of,
    kept_by_raw,
    part_maker,
)


class Unsupported(Exception):
    """The operation cannot be compiled; the text says at what it failed."""


class Scope:
    """The names of one generated function: constants by name, and numbers for new names."""

    def __init__(self, fields: Fields, dialect: str) -> None:
        self.fields = fields
        self.dialect = dialect
        self.constants: dict[str, Any] = {}
        self._numbers = count(1)
        self._names: dict[int, str] = {}

    def number(self) -> int:
        return next(self._numbers)

    def name(self, constant: Any, hint: str) -> str:
        """The name of a constant; the same object keeps the same name."""
        name = self._names.get(id(constant))
        if name is None:
            hint = hint if hint.isidentifier() else "function"
            name = self._names[id(constant)] = f"{hint}_{self.number()}"
            self.constants[name] = constant
        return name


class Value(ABC):
    """A value of one place of the answer. `is_text`: it is a str that needs no looking at."""

    pure: str = "a part, not a value"
    bound: str = "a part, not a value"
    may_be_none: bool = True
    is_text: bool = False

    @abstractmethod
    def attribute(self, name: str) -> "Value":
        """An attribute of the value. Raises Unsupported where there is none of this name."""

    def computed(self, function: Callable[..., Any], hint: str, *given: str) -> "Value":
        """What the function makes of `given`, pieces of source, and of the value behind them.

        Raises Unsupported where there is no value.
        """
        raise Unsupported(f"{hint} of a part")

    def items(self, variable: str) -> "tuple[str, str, Value]":
        """The value as a list: what to walk through, pure and bound, and one item of it."""
        raise Unsupported("a list of something else")


class Object(Value):
    """An object of Python."""

    def __init__(
        self,
        scope: Scope,
        pure: str,
        bound: str | None = None,
        *,
        may_be_none: bool = True,
        is_text: bool = False,
    ) -> None:
        self.scope = scope
        self.pure = pure
        self.bound = pure if bound is None else bound
        self.may_be_none = may_be_none
        self.is_text = is_text

    def attribute(self, name: str) -> Value:
        return Object(self.scope, f"{self.pure}.{name}", f"{self.bound}.{name}")

    def computed(self, function: Callable[..., Any], hint: str, *given: str) -> Value:
        called = self.scope.name(function, hint)
        pure, bound = (", ".join((*given, each)) for each in (self.pure, self.bound))
        return Object(self.scope, f"{called}({pure})", f"{called}({bound})")

    def items(self, variable: str) -> tuple[str, str, Value]:
        pure = f"({self.pure} or ())" if self.may_be_none else self.pure
        return f"{variable} in {pure}", f"{variable} in {self.bound}", Object(self.scope, variable)


class Raw(Value):
    """A raw value of a column, under the name `raw`."""

    def __init__(self, scope: Scope, raw: str, column: Column) -> None:
        self.scope = scope
        self.raw = raw
        self.column = column
        self.may_be_none = column.nullable
        self.pure = self.bound = self._plain()

    @property
    def is_read(self) -> bool:
        """Whether something else is made of each raw value, by reading a text or bytes."""
        column = self.column
        return not (column.nullable or column.is_id or column.known or column.decode is None)

    def _plain(self) -> str:
        if self.column.known is not None:
            known = self.scope.name(self.column.known, "members")
            return f"{known}.get({self.raw})" if self.may_be_none else f"{known}[{self.raw}]"
        if self.column.decode is None:
            return self.raw
        decode = self.scope.name(self.column.decode, "decode")
        plain = f"{decode}({self.raw})"
        return f"(None if {self.raw} is None else {plain})" if self.may_be_none else plain

    def attribute(self, name: str) -> Value:
        return Object(self.scope, self.pure).attribute(name)

    def items(self, variable: str) -> tuple[str, str, Value]:
        return Object(self.scope, self.pure, may_be_none=self.may_be_none).items(variable)


class Whole(Value):
    """A value of the dataclass `kind` that is there only as its fields."""

    kind: type[Any]
    scope: Scope
    may_be_none = False

    @abstractmethod
    def field(self, name: str) -> Value | None:
        """The value of a field. None: it is no field."""

    def attribute(self, name: str) -> Value:
        value = self.field(name)
        if value is not None:
            return value
        member = getattr_static(self.kind, name, None)
        if isinstance(member, property) and member.fget is not None:
            return self._property(name, member.fget)
        raise Unsupported(f"{self.kind.__name__}.{name} is neither a field nor a property")

    def _property(self, name: str, getter: Callable[[Any], Any]) -> Value:
        construction = construction_of(getter)
        if construction is not None and self._is_plain(construction):
            return self._built(construction)
        return Derived(self, name, self.computed(getter, name))

    def _is_plain(self, construction: Construction) -> bool:
        return self.scope.fields.is_plain(construction.made) and all(
            isinstance(part, str) or self._is_plain(part) for part in construction.parts.values()
        )

    def _built(self, construction: Construction) -> Value:
        parts = {
            name: self.attribute(part) if isinstance(part, str) else self._built(part)
            for name, part in construction.parts.items()
        }
        return Built(self.scope, construction.made, parts)

    def computed(self, function: Callable[..., Any], hint: str, *given: str) -> Value:
        names = columns_of(self.kind, function)
        if names is None:
            names = tuple(self.kind.__dataclass_fields__)
        values = [self._need(name) for name in names]
        if not given and len(values) == 1 and isinstance(values[0], Raw) and values[0].is_read:
            raw = values[0]
            assert raw.column.decode is not None, "it has to be read"
            # mypy does not know that classes can be hashed.
            kept = kept_by_raw(function, self.kind, names[0], raw.column.decode)  # type: ignore[arg-type]
            called = f"{self.scope.name(kept, hint)}({raw.raw})"
            return Object(self.scope, called)
        make, first = part_maker(self.kind, names), len(given)
        if first:
            called = self.scope.name(lambda *all: function(*all[:first], make(*all[first:])), hint)
        else:
            called = self.scope.name(lambda *all: function(make(*all)), hint)
        pure, bound = (
            ", ".join((*given, *each))
            for each in ([v.pure for v in values], [v.bound for v in values])
        )
        return Object(self.scope, f"{called}({pure})", f"{called}({bound})")

    def _need(self, name: str) -> Value:
        value = self.field(name)
        if value is None:
            raise Unsupported(f"{self.kind.__name__}.{name} is no column")
        return value


class Built(Whole):
    """A dataclass of which the fields are known, and which is made only where it is needed."""

    def __init__(self, scope: Scope, kind: type[Any], parts: Mapping[str, Value]) -> None:
        self.scope = scope
        self.kind = kind
        self._parts = parts
        make = scope.name(kind, kind.__name__)
        self.pure = f"{make}({_keywords({name: each.pure for name, each in parts.items()})})"
        self.bound = f"{make}({_keywords({name: each.bound for name, each in parts.items()})})"

    def field(self, name: str) -> Value | None:
        return self._parts.get(name)


def _keywords(given: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in given.items())


class Derived(Value):
    """The property `name` of a value that is there only as its fields."""

    def __init__(self, base: Whole, name: str, value: Value) -> None:
        self.base = base
        self.name = name
        self._value = value
        self.pure = value.pure
        self.bound = value.bound

    def attribute(self, name: str) -> Value:
        return self._value.attribute(name)

    def items(self, variable: str) -> tuple[str, str, Value]:
        return self._value.items(variable)


class Level:
    """Rows that one statement reads: the columns that are needed of them, by name.

    In the source, `place` stands for the names that one row is taken apart into, and `wanted` for
    the keys that are read: both are filled in when everything is known that needs them.
    """

    def __init__(
        self,
        scope: Scope,
        rows: Rows,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
        *,
        is_paged: bool = False,
    ) -> None:
        self.number = scope.number()
        self.scope = scope
        self.rows = rows
        self.place = f"<row {self.number}>"
        self.wanted = f"<keys {self.number}>"
        self.keys: list[str] = []
        self.raws: dict[str, Raw] = {}
        self.is_owned = is_paged and bool(after)
        self._before = before
        self._after = (f"_sort_{self.number}", f"_id_{self.number}", *after) if is_paged else after

    def raw(self, name: str) -> Raw | None:
        """The column behind an attribute, which will be read now. None: it is no column."""
        if name not in self.raws:
            column = self.rows.column(name, self.scope.dialect)
            if column is None:
                return None
            self.raws[name] = Raw(self.scope, f"{name}_{self.number}", column)
        return self.raws[name]

    def names(self) -> tuple[str, ...]:
        return tuple(self.raws)

    def pattern(self) -> str:
        raws = [raw.raw for raw in self.raws.values()]
        return f"({', '.join([*self._before, *raws, *self._after])},)"


class RowOf(Whole):
    """One row of a level."""

    def __init__(self, level: Level) -> None:
        self.scope = level.scope
        self.kind = level.rows.shape
        self._level = level

    @property
    def pure(self) -> str:  # type: ignore[override]
        """The whole row as its shape; so all its columns are read."""
        return self.computed(_same, "row").pure

    @property
    def bound(self) -> str:  # type: ignore[override]
        return self.pure

    def field(self, name: str) -> Value | None:
        return self._level.raw(name)


def _same(value: Any) -> Any:
    return value
