"""What becomes of barcodes in spreadsheets, and what of it can be told and undone.

Spreadsheets take codes for numbers: leading zeros go, long ones turn into 4.00638E+12. Other
programs fill up with zeros to a fixed width. The check digit does not depend on leading zeros, so
it says whether restoring them gives a number that GS1 could have given out.
"""

import re
from dataclasses import dataclass

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.gtin import LENGTHS, check_digit

_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_LENGTH_MIN, _LENGTH_MAX = min(LENGTHS), max(LENGTHS)


class BarcodeDamage(Choice):
    """What is wrong with a code that should be a GTIN."""

    ZEROS_RESTORED = (
        "barcode_zeros_restored",
        "It had lost leading zeros, or got too many; with the right number it is a GTIN.",
    )
    WRONG_CHECK_DIGIT = (
        "barcode_wrong_check_digit",
        "It is as long as a GTIN, but its last digit does not fit: a digit was misread.",
    )
    TOO_SHORT = (
        "barcode_too_short",
        "It has too few digits, and filling it with zeros gives no GTIN: digits are missing.",
    )
    TOO_LONG = (
        "barcode_too_long",
        "It has more than 14 digits, and leaving out leading zeros gives no GTIN.",
    )
    SCIENTIFIC_NOTATION = (
        "barcode_scientific_notation",
        "A spreadsheet took it for a number and has cut it: the last digits are lost.",
    )
    NOT_DIGITS = "barcode_not_digits", "It holds something else than digits: it is no GTIN."

    @property
    def is_repaired(self) -> bool:
        return self is BarcodeDamage.ZEROS_RESTORED


@dataclass(frozen=True, slots=True)
class ReadBarcode:
    """A code as it is to be kept. `is_gtin`: it is one now. `damage` None: it was one before."""

    code: str
    is_gtin: bool
    damage: BarcodeDamage | None = None


def read_barcode(code: str) -> ReadBarcode:
    """What a code of a file stands for."""
    if not (code.isascii() and code.isdigit()):
        scientific = _SCIENTIFIC.fullmatch(code)
        kind = BarcodeDamage.SCIENTIFIC_NOTATION if scientific else BarcodeDamage.NOT_DIGITS
        return ReadBarcode(code, is_gtin=False, damage=kind)
    fits = check_digit(code[:-1]) == code[-1] if len(code) > 1 else False
    if len(code) in LENGTHS:
        damage = None if fits else BarcodeDamage.WRONG_CHECK_DIGIT
        return ReadBarcode(code, is_gtin=fits, damage=damage)
    bare = code.lstrip("0")
    if fits and bare and len(bare) <= _LENGTH_MAX:
        length = next(each for each in sorted(LENGTHS) if each >= len(bare))
        return ReadBarcode(bare.zfill(length), is_gtin=True, damage=BarcodeDamage.ZEROS_RESTORED)
    long = len(code) > _LENGTH_MAX
    return ReadBarcode(
        code, is_gtin=False, damage=BarcodeDamage.TOO_LONG if long else BarcodeDamage.TOO_SHORT
    )
