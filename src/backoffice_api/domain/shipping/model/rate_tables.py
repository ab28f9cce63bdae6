"""Rate tables: what a service costs, by place and weight, for a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.shipping.model.carriers import PRICE_MAX_MINOR, WEIGHT_MAX_G
from backoffice_api.domain.shipping.model.rating import RateRow, Zone

ZONES_MAX = 1_000
ROWS_MAX = 1_000
POSTAL_LENGTH_MAX = 20
REGION_LENGTH_MAX = 80


class RateTableSortKey(Choice):
    """By what a list of rate tables is sorted."""

    VALID_FROM = "valid_from", "The first day on which the table holds."
    CREATED_AT = "created_at", "When the table was made here."


@dataclass(frozen=True, slots=True)
class RateTable:
    """Prices of a service from `valid_from` on, up to but without `valid_until`.

    Of several that hold on a day, the one that began last is used.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    service_id: UUID
    name: str
    currency: str
    valid_from: date
    valid_until: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class TableZone:
    """A zone as it is stored: see `rating.Zone`."""

    table_id: UUID
    position: int
    code: str
    country: str
    region: str | None
    postal_from: str | None
    postal_to: str | None

    @property
    def zone(self) -> Zone:
        return Zone(self.code, self.country, self.region, self.postal_from, self.postal_to)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it is stored: see `rating.RateRow`."""

    table_id: UUID
    zone: str
    up_to_g: int
    price_minor: int
    step_g: int | None
    step_minor: int | None
    currency: str

    @property
    def row(self) -> RateRow:
        return RateRow(self.zone, self.up_to_g, self.price_minor, self.step_g, self.step_minor)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def step_price(self) -> Money | None:
        return None if self.step_minor is None else Money(self.step_minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDraft:
    """A row to be: see `rating.RateRow`."""

    zone: str
    up_to_g: int
    price: Money
    step_g: int | None = None
    step_price: Money | None = None

    @property
    def row(self) -> RateRow:
        step = self.step_price
        return RateRow(
            self.zone, self.up_to_g, self.price.minor, self.step_g, step.minor if step else None
        )


@dataclass(frozen=True, slots=True)
class RateTableCreated(Event):
    type = "rate_table.created"
    subject = "rat"
    summary = "Rate table {name} was made, with {rows} rows."
    id: UUID
    version: int
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class RateTableUpdated(Event):
    type = "rate_table.updated"
    subject = "rat"
    summary = "Rate table {name} was changed; it has {rows} rows."
    id: UUID
    version: int
    name: str
    rows: int


@dataclass(eq=False)
class UnknownRateTable(Missing):
    """There is no rate table with this id."""

    id: UUID
    message = "There is no such rate table."


@dataclass(eq=False)
class EmptyValidity(Invalid):
    """A table that ends on the day it begins, or before, never holds."""

    message = "A rate table ends after it has begun."


@dataclass(eq=False)
class ZoneWithoutPlaces(Invalid):
    """A row names a zone that the table does not have."""

    zone: str
    message = "The table has no zone {zone!r:.60}."


@dataclass(eq=False)
class RowTwice(Invalid):
    """A zone has two rows for the same weight."""

    zone: str
    up_to_g: int
    message = "Zone {zone!r:.60} has two rows up to {up_to_g} g."


@dataclass(eq=False)
class HalfAStep(Invalid):
    """A step has a weight and a price, or neither."""

    message = "Name both the weight and the price of a step, or neither."


def check_table(
    faults: Faults, currency: str, zones: Sequence[Zone], drafts: Sequence[RowDraft]
) -> None:
    """Note what is wrong with zones and rows, each alone and together."""
    rows = [each.row for each in drafts]
    for position, draft in enumerate(drafts):
        for name, money in (("price", draft.price), ("step_price", draft.step_price)):
            if money is not None and money.currency != currency:
                mismatch = CurrencyMismatch(money.currency, currency)
                faults.add(mismatch.at("rows", position, name))
    check_size(zones, faults, "zones", maximum=ZONES_MAX)
    check_size(rows, faults, "rows", maximum=ROWS_MAX)
    for position, zone in enumerate(zones):
        here = ("zones", position)
        check_text(zone.code, faults, *here, "code", maximum=CODE_LENGTH_MAX)
        check_text(zone.region, faults, *here, "region", maximum=REGION_LENGTH_MAX)
        check_text(zone.postal_from, faults, *here, "postal_from", maximum=POSTAL_LENGTH_MAX)
        check_text(zone.postal_to, faults, *here, "postal_to", maximum=POSTAL_LENGTH_MAX)
        check_land(zone.country, faults, *here, "country")
    faults.extend(_row_faults({each.code for each in zones}, rows))
    for position, row in enumerate(rows):
        here = ("rows", position)
        check_range(row.up_to_g, faults, *here, "up_to_g", minimum=1, maximum=WEIGHT_MAX_G)
        check_range(row.price_minor, faults, *here, "price", minimum=0, maximum=PRICE_MAX_MINOR)
        check_range(row.step_g, faults, *here, "step_g", minimum=1, maximum=WEIGHT_MAX_G)
        check_range(row.step_minor, faults, *here, "step_price", minimum=0, maximum=PRICE_MAX_MINOR)


def check_land(country: str, faults: Faults, *path: str | int) -> None:
    """Note if a country is none."""
    try:
        check_country(country)
    except UnknownCountry as fault:
        faults.add(fault.at(*path))


def _row_faults(zones: set[str], rows: Sequence[RateRow]) -> Iterator[Invalid]:
    seen: set[tuple[str, int]] = set()
    for position, row in enumerate(rows):
        if row.zone not in zones:
            yield ZoneWithoutPlaces(row.zone).at("rows", position, "zone")
        if (row.zone, row.up_to_g) in seen:
            yield RowTwice(row.zone, row.up_to_g).at("rows", position, "up_to_g")
        seen.add((row.zone, row.up_to_g))
        if (row.step_g is None) != (row.step_minor is None):
            yield HalfAStep().at("rows", position, "step_g")
