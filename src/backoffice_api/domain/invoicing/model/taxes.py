"""Taxes on invoices: categories, and rates where an order tells amounts only.

Orders carry the tax of each line as an amount. A rate that is given stands; else it is the rate
that explains the amount, sought among those of the seller's country, then among round ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid

MILLION = 1_000_000
_PERCENT_DECIMALS = 4
REASON_LENGTH_MAX = 250
# Steps in which rates are sought: whole percents, halves, tenths, hundredths, and the finest.
_STEPS = (10_000, 5_000, 1_000, 100, 1)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTax:
    """What is known of the tax of a line. `line_id` None: of the delivery.

    `rate_ppm`: in millionths, 190000 for 19 %. None: as the amount tells.
    """

    line_id: UUID | None
    category: TaxCategory | None = None
    rate_ppm: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of a line. `reason`: why none is due, in words; None where some is."""

    category: TaxCategory
    rate_ppm: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """What a line comes to without tax, its tax, and why."""

    net_minor: int
    tax_minor: int
    tax: Tax


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What all lines of one category and rate come to."""

    category: TaxCategory
    rate_ppm: int
    reason: str | None
    net_minor: int
    tax_minor: int


@dataclass(eq=False)
class InvalidRate(Invalid):
    """A rate of tax is out of range, or finer than rates are."""

    message = "A rate is 0 to 100 percent, with at most 4 decimals."


@dataclass(eq=False)
class TaxContradicts(Invalid):
    """The category or the rate that was given cannot be, with the tax that the line bears."""

    message = "The tax of the line is another one than its category and rate come to."


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


def tax_of(
    net_minor: int,
    tax_minor: int,
    *,
    given: GivenTax | None,
    known: Sequence[int],
    untaxed: Tax,
) -> Tax:
    """The tax of a line, from its amounts and what is known of it.

    `known`: rates of the seller's country. `untaxed`: what a line without tax is, if nobody says.

    Raises:
        TaxContradicts: what was given does not come to the amount, within one minor unit.
    """
    given = given or GivenTax(line_id=None)
    if tax_minor == 0 and not given.rate_ppm:
        category = given.category or untaxed.category
        if category is TaxCategory.STANDARD:
            raise TaxContradicts
        usual = untaxed.reason if category is untaxed.category else None
        return Tax(category, 0, given.reason or usual or REASONS.get(category))
    if given.category not in (None, TaxCategory.STANDARD):
        raise TaxContradicts
    rate = given.rate_ppm or derived_rate(net_minor, tax_minor, known)
    # One minor unit beside the exact amount: taxes are rounded by line or by document.
    if abs(net_minor * rate - tax_minor * MILLION) > MILLION:
        raise TaxContradicts
    return Tax(TaxCategory.STANDARD, rate, None)


def derived_rate(net_minor: int, tax_minor: int, known: Sequence[int]) -> int:
    """The rate in millionths that explains a tax: one of `known`, or else the roundest there is.

    Small amounts are explained by many rates; which one it was, only who made the order knows.
    """
    if net_minor <= 0:
        return 0
    exact = tax_minor * MILLION
    fitting = [rate for rate in known if 2 * abs(net_minor * rate - exact) <= MILLION]
    if fitting:
        return min(fitting, key=lambda rate: abs(net_minor * rate - exact))
    for step in _STEPS:
        # The multiple of the step that is nearest to the quotient.
        rate = (2 * exact + net_minor * step) // (2 * net_minor * step) * step
        if rate and 2 * abs(net_minor * rate - exact) <= MILLION:
            return rate
    return exact // net_minor


def totals_of(lines: Iterable[TaxedAmount]) -> tuple[TaxTotal, ...]:
    """The breakdown by category and rate, highest rate first."""
    sums: dict[tuple[TaxCategory, int], TaxTotal] = {}
    for line in lines:
        tax = line.tax
        key = (tax.category, tax.rate_ppm)
        old = sums.get(key, TaxTotal(*key, tax.reason, 0, 0))
        sums[key] = TaxTotal(
            *key, old.reason, old.net_minor + line.net_minor, old.tax_minor + line.tax_minor
        )
    return tuple(sorted(sums.values(), key=lambda each: (-each.rate_ppm, each.category.value)))
