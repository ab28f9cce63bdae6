from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.currencies import EXPONENTS, UnknownCurrency
from backoffice_api.domain.kernel.decimals import NotADecimal
from backoffice_api.domain.kernel.money import (
    INT64_MAX,
    INT64_MIN,
    UNIT_PRICE_DECIMALS,
    AmountTooLarge,
    CurrencyMismatch,
    InvalidWeights,
    Money,
    Rounded,
    TooPrecise,
    UnitPrice,
    total,
)

currencies = st.sampled_from(["JPY", "EUR", "BRL", "KWD", "CLF"])
int64s = st.integers(INT64_MIN, INT64_MAX)
small = st.integers(-(10**12), 10**12)


class TestMoney:
    @pytest.mark.parametrize("minor", [INT64_MIN, -1, 0, INT64_MAX])
    def test_holds_what_a_bigint_holds(self, minor: int) -> None:
        assert Money(minor, "EUR").minor == minor

    @pytest.mark.parametrize("minor", [INT64_MIN - 1, INT64_MAX + 1])
    def test_holds_no_more(self, minor: int) -> None:
        with pytest.raises(AmountTooLarge) as refusal:
            Money(minor, "EUR")

        assert refusal.value.maximum == Decimal("92233720368547758.07")
        assert str(refusal.value) == (
            "The amount is too large: amounts in EUR go up to 92233720368547758.07 here."
        )

    def test_refuses_numbers_too_long_to_print(self) -> None:
        with pytest.raises(AmountTooLarge, match="amounts in EUR go up to"):
            Money(1, "EUR") * 10**5000

    def test_needs_a_known_currency(self) -> None:
        with pytest.raises(UnknownCurrency):
            Money(1, "XAU")

    @pytest.mark.parametrize("minor", [1.0, Decimal(1), "1", True])
    def test_is_made_of_an_integer(self, minor: int) -> None:
        with pytest.raises(TypeError, match="an amount is an int, not a"):
            Money(minor, "EUR")

    def test_can_be_a_key(self) -> None:
        assert {Money(1, "EUR"): "one"}[Money(1, "EUR")] == "one"

    @pytest.mark.parametrize(
        ("money", "text"),
        [
            (Money(1050, "EUR"), "10.50 EUR"),
            (Money(-5, "EUR"), "-0.05 EUR"),
            (Money(1050, "JPY"), "1050 JPY"),
            (Money(1, "KWD"), "0.001 KWD"),
            (Money(0, "CLF"), "0.0000 CLF"),
            (Money(INT64_MIN, "EUR"), "-92233720368547758.08 EUR"),
        ],
    )
    def test_shows_the_decimals_of_its_currency(self, money: Money, text: str) -> None:
        assert str(money) == text


class TestMoneyOf:
    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("10.5", "EUR", 1050),
            ("10.500000", "EUR", 1050),
            ("0.01" + "0" * 60, "EUR", 1),
            ("1E+3", "EUR", 100_000),
            ("-0.001", "KWD", -1),
            ("7", "JPY", 7),
            ("-0", "EUR", 0),
        ],
    )
    def test_is_exact(self, amount: str, currency: str, minor: int) -> None:
        assert Money.of(Decimal(amount), currency) == Money(minor, currency)

    @pytest.mark.parametrize(
        ("amount", "currency", "decimals"),
        [("0.001", "EUR", 2), ("0.5", "JPY", 0), ("0.00005", "CLF", 4), ("1E-999999", "EUR", 2)],
    )
    def test_never_rounds(self, amount: str, currency: str, decimals: int) -> None:
        with pytest.raises(TooPrecise) as refusal:
            Money.of(Decimal(amount), currency)

        assert (refusal.value.currency, refusal.value.decimals) == (currency, decimals)

    @pytest.mark.parametrize(
        "amount", ["92233720368547758.08", "-92233720368547758.09", "9" * 30, "1E+999999"]
    )
    def test_refuses_what_does_not_fit(self, amount: str) -> None:
        with pytest.raises(AmountTooLarge):
            Money.of(Decimal(amount), "EUR")

    @pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
    def test_refuses_what_is_no_number(self, amount: str) -> None:
        with pytest.raises(NotADecimal):
            Money.of(Decimal(amount), "EUR")

    def test_needs_a_known_currency(self) -> None:
        with pytest.raises(UnknownCurrency):
            Money.of(Decimal(1), "ABC")

    @given(int64s, st.sampled_from(sorted(EXPONENTS)))
    def test_reads_back_the_amount_of_all_money(self, minor: int, currency: str) -> None:
        money = Money(minor, currency)

        assert Money.of(money.amount, currency) == money
        assert money.amount.as_tuple().exponent == -EXPONENTS[currency]
        assert Fraction(money.amount) == Fraction(minor, 10 ** EXPONENTS[currency])

    def test_does_not_depend_on_the_decimal_context(self) -> None:
        with localcontext() as context:
            context.prec = 3
            money = Money.of(Decimal("123456.78"), "EUR")

            assert str(money) == "123456.78 EUR"


