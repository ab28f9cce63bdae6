"""Rates of tax that are derived from amounts, and parts of lines that sum to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.invoicing.model.sellers import InvalidNumberPattern, prefix_from
from backoffice_api.domain.invoicing.model.taxes import (
    MILLION,
    GivenTax,
    Tax,
    TaxContradicts,
    derived_rate,
    tax_of,
)
from backoffice_api.domain.taxes.model.categories import (
    InvalidRate,
    TaxCategory,
    percent,
    rate_from,
)
from tests.world import NOW

UNTAXED = Tax(TaxCategory.ZERO, 0, None)


class TestDerivedRate:
    @pytest.mark.parametrize(
        ("net", "tax", "known", "rate"),
        [
            (10_000, 1_900, (), 190_000),
            (99, 19, (), 190_000),
            (10_000, 550, (), 55_000),
            (10_000, 812, (), 81_200),
            # Many rates explain a tax of two cents; one of them is in use.
            (10, 2, (190_000, 70_000), 190_000),
            (333, 23, (190_000, 70_000), 70_000),
        ],
    )
    def test_is_the_one_in_use_or_the_roundest(self, net, tax, known, rate) -> None:
        assert derived_rate(net, tax, known) == rate

    @settings(max_examples=25)
    @given(st.integers(1, 10**9), st.integers(1, 40))
    def test_explains_the_amount(self, net: int, whole_percent: int) -> None:
        tax = (net * whole_percent * 10_000 + MILLION // 2) // MILLION

        rate = derived_rate(net, tax, ())

        assert 2 * abs(net * rate - tax * MILLION) <= MILLION or net < 100


class TestTaxOf:
    def test_takes_what_is_given(self) -> None:
        given_tax = GivenTax(line_id=None, rate_ppm=190_000)

        assert tax_of(10, 2, given=given_tax, known=(), untaxed=UNTAXED).rate_ppm == 190_000

    @pytest.mark.parametrize(
        ("net", "tax", "category", "rate"),
        [
            (1_000, 190, None, 70_000),
            (1_000, 190, TaxCategory.EXEMPT, None),
            (1_000, 0, TaxCategory.STANDARD, None),
            (1_000, 0, None, 190_000),
        ],
    )
    def test_refuses_what_contradicts_the_amount(self, net, tax, category, rate) -> None:
        given_tax = GivenTax(line_id=None, category=category, rate_ppm=rate)

        with pytest.raises(TaxContradicts):
            tax_of(net, tax, given=given_tax, known=(), untaxed=UNTAXED)


class TestRates:
    @pytest.mark.parametrize(("text", "rate"), [("19", 190_000), ("5.5", 55_000), ("0", 0)])
    def test_are_percents_outside_and_millionths_inside(self, text: str, rate: int) -> None:
        assert rate_from(Decimal(text)) == rate
        assert str(percent(rate)) == text

    @pytest.mark.parametrize("text", ["-1", "101", "1.00001", "1e-9"])
    def test_are_bounded(self, text: str) -> None:
        with pytest.raises(InvalidRate):
            rate_from(Decimal(text))


class TestPrefixFrom:
    def test_fills_in_year_month_and_channel(self) -> None:
        text = prefix_from("{channel}-{year}/{month}-", on=NOW.date(), channel="web")

        assert text == "web-2025/03-"

    @pytest.mark.parametrize("pattern", ["{year}", "{shop}-", "{}-", "{year", "INV7", "x" * 21])
    def test_refuses_what_is_no_beginning_of_a_number(self, pattern: str) -> None:
        with pytest.raises(InvalidNumberPattern):
            prefix_from(pattern, on=NOW.date(), channel="web")
