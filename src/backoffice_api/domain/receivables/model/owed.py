"""What a customer owes."""

from dataclasses import dataclass
from datetime import date

from backoffice_api.domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open of a customer's receivables in one currency. `oldest_due_on`: of all of it."""

    currency: str
    open_minor: int
    count: int
    oldest_due_on: date

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)
