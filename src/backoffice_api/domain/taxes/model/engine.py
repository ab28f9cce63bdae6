"""The reference engine: taxes by rates that are data.

Of the rates that fit, the narrowest applies: first the place (region, country, everywhere), then
the buyer (businesses before everybody), then the goods (tax class, then the longest HS code, then
all). One rate for each item: where several taxes lie on one thing, their sum is kept as one rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from backoffice_api.domain.taxes.model.categories import REASONS
from backoffice_api.domain.taxes.model.questions import (
    TaxAnswer,
    TaxItem,
    TaxQuestion,
    TaxVerdict,
    TaxWhy,
    with_taxes,
)
from backoffice_api.domain.taxes.model.rates import TaxBuyers, TaxRate

# By what goods are taxed, and what they come to.
Taxed: TypeAlias = tuple[TaxVerdict, int]


@dataclass(frozen=True, slots=True)
class RateEngine:
    """Calculates by `rates`: those that can be of use, as `queries.rates_for` reads them."""

    rates: Sequence[TaxRate]

    def taxes(
        self, question: TaxQuestion, timeout_s: float = 0, beside: Sequence[Taxed] = ()
    ) -> TaxAnswer:
        """A verdict for each item of the question. Asks nobody, so it is never silent.

        `beside`: goods that go along with the items and are taxed already.
        """
        # The narrower first. Once for all items: a country may have thousands of rates.
        rates = sorted(
            (each for each in self.rates if _is_for(each, question)), key=_narrowness, reverse=True
        )
        verdicts = {
            item.key: _verdict(rates, item) for item in question.items if not _follows_goods(item)
        }
        goods = [
            *beside,
            *(
                (verdicts[item.key], item.amount_minor)
                for item in question.items
                if not item.is_shipping
            ),
        ]
        for item in question.items:
            if _follows_goods(item):
                main = _main(goods)
                verdicts[item.key] = _like(main, item) if main else _verdict(rates, item)
        return with_taxes(question, [verdicts[item.key] for item in question.items])


def _verdict(rates: Sequence[TaxRate], item: TaxItem) -> TaxVerdict:
    """By the first of the rates that is for these goods."""
    rate = next((each for each in rates if _is_of(each, item)), None)
    if rate is None:
        return TaxVerdict(item.key, None, None, 0, None, 0, (TaxWhy.NO_RATE,))
    reason = None if rate.rate_ppm else rate.reason or REASONS.get(rate.category)
    return TaxVerdict(item.key, rate.id, rate.category, rate.rate_ppm, reason, 0, _why(rate))


def _follows_goods(item: TaxItem) -> bool:
    return item.is_shipping and item.tax_class is None


def _main(goods: Sequence[Taxed]) -> TaxVerdict | None:
    """The verdict under which most of the goods fall, by what they cost; of equals the highest."""
    sums: dict[tuple[UUID | None, int], int] = {}
    by_rate: dict[tuple[UUID | None, int], TaxVerdict] = {}
    for each, amount_minor in goods:
        key = (each.rate_id, each.rate_ppm)
        sums[key] = sums.get(key, 0) + amount_minor
        by_rate.setdefault(key, each)
    most = max(sums, key=lambda key: (sums[key], key[1]), default=None)
    return None if most is None else by_rate[most]


def _like(main: TaxVerdict, item: TaxItem) -> TaxVerdict:
    why = (*main.why, TaxWhy.LIKE_GOODS)
    return TaxVerdict(item.key, main.rate_id, main.category, main.rate_ppm, main.reason, 0, why)


def _is_for(rate: TaxRate, question: TaxQuestion) -> bool:
    """It is for the place, the day and the buyer."""
    place = question.place
    return (
        rate.is_active
        and rate.is_valid(question.on)
        and rate.country in (None, place.country)
        and rate.region in (None, place.region)
        and (rate.buyers is TaxBuyers.ALL or question.is_business)
    )


def _is_of(rate: TaxRate, item: TaxItem) -> bool:
    """It is for the goods."""
    return rate.tax_class in (None, item.tax_class) and (
        rate.hs_prefix is None or (item.hs_code or "").startswith(rate.hs_prefix)
    )


def _narrowness(rate: TaxRate) -> tuple[int, int, int, int, UUID]:
    """The narrower, the larger. The id makes the choice the same each time."""
    return (
        (rate.country is not None) + (rate.region is not None),
        rate.buyers is TaxBuyers.BUSINESSES,
        rate.tax_class is not None,
        len(rate.hs_prefix or ""),
        rate.id,
    )


def _why(rate: TaxRate) -> tuple[TaxWhy, ...]:
    if rate.country is None:
        place = TaxWhy.EVERYWHERE
    else:
        place = TaxWhy.COUNTRY if rate.region is None else TaxWhy.REGION
    facts = {
        place: True,
        TaxWhy.BUSINESS: rate.buyers is TaxBuyers.BUSINESSES,
        TaxWhy.TAX_CLASS: rate.tax_class is not None,
        TaxWhy.HS_CODE: rate.hs_prefix is not None,
    }
    return tuple(why for why, holds in facts.items() if holds)
