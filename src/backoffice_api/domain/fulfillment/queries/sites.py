"""What can be asked about sites, their calendars and how routing weighs."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment.model.calendars import (
    Calendar,
    CalendarSortKey,
    Holiday,
    WorkingDays,
)
from backoffice_api.domain.fulfillment.model.opening_hours import (
    CalendarPeriod,
    OpeningHours,
    OpenPeriod,
)
from backoffice_api.domain.fulfillment.model.routing import Origin, Place, Weights
from backoffice_api.domain.fulfillment.model.sites import (
    DEFAULT,
    FulfillmentSite,
    RoutingStrategy,
    UnknownStrategy,
    WalkPlace,
)
from backoffice_api.domain.fulfillment.tables import (
    calendar_periods,
    calendars,
    holidays,
    sites,
    strategies,
    walks,
)
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.stock.model.locations import SITES, LocationStatus
from backoffice_api.domain.stock.tables import locations

calendars_by_ids = one_per(Calendar, calendars, calendars.c.id)
calendars_by_codes = one_per(Calendar, calendars, calendars.c.code)
holidays_by_calendars = many_per(Holiday, holidays, holidays.c.calendar_id, holidays.c.day)
periods_by_calendars = many_per(
    CalendarPeriod,
    calendar_periods,
    calendar_periods.c.calendar_id,
    calendar_periods.c.weekday,
    calendar_periods.c.opens,
)
sites_by_ids = one_per(FulfillmentSite, sites, sites.c.id)
strategies_by_ids = one_per(RoutingStrategy, strategies, strategies.c.id)
strategies_by_codes = one_per(RoutingStrategy, strategies, strategies.c.code)
walk_by_sites = many_per(WalkPlace, walks, walks.c.site_id, walks.c.position)

calendar_list = Listing(
    Calendar,
    calendars,
    sorts={
        CalendarSortKey.CODE: calendars.c.code,
        CalendarSortKey.CREATED_AT: calendars.c.created_at,
    },
    words={"code": On(calendars.c.code)},
    descending=False,
)

# How many strategies are shown: nobody has more than a few.
STRATEGIES_MAX = 50


def all_strategies(db: Connection) -> Sequence[RoutingStrategy]:
    """Every routing strategy, by code, at most `STRATEGIES_MAX`."""
    statement = select_as(RoutingStrategy, strategies).order_by(strategies.c.code)
    return fetch(db, RoutingStrategy, statement.limit(STRATEGIES_MAX))


def weights(db: Connection, code: str | None) -> Weights:
    """How a strategy weighs; None: the default one, which need not be set up.

    Raises:
        UnknownStrategy: there is none with this code.
    """
    name = DEFAULT if code is None else code
    if found := strategies_by_codes(db, [name]).get(name):
        return found.weights
    if code in (None, DEFAULT):
        return Weights()
    raise UnknownStrategy(name).at("strategy")


def origins(db: Connection) -> Sequence[Origin]:
    """Every site in use, with what routing knows of it, by preference."""
    of, given = locations.c, sites.c
    statement = (
        select(
            of.id,
            of.code,
            of.priority,
            given.country,
            given.region,
            given.postal_code,
            given.shipment_cost_minor,
            given.piece_cost_minor,
        )
        .select_from(locations.outerjoin(sites, given.id == of.id))
        .where(of.status == LocationStatus.ACTIVE, of.kind.in_(sorted(SITES)))
        .order_by(of.priority, of.code)
    )
    return [
        Origin(
            row.id,
            row.code,
            row.priority,
            Place(row.country, row.region, row.postal_code),
            row.shipment_cost_minor or 0,
            row.piece_cost_minor or 0,
        )
        for row in db.execute(statement)
    ]


def working_days_by_sites(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, WorkingDays]:
    """The calendar of each site: its own, else that with the code `default`.

    It lacks sites where there is neither. Three statements.
    """
    wanted = set(ids)
    named = {
        row.id: row.calendar_id
        for row in db.execute(
            select(sites.c.id, sites.c.calendar_id).where(among(sites.c.id, wanted))
        )
    }
    known = {
        each.id: each
        for each in fetch(
            db,
            Calendar,
            select_as(Calendar, calendars).where(
                among(calendars.c.id, {id for id in named.values() if id})
                | (calendars.c.code == DEFAULT)
            ),
        )
    }
    usual = next((each for each in known.values() if each.code == DEFAULT), None)
    if not known:
        return {}
    closed = holidays_by_calendars(db, known)
    found: dict[UUID, WorkingDays] = {}
    for site_id in wanted:
        calendar_id = named.get(site_id)
        calendar = known[calendar_id] if calendar_id else usual
        if calendar:
            days = frozenset(each.day for each in closed.get(calendar.id, ()))
            found[site_id] = WorkingDays(calendar, days)
    return found


def opening_hours(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, OpeningHours]:
    """When the houses of these calendars are open. Three statements."""
    known = calendars_by_ids(db, ids)
    closed = holidays_by_calendars(db, known)
    open_at = periods_by_calendars(db, known)
    return {
        each.id: OpeningHours.of(
            each.time_zone,
            each.weekdays,
            [
                OpenPeriod(weekday=of.weekday, opens=of.opens, closes=of.closes)
                for of in open_at.get(each.id, ())
            ],
            [of.day for of in closed.get(each.id, ())],
        )
        for each in known.values()
    }
