"""Budgets of cost: what a caller may spend at once, and how fast that comes back.

A bucket: it holds `capacity` at most, is full at the start, and fills at `restore_per_s`. Each
request takes its price, and has back what it did not use.
"""

import math
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import Event

# With less, not even a page of a list could be read.
CAPACITY_MIN = 1_000
CAPACITY_MAX = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """How large a bucket is, and how much comes back in a second."""

    capacity: int
    restore_per_s: int

    def of(self, capacity: int | None) -> "Allowance":
        """The same for somebody with a capacity of their own: it fills in the same time."""
        if capacity is None:
            return self
        return Allowance(capacity, max(1, self.restore_per_s * capacity // self.capacity))

    def filled(self, available: float, elapsed_s: float) -> float:
        """What a bucket holds so many seconds later. A clock that went back takes nothing."""
        return min(self.capacity, available + max(0.0, elapsed_s) * self.restore_per_s)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's budget stands."""

    allowance: Allowance
    available: int

    def wait_s(self, cost: int) -> int:
        """In how many whole seconds there is enough for this. 0: there is now."""
        missing = cost - self.available
        return math.ceil(missing / self.allowance.restore_per_s) if missing > 0 else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from a bucket that is shared, and what it holds after it."""

    units: int
    left: int


@dataclass(frozen=True, slots=True)
class TokenBudgetSet(Event):
    type = "token.budget_set"
    subject = "tok"
    summary = "API token {name} was given another budget."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class InvalidBudget(Invalid):
    """A budget is so small that nothing could be read, or larger than can be kept."""

    minimum: int
    maximum: int
    message = "A budget must be from {minimum} to {maximum}."


def check_budget(budget: int | None, faults: Faults, *path: str | int) -> None:
    """Note a budget of a token's own that cannot be."""
    if budget is not None and not CAPACITY_MIN <= budget <= CAPACITY_MAX:
        faults.add(InvalidBudget(CAPACITY_MIN, CAPACITY_MAX).at(*path))
