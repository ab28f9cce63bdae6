"""Frozen rows by their fields. What a class of rows has is found out once.

`dataclasses.replace` looks at each field of a class each time it is called: for an order, that took
as long as a statement.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

R = TypeVar("R")

Values = Callable[[Any], tuple[Any, ...]]


@cache
def names_of(shape: Any) -> tuple[str, ...]:
    """The fields of a dataclass, in their order."""
    return tuple(each.name for each in fields(shape))


@cache
def values_of(*names: str) -> Values:
    """What gives the values of these attributes."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple([getattr(row, name) for name in names])


def as_dict(row: Any) -> dict[str, Any]:
    """The values of a row by the names of its fields; what they hold stays as it is."""
    shape: Any = row.__class__
    names, values = _shape(shape)
    return dict(zip(names, values(row), strict=True))


def replaced(row: R, **changes: Any) -> R:
    """The row with other values of some fields, as `dataclasses.replace` makes it."""
    return row.__class__(**{**as_dict(row), **changes})


@cache
def _shape(shape: Any) -> tuple[tuple[str, ...], Values]:
    names = names_of(shape)
    return names, values_of(*names)
