"""Costs: what the pieces of a variant are worth, and what those cost that left.

A variant is valued as a whole, wherever its pieces lie: moving them costs nothing. What leaves is
given its cost at that moment, and keeps it (ADR 0015). Two methods:

- average: what comes in changes the average cost, what leaves takes it along;
- FIFO: what comes in is a layer at its own cost, what leaves takes the oldest layers first.

Where more leaves than there is, it takes along what a piece cost last. When pieces come in then,
the difference to what they do cost is an entry of its own, a variance.

Where freight or duty becomes known when the goods are in already, those that are still there are
worth more from then on: a revaluation. What has left of them keeps its cost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import (
    INT64_MAX,
    AmountTooLarge,
    CurrencyMismatch,
    Money,
    UnitPrice,
)
from backoffice_api.domain.stock.model.movements import MovementKind


class ValuationMethod(Choice):
    """What the pieces that leave are taken to have cost."""

    AVERAGE = "average", "What all pieces cost on average at that moment."
    FIFO = "fifo", "What those cost that came in first."


class CostKind(Choice):
    """Why the value of stock changed."""

    OPENING = "opening", "Pieces that were there when the first cost was known."
    ENTRY = "entry", "Pieces came in."
    EXIT = "exit", "Pieces left, at what they cost then."
    VARIANCE = "variance", "Pieces that left before they came cost more or less than was thought."
    REVALUATION = "revaluation", "Pieces that are there cost more or less than was thought."


@dataclass(frozen=True, slots=True)
class CostEntry:
    """By how much the value of a variant's stock changed, in millionths of the main unit.

    `quantity` and `value_micro` are above zero for what came in, below for what left.
    """

    sequence: int
    variant_id: UUID
    movement_id: UUID | None
    kind: CostKind
    quantity: int
    value_micro: int
    currency: str
    occurred_at: datetime

    @property
    def unit_cost(self) -> UnitPrice:
        """What one piece cost, rounded half-even to a millionth."""
        return UnitPrice(divided(self.value_micro, self.quantity), self.currency)

    @property
    def total(self) -> Money:
        """What all of them cost, rounded half-even; below zero for what left."""
        return UnitPrice(self.value_micro, self.currency).times(1).money


@dataclass(frozen=True, slots=True)
class ValueChanged:
    """An entry of the ledger of values that was just written, and why its pieces moved.

    `before_micro`: what the pieces of the variant were worth before. `movement` and its cause are
    None where no pieces moved, as with what was there when the first cost was known.
    """

    variant_id: UUID
    kind: CostKind
    quantity: int
    before_micro: int
    delta_micro: int
    currency: str
    movement_id: UUID | None
    movement: MovementKind | None
    cause_kind: str | None
    cause_id: UUID | None

    @property
    def delta(self) -> Money:
        """By how much the value grew, or fell, in whole minor units.

        The rounded value afterwards less the rounded value before: so any run of changes comes to
        the rounded value of what is there in the end.
        """
        after = UnitPrice(self.before_micro + self.delta_micro, self.currency)
        before = UnitPrice(self.before_micro, self.currency)
        return after.times(1).money - before.times(1).money


@dataclass(frozen=True, slots=True)
class VariantCost:
    """What the pieces of a variant are worth now. `unit_cost_micro`: what the next one would cost.

    That is their average; where there are none, what a piece cost last.
    """

    variant_id: UUID
    method: ValuationMethod
    currency: str
    quantity: int
    value_micro: int
    unit_cost_micro: int

    @property
    def unit_cost(self) -> UnitPrice:
        return UnitPrice(self.unit_cost_micro, self.currency)

    @property
    def total(self) -> Money:
        """What all pieces are worth, rounded half-even."""
        return UnitPrice(self.value_micro, self.currency).times(1).money


@dataclass(frozen=True, slots=True)
class ValueOn:
    """What stock was worth when a day ended: one amount per currency."""

    on: date
    totals: Sequence[Money]


@dataclass(frozen=True, slots=True)
class CostLayer:
    """Pieces that came in at one cost, and how many of them have left since.

    `movement_id`: with which they came. None: they were there first, or it was not kept.
    """

    id: UUID
    variant_id: UUID
    movement_id: UUID | None
    opened_at: datetime
    quantity: int
    consumed: int
    unit_cost_micro: int


@dataclass(frozen=True, slots=True)
class ValuationSet(Event):
    type = "variant.valuation_set"
    subject = "sku"
    summary = "What leaves is now valued by {method}, before by {before}."
    id: UUID
    version: int
    method: ValuationMethod
    before: ValuationMethod


@dataclass(eq=False)
class NegativeCost(Invalid):
    """A piece costs nothing or something, never less."""

    message = "A cost cannot be negative."


@dataclass(slots=True)
class Layer:
    """A layer that is worked on. `id` None: it is new. `movement_id`: with which it came."""

    id: UUID | None
    quantity: int
    consumed: int
    unit_cost_micro: int
    movement_id: UUID | None = None

    @property
    def left(self) -> int:
        return self.quantity - self.consumed

    def is_as(self, came: "Recosted") -> bool:
        """Whether these are pieces that came in so many at that cost."""
        return (self.quantity, self.unit_cost_micro) == (came.quantity, came.before_micro)


@dataclass(frozen=True, slots=True)
class Recosted:
    """Pieces of a variant that came in, and cost something else each than was thought.

    `movement_ids`: the movements of the variant with which they may have come.
    """

    variant_id: UUID
    quantity: int
    before_micro: int
    after_micro: int
    currency: str
    movement_ids: frozenset[UUID] = frozenset()

    @property
    def delta_micro(self) -> int:
        return self.after_micro - self.before_micro


@dataclass(slots=True)
class Book:
    """The value of one variant's pieces while it is written on.

    Pieces come and go in the order in which they are written down, whenever they moved: what has
    left keeps its cost.
    """

    method: ValuationMethod
    currency: str
    quantity: int
    value_micro: int
    unit_cost_micro: int
    layers: list[Layer] = field(default_factory=list)

    def enter(
        self, quantity: int, cost: UnitPrice | None, movement_id: UUID | None = None
    ) -> tuple[int, int]:
        """Let pieces in at a cost each; None: at what one costs now. Their value, and a variance.

        Raises:
            CurrencyMismatch: the variant is valued in another currency.
            AmountTooLarge: it is worth more than can be kept.
        """
        if cost is not None and cost.currency != self.currency:
            raise CurrencyMismatch(self.currency, cost.currency)
        unit = self.unit_cost_micro if cost is None else cost.micro
        missing = max(0, -self.quantity)
        # What has left before it came is now known to cost so much.
        variance = self.quantity * unit - self.value_micro if missing else 0
        value = quantity * unit
        self.quantity += quantity
        self.value_micro += value + variance
        if self.method is ValuationMethod.FIFO:
            layer = Layer(None, quantity, min(quantity, missing), unit, movement_id)
            self.layers.append(layer)
            self.unit_cost_micro = unit
        else:
            whole = self.quantity > 0
            self.unit_cost_micro = divided(self.value_micro, self.quantity) if whole else unit
        self.check(value, variance)
        return value, variance

    def leave(self, quantity: int) -> int:
        """Let pieces go. What they cost all together.

        Raises:
            AmountTooLarge: more is missing than can be kept.
        """
        there = min(quantity, max(0, self.quantity))
        if self.method is ValuationMethod.FIFO:
            value = sum(self._taken(there))
        elif there == self.quantity:
            # The last ones take along what rounding has left.
            value = self.value_micro if there else 0
        else:
            value = divided(self.value_micro * there, self.quantity) if there else 0
        value += (quantity - there) * self.unit_cost_micro
        self.quantity -= quantity
        self.value_micro -= value
        self.check(value)
        return value

    def revalue(self, of: Sequence["Recosted"]) -> int:
        """Let pieces that came in cost more or less than was thought. By how much the value grows.

        Only what is still there can be worth more: by layers that is known; else it is what there
        is, up to what came in. What is there is never worth less than nothing.

        Raises:
            AmountTooLarge: it is worth more than can be kept.
        """
        if self.quantity <= 0:
            return 0
        if self.method is ValuationMethod.FIFO:
            delta = sum(self._lifted(of))
            self.unit_cost_micro = self.layers[-1].unit_cost_micro
        else:
            delta = self._spread(of)
            self.unit_cost_micro = divided(self.value_micro + delta, self.quantity)
        self.value_micro += delta
        self.check(delta)
        return delta

    def _lifted(self, of: Sequence["Recosted"]) -> Iterator[int]:
        """Let layers cost what they do; what that adds to the value of what is left of them."""
        open_layers = [layer for layer in self.layers if layer.left]
        for each in of:
            for layer in open_layers:
                if layer.movement_id in each.movement_ids and layer.is_as(each):
                    open_layers.remove(layer)
                    before = layer.unit_cost_micro
                    layer.unit_cost_micro = max(0, before + each.delta_micro)
                    yield layer.left * (layer.unit_cost_micro - before)
                    break

    def _spread(self, of: Sequence["Recosted"]) -> int:
        """What pieces add to the value of what there is, the first of them first."""
        left, delta = self.quantity, 0
        for each in of:
            pieces = min(left, each.quantity)
            left -= pieces
            delta += pieces * each.delta_micro
        return max(delta, min(0, -self.value_micro))

    def _taken(self, quantity: int) -> Iterator[int]:
        """Take pieces of the oldest layers; what they cost, layer by layer."""
        for layer in self.layers:
            pieces = min(quantity, layer.left)
            layer.consumed += pieces
            quantity -= pieces
            yield pieces * layer.unit_cost_micro

    def check(self, *values_micro: int) -> None:
        """Raises AmountTooLarge where the value, or one of these, does not fit in 64 bits."""
        if any(abs(each) > INT64_MAX for each in (self.value_micro, *values_micro)):
            raise AmountTooLarge(self.currency, UnitPrice(INT64_MAX, self.currency).amount)


def divided(value: int, by: int) -> int:
    """`value / by`, rounded half-even."""
    whole, rest = divmod(abs(value), abs(by))
    if 2 * rest > abs(by) or (2 * rest == abs(by) and whole % 2):
        whole += 1
    return whole if (value < 0) == (by < 0) else -whole


def first_layers(quantity: int, unit_cost_micro: int, method: ValuationMethod) -> Sequence[Layer]:
    """The layers of pieces that were there when their first cost became known."""
    if method is ValuationMethod.FIFO and quantity > 0:
        return [Layer(None, quantity, 0, unit_cost_micro)]
    return []
