"""Sites, working calendars and routing on the wire."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.fulfillment.model import calendars as of_calendars
from backoffice_api.domain.fulfillment.model import sites as model
from backoffice_api.domain.fulfillment.model.calendars import CalendarSortKey
from backoffice_api.domain.fulfillment.model.opening_hours import OpenPeriod
from backoffice_api.domain.fulfillment.model.sites import (
    TOLERANCE_G_DEFAULT,
    TOLERANCE_PERCENT_DEFAULT,
    WeightCheck,
)
from backoffice_api.domain.fulfillment.queries import sites as queries
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.stock import queries as stock
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.fulfillment import READ
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import OrderLine
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.stock import Location

for _choices in (CalendarSortKey, WeightCheck):
    choice(_choices)

_COSTS = Scope.COSTS_READ


@described
class Holiday:
    """A day on which a house does not ship."""

    day: date = about("Which day.")
    name: str = about("What it is called. Empty if it has no name.")


@described
class CalendarPeriod:
    """A stretch of a weekday on which a house is open."""

    weekday: int = about("Which weekday: 1 is Monday, 7 Sunday.")
    opens: int = about("From this minute of the day on.")
    closes: int = about("Up to this minute of the day.")


@node("cal", of_calendars.Calendar, queries.calendars_by_ids, scope=READ)
class WorkingCalendar(Node, Versioned, HasTimeline):
    """When a house works: from it follows when goods leave and arrive."""

    code: str = about("Its short name, unique. `default` is used where none is named.")
    name: str = about("Its name.")
    time_zone: str = about("The zone of its times, as `America/Sao_Paulo`.")
    weekdays: list[int] = about("On which weekdays it works: 1 is Monday, 7 Sunday.")
    cut_off: int = about("Until which minute of the day an order counts for that day.")
    handling_days: int = about("Working days between an order and its leaving.")
    transit_days: int = about("Working days on the way.")
    holidays: list[Holiday] = many(
        queries.holidays_by_calendars, "id", "When it is closed besides, at most 1,000 days."
    )
    hours: list[CalendarPeriod] = many(
        queries.periods_by_calendars,
        "id",
        "When it is open on its weekdays, at most 42. Empty: all day long. Clocks of tickets run "
        "in these hours; dates of parcels only ask for the days.",
    )


@node("fst", model.FulfillmentSite, queries.sites_by_ids, scope=READ)
class FulfillmentSite(Node, Versioned, HasTimeline):
    """How a site fulfills orders."""

    country: str | None = about("Country by its two letters of ISO 3166-1. Null: nobody said.")
    region: str | None = about("State or province. Null: nobody said.")
    postal_code: str | None = about("Postal code. Null: nobody said.")
    shipment_cost_minor: int = about(
        "What a shipment costs, in minor units of the shop's own currency.", scope=_COSTS
    )
    piece_cost_minor: int = about(
        "What each piece costs, in minor units of the shop's own currency.", scope=_COSTS
    )
    release_gate: bool = about("What waits for a document is not even picked.")
    weight_check: WeightCheck = about("What is done where a parcel has the wrong weight.")
    tolerance_percent: int = about("By how many percent a parcel may weigh more or less.")
    tolerance_g: int = about("By how many grams; the larger of the two counts.")
    calendar: WorkingCalendar | None = one(
        queries.calendars_by_ids, "calendar_id", "When it works. Null: as `default` says."
    )
    location: Location = one(stock.locations_by_ids, "id", "Which location.")


@node("rst", model.RoutingStrategy, queries.strategies_by_ids, scope=READ)
class RoutingStrategy(Node, Versioned, HasTimeline):
    """How routing weighs. A way to send an order has a score; the smallest one is taken."""

    code: str = about("Its short name, unique. `default` is used where none is named.")
    split_weight: int = about("For each shipment beyond the first one.")
    distance_weight: int = about("For each step of distance: region, country, abroad.")
    cost_weight: int = about("For each minor unit that it costs.")
    priority_weight: int = about("For each point of the locations' priorities.")


@described
class WalkPlace:
    """A location's place in the walk through its site."""

    position: int = about("Its place, from 0.")
    location: Location = one(stock.locations_by_ids, "location_id", "Which location.")


@described
class PlannedUnits:
    """So many units of a line of the order; of a kit, whole ones."""

    quantity: int = about("How many.")
    order_line: OrderLine = one(
        orders.lines_by_ids, "order_line_id", "Of which line.", scope=Scope.ORDERS_READ
    )


@described
class PlannedShipment:
    """What one site would send."""

    pieces: int = about("Pieces in all.")
    steps: int = about("How far it is: 0 in the same postal zone, 1 region, 2 country, 3 abroad.")
    lines: list[PlannedUnits] = about("What it would send.")
    location: Location = one(stock.locations_by_ids, "location_id", "From where.")


@described
class PlannedRoute:
    """One way to send an order."""

    name: str = about("By what it was found, as `nearest first`.")
    score: int = about("What the strategy makes of it; smaller is better.", scope=_COSTS)
    shipments: int = about("How many shipments it takes.")
    distance: int = about("The steps of all shipments.")
    cost_minor: int = about(
        "What it costs, in minor units of the shop's own currency.", scope=_COSTS
    )
    legs: list[PlannedShipment] = about("Its shipments, in the order in which sites were asked.")
    missing: list[PlannedUnits] = about("What nobody can send now.")


