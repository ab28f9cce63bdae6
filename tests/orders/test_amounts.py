"""What an order comes to: sums that hold for whatever prices, quantities and discounts."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders.model.amounts import (
    DiscountTooLarge,
    LineAmounts,
    discount_shares,
    share_left,
)
from backoffice_api.domain.orders.model.lines import (
    LineKind,
    OrderLine,
    at_price,
    with_current,
    with_discount,
)

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
MICRO_PER_MINOR = {"EUR": 10_000, "JPY": 1_000_000, "KWD": 1_000, "CLF": 100}
AMOUNTS = st.integers(0, 10**12)


def line(quantity, price):
    blank = OrderLine(
        id=UUID(int=1),
        order_id=UUID(int=2),
        position=0,
        kind=LineKind.GOODS,
        variant_id=UUID(int=3),
        sku="MUG",
        title="Mug",
        quantity=quantity,
        cancelled=0,
        shipped=0,
        returned=0,
        currency=price.currency,
        unit_price_micro=0,
        price_given=True,
        subtotal_minor=0,
        rounding_micro=0,
        discount_minor=0,
        tax_minor=0,
        current_subtotal_minor=0,
        current_discount_minor=0,
        current_tax_minor=0,
    )
    return at_price(blank, price)


class TestSubtotal:
    @given(CURRENCIES, st.integers(1, 10**6), st.integers(0, 10**12))
    def test_is_the_exact_value_but_for_the_stated_rounding(self, currency, quantity, micro):
        priced = line(quantity, UnitPrice(micro, currency))

        step = MICRO_PER_MINOR[currency]
        assert priced.subtotal_minor * step + priced.rounding_micro == micro * quantity
        assert 2 * abs(priced.rounding_micro) <= step
        if 2 * abs(priced.rounding_micro) == step:
            assert priced.subtotal_minor % 2 == 0

    @pytest.mark.parametrize(
        ("micro", "minor", "rounding"),
        [(5_000, 0, 5_000), (15_000, 2, -5_000), (25_000, 2, 5_000), (25_001, 3, -4_999)],
    )
    def test_rounds_halves_to_the_even_cent(self, micro, minor, rounding):
        priced = line(1, UnitPrice(micro, "EUR"))

        assert (priced.subtotal_minor, priced.rounding_micro) == (minor, rounding)


class TestDiscountShares:
    @given(CURRENCIES, st.lists(AMOUNTS, min_size=1, max_size=20), st.data())
    def test_sum_to_the_discount_and_take_no_line_below_zero(self, currency, subtotals, data):
        amounts = [Money(each, currency) for each in subtotals]
        discount = Money(data.draw(st.integers(0, sum(subtotals))), currency)

        shares = discount_shares(discount, amounts)

        assert sum(share.minor for share in shares) == discount.minor
        pairs = zip(shares, amounts, strict=True)
        assert all(0 <= share.minor <= amount.minor for share, amount in pairs)

    def test_refuse_more_than_there_is(self):
        with pytest.raises(DiscountTooLarge, match=r"0\.03 EUR"):
            discount_shares(Money(4, "EUR"), [Money(1, "EUR"), Money(2, "EUR")])


class TestShareLeft:
    @given(AMOUNTS, st.integers(1, 10**9), st.data())
    def test_is_proportional_to_the_nearest_minor_unit(self, minor, quantity, data):
        left = data.draw(st.integers(0, quantity))

        share = share_left(Money(minor, "EUR"), left, quantity).minor

        assert 2 * abs(share * quantity - minor * left) <= quantity

    def test_is_all_of_it_or_nothing_at_the_ends(self):
        amount = Money(101, "EUR")

        assert share_left(amount, 3, 3) == amount
        assert share_left(amount, 0, 3) == Money(0, "EUR")


class TestWithCurrent:
    @given(st.integers(1, 1_000), AMOUNTS, st.data())
    def test_never_leaves_more_than_was_ordered(self, quantity, micro, data):
        priced = line(quantity, UnitPrice(micro, "EUR"))
        discount = Money(data.draw(st.integers(0, priced.subtotal_minor)), "EUR")
        ordered = with_discount(replace(priced, tax_minor=data.draw(AMOUNTS)), discount)
        assert ordered.current == ordered.ordered

        left = with_current(replace(ordered, cancelled=data.draw(st.integers(0, quantity))))

        assert 0 <= left.current_subtotal_minor <= ordered.subtotal_minor
        assert 0 <= left.current_discount_minor <= ordered.discount_minor
        assert 0 <= left.current_tax_minor <= ordered.tax_minor
        if left.cancelled == quantity:
            nothing = Money(0, "EUR")
            assert left.current == LineAmounts(nothing, nothing, nothing)
