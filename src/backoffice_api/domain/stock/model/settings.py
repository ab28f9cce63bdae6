"""How stock treats a variant: whether its pieces are told apart, and how they are valued."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.stock.model.costs import ValuationMethod
from backoffice_api.domain.stock.model.lots import Tracking


@dataclass(frozen=True, slots=True)
class StockSettings:
    """The settings of one variant; what is usual unless somebody said otherwise."""

    variant_id: UUID
    tracking: Tracking = Tracking.NONE
    valuation: ValuationMethod = ValuationMethod.AVERAGE
