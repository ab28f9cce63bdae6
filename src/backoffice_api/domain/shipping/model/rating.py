"""What a parcel costs with a service, and when it arrives: pure calculation, nothing is read.

A rate table is a list of zones (which places they hold) and of rows (what a weight costs in a
zone). The weight that is charged is that of the scale or that of the space the parcel takes,
whichever is more. Surcharges come on top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.shipping.model.carriers import (
    BASIS_POINTS,
    Area,
    CarrierService,
    Surcharge,
    SurchargeKind,
)

_SATURDAY = 5


class LineKind(Choice):
    """What a part of a price is for."""

    WEIGHT = "weight", "The price for the weight, by the table or as the carrier says."
    BULKY = SurchargeKind.BULKY.value, "Bulky goods."
    REMOTE_AREA = SurchargeKind.REMOTE_AREA.value, "A remote area."
    CASH_ON_DELIVERY = SurchargeKind.CASH_ON_DELIVERY.value, "Money is collected at the door."
    INSURANCE = SurchargeKind.INSURANCE.value, "The value is insured."
    FUEL = SurchargeKind.FUEL.value, "A share for fuel."
    OTHER = SurchargeKind.OTHER.value, "Something else."


class RateRefusal(Choice):
    """Why a service does not take a parcel."""

    NOT_SERVED = "not_served", "It does not go to that country."
    NO_ZONE = "no_zone", "No zone of its table holds that place."
    NO_TABLE = "no_table", "It has no table that is valid on that day."
    TOO_HEAVY = "too_heavy", "It does not take that weight."
    TOO_LONG = "too_long", "A side is longer than it takes."
    TOO_THICK = "too_thick", "Length and girth together are more than it takes."
    NO_CASH = "no_cash", "It collects no money at the door."
    OTHER_CURRENCY = "other_currency", "It asks for another currency."
    NO_PRICE = "no_price", "Its price is only known once the label is bought."
    CARRIER_REFUSED = "carrier_refused", "The carrier says no."
    NO_ANSWER = "no_answer", "The carrier did not answer, or not in a way that can be read."


@dataclass(frozen=True, slots=True)
class Piece:
    """A parcel to be sent. Sides None: not measured, so that only its weight counts.

    `value_minor` is what is insured, `cash_minor` what is to be collected, in the currency of
    the quote.
    """

    weight_g: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    value_minor: int = 0
    cash_minor: int = 0

    @property
    def sides(self) -> tuple[int, int, int] | None:
        """The sides in millimetres, longest first. None: not all are known."""
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        first, second, third = sorted((self.length_mm, self.width_mm, self.height_mm))
        return third, second, first

    @property
    def length_and_girth_mm(self) -> int:
        """The longest side and once around the others. 0: not measured."""
        sides = self.sides
        return sides[0] + 2 * (sides[1] + sides[2]) if sides else 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parcel goes, as far as prices depend on it."""

    country: str
    region: str | None
    postal_code: str | None


@dataclass(frozen=True, slots=True)
class Zone:
    """A place that belongs to the zone `code`: a country, a region of it, or postal codes."""

    code: str
    country: str
    region: str | None = None
    postal_from: str | None = None
    postal_to: str | None = None


