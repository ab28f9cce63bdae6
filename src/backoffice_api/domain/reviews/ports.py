"""What reviews need of the outside: somebody who judges orders, too."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.orders import OrderAddress


@dataclass(frozen=True, slots=True)
class RiskQuestion:
    """An order to be judged. Personal values go to the provider, and nowhere else."""

    review_id: UUID
    order: str
    total: Money
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    shipping: OrderAddress | None = field(repr=False)
    billing: OrderAddress | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """A score from 0 to 100, and why, without anything personal."""

    score: int
    explanation: str


class RiskProvider(Protocol):
    """Judges orders. Safe from several threads.

    May be asked about the same review again: then it answers the same.
    """

    def judge(self, question: RiskQuestion, timeout_s: float) -> RiskAnswer:
        """Its answer.

        Raises:
            OSError: it cannot be reached, or takes longer than `timeout_s` (TimeoutError).
        """
