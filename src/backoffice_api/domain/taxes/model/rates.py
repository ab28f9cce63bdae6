"""Rates of tax: kept as data, each for a place, a time, kinds of goods and kinds of buyers."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.taxes.model.categories import TaxCategory, percent

MILLION = 1_000_000
NAME_LENGTH_MAX = 120
REGION_LENGTH_MAX = 80
REASON_LENGTH_MAX = 250
HS_PREFIX_LENGTH_MAX = 10
# All of them are read where a tax is calculated: enough for every state of every country.
RATES_MAX = 5_000


class TaxBuyers(Choice):
    """For which buyers a rate is."""

    ALL = "all", "For everybody, unless there is one for businesses that fits."
    BUSINESSES = "businesses", "Only for customers with the tax id of a business."


class TaxRateSortKey(Choice):
    """By what a list of tax rates is sorted."""

    PLACE = "place", "Country and region, by code point; those for everywhere come first."
    CREATED_AT = "created_at", "When the rate was made."
    VALID_FROM = "valid_from", "From when it applies."


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate, and what it is for.

    `place`: country and region in one word, as `place_key` has it.
    `country` None: everywhere that has no rate of its own; `region` None: the whole country.
    `tax_class`: only goods of this class; `hs_prefix`: only goods whose HS code begins with it;
    neither: all goods. It applies from the day `valid_from` up to but without `valid_until`.
    `rate_ppm` in millionths, 190000 for 19 %. `reason`: why no tax is due, for invoices.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    place: str
    country: str | None
    region: str | None
    tax_class: str | None
    hs_prefix: str | None
    buyers: TaxBuyers
    category: TaxCategory
    rate_ppm: int
    reason: str | None
    valid_from: date
    valid_until: date | None
    is_active: bool

    @property
    def rate(self) -> Decimal:
        """In percent."""
        return percent(self.rate_ppm)

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    def overlaps(self, other: "TaxRate") -> bool:
        """Both would apply to the same goods of the same buyers on the same day."""
        same = (
            self.place == other.place
            and self.tax_class == other.tax_class
            and self.hs_prefix == other.hs_prefix
            and self.buyers is other.buyers
        )
        ends = (self.valid_until or date.max, other.valid_until or date.max)
        return same and self.valid_from < ends[1] and other.valid_from < ends[0]


@dataclass(frozen=True, slots=True)
class TaxRateCreated(Event):
    type = "tax_rate.created"
    subject = "txr"
    summary = "The tax rate {name} was added."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TaxRateUpdated(Event):
    type = "tax_rate.updated"
    subject = "txr"
    summary = "The tax rate {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TaxRateRemoved(Event):
    type = "tax_rate.removed"
    subject = "txr"
    summary = "The tax rate {name} was removed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TaxClassSet(Event):
    type = "variant.tax_class_set"
    subject = "sku"
    summary = "The tax class of variant {sku} was set."
    id: UUID
    version: int
    sku: str


@dataclass(eq=False)
class UnknownTaxRate(Missing):
    """There is no tax rate with this id."""

    id: UUID
    message = "There is no such tax rate."


@dataclass(eq=False)
class TaxRateOverlaps(Refused):
    """Another rate is for the same place, goods and buyers at the same time."""

    other: str
    message = "The rate {other!r:.130} is for the same at the same time; let it end first."


@dataclass(eq=False)
class RateContradicts(Invalid):
    """Only the category `standard` has a rate above zero, and it always has."""

    message = "A rate above zero is of the category `standard`, and only that one has one."


@dataclass(eq=False)
class RegionWithoutCountry(Invalid):
    """A region is one of a country."""

    message = "A region is one of a country: name the country, too."


@dataclass(eq=False)
class TaxClassOrHsCode(Invalid):
    """A rate is for a class of goods or for an HS code, not for both."""

    message = "A rate is for a class of goods or for goods of an HS code, not for both."


@dataclass(eq=False)
class InvalidHsPrefix(Invalid):
    """The beginning of an HS code has 2 to 10 digits."""

    message = "The beginning of an HS code has 2 to 10 digits."


@dataclass(eq=False)
class EndsBeforeItApplies(Invalid):
    """A rate ends behind the day on which it begins."""

    message = "A rate ends behind the day on which it begins."


@dataclass(eq=False)
class TooManyTaxRates(Refused):
    """There are as many rates as may be kept."""

    maximum: int
    message = "At most {maximum} tax rates are kept."


def place_key(country: str | None, region: str | None) -> str:
    """A place as one word: `DE`, `BR-SP`; empty for everywhere."""
    return f"{country or ''}-{region}" if region else country or ""


def canonical_region(region: str | None, country: str | None) -> str | None:
    """A region in capital letters, without the code of its country before it: `SP` of `BR-SP`."""
    if region is None or not region.strip():
        return None
    return region.strip().upper().removeprefix(f"{country}-")


def check_rate(faults: Faults, rate: TaxRate) -> None:
    """Note what is wrong with a rate by itself."""
    check_text(rate.name, faults, "name", maximum=NAME_LENGTH_MAX)
    check_text(rate.region, faults, "region", maximum=REGION_LENGTH_MAX)
    check_text(rate.tax_class, faults, "tax_class", maximum=CODE_LENGTH_MAX)
    check_text(rate.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    check_range(rate.rate_ppm, faults, "rate", minimum=0, maximum=MILLION)
    if rate.country is not None:
        try:
            check_country(rate.country)
        except UnknownCountry as fault:
            faults.add(fault.at("country"))
    elif rate.region is not None:
        faults.add(RegionWithoutCountry().at("region"))
    if rate.hs_prefix is not None:
        digits = rate.hs_prefix
        if not (digits.isascii() and digits.isdecimal() and 2 <= len(digits) <= 10):
            faults.add(InvalidHsPrefix().at("hs_prefix"))
        if rate.tax_class is not None:
            faults.add(TaxClassOrHsCode().at("hs_prefix"))
    if (rate.category is TaxCategory.STANDARD) != (rate.rate_ppm > 0):
        faults.add(RateContradicts().at("rate"))
    if rate.valid_until is not None and rate.valid_until <= rate.valid_from:
        faults.add(EndsBeforeItApplies().at("valid_until"))
