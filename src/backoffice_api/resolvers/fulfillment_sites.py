"""What is asked and set up around fulfillment: sites, calendars, strategies, the walk."""

from collections.abc import Mapping, Sequence
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.fulfillment.commands import settings
from backoffice_api.domain.fulfillment.model.sites import RoutingStrategy as Strategy
from backoffice_api.domain.fulfillment.queries import proposing
from backoffice_api.domain.fulfillment.queries import sites as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import Connection, asked, listed, parameter
from backoffice_api.schema.fulfillment import READ
from backoffice_api.schema.fulfillment_sites import (
    CalendarFilter,
    CalendarPayload,
    CalendarSetInput,
    CalendarSort,
    FulfillmentPlanPreview,
    FulfillmentSitePayload,
    FulfillmentSiteSetInput,
    LocationWalkPayload,
    LocationWalkSetInput,
    RoutingStrategy,
    RoutingStrategyPayload,
    RoutingStrategySetInput,
    WorkingCalendar,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation

_Order = Annotated[strawberry.ID, strawberry.argument(description="Which order.")]
_Strategy = Annotated[
    str | None, strawberry.argument(description="Code of a strategy. Null: `default`.")
]
_Sites = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only from these sites. Null: from any."),
]


def _preview(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> proposing.PlanPreview | None:
    sites = arguments.get("location_ids")
    return proposing.preview(
        db,
        ids.parse("ord", arguments["order_id"]),
        arguments.get("strategy"),
        None if sites is None else [ids.parse("loc", id) for id in sites],
    )


def _strategies(db: Database, context: Context, arguments: Mapping[str, Any]) -> Sequence[Strategy]:
    return queries.all_strategies(db)


@strawberry.type
class FulfillmentSiteQuery:
    fulfillment_plan_preview: FulfillmentPlanPreview | None = asked(
        _preview,
        [
            parameter("order_id", _Order, Parameter.empty),
            parameter("strategy", _Strategy),
            parameter("location_ids", _Sites),
        ],
        "Every way to send what is left to plan of an order, best first, with scores and reasons. "
        "Null: there is no such order.",
        scope=READ,
        weight=10,
    )
    calendars: Connection[WorkingCalendar] = listed(
        queries.calendar_list,
        "Working calendars, by code.",
        scope=READ,
        filter=CalendarFilter,
        sort=CalendarSort,
    )
    routing_strategies: list[RoutingStrategy] = asked(
        _strategies, [], "Routing strategies, by code; at most 50.", scope=READ
    )


@strawberry.type
class FulfillmentSiteMutation:
    @mutation(settings.set_site, FulfillmentSitePayload)
    def fulfillment_site_set(input: FulfillmentSiteSetInput) -> settings.SetSite:
        """Say where a site stands, what sending from it costs and how it works."""
        return settings.SetSite(
            location_id=ids.parse("loc", input.location_id),
            country=input.country,
            region=input.region,
            postal_code=input.postal_code,
            shipment_cost_minor=input.shipment_cost_minor,
            piece_cost_minor=input.piece_cost_minor,
            calendar_id=given_id("cal", input.calendar_id),
            release_gate=input.release_gate,
            weight_check=input.weight_check,
            tolerance_percent=input.tolerance_percent,
            tolerance_g=input.tolerance_g,
        )

    @mutation(settings.set_strategy, RoutingStrategyPayload)
    def routing_strategy_set(input: RoutingStrategySetInput) -> settings.SetStrategy:
        """Make or change a routing strategy."""
        return settings.SetStrategy(
            code=input.code,
            split_weight=input.split_weight,
            distance_weight=input.distance_weight,
            cost_weight=input.cost_weight,
            priority_weight=input.priority_weight,
        )

    @mutation(settings.set_calendar, CalendarPayload)
    def calendar_set(input: CalendarSetInput) -> settings.SetCalendar:
        """Make or change a working calendar. What is planned keeps its dates."""
        return settings.SetCalendar(
            code=input.code,
            name=input.name,
            time_zone=input.time_zone,
            weekdays=tuple(input.weekdays),
            cut_off=input.cut_off,
            handling_days=input.handling_days,
            transit_days=input.transit_days,
            holidays=tuple(each.value() for each in input.holidays),
            hours=tuple(each.value() for each in input.hours),
        )

    @mutation(settings.set_walk, LocationWalkPayload)
    def location_walk_set(input: LocationWalkSetInput) -> settings.SetWalk:
        """Say in which order somebody walks through a site."""
        return settings.SetWalk(
            location_id=ids.parse("loc", input.location_id),
            place_ids=tuple(ids.parse("loc", id) for id in input.place_ids),
        )
