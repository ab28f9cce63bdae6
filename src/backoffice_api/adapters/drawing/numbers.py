"""Amounts, prices and rates as electronic invoices write them: with a point, and no separators."""

from collections.abc import Mapping
from typing import Any

from backoffice_api.adapters.drawing.pipe import Refused, Sheet

_MICRO_DECIMALS = 6
# Source: UNTDID 5305, as EN 16931 takes it; the words are those of `TaxCategory`.
CATEGORY_CODES: Mapping[str, str] = {
    "standard": "S",
    "zero": "Z",
    "exempt": "E",
    "reverse_charge": "AE",
    "intra_community": "K",
    "export": "G",
    "outside": "O",
}
PIECE = "C62"
INVOICE_CODE, CREDIT_NOTE_CODE = "380", "381"
SEPA_TRANSFER = "58"
GUIDELINE = "urn:cen.eu:en16931:2017"


def amount(minor: int, decimals: int) -> str:
    """An amount in the main unit: 12.50."""
    sign, digits = "-" if minor < 0 else "", f"{abs(minor):0{decimals + 1}}"
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def percent(ppm: int) -> str:
    """A rate in percent, with as many decimals as it has: 19, 5.5."""
    digits = amount(ppm, 4)
    return digits.rstrip("0").rstrip(".")


def net_price(line: Sheet, sheet: Sheet) -> str:
    """The price of one piece without tax.

    Where prices contain the tax, it is the net amount by the pieces, with the discount in it.
    """
    if not sheet["tax_included"]:
        return amount(line["unit_price_micro"], _MICRO_DECIMALS)
    micro = line["net_minor"] * 10 ** (_MICRO_DECIMALS - sheet["decimals"])
    pieces = line["quantity"]
    return amount((2 * micro + pieces) // (2 * pieces), _MICRO_DECIMALS)


def line_discount(line: Sheet, sheet: Sheet) -> int:
    """What is taken off a line besides its net price, in minor units."""
    discount: int = 0 if sheet["tax_included"] else line["discount_minor"]
    return discount


def title_of(line: Sheet) -> str:
    """What a line is called; EN 16931 wants a name of every one."""
    return line["title"] or line["sku"] or "-"


def vat_id(party: Mapping[str, Any]) -> str | None:
    """The number of a party in the system of value added tax. None: it has none."""
    return next((each["value"] for each in party["tax_ids"] if each["kind"] == "vat"), None)


def legal_id(party: Mapping[str, Any]) -> str | None:
    """The number of a party in a register of companies or people. None: it has none."""
    others = (each["value"] for each in party["tax_ids"] if each["kind"] != "vat")
    return party["registration"] or next(others, None)


def check_en_16931(sheet: Sheet) -> None:
    """Refuse what EN 16931 does not take.

    Raises:
        Refused: the buyer has no name or country (BT-44, BT-55), or the seller no VAT id where
            a line bears or is relieved of the tax (BR-S-2 and its like).
    """
    if not sheet["buyer"]["name"]:
        raise Refused("The buyer has no name, which EN 16931 asks for.")
    if not sheet["buyer"]["country"]:
        raise Refused("The buyer has no country, which EN 16931 asks for.")
    if vat_id(sheet["seller"]) is None and any(
        tax["category"] != "outside" for tax in sheet["taxes"]
    ):
        raise Refused("The seller has no VAT id, which EN 16931 asks for.")
