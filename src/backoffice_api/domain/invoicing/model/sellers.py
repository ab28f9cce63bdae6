"""Sellers: the legal entities that issue invoices, each for the channels in which it sells.

What is said here is copied onto each invoice when it is issued; a later change touches none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.series import PREFIX_LENGTH_MAX
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.taxes.model.categories import TaxCategory, percent

CHANNELS_MAX = 250
TAX_RATES_MAX = 20
FOOTER_LENGTH_MAX = 1_000
DIGITS_MAX = 12
PAYMENT_DAYS_MAX = 365
PATTERN_LENGTH_MAX = 60
FISCAL_DATA_MAX = 100
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_PLACES = frozenset({"year", "month", "channel"})


class SellerSortKey(Choice):
    """By what a list of sellers is sorted."""

    CODE = "code", "The code, by code point."
    CREATED_AT = "created_at", "When the seller was made."


@dataclass(frozen=True, slots=True)
class Seller:
    """`name`: as it is registered. `tax_ids`: each with `kind` and `value`, canonical.

    `tax_rates`: those of its country, in millionths; a rate that was not given is sought among
    them first. `untaxed_category`: what lines without tax are. The prefixes are patterns with
    `{year}`, `{month}` and `{channel}`; each text that they come to is a series of its own.
    `fiscal_provider`: who authorises its invoices; None: nobody has to. `fiscal_data`: what the
    tax office of its country wants to know of it besides. `gates_dispatch`: goods stay until that
    is done.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    trade_name: str | None
    lines: Sequence[str]
    district: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str
    tax_ids: Sequence[Mapping[str, str]]
    registration: str | None
    email: str | None
    phone: str | None
    iban: str | None
    bic: str | None
    bank_name: str | None
    locale: str
    time_zone: str
    tax_rates: Sequence[int]
    untaxed_category: TaxCategory
    untaxed_reason: str | None
    invoice_prefix: str
    credit_note_prefix: str
    number_digits: int
    payment_days: int | None
    footer: str
    fiscal_provider: str | None
    fiscal_data: Mapping[str, str]
    gates_dispatch: bool

    @property
    def rates(self) -> Sequence[Decimal]:
        """Rates of tax of its country, in percent."""
        return [percent(rate) for rate in self.tax_rates]

    def today(self, now: datetime) -> date:
        """The day on which `now` falls where the seller is."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class SellerSet(Event):
    type = "seller.set"
    subject = "sel"
    summary = "Seller {name} was set."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class UnknownSeller(Missing):
    """There is no seller with this id or code."""

    seller: str
    message = "There is no seller {seller!r:.90}."


@dataclass(eq=False)
class NoSeller(Refused):
    """Nobody is said to sell in the channel of the order, so nobody can issue its invoice."""

    channel: str
    message = "The channel {channel!r:.90} has no seller; say who sells there."


@dataclass(eq=False)
class InvalidFiscalData(Invalid):
    """What the tax office wants to know is no list of texts by name."""

    message = "Fiscal data are at most 100 texts of at most 250 characters, by name."


@dataclass(eq=False)
class InvalidNumberPattern(Invalid):
    """The pattern of a prefix has an unknown placeholder, ends in a digit, or gets too long."""

    reason: str
    message = "The pattern of a number {reason}."


def fiscal_data_from(given: Mapping[str, object]) -> Mapping[str, str]:
    """What was given as fiscal data, if it is texts by name.

    Raises:
        InvalidFiscalData: it is something else, or too much.
    """
    found = {name: value for name, value in given.items() if isinstance(value, str)}
    sizes = [len(each) for pair in found.items() for each in pair]
    storable_all = all(storable(each) == each for pair in found.items() for each in pair)
    if len(found) < len(given) or len(found) > FISCAL_DATA_MAX or not storable_all:
        raise InvalidFiscalData
    if max(sizes, default=0) > NAME_LENGTH_MAX:
        raise InvalidFiscalData
    return found


def prefix_from(pattern: str, *, on: date, channel: str) -> str:
    """What numbers of a series begin with: `INV-2026-` of `INV-{year}-`.

    Raises:
        InvalidNumberPattern: it cannot be the beginning of a number.
    """
    values = {"year": f"{on.year:04}", "month": f"{on.month:02}", "channel": channel}
    for name in _PLACEHOLDER.findall(pattern):
        if name not in _PLACES:
            raise InvalidNumberPattern("takes {year}, {month} and {channel} only")
    text = _PLACEHOLDER.sub(lambda found: values[found[1]], pattern)
    if "{" in text or "}" in text:
        raise InvalidNumberPattern("has a brace that is not closed")
    if text[-1:].isdigit():
        raise InvalidNumberPattern("does not end in a digit")
    if len(text) > PREFIX_LENGTH_MAX:
        raise InvalidNumberPattern(f"comes to more than {PREFIX_LENGTH_MAX} characters")
    return text
