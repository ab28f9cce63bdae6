"""What is set up once: sites, routing strategies, working calendars, the walk, packagings.

Each is set as a whole under its name: it is made if it is not there, and else takes these values.
"""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Table, delete

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.model.calendars import (
    Calendar,
    CalendarSet,
    Holiday,
    HolidayDraft,
    UnknownCalendar,
    check_calendar,
)
from backoffice_api.domain.fulfillment.model.opening_hours import (
    CalendarPeriod,
    OpenPeriod,
    check_periods,
)
from backoffice_api.domain.fulfillment.model.packing import (
    SIZE_MM_MAX,
    WEIGHT_G_MAX,
    Packaging,
    PackagingSet,
)
from backoffice_api.domain.fulfillment.model.refusals import NotASite
from backoffice_api.domain.fulfillment.model.sites import (
    COST_MINOR_MAX,
    PERCENT_MAX,
    TOLERANCE_G_DEFAULT,
    TOLERANCE_PERCENT_DEFAULT,
    FulfillmentSite,
    FulfillmentSiteSet,
    NotWithin,
    RoutingStrategy,
    RoutingStrategySet,
    WalkPlace,
    WalkSet,
    WeightCheck,
    check_strategy,
)
from backoffice_api.domain.fulfillment.queries import sites as on_sites
from backoffice_api.domain.fulfillment.tables import (
    calendar_periods,
    calendars,
    holidays,
    packagings,
    sites,
    strategies,
    walks,
)
from backoffice_api.domain.kernel.aggregates import Aggregate, add, save
from backoffice_api.domain.kernel.countries import NAMES
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import (
    Duplicate,
    InvalidText,
    check_range,
    check_size,
    check_text,
)
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import SITES, Location, UnknownLocation
from backoffice_api.domain.stock.model.spots import site_of

A = TypeVar("A", bound=Aggregate)

