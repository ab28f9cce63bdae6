"""Bounds of what comes from outside."""

import pytest

from backoffice_api.domain.kernel.errors import DomainError, Faults, SeveralFaults
from backoffice_api.domain.kernel.texts import (
    Duplicate,
    ForbiddenCharacter,
    InvalidText,
    OutOfRange,
    TooMany,
    check_distinct,
    check_range,
    check_size,
    check_text,
)


def only(faults: Faults) -> DomainError:
    (fault,) = faults
    return fault


class TestCheckText:
    @pytest.mark.parametrize("text", [None, "a", " a ", "é" * 250, "a\nb"])
    def test_lets_pass_what_has_room(self, text: str | None) -> None:
        faults = Faults()

        check_text(text, faults, "title")

        assert list(faults) == []

    @pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0", "a" * 251])
    def test_notes_what_is_empty_or_too_long(self, text: str) -> None:
        faults = Faults()

        check_text(text, faults, "lines", 3, "title")

        fault = only(faults)
        assert isinstance(fault, InvalidText)
        assert (fault.minimum, fault.maximum) == (1, 250)
        assert fault.path == ("lines", 3, "title")
        assert str(fault) == "This takes 1 to 250 characters."

    def test_lets_an_empty_text_pass_where_it_may(self) -> None:
        faults = Faults()

        check_text("", faults, "description", minimum=0)

        assert list(faults) == []

    @pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800"])
    def test_notes_what_no_database_can_keep(self, text: str) -> None:
        faults = Faults()

        check_text(text, faults, "title")

        fault = only(faults)
        assert isinstance(fault, ForbiddenCharacter)
        assert fault.path == ("title",)


class TestCheckRange:
    @pytest.mark.parametrize("number", [None, 1, 5])
    def test_lets_pass_what_lies_within(self, number: int | None) -> None:
        faults = Faults()

        check_range(number, faults, "quantity", minimum=1, maximum=5)

        assert list(faults) == []

    @pytest.mark.parametrize("number", [-1, 0, 6, 2**31, 2**63, -(2**63)])
    def test_notes_what_lies_outside(self, number: int) -> None:
        faults = Faults()

        check_range(number, faults, "quantity", minimum=1, maximum=5)

        fault = only(faults)
        assert isinstance(fault, OutOfRange)
        assert (fault.path, str(fault)) == (("quantity",), "This lies between 1 and 5.")


class TestCheckSize:
    def test_lets_pass_what_is_just_long_enough(self) -> None:
        faults = Faults()

        check_size((1, 2), faults, "lines", maximum=2)

        assert list(faults) == []

    def test_notes_what_is_longer(self) -> None:
        faults = Faults()

        check_size((1, 2, 3), faults, "lines", maximum=2)

        fault = only(faults)
        assert isinstance(fault, TooMany)
        assert (fault.path, str(fault)) == (("lines",), "At most 2 at once.")


class TestCheckDistinct:
    def test_notes_each_repetition_where_it_stands(self) -> None:
        faults = Faults()

        check_distinct(("a", "b", "a", "a"), faults, "skus")

        found = list(faults)
        assert [fault.path for fault in found] == [("skus", 2), ("skus", 3)]
        assert {type(fault) for fault in found} == {Duplicate}
        assert str(found[0]) == "'a' is named twice."


class TestFaults:
    def test_raise_nothing_when_there_are_none(self) -> None:
        Faults().check()

    def test_raise_the_only_one_as_it_is(self) -> None:
        faults = Faults()
        faults.add(TooMany(2).at("lines"))

        with pytest.raises(TooMany):
            faults.check()

    def test_raise_several_together_in_their_order(self) -> None:
        faults = Faults()
        faults.add(TooMany(2).at("lines"))
        faults.extend([Duplicate("a")])

        with pytest.raises(SeveralFaults) as raised:
            faults.check()

        assert [fault.code for fault in raised.value.reasons()] == ["TOO_MANY", "DUPLICATE"]
