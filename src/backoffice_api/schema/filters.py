"""Filters on the wire, and how they become filters of the domain."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.filters import All, AnyOf, Filter, Keyed, Not, Operator, Test
from backoffice_api.domain.kernel.ids import MalformedId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.schema.directives import about, docstring
from backoffice_api.schema.enums import choice
from backoffice_api.schema.scalars import CurrencyCode

T = TypeVar("T", bound=type)


@choice
class SortDirection(Choice):
    """Which end of a list comes first."""

    ASC = "asc", "Smallest or oldest first."
    DESC = "desc", "Largest or newest first."


@strawberry.input(description="Tests a text. All tests that are given must hold.")
class StringFilter:
    eq: str | None = about("Is exactly this.", default=UNSET)
    in_: list[str] | None = about("Is one of these, at most 250.", name="in", default=UNSET)
    starts_with: str | None = about("Starts with this, capitals counting.", default=UNSET)
    is_null: bool | None = about("True: has no value. False: has one.", default=UNSET)


@strawberry.input(description="Tests which record it is.")
class IdFilter:
    eq: strawberry.ID | None = about("Is this one.", default=UNSET)
    in_: list[strawberry.ID] | None = about(
        "Is one of these, at most 250.", name="in", default=UNSET
    )
    is_null: bool | None = about("True: there is none. False: there is one.", default=UNSET)


@strawberry.input(description="Tests a whole number. All tests that are given must hold.")
class IntFilter:
    eq: int | None = about("Is exactly this.", default=UNSET)
    gte: int | None = about("Is at least this.", default=UNSET)
    lte: int | None = about("Is at most this.", default=UNSET)


@strawberry.input(description="A stretch of time, from one moment up to but without another.")
class DateTimeFilter:
    gte: datetime | None = about("At this moment or later.", default=UNSET)
    lt: datetime | None = about("Before this moment.", default=UNSET)


@strawberry.input(description="A stretch of days, from one day up to but without another.")
class DateFilter:
    gte: date | None = about("On this day or later.", default=UNSET)
    lt: date | None = about("Before this day.", default=UNSET)
    is_null: bool | None = about("True: has no day. False: has one.", default=UNSET)


@strawberry.input(description="Tests an amount; only amounts in this currency pass.")
class MoneyFilter:
    currency: CurrencyCode = about("The currency of the amounts.")
    gte: Decimal | None = about("Is at least this.", default=UNSET)
    lte: Decimal | None = about("Is at most this.", default=UNSET)


@strawberry.input(description="Tests one of many things, which its key names.")
class KeyedFilter:
    key: str = about("Which one.")


def filter_input(cls: T) -> T:
    """Make a class a filter of the schema: its words, and `and`, `or`, `not` to combine them."""
    many, single = f"list[{cls.__name__}] | None", f"{cls.__name__} | None"
    for name, annotation, text in (
        ("and_", many, "All of these hold."),
        ("or_", many, "At least one of these holds."),
        ("not_", single, "This does not hold."),
    ):
        cls.__annotations__[name] = annotation
        setattr(cls, name, about(text, name=name.rstrip("_"), default=UNSET))
    return strawberry.input(cls, description=docstring(cls))


def as_filter(given: Any) -> Filter | None:
    """The filter of the domain that an input of the schema stands for. None: everything passes.

    Words keep their names. Values that are null test nothing.

    Raises:
        MalformedId: something that should be an id is none.
        TooPrecise, AmountTooLarge: an amount is no amount of its currency.
    """
    if given is None or given is UNSET:
        return None
    return _all(given)


def _all(given: Any) -> Filter:
    parts = tuple(_parts(given))
    return parts[0] if len(parts) == 1 else All(parts)


def _parts(given: Any) -> Iterator[Filter]:
    for each in fields(given):
        value = getattr(given, each.name)
        if value is None or value is UNSET:
            continue
        match each.name:
            case "and_":
                yield All(tuple(_all(part) for part in value))
            case "or_":
                yield AnyOf(tuple(_all(part) for part in value))
            case "not_":
                yield Not(_all(value))
            case word:
                yield from _tests(word, value)


def _tests(word: str, value: Any) -> Iterator[Test]:
    match value:
        case bool() | Enum():
            yield Test(word, Operator.EQ, value)
        case [KeyedFilter(), *_]:
            for each in value:
                yield from _keyed(word, each)
        case list():
            yield Test(word, Operator.IN, tuple(value))
        case MoneyFilter():
            for name in ("gte", "lte"):
                if (amount := getattr(value, name)) is not None and amount is not UNSET:
                    yield Test(word, Operator(name), Money.of(amount, value.currency))
        case _:
            for each in fields(value):
                operand = getattr(value, each.name)
                if operand is not None and operand is not UNSET:
                    operator = Operator(each.name.rstrip("_"))
                    yield Test(word, operator, _operand(value, operand))


def _keyed(word: str, given: KeyedFilter) -> Iterator[Test]:
    for each in fields(given):
        operand = getattr(given, each.name)
        if each.name != "key" and operand is not None and operand is not UNSET:
            operand = tuple(operand) if isinstance(operand, list) else operand
            yield Test(word, Operator(each.name.rstrip("_")), Keyed(given.key, operand))


def _operand(kind: Any, operand: Any) -> Any:
    if isinstance(operand, list):
        return tuple(_operand(kind, each) for each in operand)
    if isinstance(kind, IdFilter) and isinstance(operand, str):
        if (parts := ids.split(operand)) is None:
            raise MalformedId("prefix")
        return parts[1]
    return operand
