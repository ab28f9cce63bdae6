"""Global Trade Item Numbers: the digits under a barcode.

Source: GS1 General Specifications, release 26. They name a GTIN by its length (GTIN-8, GTIN-12 or
UPC-A, GTIN-13 or EAN-13, GTIN-14), end it with a check digit over all digits before it, and
compare two of them after filling both with zeros to 14 digits.
"""

from dataclasses import dataclass
from enum import StrEnum

from backoffice_api.domain.kernel.errors import Invalid

LENGTHS = (8, 12, 13, 14)

_GTIN_8_FILL = "000000"
_RESTRICTED_GS1_8_PREFIXES = ("0", "2")
_RESTRICTED_GS1_PREFIXES = ("02", "04", "2")


class GtinFault(StrEnum):
    """What is wrong with a code that should be a GTIN."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    WRONG_CHECK_DIGIT = "wrong_check_digit"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(eq=False)
class InvalidGtin(Invalid):
    """The code is not a GTIN: 8, 12, 13 or 14 digits, the last of which checks the others."""

    gtin: str
    fault: GtinFault
    message = "{gtin!r:.40} is not a GTIN: {fault.words}."


def check_gtin(code: str) -> str:
    """The code as given, if it is a GTIN-8, GTIN-12, GTIN-13 or GTIN-14.

    Raises:
        InvalidGtin: it is not; `fault` says why. Spaces and hyphens are no digits.
    """
    _check_digits(code)
    if len(code) not in LENGTHS:
        raise InvalidGtin(code, GtinFault.WRONG_LENGTH)
    if check_digit(code[:-1]) != code[-1]:
        raise InvalidGtin(code, GtinFault.WRONG_CHECK_DIGIT)
    return code


def normal(code: str) -> str:
    """The 14-digit form of a GTIN: two codes name the same item exactly if theirs are equal.

    Raises:
        InvalidGtin: the code is not a GTIN.
    """
    return check_gtin(code).zfill(14)


def check_digit(body: str) -> str:
    """The digit that completes the body to a GTIN; also to a GLN or SSCC, which share the rule.

    The digits are weighted 3, 1, 3, … from the right; the check digit fills their sum up to a
    multiple of ten (section 7.9).

    Raises:
        InvalidGtin: the body is empty or has other characters than digits.
    """
    _check_digits(body)
    weighted = 3 * sum(map(int, body[-1::-2])) + sum(map(int, body[-2::-2]))
    return str(-weighted % 10)


def is_restricted(code: str) -> bool:
    """Whether the GTIN is a restricted circulation number, unique only in one company or region.

    Shops print them on what they weigh or pack themselves; the same number names something else
    in the next shop, so it must not identify an item between companies. These are GS1-8 prefixes
    000-099 and 200-299, and GS1 prefixes 0000000, 02, 04 and 20-29 (tables 1-4 and 1-5). Coupons
    (05, 981-984, 99) and refund receipts (980) are restricted otherwise, and not meant here.

    Raises:
        InvalidGtin: the code is not a GTIN.
    """
    digits = normal(code)
    if digits.startswith(_GTIN_8_FILL):
        # Prefix 0000000 falls in here: filled with zeros it cannot be told from a GTIN-8.
        return digits.removeprefix(_GTIN_8_FILL).startswith(_RESTRICTED_GS1_8_PREFIXES)
    # The first of 14 digits is the packaging level; the GS1 prefix stands behind it.
    return digits[1:].startswith(_RESTRICTED_GS1_PREFIXES)


def _check_digits(code: str) -> None:
    if not code:
        raise InvalidGtin(code, GtinFault.EMPTY)
    if not (code.isascii() and code.isdigit()):
        raise InvalidGtin(code, GtinFault.NOT_DIGITS)
