"""Editing orders that are placed: what can still be changed of a line, and what it comes to then.

Pieces that are added count as ordered at the price of the line; pieces that are taken off count
as cancelled, and take their share of discount and tax with them. Discounts stay with the lines
that bear them, until they are given anew: then they are shared out over what can still be changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money, UnitPrice, total
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.orders.model.amounts import (
    DiscountTooLarge,
    NegativeAmount,
    check_amount,
    check_given,
    discount_shares,
    share_left,
)
from backoffice_api.domain.orders.model.lines import (
    QUANTITY_MAX,
    OrderLine,
    at_price,
    with_current,
    with_discount,
)
from backoffice_api.domain.orders.model.orders import OrderDiscount


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What a line is to be. None: as it is.

    `quantity`: pieces that are wanted now, with those that have left the house; 0 takes it off.
    `tax`: on these pieces. Where it is not given, it grows and shrinks with the subtotal.
    """

    line_id: UUID
    quantity: int | None = None
    unit_price: UnitPrice | None = None
    tax: Money | None = None


@dataclass(eq=False)
class NothingChanged(Invalid):
    """The edit names nothing that is to change."""

    message = "Nothing is to be changed."


@dataclass(eq=False)
class NothingLeft(Refused):
    """The edit would leave nothing of the order. Cancel it instead."""

    message = "Nothing would be left of the order; cancel it instead."


@dataclass(eq=False)
class PiecesShipped(Refused):
    """Pieces that have left the house stay as they are."""

    shipped: int
    message = "{shipped} pieces have left the house and stay as they are."


@dataclass(eq=False)
class DiscountTooSmall(Refused):
    """Lines that can no longer be changed bear more discount than is left."""

    minimum: str
    message = "At least {minimum}: so much is borne by what has left the house or was called off."


def edited(line: OrderLine, change: LineChange, faults: Faults, *path: str | int) -> OrderLine:
    """The line as it is to be. What is wrong with the change is noted, and leaves it as it is.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    found = Faults()
    _check(found, line, change)
    faults.extend(each.at(*path, *each.path) for each in found)
    if tuple(found):
        return line
    more = (line.current_quantity if change.quantity is None else change.quantity) - (
        line.current_quantity
    )
    grown = replace(
        line,
        quantity=line.quantity + max(0, more),
        added=line.added + max(0, more),
        cancelled=line.cancelled + max(0, -more),
    )
    price = change.unit_price or line.unit_price
    priced = at_price(grown, price)
    priced = replace(priced, price_given=line.price_given or change.unit_price is not None)
    check_amount(priced.ordered.subtotal, faults, *path, "unit_price")
    return with_current(replace(priced, tax_minor=_tax(line, priced, change)))


def shared_anew(
    lines: Sequence[OrderLine], discounts: Sequence[OrderDiscount], currency: str
) -> Sequence[OrderLine]:
    """The lines with the discounts shared out over those of them that can still be changed.

    Lines with pieces that have left the house, or of which nothing is left, keep what they bear.

    Raises:
        DiscountTooLarge: the discounts are more than these come to.
        DiscountTooSmall: the other lines bear more.
    """
    free = [line for line in lines if line.current_quantity and not line.shipped]
    kept = sum(line.discount_minor for line in lines if line not in free)
    rest = total((each.amount for each in discounts), currency) - Money(kept, currency)
    if rest.minor < 0:
        raise DiscountTooSmall(str(Money(kept, currency))).at("discounts")
    subtotals = [line.ordered.subtotal for line in free]
    maximum = Money(sum(each.minor for each in subtotals), currency)
    if rest > maximum:
        raise DiscountTooLarge(str(maximum + Money(kept, currency))).at("discounts")
    shares = dict(zip((line.id for line in free), discount_shares(rest, subtotals), strict=True))
    return [with_discount(line, shares[line.id]) if line.id in shares else line for line in lines]


def _check(faults: Faults, line: OrderLine, change: LineChange) -> None:
    price, quantity = change.unit_price, change.quantity
    most = QUANTITY_MAX - line.cancelled
    if quantity is not None and not 0 <= quantity <= most:
        faults.add(OutOfRange(0, most).at("quantity"))
    elif quantity is not None and quantity < line.shipped:
        faults.add(PiecesShipped(line.shipped).at("quantity"))
    if price and price.currency != line.currency:
        faults.add(CurrencyMismatch(line.currency, price.currency).at("unit_price"))
    elif price and price.micro < 0:
        faults.add(NegativeAmount().at("unit_price"))
    elif price and price != line.unit_price and line.shipped:
        faults.add(PiecesShipped(line.shipped).at("unit_price"))
    if change.tax is not None and line.shipped:
        faults.add(PiecesShipped(line.shipped).at("tax"))
    check_given(faults, change.tax, line.currency, "tax")


def _tax(before: OrderLine, after: OrderLine, change: LineChange) -> int:
    """Tax on all pieces ever wanted, such that those wanted now bear what was given."""
    if change.tax is not None:
        return _grown(change.tax, after.current_quantity, after.quantity)
    if not before.subtotal_minor or after.subtotal_minor == before.subtotal_minor:
        return before.tax_minor
    twice = 2 * before.tax_minor * after.subtotal_minor + before.subtotal_minor
    return twice // (2 * before.subtotal_minor)


def _grown(amount: Money, left: int, quantity: int) -> int:
    """The amount for `quantity` pieces of which just `amount` falls to the `left` ones."""
    if not left:
        return 0
    whole = Money(amount.minor * quantity // left, amount.currency)
    return whole.minor if share_left(whole, left, quantity) == amount else whole.minor + 1
