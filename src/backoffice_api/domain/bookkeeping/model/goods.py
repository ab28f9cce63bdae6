"""Goods: what is posted when the value of stock changes.

Every change of the value of stock is an entry of stock's own ledger of values (ADR 0015). Each is
posted once, in whole minor units by which the rounded value of its variant changed; so the account
of the inventory is always the sum of the rounded values of all variants (F7).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.postings import (
    LinePart,
    OrderBook,
    ShopPosting,
    moved,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions
from backoffice_api.domain.stock.model.costs import CostKind, ValueChanged
from backoffice_api.domain.stock.model.movements import MovementKind

_INVENTORY = AccountRole.INVENTORY
# What stands against the inventory, by why pieces moved; all else is an adjustment.
_AGAINST: Mapping[MovementKind, AccountRole] = {
    MovementKind.OPENING: AccountRole.OPENING,
    MovementKind.RECEIPT: AccountRole.GOODS_NOT_BILLED,
    MovementKind.SHIPMENT: AccountRole.COST_OF_SALES,
    MovementKind.RETURN: AccountRole.COST_OF_SALES,
}


def against(change: ValueChanged) -> AccountRole:
    """What stands against a change of the inventory."""
    match change.kind:
        case CostKind.OPENING:
            return AccountRole.OPENING
        case CostKind.VARIANCE:
            return AccountRole.PRICE_VARIANCE
        case CostKind.REVALUATION:
            return AccountRole.PRICE_VARIANCE
        case _ if change.movement is None:
            return AccountRole.INVENTORY_ADJUSTMENTS
        case _:
            return _AGAINST.get(change.movement, AccountRole.INVENTORY_ADJUSTMENTS)


def valued(
    changes: Iterable[ValueChanged], products: Mapping[UUID, Dimensions]
) -> Iterator[ShopPosting]:
    """Changes of value that belong to no document: one posting per variant and account."""
    sums: Counter[tuple[UUID, AccountRole, str]] = Counter()
    for each in changes:
        sums[each.variant_id, against(each), each.currency] += each.delta.minor
    for (variant_id, account, currency), minor in sums.items():
        yield from moved(_INVENTORY, account, Money(minor, currency), products[variant_id])


def sold(
    book: OrderBook, pieces: Mapping[tuple[UUID, UUID], int], changes: Iterable[ValueChanged]
) -> Iterator[ShopPosting]:
    """Goods of an order leave at their frozen cost. `pieces`: by line and variant."""
    for variant_id, cost in _by_variants(changes).items():
        lines = {line: count for (line, of), count in pieces.items() if of == variant_id}
        known = [line for line in book.of.lines if line.id in lines]
        if not known:
            yield from moved(AccountRole.COST_OF_SALES, _INVENTORY, -cost, book.of.dimensions)
            continue
        shares = (-cost).allocate([lines[line.id] for line in known])
        for line, share in zip(known, shares, strict=True):
            about = line.id, LinePart.COST
            yield from moved(AccountRole.COST_OF_SALES, _INVENTORY, share, line.dimensions, about)


@dataclass(frozen=True, slots=True)
class Bought:
    """What a receipt or a return to a supplier says of one variant, in the document's currency.

    `charges`: freight and duty that its pieces bear.
    """

    variant_id: UUID
    goods: Money
    charges: Money
    dimensions: Dimensions


def received(lines: Sequence[Bought], changes: Iterable[ValueChanged]) -> Iterator[ShopPosting]:
    """Goods arrive: at the prices of the order, with their freight and duty.

    What rounding makes of that, and goods valued otherwise, is a variance. Where the variant is
    valued in another currency, both sides meet in the currency clearing.
    """
    values = _by_variants(changes)
    for line in lines:
        of = line.dimensions
        value = values.get(line.variant_id, Money.zero(line.goods.currency))
        inventory = _INVENTORY
        if value.currency != line.goods.currency:
            inventory = AccountRole.CURRENCY_CLEARING
            yield from moved(_INVENTORY, inventory, value, of)
        yield from moved(inventory, AccountRole.GOODS_NOT_BILLED, line.goods, of)
        yield from moved(inventory, AccountRole.FREIGHT_NOT_BILLED, line.charges, of)
        if inventory is _INVENTORY:
            rest = value - line.goods - line.charges
            yield from moved(inventory, AccountRole.PRICE_VARIANCE, rest, of)


def sent_back(lines: Sequence[Bought], changes: Iterable[ValueChanged]) -> Iterator[ShopPosting]:
    """Goods go back: the supplier owes what the debit note says, and they leave at their cost."""
    values = _by_variants(changes)
    for line in lines:
        of = line.dimensions
        value = values.get(line.variant_id, Money.zero(line.goods.currency))
        if value.currency == line.goods.currency:
            rest = line.goods + value
            yield from moved(AccountRole.SUPPLIER_CREDITS, _INVENTORY, -value, of)
            yield from moved(AccountRole.SUPPLIER_CREDITS, AccountRole.PRICE_VARIANCE, rest, of)
        else:
            clearing = AccountRole.CURRENCY_CLEARING
            yield from moved(AccountRole.SUPPLIER_CREDITS, clearing, line.goods, of)
            yield from moved(clearing, _INVENTORY, -value, of)


def charged_later(
    lines: Sequence[Bought], posted: Mapping[UUID, int] | None, changes: Iterable[ValueChanged]
) -> Iterator[ShopPosting]:
    """Freight and duty that became known, or changed, when the goods had been valued already.

    What is still there bears its share; that of what has left is a variance. `posted`: what was
    posted before, by product. None: the receipt is older than the books.
    """
    values = _by_variants(changes)
    charges: dict[Dimensions, Money] = {}
    raised: dict[Dimensions, Money] = {}
    for line in lines:
        zero = Money.zero(line.charges.currency)
        charges[line.dimensions] = charges.get(line.dimensions, zero) + line.charges
        value = values.get(line.variant_id, zero)
        raised[line.dimensions] = raised.get(line.dimensions, zero) + value
    for of, value in raised.items():
        # The inventory is worth what stock says, whatever the books know of the receipt.
        yield from moved(_INVENTORY, AccountRole.PRICE_VARIANCE, value, of)
    if posted is None:
        return
    for of, amount in charges.items():
        before = posted.get(of.product_id, 0) if of.product_id else 0
        more = amount - Money(before, amount.currency)
        yield from moved(AccountRole.PRICE_VARIANCE, AccountRole.FREIGHT_NOT_BILLED, more, of)


def merged(lines: Iterable[Bought]) -> Sequence[Bought]:
    """One for each variant."""
    found: dict[UUID, Bought] = {}
    for each in lines:
        known = found.get(each.variant_id)
        found[each.variant_id] = (
            replace(known, goods=known.goods + each.goods, charges=known.charges + each.charges)
            if known
            else each
        )
    return list(found.values())


def _by_variants(changes: Iterable[ValueChanged]) -> Mapping[UUID, Money]:
    """By how much the value of each variant changed: a variant is valued in one currency."""
    sums: dict[UUID, Money] = {}
    for each in changes:
        present = sums.get(each.variant_id, Money.zero(each.currency))
        sums[each.variant_id] = present + each.delta
    return sums
