"""Currencies: which codes ISO 4217 knows, and how many decimals each has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backoffice_api.domain.kernel.errors import Invalid

_CODES: Final[Mapping[int, str]] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS: Final[Mapping[str, int]] = {
    code: decimals for decimals, codes in _CODES.items() for code in codes.split()
}
"""Number of decimals of the minor unit, by code: 2 for EUR, 0 for JPY, 3 for KWD.

Source: ISO 4217 list one (current currency and funds codes) as published on 2026-01-01. Codes to
which it gives no minor unit (gold, special drawing rights, the codes for testing and for no
currency) and withdrawn ones are left out: nobody pays in them.
"""


@dataclass(eq=False)
class UnknownCurrency(Invalid):
    """The code is not that of a current ISO 4217 currency. Codes are three capital letters."""

    currency: str
    message = "{currency!r:.40} is not the code of a current currency (ISO 4217)."


def exponent(code: str) -> int:
    """How many decimals amounts of the currency have.

    Raises:
        UnknownCurrency: the code is not in `EXPONENTS`.
    """
    try:
        return EXPONENTS[code]
    except KeyError:
        raise UnknownCurrency(code) from None
