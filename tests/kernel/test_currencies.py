import iso4217
import pytest

from backoffice_api.domain.kernel.currencies import EXPONENTS, UnknownCurrency, exponent


class TestExponents:
    def test_are_those_of_the_whole_iso_table(self) -> None:
        published = {
            code: int(str(row["CcyMnrUnts"]))
            for code, row in iso4217.raw_table.items()
            if str(row["CcyMnrUnts"]).isdigit()
        }

        assert len(published) == 165
        assert published == EXPONENTS

    def test_leave_out_what_has_no_minor_unit(self) -> None:
        without = {code for code, row in iso4217.raw_table.items() if row["CcyMnrUnts"] == "N.A."}

        assert {"XAU", "XDR", "XTS", "XXX"} <= without
        assert without.isdisjoint(EXPONENTS)


class TestExponent:
    @pytest.mark.parametrize(
        ("code", "decimals"), [("JPY", 0), ("EUR", 2), ("BRL", 2), ("KWD", 3), ("CLF", 4)]
    )
    def test_is_the_number_of_decimals(self, code: str, decimals: int) -> None:
        assert exponent(code) == decimals

    @pytest.mark.parametrize("code", ["", "eur", "EUR ", "XAU", "BGN", "€"])
    def test_knows_current_codes_only(self, code: str) -> None:
        with pytest.raises(UnknownCurrency) as refusal:
            exponent(code)

        assert refusal.value.currency == code
        assert refusal.value.code == "UNKNOWN_CURRENCY"

    def test_echoes_at_most_forty_characters(self) -> None:
        with pytest.raises(UnknownCurrency) as refusal:
            exponent("X" * 10_000)

        assert str(refusal.value).count("X") == 39  # and the quote before them
