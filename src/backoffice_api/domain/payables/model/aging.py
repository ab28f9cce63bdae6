"""Aging: what is owed, by how long ago it was due."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.money import Money

# The last days of the buckets, counted from the due date; what is older has a bucket of its own.
BUCKETS = (0, 30, 60, 90)
ROWS_MAX = 250


@dataclass(frozen=True, slots=True)
class AgingSums:
    """Amounts of one currency, in minor units. `credits`: open credit notes, counted apart."""

    currency: str
    not_due_minor: int
    to_30_minor: int
    to_60_minor: int
    to_90_minor: int
    over_90_minor: int
    credits_minor: int

    @property
    def not_due(self) -> Money:
        return Money(self.not_due_minor, self.currency)

    @property
    def days_1_to_30(self) -> Money:
        return Money(self.to_30_minor, self.currency)

    @property
    def days_31_to_60(self) -> Money:
        return Money(self.to_60_minor, self.currency)

    @property
    def days_61_to_90(self) -> Money:
        return Money(self.to_90_minor, self.currency)

    @property
    def over_90_days(self) -> Money:
        return Money(self.over_90_minor, self.currency)

    @property
    def credits(self) -> Money:
        return Money(self.credits_minor, self.currency)

    @property
    def total_minor(self) -> int:
        """What bills have open; credit notes are not taken off."""
        late = self.to_30_minor + self.to_60_minor + self.to_90_minor + self.over_90_minor
        return self.not_due_minor + late

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


@dataclass(frozen=True, slots=True)
class SupplierAging:
    supplier_id: UUID
    sums: AgingSums


@dataclass(frozen=True, slots=True)
class Aging:
    """`suppliers`: those with the most open first, at most so many; `totals` count all of them."""

    on: date
    suppliers: tuple[SupplierAging, ...]
    totals: tuple[AgingSums, ...]
