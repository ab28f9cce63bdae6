"""Kits in orders: what was in them when they were ordered, and what each part of it costs.

Stock is promised, shipped and given back by component; price, discount and tax are those of the
line. Where only a part of a kit comes back, its share says what it is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.orders.model.amounts import LineAmounts
from backoffice_api.domain.orders.model.lines import OrderLine

# Weights are relative, so that large ones can be cut to what a column holds.
_WEIGHT_BITS_MAX = 62


@dataclass(frozen=True, slots=True)
class LineComponent:
    """`quantity` pieces of a variant are in one kit of the line, as it was when it was entered.

    `weight`: which part of the price falls to them, relative to the line's other components.
    """

    line_id: UUID
    position: int
    variant_id: UUID
    sku: str
    quantity: int
    weight: int


@dataclass(frozen=True, slots=True)
class ComponentShare:
    """A component of a line with its shares of the line's amounts, which sum to them."""

    variant_id: UUID
    sku: str
    per_kit: int
    quantity: int
    current_quantity: int
    ordered: LineAmounts
    current: LineAmounts


def weights(prices: Sequence[UnitPrice | None], quantities: Sequence[int]) -> Sequence[int]:
    """How the price of a kit is shared out over its components, given as their list prices.

    By what they would cost one by one; by pieces where one of them has no price, or none costs
    anything.
    """
    priced = [
        price.micro * quantity if price else None
        for price, quantity in zip(prices, quantities, strict=True)
    ]
    found = [each for each in priced if each is not None]
    if len(found) < len(priced) or not any(found):
        return quantities
    excess = max(0, max(found).bit_length() - _WEIGHT_BITS_MAX)
    return [each >> excess for each in found]


def shares(line: OrderLine, components: Sequence[LineComponent]) -> Sequence[ComponentShare]:
    """What of a line falls to each of its components, to the last minor unit."""
    ordered = _allocated(line.ordered, components)
    current = _allocated(line.current, components)
    return [
        ComponentShare(
            variant_id=each.variant_id,
            sku=each.sku,
            per_kit=each.quantity,
            quantity=each.quantity * line.quantity,
            current_quantity=each.quantity * line.current_quantity,
            ordered=ordered[position],
            current=current[position],
        )
        for position, each in enumerate(components)
    ]


def parts_of(components: Mapping[UUID, Sequence[LineComponent]]) -> dict[UUID, dict[UUID, int]]:
    """How many pieces of each variant one kit holds, by line."""
    return {
        line_id: {each.variant_id: each.quantity for each in of_line}
        for line_id, of_line in components.items()
    }


def _allocated(amounts: LineAmounts, components: Sequence[LineComponent]) -> Sequence[LineAmounts]:
    by = [each.weight for each in components]
    parts = (amounts.subtotal.allocate(by), amounts.discount.allocate(by), amounts.tax.allocate(by))
    return [LineAmounts(*each) for each in zip(*parts, strict=True)]