@dataclass(frozen=True, slots=True)
class RateRow:
    """What up to `up_to_g` costs in a zone. What is heavier costs `step_minor` more for each
    `step_g` begun; without a step it goes on with the next row, or ends there."""

    zone: str
    up_to_g: int
    price_minor: int
    step_g: int | None = None
    step_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A part of a price, in minor units of the currency of the carrier."""

    kind: LineKind
    label: str
    minor: int


def billable_g(piece: Piece, divisor: int | None) -> int:
    """The weight that is charged. `divisor`: cubic centimetres to a kilogram; None: no volume.

    A cubic millimetre is a thousandth of a cubic centimetre, a gram of a kilogram: so grams are
    cubic millimetres by the divisor, and a begun gram counts as one.
    """
    sides = piece.sides
    if divisor is None or sides is None:
        return piece.weight_g
    volume = sides[0] * sides[1] * sides[2]
    return max(piece.weight_g, -(-volume // divisor))


def zone_of(place: Place, zones: Sequence[Zone]) -> str | None:
    """The code of the zone that holds a place: postal codes count before regions, these before
    countries, the first one named before later ones. None: none does."""
    best: tuple[int, str] | None = None
    for each in zones:
        rank = _fit(place, each)
        if rank is not None and (best is None or rank > best[0]):
            best = (rank, each.code)
    return best[1] if best else None


def in_area(place: Place, area: Area) -> bool:
    """Whether a place lies in an area; one without a postal code lies only in whole countries."""
    if area.country != place.country:
        return False
    return _in_range(place.postal_code, area.postal_from, area.postal_to)


def price_of_weight(rows: Sequence[RateRow], zone: str, weight_g: int) -> int | None:
    """What a weight costs in a zone, in minor units. None: it is heavier than all rows."""
    mine = sorted((each for each in rows if each.zone == zone), key=lambda each: each.up_to_g)
    for row in mine:
        if weight_g <= row.up_to_g:
            return row.price_minor
    if not mine or mine[-1].step_g is None or mine[-1].step_minor is None:
        return None
    last = mine[-1]
    steps = -(-(weight_g - last.up_to_g) // mine[-1].step_g)
    return last.price_minor + steps * mine[-1].step_minor


def surcharges_for(
    surcharges: Sequence[Surcharge], piece: Piece, place: Place, weight_minor: int
) -> Iterator[PriceLine]:
    """What comes on top of the price for the weight, in the order of the surcharges."""
    for each in surcharges:
        if _applies(each, piece, place):
            base = {
                SurchargeKind.INSURANCE: piece.value_minor,
                SurchargeKind.CASH_ON_DELIVERY: piece.cash_minor,
            }.get(each.kind, weight_minor)
            minor = each.amount_minor + _share(base, each.share_bps)
            kind = LineKind(each.kind.value)
            yield PriceLine(kind, each.label, max(minor, each.minimum_minor))


def refusals(service: CarrierService, piece: Piece, place: Place) -> Sequence[RateRefusal]:
    """Why a service does not take a parcel, by its limits. Empty: it does."""
    sides = piece.sides
    wrong = {
        RateRefusal.NOT_SERVED: bool(service.countries) and place.country not in service.countries,
        RateRefusal.TOO_HEAVY: _over(piece.weight_g, service.weight_max_g),
        RateRefusal.TOO_LONG: _over(sides[0] if sides else 0, service.length_max_mm),
        RateRefusal.TOO_THICK: _over(piece.length_and_girth_mm, service.girth_max_mm),
        RateRefusal.NO_CASH: piece.cash_minor > 0 and not service.collects_cash,
    }
    return [refusal for refusal, holds in wrong.items() if holds]


def promised_on(service: CarrierService, at: datetime, time_zone: str) -> date:
    """The day on which a parcel arrives at the latest that is ready at `at`.

    What is ready after the cut-off, or on a day off, leaves the next working day. Days in transit
    are working days, Monday to Friday, with Saturday where the service works then.
    """
    here = at.astimezone(ZoneInfo(time_zone))
    day = here.date()
    if service.cut_off_minute is not None:
        hours, minutes = divmod(service.cut_off_minute, 60)
        if here.time() > time(hours, minutes):
            day += timedelta(days=1)
    day = _working(day, service)
    for _ in range(service.transit_days_max):
        day = _working(day + timedelta(days=1), service)
    return day


def _working(day: date, service: CarrierService) -> date:
    last = _SATURDAY if service.works_saturdays else _SATURDAY - 1
    while day.weekday() > last:
        day += timedelta(days=1)
    return day


def _fit(place: Place, zone: Zone) -> int | None:
    """How closely a zone holds a place; None: it does not."""
    if zone.country != place.country:
        return None
    if zone.region is not None and zone.region != place.region:
        return None
    if not _in_range(place.postal_code, zone.postal_from, zone.postal_to):
        return None
    by_code = zone.postal_from is not None or zone.postal_to is not None
    return 2 * by_code + (zone.region is not None)


def _in_range(code: str | None, first: str | None, last: str | None) -> bool:
    if first is None and last is None:
        return True
    if code is None:
        return False
    plain = postal_key(code)
    # Of the last one its beginning is compared, so that 1399 takes in all of 1399-000 to 1399-999.
    end = postal_key(last) if last is not None else plain
    return (first is None or postal_key(first) <= plain) and plain[: len(end)] <= end


def postal_key(code: str) -> str:
    """By what postal codes are compared: letters and digits only, in capitals."""
    return "".join(each for each in code.upper() if each.isalnum())


def _applies(surcharge: Surcharge, piece: Piece, place: Place) -> bool:
    match surcharge.kind:
        case SurchargeKind.BULKY:
            sides = piece.sides
            return (
                _over(piece.weight_g, surcharge.over_weight_g)
                or _over(sides[0] if sides else 0, surcharge.over_length_mm)
                or _over(piece.length_and_girth_mm, surcharge.over_girth_mm)
            )
        case SurchargeKind.REMOTE_AREA:
            return any(in_area(place, each) for each in surcharge.areas)
        case SurchargeKind.CASH_ON_DELIVERY:
            return piece.cash_minor > 0
        case SurchargeKind.INSURANCE:
            return piece.value_minor > 0
        case _:
            return True


def _over(value: int, maximum: int | None) -> bool:
    return maximum is not None and value > maximum


def _share(minor: int, share_bps: int) -> int:
    """So many hundredths of a percent of an amount, rounded half-even."""
    whole, rest = divmod(minor * share_bps, BASIS_POINTS)
    up = 2 * rest > BASIS_POINTS or (2 * rest == BASIS_POINTS and whole % 2 == 1)
    return whole + up
