"""Lines of fixed width, as banks exchange them: tables say what stands where, one codec reads and
writes by them.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

from backoffice_api.domain.payables.model.payment_files import UnreadablePaymentFile

Value: TypeAlias = str | int | date | None


class Kind(Enum):
    """How a field is written."""

    TEXT = "text"  # capital ASCII, at the left, blanks behind it
    KEY = "key"  # ASCII as it is, whole, at the left, blanks behind it
    CODE = "code"  # at the right, zeros before it, kept as text of the whole length
    NUMBER = "number"  # a whole number, at the right, zeros before it
    DAY = "day"  # DDMMYYYY; zeros: none


@dataclass(frozen=True, slots=True)
class Field:
    """`length` characters from the position `start`, counted from 1. `default`: if not given."""

    name: str
    start: int
    length: int
    kind: Kind
    default: Value

    @property
    def end(self) -> int:
        return self.start + self.length - 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Lines of one kind: its fields, which fill the whole width without gaps.

    Raises:
        ValueError: they do not.
    """

    name: str
    width: int
    fields: Sequence[Field]

    def __post_init__(self) -> None:
        position = 1
        for field in self.fields:
            if field.start != position:
                raise ValueError(f"{self.name}: {field.name} begins at {field.start}")
            position = field.end + 1
        if position != self.width + 1:
            raise ValueError(f"{self.name} ends at {position - 1}")


class Unwritable(Exception):
    """A value has no room in its field. The message names the field, never the value."""


def encode(layout: Layout, values: Mapping[str, Value]) -> str:
    """The line that says `values`; what is not named has its default.

    Raises:
        Unwritable: a number is too long for its field, or no value is known.
        KeyError: a name is none of the layout's.
    """
    if unknown := values.keys() - {field.name for field in layout.fields}:
        raise KeyError(sorted(unknown))
    return "".join(
        _written(layout, field, values.get(field.name, field.default)) for field in layout.fields
    )


def decode(layout: Layout, line: str, number: int) -> Mapping[str, Value]:
    """What a line says. `number`: which one of its file, from 1.

    Raises:
        UnreadablePaymentFile: it is not as long as it has to be, or a field holds something else.
    """
    if len(line) != layout.width:
        why = f"it has {len(line)} characters, not {layout.width}"
        raise UnreadablePaymentFile(number, layout.name, why)
    return {
        field.name: _read(layout, field, line[field.start - 1 : field.end], number)
        for field in layout.fields
        if field.name
    }


def plain(text: str) -> str:
    """A text as these files take it: capital ASCII letters, digits and a few signs."""
    parts = unicodedata.normalize("NFKD", text)
    ascii_only = parts.encode("ascii", "ignore").decode().upper()
    return " ".join("".join(each if each >= " " else " " for each in ascii_only).split())


def _written(layout: Layout, field: Field, value: Value) -> str:
    match field.kind, value:
        case Kind.TEXT, str():
            return plain(value)[: field.length].ljust(field.length)
        case Kind.KEY, str():
            text = value.ljust(field.length)
        case Kind.CODE, str():
            text = value.rjust(field.length, "0")
        case Kind.NUMBER, int() if value >= 0:
            text = f"{value:0{field.length}}"
        case Kind.DAY, date():
            text = f"{value:%d%m}{value.year:04}"
        case Kind.DAY, None:
            text = "0" * field.length
        case _:
            raise Unwritable(f"{layout.name}: {field.name} has no value")
    if len(text) != field.length or not text.isascii():
        raise Unwritable(f"{layout.name}: {field.name} takes {field.length} characters")
    return text


def _read(layout: Layout, field: Field, text: str, number: int) -> Value:
    match field.kind:
        case Kind.TEXT | Kind.KEY:
            return text.rstrip()
        case Kind.CODE:
            return text
        case Kind.NUMBER:
            # Some banks leave blanks where a number is not used.
            digits = text.strip() or "0"
            if digits.isascii() and digits.isdigit():
                return int(digits)
            raise UnreadablePaymentFile(number, _named(layout, field), "it is no number")
        case Kind.DAY:
            if not text.strip(" 0"):
                return None
            try:
                return date(int(text[4:]), int(text[2:4]), int(text[:2]))
            except ValueError:
                raise UnreadablePaymentFile(
                    number, _named(layout, field), "it is no day as DDMMYYYY"
                ) from None


def _named(layout: Layout, field: Field) -> str:
    return f"{layout.name}.{field.name} ({field.start}-{field.end})"
