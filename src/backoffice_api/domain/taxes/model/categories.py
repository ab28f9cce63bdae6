"""Why something bears the tax that it bears, in the words that invoices use."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid

_PERCENT_DECIMALS = 4


class TaxCategory(Choice):
    """Why a line bears the tax that it bears: the categories of EN 16931."""

    STANDARD = "standard", "Taxed at a rate above zero."
    ZERO = "zero", "Taxed at a rate of zero."
    EXEMPT = "exempt", "Exempt from tax."
    REVERSE_CHARGE = "reverse_charge", "The buyer owes the tax."
    INTRA_COMMUNITY = "intra_community", "Goods to another country of the European Union."
    EXPORT = "export", "Goods that leave the European Union."
    OUTSIDE = "outside", "Not subject to the tax."

    @property
    def code(self) -> str:
        """As electronic invoices write it: UNTDID 5305, of which EN 16931 takes these."""
        return _CODES[self]


_CODES: Mapping[TaxCategory, str] = {
    TaxCategory.STANDARD: "S",
    TaxCategory.ZERO: "Z",
    TaxCategory.EXEMPT: "E",
    TaxCategory.REVERSE_CHARGE: "AE",
    TaxCategory.INTRA_COMMUNITY: "K",
    TaxCategory.EXPORT: "G",
    TaxCategory.OUTSIDE: "O",
}


# Categories that say themselves why no tax is due; EN 16931 wants words with the others.
REASONS: Mapping[TaxCategory, str] = {
    TaxCategory.EXEMPT: "Exempt from tax",
    TaxCategory.REVERSE_CHARGE: "Reverse charge",
    TaxCategory.INTRA_COMMUNITY: "Intra-community supply",
    TaxCategory.EXPORT: "Export outside the EU",
    TaxCategory.OUTSIDE: "Not subject to VAT",
}


@dataclass(eq=False)
class InvalidRate(Invalid):
    """A rate of tax is out of range, or finer than rates are."""

    message = "A rate is 0 to 100 percent, with at most 4 decimals."


def rate_from(percent: Decimal) -> int:
    """A rate that is given in percent, in millionths.

    Raises:
        InvalidRate: it is out of range, or too fine.
    """
    if not 0 <= percent <= 100 or percent != round(percent, _PERCENT_DECIMALS):
        raise InvalidRate
    return int(percent.scaleb(_PERCENT_DECIMALS))


def percent(rate_ppm: int) -> Decimal:
    """A rate in percent: 19 of 190000, 5.5 of 55000."""
    return Decimal(format(Decimal(rate_ppm).scaleb(-_PERCENT_DECIMALS).normalize(), "f"))