class TestMoneyArithmetic:
    def test_stays_in_the_currency(self) -> None:
        money = Money(1050, "EUR")

        assert money + Money(50, "EUR") == Money(1100, "EUR")
        assert money - Money(1100, "EUR") == Money(-50, "EUR")
        assert money * 3 == Money(3150, "EUR")
        assert -money == Money(-1050, "EUR")
        assert abs(-money) == money

    def test_compares_amounts(self) -> None:
        assert Money(1, "EUR") < Money(2, "EUR")
        assert Money(2, "EUR") <= Money(2, "EUR")
        assert Money(3, "EUR") > Money(2, "EUR")
        assert not Money(1, "EUR") >= Money(2, "EUR")
        assert max(Money(1, "EUR"), Money(2, "EUR")) == Money(2, "EUR")

    def test_is_false_only_when_zero(self) -> None:
        assert not Money.zero("EUR")
        assert Money(-1, "EUR")

    @pytest.mark.parametrize(
        "operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"]
    )
    def test_does_not_mix_currencies(self, operation: str) -> None:
        with pytest.raises(CurrencyMismatch, match="Amounts in EUR and USD do not mix") as refusal:
            getattr(Money(1, "EUR"), operation)(Money(2, "USD"))

        assert (refusal.value.left, refusal.value.right) == ("EUR", "USD")

    def test_holds_amounts_of_two_currencies_unequal(self) -> None:
        assert Money(1, "EUR") != Money(1, "USD")

    def test_refuses_results_that_do_not_fit(self) -> None:
        largest, smallest = Money(INT64_MAX, "EUR"), Money(INT64_MIN, "EUR")

        overflows: list[Callable[[], Money]] = [
            lambda: largest + Money(1, "EUR"),
            lambda: smallest - Money(1, "EUR"),
            lambda: largest * 2,
            lambda: -smallest,
            lambda: abs(smallest),
        ]

        for overflow in overflows:
            with pytest.raises(AmountTooLarge):
                overflow()

    @pytest.mark.parametrize("factor", [1.5, Decimal(2)])
    def test_multiplies_by_whole_numbers_only(self, factor: int) -> None:
        with pytest.raises(TypeError, match="an amount is an int"):
            Money(100, "EUR") * factor


class TestTotal:
    def test_sums_amounts(self) -> None:
        assert total([Money(1, "EUR"), Money(-3, "EUR")], "EUR") == Money(-2, "EUR")

    def test_of_nothing_is_zero(self) -> None:
        assert total([], "JPY") == Money.zero("JPY")

    def test_may_pass_the_bounds_on_its_way(self) -> None:
        amounts = [Money(INT64_MAX, "EUR"), Money(1, "EUR"), Money(-2, "EUR")]

        assert total(amounts, "EUR") == Money(INT64_MAX - 1, "EUR")

    def test_does_not_mix_currencies(self) -> None:
        with pytest.raises(CurrencyMismatch) as refusal:
            total([Money(1, "EUR"), Money(0, "USD")], "EUR")

        assert (refusal.value.left, refusal.value.right) == ("EUR", "USD")

    def test_refuses_a_sum_that_does_not_fit(self) -> None:
        with pytest.raises(AmountTooLarge):
            total([Money(INT64_MAX, "EUR"), Money(1, "EUR")], "EUR")


