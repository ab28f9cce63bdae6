"""The reference engine: taxes by rates that are data.

Of the rates that fit, the narrowest applies: first the place (region, country, everywhere), then
the buyer (businesses before everybody), then the goods (tax class, then the longest HS code, then
all). One rate for each item: where several taxes lie on one thing, their sum is kept as one rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class RateEngine:
    """Calculates by `rates`: those that can be of use, as `queries.rates_for` reads them."""

    rates: Sequence[TaxRate]

    def taxes(self, question: TaxQuestion, timeout_s: float = 0) -> TaxAnswer:
        """A verdict for each item of the question. Asks nobody, so it is never silent."""
        verdicts = {
            item.key: self._verdict(question, item)
            for item in question.items
            if not _follows_goods(item)
        }
        for item in question.items:
            if _follows_goods(item):
                main = _main(question, verdicts)
                verdicts[item.key] = _like(main, item) if main else self._verdict(question, item)
        return with_taxes(question, [verdicts[item.key] for item in question.items])

    def rate_for(self, question: TaxQuestion, item: TaxItem) -> TaxRate | None:
        """The narrowest rate that fits, None if none does."""
        fitting = [each for each in self.rates if _fits(each, question, item)]
        return max(fitting, key=_narrowness, default=None)

    def _verdict(self, question: TaxQuestion, item: TaxItem) -> TaxVerdict:
        rate = self.rate_for(question, item)
        if rate is None:
            return TaxVerdict(item.key, None, None, 0, None, 0, (TaxWhy.NO_RATE,))
        reason = None if rate.rate_ppm else rate.reason or REASONS.get(rate.category)
        return TaxVerdict(item.key, rate.id, rate.category, rate.rate_ppm, reason, 0, _why(rate))


def _follows_goods(item: TaxItem) -> bool:
    return item.is_shipping and item.tax_class is None


def _main(question: TaxQuestion, verdicts: dict[UUID, TaxVerdict]) -> TaxVerdict | None:
    """The verdict under which most of the goods fall, by what they cost; of equals the highest."""
    sums: dict[tuple[UUID | None, int], int] = {}
    by_rate: dict[tuple[UUID | None, int], TaxVerdict] = {}
    for item in question.items:
        if item.key in verdicts and not item.is_shipping:
            each = verdicts[item.key]
            key = (each.rate_id, each.rate_ppm)
            sums[key] = sums.get(key, 0) + item.amount_minor
            by_rate.setdefault(key, each)
    most = max(sums, key=lambda key: (sums[key], key[1]), default=None)
    return None if most is None else by_rate[most]


def _like(main: TaxVerdict, item: TaxItem) -> TaxVerdict:
    why = (*main.why, TaxWhy.LIKE_GOODS)
    return TaxVerdict(item.key, main.rate_id, main.category, main.rate_ppm, main.reason, 0, why)


def _fits(rate: TaxRate, question: TaxQuestion, item: TaxItem) -> bool:
    place = question.place
    return (
        rate.is_active
        and rate.is_valid(question.on)
        and rate.country in (None, place.country)
        and rate.region in (None, place.region)
        and (rate.buyers is TaxBuyers.ALL or question.is_business)
        and rate.tax_class in (None, item.tax_class)
        and (rate.hs_prefix is None or (item.hs_code or "").startswith(rate.hs_prefix))
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
