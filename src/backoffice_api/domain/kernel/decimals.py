"""Decimal numbers as text: one strict form to read and one plain form to write."""

import re
from dataclasses import dataclass
from decimal import Decimal

from backoffice_api.domain.kernel.errors import Invalid

DIGITS_MAX = 38
"""Digits of a number, before and after the point together: as many as `numeric(38)` holds."""

_PLAIN = re.compile(r"[+-]?([0-9]+)(?:\.([0-9]+))?")


@dataclass(eq=False)
class NotADecimal(Invalid):
    """The text is not a decimal number in plain notation, such as `-12.50`.

    Exponents, infinities, spaces, thousands separators and more than 38 digits are not taken.
    """

    text: str
    message = "{text!r:.40} is not a decimal number such as -12.50, of at most 38 digits."


def parse_decimal(text: str) -> Decimal:
    """The number that the text writes in plain notation, with its trailing zeros.

    Stricter than `Decimal(text)`, which also reads `1e999999`, `NaN`, `1_000`, ` 1 ` and
    the digits of other scripts.

    Raises:
        NotADecimal: the text is anything but an optional sign, digits, and an optional point
            with more digits, or has more than `DIGITS_MAX` digits.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None or sum(map(len, plain.groups(default=""))) > DIGITS_MAX:
        raise NotADecimal(text)
    return Decimal(text)


def canonical(number: Decimal) -> str:
    """The number in plain notation: never an exponent, a plus sign or a minus before zero.

    Trailing zeros stay, for they say how precise the number is: 1.50 is written `1.50`.

    Raises:
        NotADecimal: the number is infinite or NaN.
    """
    if not number.is_finite():
        raise NotADecimal(str(number))
    return format(number, "zf")
