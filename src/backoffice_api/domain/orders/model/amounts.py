"""What an order comes to: how each amount follows from quantities, prices and what was given.

Two places round, and each says how. A line's subtotal is price times quantity, rounded half-even
(`UnitPrice.times`); what the rounding took away is stored with it. A discount on the whole order
is shared out over the lines by `Money.allocate`, so that the shares sum to it. Everything else is
a sum of amounts that are whole minor units already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.money import AmountTooLarge, CurrencyMismatch, Money

# Below 10**12 of the main unit, a line's exact value fits 64 bits even in millionths.
MAIN_UNITS_MAX = 10**12


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order comes to. `discount` is what was taken off; `total` is what is to be paid."""

    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What a line comes to: price times quantity, its share of discounts, its tax."""

    subtotal: Money
    discount: Money
    tax: Money


@dataclass(eq=False)
class DiscountTooLarge(Invalid):
    """The discounts are more than the lines come to."""

    maximum: str
    message = "The discounts are more than the lines come to, {maximum}."


@dataclass(eq=False)
class NegativeAmount(Invalid):
    """A price, discount, tax or cost of shipping is below zero."""

    message = "This is zero or more."


def discount_shares(discount: Money, subtotals: Sequence[Money]) -> tuple[Money, ...]:
    """What each line bears of a discount on the whole order, in proportion to its subtotal.

    Raises:
        DiscountTooLarge: it is more than the lines come to.
    """
    whole = Money(sum(each.minor for each in subtotals), discount.currency)
    if discount > whole:
        raise DiscountTooLarge(str(whole)).at("discounts")
    if not discount:
        return tuple(discount for _ in subtotals)
    return discount.allocate([each.minor for each in subtotals])


def share_left(amount: Money, left: int, quantity: int) -> Money:
    """What of an amount for `quantity` pieces falls to the `left` ones.

    Rounded half up; the pieces that are gone bear the rest, so that the two sum to the amount.
    """
    return amount.allocate((left, quantity - left))[0]


def amount_max(currency: str) -> Money:
    """The largest amount that an order or a line may come to."""
    return Money(int(MAIN_UNITS_MAX * 10 ** EXPONENTS[currency]), currency)


def check_amount(amount: Money, faults: Faults, *path: str | int) -> None:
    """Note if an amount of an order is below zero, or larger than it may be."""
    if amount.minor < 0:
        faults.add(NegativeAmount().at(*path))
    maximum = amount_max(amount.currency)
    if amount > maximum:
        faults.add(AmountTooLarge(amount.currency, maximum.amount).at(*path))


def check_given(faults: Faults, amount: Money | None, currency: str, *path: str | int) -> None:
    """Note what is wrong with an amount that was given for an order in `currency`. None is fine."""
    if amount is None:
        return
    if amount.currency != currency:
        faults.add(CurrencyMismatch(currency, amount.currency).at(*path))
    else:
        check_amount(amount, faults, *path)
