"""The reference engine: which rate applies, and that sums close whatever is rounded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.engine import RateEngine
from backoffice_api.domain.taxes.model.questions import (
    PlaceSource,
    TaxAnswer,
    TaxItem,
    TaxPlace,
    TaxQuestion,
    TaxVerdict,
    TaxWhy,
    UnusableTaxAnswer,
    checked,
    tax_on,
)
from backoffice_api.domain.taxes.model.rates import TaxBuyers, TaxRate, place_key
from backoffice_api.domain.taxes.model.terms import TaxRounding

DAY = date(2025, 3, 1)
THEN = datetime(2025, 1, 1, tzinfo=UTC)


def rate(number, ppm, country="BR", region=None, **values):
    blank = TaxRate(
        id=UUID(int=number),
        version=1,
        created_at=THEN,
        updated_at=THEN,
        name=str(number),
        place=place_key(country, region),
        country=country,
        region=region,
        tax_class=None,
        hs_prefix=None,
        buyers=TaxBuyers.ALL,
        category=TaxCategory.STANDARD if ppm else TaxCategory.EXEMPT,
        rate_ppm=ppm,
        reason=None,
        valid_from=date(2020, 1, 1),
        valid_until=None,
        is_active=True,
    )
    return replace(blank, **values)


def item(number, amount, **values):
    return TaxItem(UUID(int=number), amount, **values)


def question(*items, **values):
    blank = TaxQuestion(
        order=UUID(int=9),
        on=DAY,
        currency="BRL",
        place=TaxPlace("BR", "SP", PlaceSource.SHIPPING),
        is_business=False,
        tax_included=False,
        rounding=TaxRounding.LINE,
        items=items,
    )
    return replace(blank, **values)


def applied(rates, asked):
    return [
        int(each.rate_id) if each.rate_id else 0 for each in RateEngine(rates).taxes(asked).verdicts
    ]


class TestRateFor:
    def test_is_the_narrowest_place_then_buyer_then_goods(self):
        rates = [
            rate(1, 1, country=None),
            rate(2, 20_000),
            rate(3, 30_000, region="SP"),
            rate(4, 40_000, region="SP", hs_prefix="49"),
            rate(5, 50_000, region="SP", hs_prefix="4901"),
            rate(6, 60_000, region="SP", tax_class="books"),
            rate(7, 0, region="SP", buyers=TaxBuyers.BUSINESSES),
        ]
        goods = (
            item(1, 100),
            item(2, 100, hs_code="49111000"),
            item(3, 100, hs_code="49019900"),
            item(4, 100, hs_code="49019900", tax_class="books"),
        )

        assert applied(rates, question(*goods)) == [3, 4, 5, 6]
        assert applied(rates, question(*goods, is_business=True)) == [7, 7, 7, 7]
        rio = TaxPlace("BR", "RJ", PlaceSource.SHIPPING)
        assert applied(rates, question(*goods, place=rio)) == [2, 2, 2, 2]
        abroad = TaxPlace("JP", None, PlaceSource.SHIPPING)
        assert applied(rates, question(*goods, place=abroad)) == [1, 1, 1, 1]
        assert applied(rates[1:], question(*goods, place=abroad)) == [0, 0, 0, 0]

    def test_counts_by_its_days(self):
        rates = [rate(1, 10, valid_until=DAY), rate(2, 20, valid_from=DAY)]

        assert applied(rates, question(item(1, 100))) == [2]
        assert applied(rates, question(item(1, 100), on=date(2025, 2, 28))) == [1]

    def test_says_why(self):
        rates = [rate(1, 0, region="SP", tax_class="books", buyers=TaxBuyers.BUSINESSES)]
        asked = question(item(1, 100, tax_class="books"), item(2, 100), is_business=True)

        books, none = RateEngine(rates).taxes(asked).verdicts

        assert books.why == (TaxWhy.REGION, TaxWhy.BUSINESS, TaxWhy.TAX_CLASS)
        assert (books.category, books.reason) == (TaxCategory.EXEMPT, "Exempt from tax")
        assert (none.category, none.why, none.tax_minor) == (None, (TaxWhy.NO_RATE,), 0)


class TestDelivery:
    def test_follows_the_goods_of_which_there_is_most_or_has_a_rate_of_its_own(self):
        rates = [rate(1, 190_000), rate(2, 70_000, tax_class="books"), rate(3, 0, tax_class="post")]
        goods = (item(1, 100), item(2, 300, tax_class="books"))

        post = item(3, 500, is_shipping=True)
        last = RateEngine(rates).taxes(question(*goods, post)).verdicts[-1]
        assert (last.rate_ppm, last.tax_minor) == (70_000, 35)
        assert TaxWhy.LIKE_GOODS in last.why
        own = replace(post, tax_class="post")
        assert applied(rates, question(*goods, own)) == [1, 2, 3]
        assert applied(rates, question(post)) == [1]
        (books,) = RateEngine(rates).taxes(question(goods[1])).verdicts
        (alone,) = RateEngine(rates).taxes(question(post), beside=[(books, 300)]).verdicts
        assert alone.rate_ppm == 70_000


class TestTaxOn:
    def test_is_rounded_half_up(self):
        assert [tax_on(each, 50_000, included=False) for each in (9, 10, 11, 29, 30)] == [
            0,
            1,
            1,
            1,
            2,
        ]
        assert tax_on(11_900, 190_000, included=True) == 1_900
        assert tax_on(100, 1_000_000, included=True) == 50

    @given(st.integers(0, 10**14), st.integers(0, 10**6))
    def test_that_is_included_is_that_of_what_is_left(self, amount, ppm):
        tax = tax_on(amount, ppm, included=True)

        assert 0 <= tax <= amount
        assert abs(tax_on(amount - tax, ppm, included=False) - tax) <= 1


class TestRounding:
    @given(
        st.lists(
            st.tuples(st.integers(0, 10**9), st.sampled_from([None, "a", "b"])),
            min_size=1,
            max_size=8,
        ),
        st.booleans(),
        st.integers(1, 10**6),
    )
    def test_of_the_order_closes_to_the_tax_of_the_sum(self, lines, included, ppm):
        rates = [rate(1, ppm), rate(2, 0, tax_class="a"), rate(3, 70_000, tax_class="b")]
        items = tuple(item(n, amount, tax_class=kind) for n, (amount, kind) in enumerate(lines))
        asked = question(*items, tax_included=included, rounding=TaxRounding.ORDER)

        verdicts = RateEngine(rates).taxes(asked).verdicts

        assert [each.key for each in verdicts] == [each.key for each in items]
        assert all(0 <= v.tax_minor <= i.amount_minor for v, i in zip(verdicts, items, strict=True))
        for wanted in {each.rate_ppm for each in verdicts}:
            of = [(v, i) for v, i in zip(verdicts, items, strict=True) if v.rate_ppm == wanted]
            whole = sum(i.amount_minor for _, i in of)
            assert sum(v.tax_minor for v, _ in of) == tax_on(whole, wanted, included=included)
            for v, i in of:
                assert abs(v.tax_minor - tax_on(i.amount_minor, wanted, included=included)) <= 1


class TestChecked:
    def test_takes_what_can_be_and_refuses_all_else(self):
        asked = question(item(1, 1_000), item(2, 500))
        good = RateEngine([rate(1, 100_000)]).taxes(asked).verdicts
        turned = checked(asked, reversed(good)).verdicts
        assert [each.tax_minor for each in turned] == [100, 50]
        assert {(each.rate_id, each.why) for each in turned} == {(None, (TaxWhy.PROVIDER,))}

        first, second = good
        for wrong in (
            (first,),
            (first, replace(second, key=UUID(int=3))),
            (first, replace(second, tax_minor=501)),
            (first, replace(second, tax_minor=-1)),
            (first, replace(second, tax_minor=1.5)),
            (first, replace(second, rate_ppm=2_000_000)),
            (first, replace(second, category=TaxCategory.EXEMPT)),
            (first, replace(second, category=None, rate_ppm=0, tax_minor=0)),
            (first, replace(second, category="whatever", rate_ppm=0, tax_minor=0)),
            (first, replace(second, reason="\0")),
            (first, replace(second, reason="x" * 251)),
        ):
            with pytest.raises(UnusableTaxAnswer):
                checked(asked, wrong)
        assert checked(question(), ()) == TaxAnswer(())

    def test_has_words_for_invoices_where_no_tax_is_due(self):
        free = TaxVerdict(UUID(int=1), None, TaxCategory.EXPORT, 0, None, 0, ())

        (told,) = checked(question(item(1, 1_000)), [free]).verdicts

        assert told.reason == "Export outside the EU"
