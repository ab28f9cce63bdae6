"""What is on a bank account."""

from dataclasses import dataclass
from datetime import date

from backoffice_api.domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class BankBalance:
    """`stated_minor`: what the last statement up to that day says, at the end of `stated_on`."""

    on: date
    currency: str
    minor: int
    stated_minor: int | None
    stated_on: date | None

    @property
    def balance(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def stated(self) -> Money | None:
        return None if self.stated_minor is None else Money(self.stated_minor, self.currency)
