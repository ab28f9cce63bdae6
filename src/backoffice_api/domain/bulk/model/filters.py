"""Filters in plain values, so that a job can be given the filter of a list."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.filters import All, AnyOf, Filter, Keyed, Not, Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

_READ: Mapping[str, Callable[[Any], Any]] = {
    "id": UUID,
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "money": lambda pair: Money(*pair),
    "decimal": Decimal,
    "keyed": lambda pair: Keyed(pair[0], _value(pair[1])),
    "many": lambda values: tuple(_value(each) for each in values),
    "plain": lambda value: value,
}


def plain_filter(filter: Filter | None) -> Any:
    """What JSON can keep of a filter; None for none."""
    match filter:
        case None:
            return None
        case Test(word, operator, value):
            return ["test", word, operator.value, _plain(value)]
        case All(parts):
            return ["all", [plain_filter(each) for each in parts]]
        case AnyOf(parts):
            return ["any", [plain_filter(each) for each in parts]]
        case Not(part):
            return ["not", plain_filter(part)]


def check_filter(plain: Any, faults: Faults) -> None:
    """Note texts in a plain filter that are longer than any that is stored, or cannot be kept."""
    todo = [plain]
    while todo:
        match todo.pop():
            case list() as parts:
                todo += parts
            case str() as text:
                check_text(text, faults, "filter", minimum=0, maximum=NAME_LENGTH_MAX)


def filter_from(plain: Any) -> Filter | None:
    """The filter of which `plain_filter` made this."""
    match plain:
        case None:
            return None
        case ["test", word, operator, value]:
            return Test(word, Operator(operator), _value(value))
        case ["all", parts]:
            return All(tuple(_part(each) for each in parts))
        case ["any", parts]:
            return AnyOf(tuple(_part(each) for each in parts))
        case ["not", part]:
            return Not(_part(part))
    raise ValueError(plain)


def _part(plain: Any) -> Filter:
    found = filter_from(plain)
    if found is None:
        raise ValueError(plain)
    return found


def _plain(value: Any) -> list[Any]:
    match value:
        case UUID():
            return ["id", value.hex]
        case datetime():
            return ["time", value.isoformat()]
        case date():
            return ["date", value.isoformat()]
        case Money():
            return ["money", [value.minor, value.currency]]
        case Decimal():
            return ["decimal", str(value)]
        case Keyed(key, operand):
            return ["keyed", [key, _plain(operand)]]
        case tuple():
            return ["many", [_plain(each) for each in value]]
        case Enum():
            return ["plain", value.value]
        case _:
            return ["plain", value]


def _value(plain: list[Any]) -> Any:
    kind, value = plain
    return _READ[kind](value)
