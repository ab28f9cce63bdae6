import re
import unicodedata
from itertools import product
from string import ascii_uppercase

import iso4217
import pytest
from stdnum import isin

from backoffice_api.domain.kernel.countries import NAMES, UnknownCountry, check_country

# ISO 4217 lists these beside the countries: unions of states, funds, and codes of no country.
NO_COUNTRIES = {
    "ARAB MONETARY FUND",
    "EUROPEAN UNION",
    "INTERNATIONAL MONETARY FUND (IMF)",
    "MEMBER COUNTRIES OF THE AFRICAN DEVELOPMENT BANK GROUP",
    'SISTEMA UNITARIO DE COMPENSACION REGIONAL DE PAGOS "SUCRE"',
}


def words(name: str) -> tuple[str, ...]:
    """Those of the name, without case, accents, order and article."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(sorted(set(re.findall(r"\w+", bare)) - {"the"}))


class TestNames:
    def test_are_those_of_iso(self) -> None:
        listed = {
            name
            for row in iso4217.raw_table.values()
            if isinstance(row["CtryNm"], set)
            for name in row["CtryNm"]
        }
        countries = {name for name in listed - NO_COUNTRIES if not name.startswith("ZZ")}

        ours = {words(name) for name in NAMES.values()}

        # ISO 3166 gives the Netherlands a longer name since 2024, ISO 4217 still the old one.
        assert ours ^ {words(name) for name in countries} == {
            words("Netherlands"),
            words("Netherlands (Kingdom of the)"),
        }
        assert len(ours) == len(NAMES) == 249

    def test_have_the_codes_of_iso(self) -> None:
        pairs = ["".join(letters) for letters in product(ascii_uppercase, repeat=2)]
        prefixes = {pair for pair in pairs if isin.is_valid(isin.from_natid(pair, "0"))}
        withdrawn, of_securities = {"AN", "CS"}, {"EU", "QS", "QT", "XA", "XB", "XC", "XD", "XF"}

        assert prefixes - withdrawn - of_securities - {"XK", "XS"} == set(NAMES)

    def test_are_sorted_by_code(self) -> None:
        assert list(NAMES) == sorted(NAMES)

    @pytest.mark.parametrize(
        ("code", "name"),
        [("BR", "Brazil"), ("GB", "United Kingdom of Great Britain and Northern Ireland")],
    )
    def test_belong_to_their_codes(self, code: str, name: str) -> None:
        assert NAMES[code] == name


class TestCheckCountry:
    def test_returns_the_code(self) -> None:
        assert check_country("PT") == "PT"

    @pytest.mark.parametrize("code", ["", "pt", "PRT", "UK", "EU", "XK", "AN", " PT", "P\u0422"])
    def test_knows_assigned_codes_only(self, code: str) -> None:
        with pytest.raises(UnknownCountry) as refusal:
            check_country(code)

        assert refusal.value.country == code
        assert refusal.value.code == "UNKNOWN_COUNTRY"