class TestAllocate:
    @pytest.mark.parametrize(
        ("minor", "weights", "shares"),
        [
            (100, [1, 1, 1], [34, 33, 33]),
            (-100, [1, 1, 1], [-34, -33, -33]),
            (5, [3, 7], [2, 3]),
            (101, [50, 0, 50], [51, 0, 50]),
            (10, [1, 2, 4], [1, 3, 6]),
            (2, [1, 1, 1], [1, 1, 0]),
            (0, [1, 2], [0, 0]),
            (7, [9], [7]),
            (INT64_MIN, [1, 1], [INT64_MIN // 2, INT64_MIN // 2]),
        ],
    )
    def test_gives_the_largest_remainders_one_more(
        self, minor: int, weights: list[int], shares: list[int]
    ) -> None:
        allocated = Money(minor, "EUR").allocate(weights)

        assert [share.minor for share in allocated] == shares

    @pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1, 2], [1, -1], [-1]])
    def test_refuses_weights_that_mean_nothing(self, weights: list[int]) -> None:
        with pytest.raises(InvalidWeights):
            Money(100, "EUR").allocate(weights)

    @given(int64s, st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any), currencies)
    def test_shares_sum_to_the_whole_and_are_less_than_one_off(
        self, minor: int, weights: list[int], currency: str
    ) -> None:
        whole = Money(minor, currency)

        shares = whole.allocate(weights)

        assert len(shares) == len(weights)
        assert total(shares, currency) == whole
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share.minor - Fraction(minor * weight, sum(weights))) < 1

    @given(small, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
    def test_negates_with_the_amount(self, minor: int, weights: list[int]) -> None:
        shares = Money(minor, "EUR").allocate(weights)

        assert Money(-minor, "EUR").allocate(weights) == tuple(-share for share in shares)

    @given(small, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
    def test_gives_a_larger_remainder_never_less(self, minor: int, weights: list[int]) -> None:
        shares = [share.minor for share in Money(abs(minor), "EUR").allocate(weights)]

        exact = [Fraction(abs(minor) * weight, sum(weights)) for weight in weights]
        extra = [share - int(part) for share, part in zip(shares, exact, strict=True)]
        rank = [(-(part - int(part)), position) for position, part in enumerate(exact)]
        assert set(extra) <= {0, 1}
        assert sorted(rank)[: sum(extra)] == sorted(
            place for place, more in zip(rank, extra, strict=True) if more
        )


class TestUnitPrice:
    @pytest.mark.parametrize(
        ("amount", "currency", "shown"),
        [
            ("1.5", "EUR", "1.50"),
            ("0.0375", "EUR", "0.0375"),
            ("0.000001", "EUR", "0.000001"),
            ("-1.230000", "EUR", "-1.23"),
            ("100", "EUR", "100.00"),
            ("0", "EUR", "0.00"),
            ("100", "JPY", "100"),
            ("0.5", "JPY", "0.5"),
            ("2.5", "KWD", "2.500"),
        ],
    )
    def test_shows_no_zeros_beyond_the_decimals_of_its_currency(
        self, amount: str, currency: str, shown: str
    ) -> None:
        price = UnitPrice.of(Decimal(amount), currency)

        assert str(price) == f"{shown} {currency}"
        assert str(price.amount) == shown

    def test_has_at_most_six_decimals(self) -> None:
        with pytest.raises(TooPrecise) as refusal:
            UnitPrice.of(Decimal("0.0000001"), "JPY")

        assert refusal.value.decimals == 6

    @pytest.mark.parametrize("micro", [INT64_MIN - 1, INT64_MAX + 1])
    def test_fits_in_a_bigint(self, micro: int) -> None:
        with pytest.raises(AmountTooLarge) as refusal:
            UnitPrice(micro, "EUR")

        assert refusal.value.maximum == Decimal("9223372036854.775807")

    def test_needs_a_known_currency(self) -> None:
        with pytest.raises(UnknownCurrency):
            UnitPrice(1, "XXX")
        with pytest.raises(UnknownCurrency):
            UnitPrice.of(Decimal(1), "XXX")

    def test_is_made_of_an_integer(self) -> None:
        with pytest.raises(TypeError, match="an amount is an int, not a Decimal"):
            UnitPrice(Decimal(1), "EUR")  # type: ignore[arg-type]

    def test_refuses_what_is_no_number(self) -> None:
        with pytest.raises(NotADecimal):
            UnitPrice.of(Decimal("Infinity"), "EUR")

    def test_can_be_an_amount_of_money(self) -> None:
        assert UnitPrice.of_money(Money(1050, "EUR")) == UnitPrice(10_500_000, "EUR")
        assert UnitPrice.of_money(Money(7, "JPY")) == UnitPrice(7_000_000, "JPY")
        with pytest.raises(AmountTooLarge):
            UnitPrice.of_money(Money(INT64_MAX, "EUR"))

    @given(int64s, st.sampled_from(sorted(EXPONENTS)))
    def test_reads_back_the_amount_of_all_prices(self, micro: int, currency: str) -> None:
        price = UnitPrice(micro, currency)

        assert UnitPrice.of(price.amount, currency) == price
        assert Fraction(price.amount) == Fraction(micro, 10**6)

    def test_is_finer_than_every_currency(self) -> None:
        assert max(EXPONENTS.values()) <= UNIT_PRICE_DECIMALS


class TestTimes:
    @pytest.mark.parametrize(
        ("price", "quantity", "rounded"),
        [
            (UnitPrice(37_500, "EUR"), 10, Rounded(Money(38, "EUR"), -5_000)),
            (UnitPrice(5_000, "EUR"), 1, Rounded(Money(0, "EUR"), 5_000)),
            (UnitPrice(15_000, "EUR"), 1, Rounded(Money(2, "EUR"), -5_000)),
            (UnitPrice(25_000, "EUR"), 1, Rounded(Money(2, "EUR"), 5_000)),
            (UnitPrice(25_001, "EUR"), 1, Rounded(Money(3, "EUR"), -4_999)),
            (UnitPrice(25_000, "EUR"), -1, Rounded(Money(-2, "EUR"), -5_000)),
            (UnitPrice(35_000, "EUR"), -1, Rounded(Money(-4, "EUR"), 5_000)),
            (UnitPrice(2_500_000, "JPY"), 1, Rounded(Money(2, "JPY"), 500_000)),
            (UnitPrice(1_234_500, "KWD"), 1, Rounded(Money(1234, "KWD"), 500)),
            (UnitPrice(1_990_000, "EUR"), 3, Rounded(Money(597, "EUR"), 0)),
            (UnitPrice(1_990_000, "EUR"), 0, Rounded(Money(0, "EUR"), 0)),
        ],
    )
    def test_rounds_half_even(self, price: UnitPrice, quantity: int, rounded: Rounded) -> None:
        assert price.times(quantity) == rounded

    @given(int64s, st.integers(-(10**4), 10**4), currencies)
    def test_agrees_with_decimal(self, micro: int, quantity: int, currency: str) -> None:
        with localcontext() as context:
            context.prec = 60
            exact = Decimal(micro).scaleb(-6) * quantity
            expected = exact.quantize(Decimal(10) ** -EXPONENTS[currency], ROUND_HALF_EVEN)
            expected_minor = int(expected.scaleb(EXPONENTS[currency]))
            expected_remainder = int((exact - expected).scaleb(6))

        if INT64_MIN <= expected_minor <= INT64_MAX:
            rounded = UnitPrice(micro, currency).times(quantity)

            assert rounded == Rounded(Money(expected_minor, currency), expected_remainder)
        else:
            with pytest.raises(AmountTooLarge):
                UnitPrice(micro, currency).times(quantity)

    @given(small, st.integers(0, 10**6), currencies)
    def test_loses_nothing(self, micro: int, quantity: int, currency: str) -> None:
        rounded = UnitPrice(micro, currency).times(quantity)

        micro_per_minor = 10 ** (6 - EXPONENTS[currency])
        assert rounded.money.minor * micro_per_minor + rounded.remainder_micro == micro * quantity
        assert 2 * abs(rounded.remainder_micro) <= micro_per_minor
