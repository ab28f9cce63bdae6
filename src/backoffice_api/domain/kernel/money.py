"""Money: whole minor units of one currency, and unit prices that may be finer. Never a float."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from functools import total_ordering
from typing import Self

from backoffice_api.domain.kernel.currencies import EXPONENTS, UnknownCurrency, exponent
from backoffice_api.domain.kernel.decimals import NotADecimal
from backoffice_api.domain.kernel.errors import Invalid

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
UNIT_PRICE_DECIMALS = 6

# Explicit, so that the precision and the traps of the calling thread's context change nothing.
_EXACT = Context(prec=28, rounding=ROUND_DOWN, traps=[InvalidOperation])


@dataclass(eq=False)
class AmountTooLarge(Invalid):
    """The amount, or the result of a calculation, does not fit in 64 bits."""

    currency: str
    maximum: Decimal
    message = "The amount is too large: amounts in {currency} go up to {maximum} here."


@dataclass(eq=False)
class TooPrecise(Invalid):
    """The amount has more decimals than it may have. It is never rounded silently."""

    currency: str
    decimals: int
    message = "The amount is too precise: in {currency} it has at most {decimals} decimals here."


@dataclass(eq=False)
class CurrencyMismatch(Invalid):
    """Amounts of two currencies cannot be added or compared. Convert one of them first."""

    left: str
    right: str
    message = "Amounts in {left} and {right} do not mix."


@dataclass(eq=False)
class InvalidWeights(Invalid):
    """An amount can be shared out only by weights of which none is negative and one is not zero."""

    message = "An amount is shared out by weights that are not negative, and not all zero."


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency, in its minor unit: `Money(1050, "EUR")` is 10.50 euros.

    It adds, subtracts and compares with amounts of the same currency, multiplies by whole
    numbers, and is false when zero. `==` between two currencies is false; all else raises.

    Raises:
        UnknownCurrency: ISO 4217 does not list the currency.
        AmountTooLarge: `minor` does not fit in a signed 64-bit integer, as which it is stored.
        CurrencyMismatch: an operation got amounts of two currencies.
        TypeError: `minor` is not an integer, e.g. the Decimal that PostgreSQL answers to a sum.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise UnknownCurrency(self.currency)
        _check_int64(self.minor, self.currency, EXPONENTS[self.currency])

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Self:
        """The amount, given in the major unit: `Money.of(Decimal("10.5"), "EUR")`.

        Raises:
            UnknownCurrency: ISO 4217 does not list the currency.
            TooPrecise: the amount has more decimals than the currency.
            AmountTooLarge: it does not fit in 64 bits of minor units.
            NotADecimal: it is infinite or NaN.
        """
        return cls(_scaled(amount, currency, exponent(currency)), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in the major unit, with exactly the decimals of the currency: 10.50."""
        return _decimal(self.minor, EXPONENTS[self.currency])

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.minor * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._check_same_currency(other)
        return self.minor < other.minor

    def allocate(self, weights: Sequence[int]) -> "tuple[Money, ...]":
        """Shares of the amount in proportion to the weights, one per weight, in their order.

        The shares sum to the amount. Each is the exact share rounded towards zero; the minor
        units left over go one each to the largest remainders, on a tie to the earlier one
        (the largest remainder method). A weight of zero gets nothing. The shares of a negative
        amount are those of the positive one, negated.

        Raises:
            InvalidWeights: a weight is negative, or there is none above zero.
        """
        whole = sum(weights)
        if whole == 0 or min(weights) < 0:
            raise InvalidWeights
        sign = -1 if self.minor < 0 else 1
        shares = [abs(self.minor) * weight // whole for weight in weights]
        remainders = [abs(self.minor) * weight % whole for weight in weights]
        left_over = abs(self.minor) - sum(shares)
        # The sort is stable in reverse too: of equal remainders the earlier comes first.
        largest = sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)
        for position in largest[:left_over]:
            shares[position] += 1
        return tuple(Money(sign * share, self.currency) for share in shares)

    def _check_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of the amounts, all in the currency; zero of it when there are none.

    Raises:
        CurrencyMismatch: an amount is in another currency.
        AmountTooLarge: the sum does not fit in 64 bits of minor units.
    """
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatch(currency, amount.currency)
        minor += amount.minor
    return Money(minor, currency)


@dataclass(frozen=True, slots=True)
class Rounded:
    """An amount rounded to the minor unit, and what the rounding took away.

    `remainder_micro` is exact minus rounded, in millionths of the major unit: negative where
    the amount was rounded up, and at most half a minor unit in size.
    """

    money: Money
    remainder_micro: int


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price or cost of one piece, in millionths of the major unit: 0.0375 euros is 37500.

    It may be finer than the currency; an amount to be paid never is, so the only way from here
    to `Money` is `times`.

    Raises:
        UnknownCurrency: ISO 4217 does not list the currency.
        AmountTooLarge: `micro` does not fit in a signed 64-bit integer, as which it is stored.
        TypeError: `micro` is not an integer.
    """

    micro: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise UnknownCurrency(self.currency)
        _check_int64(self.micro, self.currency, UNIT_PRICE_DECIMALS)

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Self:
        """The price, given in the major unit: `UnitPrice.of(Decimal("0.0375"), "EUR")`.

        Raises:
            UnknownCurrency: ISO 4217 does not list the currency.
            TooPrecise: the amount has more than `UNIT_PRICE_DECIMALS` decimals.
            AmountTooLarge: it does not fit in 64 bits of millionths.
            NotADecimal: it is infinite or NaN.
        """
        exponent(currency)
        return cls(_scaled(amount, currency, UNIT_PRICE_DECIMALS), currency)

    @classmethod
    def of_money(cls, money: Money) -> Self:
        """The amount as the price of one piece.

        Raises:
            AmountTooLarge: it does not fit in 64 bits of millionths.
        """
        return cls(money.minor * _micro_per_minor(money.currency), money.currency)

    @property
    def amount(self) -> Decimal:
        """The price in the major unit, with at least the decimals of the currency: 1.50, 0.0375.

        Zeros beyond those decimals are left away.
        """
        digits, decimals = self.micro, UNIT_PRICE_DECIMALS
        while decimals > EXPONENTS[self.currency] and digits % 10 == 0:
            digits, decimals = digits // 10, decimals - 1
        return _decimal(digits, decimals)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def times(self, quantity: int) -> Rounded:
        """What that many pieces cost, rounded half-even to the minor unit.

        This is the one place where a price becomes an amount, and so the one that rounds.

        Raises:
            AmountTooLarge: the amount does not fit in 64 bits of minor units.
        """
        exact = self.micro * quantity
        step = _micro_per_minor(self.currency)
        minor, remainder = divmod(exact, step)
        if 2 * remainder > step or (2 * remainder == step and minor % 2 == 1):
            minor, remainder = minor + 1, remainder - step
        return Rounded(Money(minor, self.currency), remainder)


