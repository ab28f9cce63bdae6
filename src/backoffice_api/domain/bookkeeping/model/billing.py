"""Billing: what leaves the house is earned, and what was paid for it before is used up.

The customer owes the shipped share of the order: goods, less discounts, with shipping and tax. Each
part of a line is due as far as its pieces have left; what is posted is what is due by now less what
was posted before. So the parts come to the order's amounts exactly once all has left, in however
many shipments, and a later change of the order is posted as the difference it makes.
"""

from collections.abc import Iterator, Mapping

from backoffice_api.domain.bookkeeping.model.postings import (
    BILLED,
    BookedOrder,
    LinePart,
    OrderBook,
    OrderedLine,
    PartKey,
    ShopPosting,
    moved,
)
from backoffice_api.domain.ledger.model.accounts import AccountRole

# Where each part of what is billed is earned, or owed to the state.
EARNED: Mapping[LinePart, AccountRole] = {
    LinePart.SALES: AccountRole.SALES,
    LinePart.DISCOUNT: AccountRole.DISCOUNTS,
    LinePart.TAX: AccountRole.OUTPUT_TAX,
    LinePart.SHIPPING: AccountRole.SHIPPING_INCOME,
    LinePart.SHIPPING_TAX: AccountRole.OUTPUT_TAX,
}


def billed(book: OrderBook, opening: AccountRole | None = None) -> Iterator[ShopPosting]:
    """What is due by now and was not billed before. `opening`: what takes the place of earnings."""
    order = book.of
    due = parts_due(order)
    keys = [(line.id, part) for line in order.lines for part in BILLED]
    dimensions = {line.id: line.dimensions for line in order.lines}
    for key in keys:
        more = order.money(due.get(key, 0) - book.billed[key])
        account = opening or EARNED[key[1]]
        yield from moved(AccountRole.RECEIVABLES, account, more, dimensions[key[0]], key)


def settled(book: OrderBook) -> Iterator[ShopPosting]:
    """What the customer had paid before meets what is owed; nobody is owed and owes at once."""
    money = book.of.money
    receivables, deposits = AccountRole.RECEIVABLES, AccountRole.CUSTOMER_DEPOSITS
    if book.owed < 0:
        yield from moved(receivables, deposits, money(-book.owed), book.of.dimensions)
    elif (both := min(book.owed, book.held)) > 0:
        yield from moved(deposits, receivables, money(both), book.of.dimensions)


def parts_due(order: BookedOrder) -> Mapping[PartKey, int]:
    """What the customer owes of each part by now, all together; discounts are below zero."""
    shipping = _shares(order, order.shipping)
    shipping_tax = _shares(order, order.shipping_tax)
    due: dict[PartKey, int] = {}
    for position, line in enumerate(order.lines):
        left, whole = _progress(order, line)

        def by_now(minor: int, left: int = left, whole: int = whole) -> int:
            return minor * left // whole if whole else 0

        tax, shipped_tax = by_now(line.tax), by_now(shipping_tax[position])
        within = order.tax_included
        due[line.id, LinePart.SALES] = by_now(line.subtotal) - (tax if within else 0)
        due[line.id, LinePart.DISCOUNT] = -by_now(line.discount)
        due[line.id, LinePart.TAX] = tax
        due[line.id, LinePart.SHIPPING] = by_now(shipping[position]) - (
            shipped_tax if within else 0
        )
        due[line.id, LinePart.SHIPPING_TAX] = shipped_tax
    return due


def _progress(order: BookedOrder, line: OrderedLine) -> tuple[int, int]:
    """How much of a line is due, as a fraction: charges are due as far as the goods are."""
    if line.is_goods:
        return line.shipped, line.pieces
    pieces = sum(each.pieces for each in order.lines if each.is_goods)
    if not pieces:
        return int(order.is_over), 1
    return sum(each.shipped for each in order.lines if each.is_goods), pieces


def _shares(order: BookedOrder, minor: int) -> list[int]:
    """What each line bears of the shipping: goods by their value, else by their pieces."""
    goods = [each for each in order.lines if each.is_goods and each.pieces]
    bearing = goods or list(order.lines)
    by_value = {each.id: each.subtotal for each in bearing}
    weights = by_value if any(by_value.values()) else {each.id: each.pieces for each in bearing}
    by_line = [weights.get(each.id, 0) for each in order.lines]
    if not any(by_line) or not minor:
        return [0 for _ in order.lines]
    return [each.minor for each in order.money(minor).allocate(by_line)]
