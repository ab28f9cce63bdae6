"""Exchange rates: what a unit of one currency was worth in another on a day, and who says so."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.ledger.model.refusals import RateOutOfRange

RATE_SOURCE_LENGTH_MAX = 80
RATES_MAX = 1_000
RATE_DECIMALS = 12
ONE_PICO = 1_000_000_000_000
RATE_PICO_MAX = 9_000_000 * ONE_PICO


class RateSortKey(Choice):
    """By what a list of rates is sorted."""

    VALID_ON = "valid_on", "The day from which it holds."


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """From that day on, a unit of `from_currency` is `rate_pico` / 10^12 of `to_currency`."""

    id: UUID
    created_at: datetime
    valid_on: date
    from_currency: str
    to_currency: str
    rate_pico: int
    source: str

    @property
    def rate(self) -> Decimal:
        """How much of the one a unit of the other is."""
        return decimal_of(self.rate_pico)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDraft:
    """A rate as a source gives it."""

    valid_on: date
    from_currency: str
    to_currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class RatesAdded:
    """The rates, in the order given."""

    rate_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Revalued:
    """The entry at the end of the month and the one that takes it back; none: no difference."""

    entry_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a unit of a currency is worth in another on a day, and the rates that say so.

    `rates`: one, or two if it goes through the currency of the books.
    """

    from_currency: str
    to_currency: str
    on: date
    rate: Decimal
    rates: tuple[ExchangeRate, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The currency that the books are kept in."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    base_currency: str


@dataclass(frozen=True, slots=True)
class BooksWereSet(Event):
    """The currency of the books was said."""

    type: ClassVar[str] = "books.set"
    subject: ClassVar[str] = "bks"
    summary: ClassVar[str] = "The books are kept in {base_currency}."
    id: UUID
    version: int
    base_currency: str


@dataclass(frozen=True, slots=True)
class BooksRevalued(Event):
    """Open foreign balances were counted anew."""

    type: ClassVar[str] = "books.revalued"
    subject: ClassVar[str] = "bks"
    summary: ClassVar[str] = "Foreign balances were counted anew on {on}."
    id: UUID
    version: int
    on: date


@dataclass(frozen=True, slots=True)
class ExchangeRateAdded(Event):
    """A rate became known."""

    type: ClassVar[str] = "exchange_rate.added"
    subject: ClassVar[str] = "xrt"
    summary: ClassVar[str] = (
        "From {valid_on} on, a unit of {from_currency} is {rate} {to_currency}."
    )
    id: UUID
    version: int
    valid_on: date
    from_currency: str
    to_currency: str
    rate: str


def pico_of(rate: Decimal) -> int:
    """The rate in millionths of a millionth.

    Raises:
        RateOutOfRange: it is not above zero, too large, or has too many decimals.
    """
    if not rate.is_finite() or not 0 < rate <= RATE_PICO_MAX // ONE_PICO:
        raise RateOutOfRange
    numerator, denominator = rate.as_integer_ratio()
    pico, rest = divmod(numerator * ONE_PICO, denominator)
    if rest:
        raise RateOutOfRange
    return pico


def decimal_of(rate_pico: int) -> Decimal:
    """A rate in whole units, without zeros behind its last decimal."""
    whole, rest = divmod(rate_pico, ONE_PICO)
    decimals = f"{rest:0{RATE_DECIMALS}d}".rstrip("0")
    return Decimal(f"{whole}.{decimals}" if decimals else str(whole))


def pico_from(rate: ExchangeRate, currency: str) -> int:
    """What a unit of one of its currencies is worth in the other one, rounded half-even."""
    if rate.from_currency == currency:
        return rate.rate_pico
    return _half_even(ONE_PICO * ONE_PICO, rate.rate_pico)


def pico_over(first_pico: int, second_pico: int) -> int:
    """Two rates, one behind the other, rounded half-even."""
    return _half_even(first_pico * second_pico, ONE_PICO)


def converted(minor: int, currency: str, rate: ExchangeRate) -> int:
    """An amount of one currency of a rate in the other one, rounded half-even to its minor unit."""
    if rate.from_currency == currency:
        top, bottom, other = rate.rate_pico, ONE_PICO, rate.to_currency
    else:
        top, bottom, other = ONE_PICO, rate.rate_pico, rate.from_currency
    shift = EXPONENTS[other] - EXPONENTS[currency]
    up, down = int(10 ** max(shift, 0)), int(10 ** max(-shift, 0))
    return _half_even(minor * top * up, bottom * down)


def _half_even(top: int, bottom: int) -> int:
    whole, rest = divmod(top, bottom)
    if 2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1):
        return whole + 1
    return whole