def _check_int64(number: int, currency: str, decimals: int) -> None:
    if type(number) is not int:
        raise TypeError(f"an amount is an int, not a {type(number).__name__}")
    if not INT64_MIN <= number <= INT64_MAX:
        raise _too_large(currency, decimals)


def _scaled(amount: Decimal, currency: str, decimals: int) -> int:
    """The amount x 10**decimals, exactly."""
    if not amount.is_finite():
        raise NotADecimal(str(amount))
    try:
        cut = amount.quantize(Decimal((0, (1,), -decimals)), context=_EXACT)
    except InvalidOperation:  # It needs more digits than any 64-bit integer has.
        raise _too_large(currency, decimals) from None
    if cut != amount:
        raise TooPrecise(currency, decimals)
    return int(_EXACT.scaleb(cut, decimals))


def _decimal(digits: int, decimals: int) -> Decimal:
    # From text, because arithmetic would round to the precision of the calling thread's context.
    return Decimal(f"{digits}E-{decimals}")


def _micro_per_minor(currency: str) -> int:
    return int(10 ** (UNIT_PRICE_DECIMALS - EXPONENTS[currency]))


def _too_large(currency: str, decimals: int) -> AmountTooLarge:
    return AmountTooLarge(currency, _decimal(INT64_MAX, decimals))
