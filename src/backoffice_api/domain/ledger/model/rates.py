"""Exchange rates: what a unit of one currency was worth in another on a day, and who says so."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

RATE_SOURCE_LENGTH_MAX = 80


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
