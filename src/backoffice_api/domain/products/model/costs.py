"""What variants cost, and what they cost the shop, over time; and what is left between the two."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import UnitPrice


class CostSource(Choice):
    """Where a cost comes from."""

    MANUAL = "manual", "Somebody entered it."
    SUPPLIER = "supplier", "From a supplier's price."
    RECEIPT = "receipt", "From what was paid for goods that came in."
    IMPORT = "import", "From another system."


class CostSortKey(Choice):
    """By what the costs of a variant are sorted."""

    VALID_FROM = "valid_from", "Since when it was the cost."


@dataclass(frozen=True, slots=True)
class PriceSince:
    """What the price in one currency was from a moment on. `price_micro` None: it had none."""

    currency: str
    valid_from: datetime
    price_micro: int | None


@dataclass(frozen=True, slots=True)
class CostRecord:
    """What one piece cost for a time. `cost_micro` None: it was not known.

    `valid_to` None: it is so now.
    """

    id: UUID
    variant_id: UUID
    currency: str | None
    cost_micro: int | None
    source: CostSource
    valid_from: datetime
    valid_to: datetime | None

    @property
    def unit_cost(self) -> UnitPrice | None:
        if self.cost_micro is None or self.currency is None:
            return None
        return UnitPrice(self.cost_micro, self.currency)


@dataclass(frozen=True, slots=True)
class PriceMargin:
    """What is left of a price above the cost, in the currency of both."""

    unit_price: UnitPrice
    unit_cost: UnitPrice

    @property
    def margin(self) -> UnitPrice:
        return UnitPrice(self.unit_price.micro - self.unit_cost.micro, self.unit_price.currency)

    @property
    def percent(self) -> Decimal | None:
        """The margin in hundredths of the price, to two decimals, half-even. None: it is free."""
        if not self.unit_price.micro:
            return None
        exact = Decimal(self.margin.micro) * 100 / Decimal(self.unit_price.micro)
        return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
