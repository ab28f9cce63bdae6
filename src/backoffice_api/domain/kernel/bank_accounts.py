"""Numbers of bank accounts and of banks, checked without asking any bank.

They are data of payments: refusals say what is wrong with them and never repeat them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.countries import NAMES
from backoffice_api.domain.kernel.errors import Invalid

IBAN_LENGTH_MAX = 34
BIC_LENGTH_MAX = 11

_SPACES: Final = dict.fromkeys(map(ord, " \u00a0\u202f-"))
# ISO 9362: four letters of the party, two of the country, two of the place, three of the branch.
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_KINDS: Final = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}

# What follows the country and the two check digits: so many digits (n), letters (a), or either
# (c). Source: SWIFT, IBAN registry, release 101; Kosovo takes part under XK.
_STRUCTURES: Final[Mapping[str, str]] = {
    "AD": "8n 12c",
    "AE": "19n",
    "AL": "8n 16c",
    "AT": "16n",
    "AZ": "4a 20c",
    "BA": "16n",
    "BE": "12n",
    "BG": "4a 6n 8c",
    "BH": "4a 14c",
    "BI": "23n",
    "BR": "23n 1a 1c",
    "BY": "4c 4n 16c",
    "CH": "5n 12c",
    "CR": "18n",
    "CY": "8n 16c",
    "CZ": "20n",
    "DE": "18n",
    "DJ": "23n",
    "DK": "14n",
    "DO": "4c 20n",
    "EE": "16n",
    "EG": "25n",
    "ES": "20n",
    "FI": "14n",
    "FK": "2a 12n",
    "FO": "14n",
    "FR": "10n 11c 2n",
    "GB": "4a 14n",
    "GE": "2a 16n",
    "GI": "4a 15c",
    "GL": "14n",
    "GR": "7n 16c",
    "GT": "24c",
    "HN": "4a 20n",
    "HR": "17n",
    "HU": "24n",
    "IE": "4a 14n",
    "IL": "19n",
    "IQ": "4a 15n",
    "IS": "22n",
    "IT": "1a 10n 12c",
    "JO": "4a 4n 18c",
    "KW": "4a 22c",
    "KZ": "3n 13c",
    "LB": "4n 20c",
    "LC": "4a 24c",
    "LI": "5n 12c",
    "LT": "16n",
    "LU": "3n 13c",
    "LV": "4a 13c",
    "LY": "21n",
    "MC": "10n 11c 2n",
    "MD": "20c",
    "ME": "18n",
    "MK": "3n 10c 2n",
    "MN": "16n",
    "MR": "23n",
    "MT": "4a 5n 18c",
    "MU": "4a 19n 3a",
    "NI": "4a 20n",
    "NL": "4a 10n",
    "NO": "11n",
    "OM": "3n 16c",
    "PK": "4a 16c",
    "PL": "24n",
    "PS": "4a 21c",
    "PT": "21n",
    "QA": "4a 21c",
    "RO": "4a 16c",
    "RS": "18n",
    "RU": "14n 15c",
    "SA": "2n 18c",
    "SC": "4a 20n 3a",
    "SD": "14n",
    "SE": "20n",
    "SI": "15n",
    "SK": "20n",
    "SM": "1a 10n 12c",
    "SO": "19n",
    "ST": "21n",
    "SV": "4a 20n",
    "TL": "19n",
    "TN": "20n",
    "TR": "6n 16c",
    "UA": "6n 19c",
    "VA": "18n",
    "VG": "4a 16n",
    "XK": "16n",
    "YE": "4a 4n 18c",
}


class BankNumberFault(Choice):
    """What is wrong with a number of a bank account or of a bank."""

    WRONG_SHAPE = "wrong_shape", "Too short, too long, or with characters that have no place in it."
    WRONG_CHECK_DIGITS = "wrong_check_digits", "Its check digits do not fit: mistyped."
    UNKNOWN_COUNTRY = "unknown_country", "It names no country that has such numbers."

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(eq=False)
class InvalidIban(Invalid):
    """The value is no IBAN. The refusal does not repeat it."""

    fault: BankNumberFault
    message = "This is not an IBAN: {fault.words}."


@dataclass(eq=False)
class InvalidBic(Invalid):
    """The value is no BIC. The refusal does not repeat it."""

    fault: BankNumberFault
    message = "This is not a BIC: {fault.words}."


def check_iban(value: str) -> str:
    """The IBAN in its electronic form: capital letters and digits, without spaces.

    Shape and length are those of its country in the registry; the check digits are calculated by
    ISO 7064, MOD 97-10 (ISO 13616-1:2020). Whether there is such an account only its bank knows.

    Raises:
        InvalidIban: it is none; `fault` says why.
    """
    compact = value.translate(_SPACES)
    # Tested before upper(), which turns some letters that are not ASCII into ones that are.
    if not (compact.isascii() and compact.isalnum()):
        raise InvalidIban(BankNumberFault.WRONG_SHAPE)
    compact = compact.upper()
    if compact[:2] not in _STRUCTURES:
        raise InvalidIban(BankNumberFault.UNKNOWN_COUNTRY)
    if not _shape(compact[:2]).fullmatch(compact):
        raise InvalidIban(BankNumberFault.WRONG_SHAPE)
    # Letters count as two digits, A as 10: what int() makes of them in base 36.
    digits = "".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])
    # The registry gives out 02 to 98: other digits pass the arithmetic, and no bank uses them.
    if int(digits) % 97 != 1 or not "02" <= compact[2:4] <= "98":
        raise InvalidIban(BankNumberFault.WRONG_CHECK_DIGITS)
    return compact


def check_bic(value: str) -> str:
    """The BIC in capital letters and digits, 8 or 11 of them (ISO 9362:2022).

    Shape and country are checked, not whether a bank has it.

    Raises:
        InvalidBic: it is none; `fault` says why.
    """
    compact = value.translate(_SPACES)
    if not compact.isascii():
        raise InvalidBic(BankNumberFault.WRONG_SHAPE)
    match = _BIC.fullmatch(compact.upper())
    if not match:
        raise InvalidBic(BankNumberFault.WRONG_SHAPE)
    if match[1] not in NAMES and match[1] != "XK":
        raise InvalidBic(BankNumberFault.UNKNOWN_COUNTRY)
    return match[0]


def masked(number: str) -> str:
    """A number of an account as those may see it who must not know it: `DE••••3000`.

    What is too short to hide anything is hidden as a whole.
    """
    if len(number) < 10:
        return "••••"
    return f"{number[:2]}••••{number[-4:]}"


@cache
def _shape(country: str) -> re.Pattern[str]:
    parts = _STRUCTURES[country].split()
    bban = "".join(f"{_KINDS[part[-1]]}{{{part[:-1]}}}" for part in parts)
    return re.compile(f"{country}[0-9]{{2}}{bban}")
