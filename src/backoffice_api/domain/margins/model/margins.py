"""Margins: what is left of sales after everything that they cause.

They are the ledger's own postings, seen by what these are about; so what is frozen there is frozen
here, and margins always sum to the accounts of income and cost that they are made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole

GROUPS_MAX = 1_000


class MarginMeasure(Choice):
    """What a margin is made of."""

    REVENUE = "revenue", "Goods and shipping that were sold, without tax."
    DISCOUNTS = "discounts", "Taken off them."
    COST = "cost", "What the goods had cost, and what their bills came to besides."
    FREIGHT = "freight", "Labels and carriers."
    FEES = "fees", "Fees of providers, chargebacks, and what was written off."
    RETURNS = "returns", "Sales that came back, less fees for that."
    SUPPORT = "support", "Given to customers without a duty."


# What the accounts of the ledger stand for in a margin.
MEASURES: Mapping[AccountRole, MarginMeasure] = {
    AccountRole.SALES: MarginMeasure.REVENUE,
    AccountRole.SHIPPING_INCOME: MarginMeasure.REVENUE,
    AccountRole.DISCOUNTS: MarginMeasure.DISCOUNTS,
    AccountRole.COST_OF_SALES: MarginMeasure.COST,
    AccountRole.PRICE_VARIANCE: MarginMeasure.COST,
    AccountRole.FREIGHT_OUT: MarginMeasure.FREIGHT,
    AccountRole.PROVIDER_FEES: MarginMeasure.FEES,
    AccountRole.CHARGEBACKS: MarginMeasure.FEES,
    AccountRole.WRITE_OFFS: MarginMeasure.FEES,
    AccountRole.RETURNS: MarginMeasure.RETURNS,
    AccountRole.FEES_INCOME: MarginMeasure.RETURNS,
    AccountRole.GOODWILL: MarginMeasure.SUPPORT,
}

ROLES: Mapping[MarginMeasure, Sequence[AccountRole]] = {
    measure: [role for role, of in MEASURES.items() if of is measure] for measure in MarginMeasure
}


class MarginDimension(Choice):
    """By what margins are told apart."""

    TOTAL = "total", "All of one currency together."
    CHANNEL = "channel", "By the channel that sold."
    SUPPLIER = "supplier", "By the supplier of what was sold."
    PRODUCT = "product", "By what was sold."
    ORDER = "order", "By the order."


@dataclass(frozen=True, slots=True)
class Margin:
    """Amounts in minor units; all but the revenue are above zero where they lessen the margin."""

    currency: str
    revenue_minor: int = 0
    discounts_minor: int = 0
    cost_minor: int = 0
    freight_minor: int = 0
    fees_minor: int = 0
    returns_minor: int = 0
    support_minor: int = 0

    @property
    def revenue(self) -> Money:
        return Money(self.revenue_minor, self.currency)

    @property
    def discounts(self) -> Money:
        return Money(self.discounts_minor, self.currency)

    @property
    def cost(self) -> Money:
        return Money(self.cost_minor, self.currency)

    @property
    def freight(self) -> Money:
        return Money(self.freight_minor, self.currency)

    @property
    def fees(self) -> Money:
        return Money(self.fees_minor, self.currency)

    @property
    def returns(self) -> Money:
        return Money(self.returns_minor, self.currency)

    @property
    def support(self) -> Money:
        return Money(self.support_minor, self.currency)

    @property
    def contribution(self) -> Money:
        """What is left."""
        spent = self.cost + self.freight + self.fees + self.returns + self.support
        return self.revenue - self.discounts - spent

    @property
    def percent(self) -> Decimal | None:
        """What is left, in percent of the revenue less discounts; None where there is none."""
        net = self.revenue_minor - self.discounts_minor
        if net <= 0:
            return None
        share = Decimal(100 * self.contribution.minor) / net
        return share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class MarginGroup:
    """The margin of one channel, supplier, product or order. None: of what belongs to none."""

    by: MarginDimension
    id: UUID | None
    margin: Margin

    @property
    def channel_id(self) -> UUID | None:
        return self.id if self.by is MarginDimension.CHANNEL else None

    @property
    def supplier_id(self) -> UUID | None:
        return self.id if self.by is MarginDimension.SUPPLIER else None

    @property
    def product_id(self) -> UUID | None:
        return self.id if self.by is MarginDimension.PRODUCT else None

    @property
    def order_id(self) -> UUID | None:
        return self.id if self.by is MarginDimension.ORDER else None


def margin_of(currency: str, sums: Iterable[tuple[MarginMeasure, int]]) -> Margin:
    """A margin of what each measure adds to it, so that costs are below zero."""
    totals = dict.fromkeys(MarginMeasure, 0)
    for measure, minor in sums:
        totals[measure] += minor
    return Margin(
        currency,
        totals[MarginMeasure.REVENUE],
        *(-totals[each] for each in MarginMeasure if each is not MarginMeasure.REVENUE),
    )
