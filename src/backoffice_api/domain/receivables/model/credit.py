"""Credit limits: how much a customer may owe in a currency before orders wait."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """`limit_minor` None: it was lifted, and the customer may owe anything."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    customer_id: UUID
    currency: str
    limit_minor: int | None

    @property
    def limit(self) -> Money | None:
        return None if self.limit_minor is None else Money(self.limit_minor, self.currency)


@dataclass(frozen=True, slots=True)
class CreditStatus:
    """What a customer owes in a currency, and may.

    `receivables_minor`: what is asked for and open. `unbilled_minor`: what placed orders come to
    beyond that and beyond what is paid or authorised. `limit_minor` None: there is no limit.
    """

    customer_id: UUID
    currency: str
    limit_minor: int | None
    receivables_minor: int
    unbilled_minor: int

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def limit(self) -> Money | None:
        return None if self.limit_minor is None else self.money(self.limit_minor)

    @property
    def used_minor(self) -> int:
        return self.receivables_minor + self.unbilled_minor

    @property
    def used(self) -> Money:
        return self.money(self.used_minor)

    @property
    def receivables(self) -> Money:
        return self.money(self.receivables_minor)

    @property
    def unbilled(self) -> Money:
        return self.money(self.unbilled_minor)

    @property
    def available(self) -> Money | None:
        """What may still be ordered; below zero where the limit is passed."""
        limit = self.limit_minor
        return None if limit is None else self.money(limit - self.used_minor)

    @property
    def is_over(self) -> bool:
        return self.limit_minor is not None and self.used_minor > self.limit_minor