PLACES_MAX = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSite(Command):
    """How the site `location_id` fulfills orders."""

    scope = Scope.FULFILLMENT_WRITE
    location_id: UUID
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    shipment_cost_minor: int = 0
    piece_cost_minor: int = 0
    calendar_id: UUID | None = None
    release_gate: bool = False
    weight_check: WeightCheck = WeightCheck.FLAG
    tolerance_percent: int = TOLERANCE_PERCENT_DEFAULT
    tolerance_g: int = TOLERANCE_G_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStrategy(Command):
    scope = Scope.FULFILLMENT_WRITE
    code: str
    split_weight: int
    distance_weight: int
    cost_weight: int
    priority_weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalendar(Command):
    scope = Scope.FULFILLMENT_WRITE
    code: str
    name: str
    time_zone: str
    weekdays: tuple[int, ...]
    cut_off: int
    handling_days: int = 0
    transit_days: int = 1
    holidays: tuple[HolidayDraft, ...] = ()
    hours: tuple[OpenPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWalk(Command):
    """In which order somebody walks through a site; takes the place of the one before."""

    scope = Scope.FULFILLMENT_WRITE
    location_id: UUID
    place_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPackaging(Command):
    scope = Scope.FULFILLMENT_WRITE
    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int


def set_site(uow: UnitOfWork, command: SetSite) -> UUID:
    """Say where a site stands, what sending from it costs and how it works. Its id.

    Raises:
        UnknownLocation, NotASite, UnknownCalendar, InvalidText, OutOfRange.
    """
    _site(uow, command.location_id)
    faults = Faults()
    if command.country is not None and command.country not in NAMES:
        faults.add(InvalidText(2, 2).at("country"))
    check_text(command.region, faults, "region")
    check_text(command.postal_code, faults, "postal_code")
    for name in ("shipment_cost_minor", "piece_cost_minor"):
        check_range(getattr(command, name), faults, name, minimum=0, maximum=COST_MINOR_MAX)
    percent = command.tolerance_percent
    check_range(percent, faults, "tolerance_percent", minimum=0, maximum=PERCENT_MAX)
    check_range(command.tolerance_g, faults, "tolerance_g", minimum=0, maximum=WEIGHT_G_MAX)
    if command.calendar_id and not on_sites.calendars_by_ids(uow.db, [command.calendar_id]):
        faults.add(UnknownCalendar(command.calendar_id).at("calendar_id"))
    faults.check()
    id = command.location_id
    before = on_sites.sites_by_ids(uow.db, [id]).get(id)
    made = FulfillmentSite(
        id=id,
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        country=command.country,
        region=command.region,
        postal_code=command.postal_code,
        shipment_cost_minor=command.shipment_cost_minor,
        piece_cost_minor=command.piece_cost_minor,
        calendar_id=command.calendar_id,
        release_gate=command.release_gate,
        weight_check=command.weight_check,
        tolerance_percent=command.tolerance_percent,
        tolerance_g=command.tolerance_g,
    )
    after = _put(uow, sites, before, made)
    uow.emit(FulfillmentSiteSet(after.id, after.version), before=before, after=after)
    return after.id


def set_strategy(uow: UnitOfWork, command: SetStrategy) -> UUID:
    """Say how a routing strategy weighs. Its id.

    Raises:
        InvalidText, OutOfRange.
    """
    faults = Faults()
    names = ("split_weight", "distance_weight", "cost_weight", "priority_weight")
    check_strategy(faults, command.code, [(name, getattr(command, name)) for name in names])
    faults.check()
    before = on_sites.strategies_by_codes(uow.db, [command.code]).get(command.code)
    made = RoutingStrategy(
        before.id if before else uow.new_id(),
        before.version if before else 1,
        before.created_at if before else uow.now,
        uow.now,
        command.code,
        command.split_weight,
        command.distance_weight,
        command.cost_weight,
        command.priority_weight,
    )
    after = _put(uow, strategies, before, made)
    uow.emit(RoutingStrategySet(after.id, after.version, after.code), before=before, after=after)
    return after.id


def set_calendar(uow: UnitOfWork, command: SetCalendar) -> UUID:
    """Say when a house works. Its id. Fulfillments keep the dates that they were planned with.

    Raises:
        InvalidText, OutOfRange, NoSuchTimeZone, NoWeekdays, TooMany, Duplicate, PeriodsOverlap,
        PeriodOnDayOff.
    """
    faults = Faults()
    check_calendar(
        faults,
        code=command.code,
        name=command.name,
        time_zone=command.time_zone,
        weekdays=command.weekdays,
        cut_off=command.cut_off,
        handling_days=command.handling_days,
        transit_days=command.transit_days,
        holidays=command.holidays,
    )
    seen = set()
    for position, each in enumerate(command.holidays):
        if each.day in seen:
            faults.add(Duplicate(each.day.isoformat()).at("holidays", position, "day"))
        seen.add(each.day)
    check_periods(faults, command.hours, command.weekdays)
    faults.check()
    before = on_sites.calendars_by_codes(uow.db, [command.code]).get(command.code)
    made = Calendar(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        time_zone=command.time_zone,
        weekdays=sorted(command.weekdays),
        cut_off=command.cut_off,
        handling_days=command.handling_days,
        transit_days=command.transit_days,
    )
    after = _put(uow, calendars, before, made)
    uow.db.execute(delete(holidays).where(holidays.c.calendar_id == after.id))
    add(uow, holidays, [Holiday(after.id, each.day, each.name) for each in command.holidays])
    uow.db.execute(delete(calendar_periods).where(calendar_periods.c.calendar_id == after.id))
    periods = [
        CalendarPeriod(after.id, each.weekday, each.opens, each.closes) for each in command.hours
    ]
    add(uow, calendar_periods, periods)
    event = CalendarSet(after.id, after.version, after.code, len(command.holidays))
    uow.emit(event, before=before, after=after)
    return after.id


def set_walk(uow: UnitOfWork, command: SetWalk) -> UUID:
    """Say in which order somebody walks through a site. Its id.

    Raises:
        UnknownLocation, NotASite, NotWithin, Duplicate, TooMany.
    """
    site = _site(uow, command.location_id)
    faults = Faults()
    check_size(command.place_ids, faults, "place_ids", maximum=PLACES_MAX)
    faults.check()
    known = stock.locations_by_ids(uow.db, command.place_ids)
    seen: set[UUID] = set()
    for position, id in enumerate(command.place_ids):
        if id not in known or site_of(known[id].path) != site.id:
            faults.add(NotWithin(id).at("place_ids", position))
        if id in seen:
            faults.add(Duplicate(id.hex).at("place_ids", position))
        seen.add(id)
    faults.check()
    # Also what was moved here from another site, whose walk it was part of.
    uow.db.execute(delete(walks).where(walks.c.site_id == site.id))
    if command.place_ids:
        uow.db.execute(delete(walks).where(walks.c.location_id.in_(command.place_ids)))
    places = [WalkPlace(id, site.id, position) for position, id in enumerate(command.place_ids)]
    add(uow, walks, places)
    uow.emit(WalkSet(site.id, site.version, len(places)))
    return site.id


def set_packaging(uow: UnitOfWork, command: SetPackaging) -> UUID:
    """Say what a kind of box measures and weighs. Its id.

    Raises:
        InvalidText, OutOfRange.
    """
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(command.name, faults, "name")
    for name in ("length_mm", "width_mm", "height_mm"):
        check_range(getattr(command, name), faults, name, minimum=0, maximum=SIZE_MM_MAX)
    check_range(command.weight_g, faults, "weight_g", minimum=0, maximum=WEIGHT_G_MAX)
    faults.check()
    before = queries.packagings_by_codes(uow.db, [command.code]).get(command.code)
    made = Packaging(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        length_mm=command.length_mm,
        width_mm=command.width_mm,
        height_mm=command.height_mm,
        weight_g=command.weight_g,
    )
    after = _put(uow, packagings, before, made)
    uow.emit(PackagingSet(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _put(uow: UnitOfWork, table: Table, before: A | None, after: A) -> A:
    if before is not None:
        return save(uow, table, before, after)
    add(uow, table, [after])
    return after


def _site(uow: UnitOfWork, id: UUID) -> Location:
    """Raises: UnknownLocation, NotASite."""
    found = stock.locations_by_ids(uow.db, [id]).get(id)
    if found is None:
        raise UnknownLocation(id).at("location_id")
    if found.kind not in SITES:
        raise NotASite().at("location_id")
    return found
