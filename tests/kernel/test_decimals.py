from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.decimals import NotADecimal, canonical, parse_decimal

finite = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**19), max_value=10**19)
nearly_plain = st.from_regex(r"[+-]?[0-9]{0,25}(\.[0-9]{0,25})?", fullmatch=True)


class TestParseDecimal:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("0", Decimal(0)),
            ("12.50", Decimal("12.50")),
            ("-3", Decimal(-3)),
            ("+0.001", Decimal("0.001")),
            ("007", Decimal(7)),
            ("9" * 38, Decimal(10**38 - 1)),
            ("-0." + "1" * 37, Decimal("-0." + "1" * 37)),
        ],
    )
    def test_reads_plain_notation(self, text: str, number: Decimal) -> None:
        assert parse_decimal(text) == number

    def test_keeps_trailing_zeros(self) -> None:
        assert str(parse_decimal("12.500")) == "12.500"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "1.2.3",
            "--1",
            "+-1",
            "1e3",
            "1E1000000",
            "NaN",
            "sNaN",
            "Infinity",
            "-inf",
            "1_000",
            "1,000",
            "1,5",
            " 1",
            "1 ",
            "1\n",
            "\u0661\u0662",
            "\uff11",
            "\u00b2",
            "\u22121",
            "0x10",
            "1\x00",
            "9" * 39,
            "0." + "0" * 38,
        ],
    )
    def test_takes_nothing_else(self, text: str) -> None:
        with pytest.raises(NotADecimal) as refusal:
            parse_decimal(text)

        assert refusal.value.text == text
        assert refusal.value.code == "NOT_A_DECIMAL"

    def test_echoes_at_most_forty_characters(self) -> None:
        with pytest.raises(NotADecimal) as refusal:
            parse_decimal("7" * 400)

        assert str(refusal.value).count("7") == 39  # and the quote before them

    def test_echoes_no_line_break(self) -> None:
        with pytest.raises(NotADecimal) as refusal:
            parse_decimal("1\r\nlevel=error")

        assert str(refusal.value).splitlines() == [str(refusal.value)]

    @given(nearly_plain | st.text(st.sampled_from("0123456789.+-eE_ ,nNaA\u0663"), max_size=45))
    def test_agrees_with_decimal_on_all_it_takes(self, text: str) -> None:
        try:
            number = parse_decimal(text)
        except NotADecimal:
            return

        assert number == Decimal(text)
        assert number.is_finite()
        assert len(number.as_tuple().digits) <= 38
        assert set(text) <= set("0123456789.+-")


class TestCanonical:
    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (Decimal("1.50"), "1.50"),
            (Decimal("1E+3"), "1000"),
            (Decimal("1E-7"), "0.0000001"),
            (Decimal("-0.00"), "0.00"),
            (Decimal("-12"), "-12"),
            (Decimal("1234567890123456789012345678901234567.8"),) * 2,
        ],
    )
    def test_is_plain_notation(self, number: Decimal, text: object) -> None:
        assert canonical(number) == str(text)

    @pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
    def test_refuses_what_is_no_number(self, number: str) -> None:
        with pytest.raises(NotADecimal):
            canonical(Decimal(number))

    @given(finite.filter(lambda number: len(format(number, "f").lstrip("-")) <= 38))
    def test_is_read_back_as_the_same_number(self, number: Decimal) -> None:
        text = canonical(number)

        assert parse_decimal(text) == number
        assert canonical(parse_decimal(text)) == text
