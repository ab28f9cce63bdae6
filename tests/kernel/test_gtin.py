import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from backoffice_api.domain.kernel.gtin import (
    GtinFault,
    InvalidGtin,
    check_digit,
    check_gtin,
    is_restricted,
    normal,
)

digits = st.text("0123456789", max_size=16)
bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


def completed(body: str) -> str:
    return body + ean.calc_check_digit(body)


class TestCheckGtin:
    @pytest.mark.parametrize(
        "code", ["73513537", "036000291452", "4006381333931", "9780471117094", "98412345678908"]
    )
    def test_returns_the_code_as_given(self, code: str) -> None:
        assert check_gtin(code) == code

    @pytest.mark.parametrize(
        ("code", "fault"),
        [
            ("", GtinFault.EMPTY),
            ("40063813 33931", GtinFault.NOT_DIGITS),
            ("978-0-471-11709-4", GtinFault.NOT_DIGITS),
            ("400638133393X", GtinFault.NOT_DIGITS),
            ("4006381333931\n", GtinFault.NOT_DIGITS),
            ("\u0664006381333931", GtinFault.NOT_DIGITS),
            ("\u00b2006381333931", GtinFault.NOT_DIGITS),
            ("0", GtinFault.WRONG_LENGTH),
            ("40063813339", GtinFault.WRONG_LENGTH),
            ("004006381333931", GtinFault.WRONG_LENGTH),
            ("4006381333932", GtinFault.WRONG_CHECK_DIGIT),
            ("73513536", GtinFault.WRONG_CHECK_DIGIT),
        ],
    )
    def test_says_what_is_wrong(self, code: str, fault: GtinFault) -> None:
        with pytest.raises(InvalidGtin) as refusal:
            check_gtin(code)

        assert (refusal.value.gtin, refusal.value.fault) == (code, fault)
        assert refusal.value.code == "INVALID_GTIN"

    def test_says_it_in_words(self) -> None:
        with pytest.raises(InvalidGtin, match=r"^'73513536' is not a GTIN: wrong check digit\.$"):
            check_gtin("73513536")

    def test_echoes_at_most_forty_characters(self) -> None:
        with pytest.raises(InvalidGtin) as refusal:
            check_gtin("7" * 10_000)

        assert str(refusal.value).count("7") == 39  # and the quote before them

    @given(digits | bodies.map(completed))
    def test_takes_what_stdnum_takes(self, code: str) -> None:
        try:
            taken = check_gtin(code) == code
        except InvalidGtin:
            taken = False

        assert taken == ean.is_valid(code)

    @given(bodies.map(completed), st.data())
    def test_finds_every_single_wrong_digit(self, code: str, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(code) - 1))
        wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != code[position]]))

        with pytest.raises(InvalidGtin) as refusal:
            check_gtin(code[:position] + wrong + code[position + 1 :])

        assert refusal.value.fault is GtinFault.WRONG_CHECK_DIGIT


class TestCheckDigit:
    @given(st.text("0123456789", min_size=1, max_size=20))
    def test_is_that_of_stdnum(self, body: str) -> None:
        assert check_digit(body) == ean.calc_check_digit(body)

    @pytest.mark.parametrize(
        ("body", "fault"), [("", GtinFault.EMPTY), ("12a", GtinFault.NOT_DIGITS)]
    )
    def test_needs_digits(self, body: str, fault: GtinFault) -> None:
        with pytest.raises(InvalidGtin) as refusal:
            check_digit(body)

        assert refusal.value.fault is fault


class TestNormal:
    def test_is_the_same_for_the_same_item(self) -> None:
        assert normal("036000291452") == normal("0036000291452") == "00036000291452"

    def test_tells_packaging_levels_apart(self) -> None:
        assert normal(completed("1400638133393")) != normal("4006381333931")

    @given(bodies.map(completed))
    def test_is_a_gtin_of_its_own(self, code: str) -> None:
        assert len(normal(code)) == 14
        assert normal(normal(code)) == normal(code)
        assert int(normal(code)) == int(code)

    def test_is_made_of_valid_codes_only(self) -> None:
        with pytest.raises(InvalidGtin):
            normal("73513536")


class TestIsRestricted:
    @pytest.mark.parametrize(
        "body",
        [
            "0210000",
            "2000000",
            "2999999",
            "21234567890",
            "41234567890",
            "201234567890",
            "299999999999",
            "021234567890",
            "041234567890",
            "000000012345",
            "000000000000",
            "1201234567890",
            "0041234567890",
        ],
    )
    def test_knows_prefixes_for_use_in_house(self, body: str) -> None:
        assert is_restricted(completed(body)) is True

    @pytest.mark.parametrize(
        "body",
        [
            "1000000",
            "3000000",
            "9638507",
            "03600029145",
            "31234567890",
            "51234567890",
            "000012345678",
            "400638133393",
            "192345678901",
            "300000000000",
            "978047111709",
            "990000000000",
            "2400638133393",
        ],
    )
    def test_lets_all_others_pass(self, body: str) -> None:
        assert is_restricted(completed(body)) is False

    @given(bodies.map(completed))
    def test_is_the_same_for_every_way_to_write_a_code(self, code: str) -> None:
        assert is_restricted(normal(code)) is is_restricted(code)
