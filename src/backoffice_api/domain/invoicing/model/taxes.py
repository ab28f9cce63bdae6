"""Taxes on invoices: categories, and rates where an order tells amounts only.

Orders carry the tax of each line as an amount. A rate that is given stands; else it is the rate
that explains the amount, sought among those of the seller's country, then among round ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.taxes.model.categories import REASONS, TaxCategory

MILLION = 1_000_000
REASON_LENGTH_MAX = 250
# Steps in which rates are sought: whole percents, halves, tenths, hundredths, and the finest.
_STEPS = (10_000, 5_000, 1_000, 100, 1)


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
class TaxContradicts(Invalid):
    """The category or the rate that was given cannot be, with the tax that the line bears."""

    message = "The tax of the line is another one than its category and rate come to."


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
