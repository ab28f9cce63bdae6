"""What a customer has been worth to the shop."""

from dataclasses import dataclass
from datetime import datetime

from backoffice_api.domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The orders of a customer in one currency, without those that were cancelled.

    `value_minor`: what they come to now, less what returns gave back.
    """

    currency: str
    order_count: int
    value_minor: int
    first_placed_at: datetime
    last_placed_at: datetime

    @property
    def value(self) -> Money:
        return Money(self.value_minor, self.currency)

    @property
    def average(self) -> Money:
        """The value of one order, rounded down to the smallest unit."""
        return Money(self.value_minor // self.order_count, self.currency)
