"""What the taxes of a sale would be: asked before there is an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.queries.taxing import day_of
from backoffice_api.domain.taxes import queries as taxes
from backoffice_api.domain.taxes.model.categories import TaxCategory, percent
from backoffice_api.domain.taxes.model.engine import RateEngine
from backoffice_api.domain.taxes.model.questions import (
    PlaceSource,
    TaxItem,
    TaxPlace,
    TaxQuestion,
    TaxVerdict,
    TaxWhy,
)
from backoffice_api.domain.taxes.model.rates import canonical_region


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What would be sold. `variant_id` None: goods of a class and of an HS code that are given.

    `country` None: where the channel is. `is_business` None: as the customer's tax ids say.
    """

    channel_id: UUID
    currency: str
    country: str | None
    region: str | None
    customer_id: UUID | None
    is_business: bool | None
    prices_include_tax: bool | None
    on: date | None
    lines: Sequence["SaleLine"]
    shipping: Money | None


@dataclass(frozen=True, slots=True)
class SaleLine:
    """`amount`: what is charged for the whole line, after discounts."""

    amount: Money
    variant_id: UUID | None
    tax_class: str | None
    hs_code: str | None


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """What one line bears, and why. `category` None: there is no rate for it."""

    net: Money
    tax: Money
    category: TaxCategory | None
    rate_ppm: int
    reason: str | None
    why: Sequence[TaxWhy]
    rate_id: UUID | None

    @property
    def total(self) -> Money:
        return self.net + self.tax

    @property
    def rate(self) -> Decimal:
        return percent(self.rate_ppm)


@dataclass(frozen=True, slots=True)
class TaxCalculation:
    """The taxes of a sale. `shipping` None: no delivery is charged."""

    country: str
    region: str | None
    is_business: bool
    prices_include_tax: bool
    on: date
    tax: Money
    lines: Sequence[TaxedLine]
    shipping: TaxedLine | None


def calculation_of(db: Connection, sale: Sale, now: datetime) -> TaxCalculation | None:
    """By the shop's own rates; nobody outside is asked. None: the channel has no tax terms."""
    terms = taxes.terms_by_channels(db, [sale.channel_id]).get(sale.channel_id)
    if terms is None:
        return None
    place = TaxPlace(terms.country, terms.region, PlaceSource.CHANNEL)
    if sale.country is not None:
        region = canonical_region(sale.region, sale.country)
        place = TaxPlace(sale.country, region, PlaceSource.GIVEN)
    included, is_business = sale.prices_include_tax, sale.is_business
    question = TaxQuestion(
        order=sale.channel_id,
        on=sale.on or day_of(terms, now),
        currency=sale.currency,
        place=place,
        is_business=(
            taxes.is_business(db, sale.customer_id) if is_business is None else is_business
        ),
        tax_included=terms.prices_include_tax if included is None else included,
        rounding=terms.rounding,
        items=_items(db, sale, place.country, terms.shipping_class),
    )
    return _told(question, RateEngine(taxes.rates_for(db, place.country)).taxes(question).verdicts)


def _items(
    db: Connection, sale: Sale, country: str, shipping_class: str | None
) -> tuple[TaxItem, ...]:
    variants = {each.variant_id for each in sale.lines if each.variant_id}
    known = taxes.goods_of(db, variants, country) if variants else {}
    items: list[TaxItem] = []
    for each in sale.lines:
        about = known.get(each.variant_id) if each.variant_id else None
        tax_class, hs_code = about or (None, None)
        minor = each.amount.minor
        of = (each.tax_class or tax_class, each.hs_code or hs_code)
        items.append(TaxItem(UUID(int=len(items)), minor, *of))
    if sale.shipping is not None:
        minor = sale.shipping.minor
        items.append(TaxItem(UUID(int=len(items)), minor, shipping_class, is_shipping=True))
    return tuple(items)


def _told(question: TaxQuestion, verdicts: Sequence[TaxVerdict]) -> TaxCalculation:
    told = [_line(question, *each) for each in zip(question.items, verdicts, strict=True)]
    goods = [line for item, line in zip(question.items, told, strict=True) if not item.is_shipping]
    return TaxCalculation(
        country=question.place.country,
        region=question.place.region,
        is_business=question.is_business,
        prices_include_tax=question.tax_included,
        on=question.on,
        tax=Money(sum(each.tax.minor for each in told), question.currency),
        lines=goods,
        shipping=told[-1] if len(told) > len(goods) else None,
    )


def _line(question: TaxQuestion, item: TaxItem, verdict: TaxVerdict) -> TaxedLine:
    net = item.amount_minor - (verdict.tax_minor if question.tax_included else 0)
    return TaxedLine(
        net=Money(net, question.currency),
        tax=Money(verdict.tax_minor, question.currency),
        category=verdict.category,
        rate_ppm=verdict.rate_ppm,
        reason=verdict.reason,
        why=verdict.why,
        rate_id=verdict.rate_id,
    )