@described
class FulfillmentPlanPreview:
    """Every way to send what is left to plan of an order."""

    reasons: list[str] = about("Why the first one is the best, and why it is split.", scope=_COSTS)
    routes: list[PlannedRoute] = about("The ways, best first, at most a few more than sites.")


attach(
    Location,
    "fulfillment_site",
    FulfillmentSite | None,
    one(queries.sites_by_ids, "id", "How it fulfills orders. Null: as usual.", scope=READ),
)
attach(
    Location,
    "walk",
    list[WalkPlace],
    many(
        queries.walk_by_sites,
        "id",
        "In which order somebody walks through the site, at most 2,000 places.",
        scope=READ,
    ),
)


@filter_input
class CalendarFilter:
    """Which calendars. All words that are given must hold."""

    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of calendars.")
class CalendarSort:
    key: CalendarSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="How a site fulfills orders. What is absent is as usual.")
class FulfillmentSiteSetInput:
    location_id: strawberry.ID = about("Which site.")
    country: str | None = about("Country by its two letters of ISO 3166-1.", default=None)
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code.", default=None)
    shipment_cost_minor: int = about("What a shipment costs, in minor units.", default=0)
    piece_cost_minor: int = about("What each piece costs, in minor units.", default=0)
    calendar_id: strawberry.ID | None = about("When it works.", default=None)
    release_gate: bool = about("What waits for a document is not even picked.", default=False)
    weight_check: WeightCheck = about(
        "What is done where a parcel has the wrong weight.", default=WeightCheck.FLAG
    )
    tolerance_percent: int = about(
        "By how many percent a parcel may weigh more or less.", default=TOLERANCE_PERCENT_DEFAULT
    )
    tolerance_g: int = about(
        "By how many grams; the larger of the two counts.", default=TOLERANCE_G_DEFAULT
    )


@strawberry.input(description="How a routing strategy weighs; each from 0 to 1,000,000.")
class RoutingStrategySetInput:
    code: str = about("Its short name; what is there under it is changed.")
    split_weight: int = about("For each shipment beyond the first one.", default=1_000)
    distance_weight: int = about("For each step of distance.", default=100)
    cost_weight: int = about("For each minor unit that it costs.", default=1)
    priority_weight: int = about("For each point of the locations' priorities.", default=1)


@strawberry.input(description="A day on which a house does not ship.")
class HolidayInput:
    day: date = about("Which day.")
    name: str = about("What it is called.", default="")

    def value(self) -> of_calendars.HolidayDraft:
        return of_calendars.HolidayDraft(day=self.day, name=self.name)


@strawberry.input(description="A stretch of a weekday on which a house is open.")
class CalendarPeriodInput:
    weekday: int = about("Which weekday: 1 is Monday, 7 Sunday.")
    opens: int = about("From this minute of the day on, 0 to 1439.")
    closes: int = about("Up to this minute of the day, at most 1440.")

    def value(self) -> OpenPeriod:
        return OpenPeriod(weekday=self.weekday, opens=self.opens, closes=self.closes)


@strawberry.input(description="When a house works.")
class CalendarSetInput:
    code: str = about("Its short name; what is there under it is changed.")
    name: str = about("Its name.")
    time_zone: str = about("The zone of its times, as `America/Sao_Paulo`.")
    weekdays: list[int] = about("On which weekdays it works: 1 is Monday, 7 Sunday.")
    cut_off: int = about("Until which minute of the day an order counts for that day.")
    handling_days: int = about("Working days between an order and its leaving.", default=0)
    transit_days: int = about("Working days on the way.", default=1)
    holidays: list[HolidayInput] = about("When it is closed besides.", default_factory=list)
    hours: list[CalendarPeriodInput] = about(
        "When it is open on its weekdays, several periods a day. Empty: all day long.",
        default_factory=list,
    )


@strawberry.input(description="In which order somebody walks through a site.")
class LocationWalkSetInput:
    location_id: strawberry.ID = about("Which site.")
    place_ids: list[strawberry.ID] = about("Its zones and bins in the order of the walk.")


@payload
class FulfillmentSitePayload(MutationPayload):
    """What a mutation of a site answers."""

    site: FulfillmentSite | None = one(
        queries.sites_by_ids, "value", "The site as it is now. Null if it was refused."
    )


@payload
class RoutingStrategyPayload(MutationPayload):
    """What a mutation of a routing strategy answers."""

    strategy: RoutingStrategy | None = one(
        queries.strategies_by_ids, "value", "The strategy as it is now. Null if it was refused."
    )


@payload
class CalendarPayload(MutationPayload):
    """What a mutation of a working calendar answers."""

    calendar: WorkingCalendar | None = one(
        queries.calendars_by_ids, "value", "The calendar as it is now. Null if it was refused."
    )


@payload
class LocationWalkPayload(MutationPayload):
    """What a mutation of a walk answers."""

    location: Location | None = one(
        stock.locations_by_ids, "value", "The site as it is now. Null if it was refused."
    )
