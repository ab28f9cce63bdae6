"""What a property rests on, as it is read off its source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backoffice_api.engine.properties import (
    Construction,
    attributes_of,
    columns_of,
    construction_of,
    part_maker,
)


@dataclass(frozen=True, slots=True)
class Amount:
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Sums:
    total: Amount
    tax: Amount


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    total_minor: int
    tax_minor: int
    currency: str
    note: str

    @property
    def total(self) -> Amount:
        """What it comes to."""
        return Amount(self.total_minor, self.currency)

    @property
    def sums(self) -> Sums:
        return Sums(total=Amount(self.total_minor, self.currency), tax=Amount(0, "EUR"))

    @property
    def both(self) -> Sums:
        return Sums(
            Amount(self.total_minor, self.currency), tax=Amount(self.tax_minor, self.currency)
        )

    @property
    def net(self) -> int:
        return self.total.minor - self.tax_minor

    @property
    def shouted(self) -> str:
        return shout(self)

    @property
    def whole(self) -> str:
        return repr(self)

    @property
    def once_more(self) -> int:
        return self.doubled() + self.net

    def doubled(self) -> int:
        return 2 * self.tax_minor


def getter(name: str) -> Callable[[Any], Any]:
    member = vars(Row)[name]
    assert isinstance(member, property)
    assert member.fget is not None
    return member.fget


def shout(row: Row) -> str:
    return row.note.upper()


class TestAttributesOf:
    def test_are_those_that_are_touched(self) -> None:
        assert attributes_of(getter("net")) == frozenset({"total", "tax_minor"})

    def test_go_through_functions_that_get_the_whole(self) -> None:
        assert attributes_of(getter("shouted")) == frozenset({"note"})

    def test_are_unknown_where_the_whole_goes_elsewhere(self) -> None:
        assert attributes_of(getter("whole")) is None

    def test_are_unknown_of_what_has_no_source(self) -> None:
        assert attributes_of(eval("lambda row: row.note")) is None


class TestColumnsOf:
    @pytest.mark.parametrize(
        ("name", "columns"),
        [
            ("total", ("total_minor", "currency")),
            ("net", ("total_minor", "tax_minor", "currency")),
            ("once_more", ("total_minor", "tax_minor", "currency")),
            ("shouted", ("note",)),
            ("whole", None),
        ],
    )
    def test_are_the_fields_behind_a_property(
        self, name: str, columns: tuple[str, ...] | None
    ) -> None:
        assert columns_of(Row, getter(name)) == columns


class TestConstructionOf:
    def test_has_the_attribute_behind_each_field(self) -> None:
        found = construction_of(getter("total"))

        assert found is not None
        assert (found.made, found.parts) == (
            Amount,
            {"minor": "total_minor", "currency": "currency"},
        )

    def test_may_be_nested(self) -> None:
        found = construction_of(getter("both"))

        assert found is not None
        assert found.made is Sums
        assert found.parts == {
            "total": Construction(Amount, {"minor": "total_minor", "currency": "currency"}),
            "tax": Construction(Amount, {"minor": "tax_minor", "currency": "currency"}),
        }

    def test_is_none_where_something_is_calculated(self) -> None:
        assert construction_of(getter("net")) is None

    def test_is_none_where_a_part_is_no_attribute(self) -> None:
        assert construction_of(getter("sums")) is None


class TestPartMaker:
    def test_makes_values_with_these_fields_only(self) -> None:
        row = part_maker(Row, ("tax_minor", "total_minor", "currency"))(3, 10, "EUR")

        assert type(row) is Row
        assert row.net == 7
        with pytest.raises(AttributeError):
            _ = row.note
