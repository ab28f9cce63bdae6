"""Carriers, their services and rate tables on the wire."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model import carriers as model
from backoffice_api.domain.shipping.model import rate_tables as table_model
from backoffice_api.domain.shipping.model.carriers import (
    CarrierKind,
    CarrierSortKey,
    CarrierStatus,
    ServiceSortKey,
    SurchargeKind,
)
from backoffice_api.domain.shipping.model.rate_tables import RateTableSortKey
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.suppliers import Supplier

READ = Scope.SHIPPING_READ
COSTS = Scope.COSTS_READ

for _choices in (
    CarrierKind,
    CarrierSortKey,
    CarrierStatus,
    RateTableSortKey,
    ServiceSortKey,
    SurchargeKind,
):
    choice(_choices)


@described
class ShippingSender:
    """Where parcels are sent from, as it stands on labels."""

    name: str = about("Who sends.")
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    city: str = about("City, town or village.")
    region: str | None = about("State or province. Null if it needs none.")
    postal_code: str | None = about("Postal code. Null if it has none.")
    country: str = about("Country by its two letters of ISO 3166-1.")


@described
class PostalArea:
    """A stretch of postal codes of a country."""

    country: str = about("Country by its two letters of ISO 3166-1.")
    postal_from: str | None = about("The first postal code. Null: no end there.")
    postal_to: str | None = about(
        "The last postal code, with all that begin with it. Null: no end there."
    )


@described
class CarrierSurcharge:
    """What is paid on top of the price for the weight: amount and share, at least the minimum."""

    kind: SurchargeKind = about("What it is for.")
    label: str = about("What it is called.")
    amount: Money = about("The fixed part.", scope=COSTS)
    minimum: Money = about("The least that is paid.", scope=COSTS)
    share_bps: int = about(
        "The share in hundredths of a percent: of the value for insurance, of the money for cash "
        "on delivery, else of the price for the weight.",
        scope=COSTS,
    )
    over_weight_g: int | None = about("Bulky is what is heavier, in grams. Null: no matter.")
    over_length_mm: int | None = about("Bulky is what is longer, in millimetres. Null: no matter.")
    over_girth_mm: int | None = about(
        "Bulky is what has more length and girth together, in millimetres. Null: no matter."
    )
    areas: list[PostalArea] = about("Which areas are remote, at most 500.")


@described
class ServiceFigures:
    """How well a service has kept its promises in the last half year."""

    shipped: int = about("Parcels that were labelled.")
    delivered: int = about("Of these, parcels that have arrived.")
    late: int = about("Of these, parcels that came after the day that was promised.")
    late_permille: int | None = about("Late ones of a thousand. Null: nothing has arrived yet.")
    measured_at: datetime = about("When it was counted.")


@node("svc", model.CarrierService, queries.services_by_ids, scope=READ)
class CarrierService(Node, Versioned, HasTimeline):
    """What a carrier offers. A limit that is null does not exist."""

    code: str = about("The code, as the carrier knows it.")
    name: str = about("What people call it.")
    status: CarrierStatus = about("Whether it can be chosen.")
    actions: list[ActionState] = about("What can be done with it now.")
    transit_days_min: int = about("Working days in transit at least.")
    transit_days_max: int = about("Working days in transit at most: what is promised.")
    cut_off_minute: int | None = about(
        "Minute of the day, where the carrier is; what is ready later goes the next working day."
    )
    works_saturdays: bool = about("Saturday is a working day.")
    weight_max_g: int | None = about("The heaviest parcel, in grams.")
    length_max_mm: int | None = about("The longest side, in millimetres.")
    girth_max_mm: int | None = about("The most length and girth together, in millimetres.")
    volumetric_divisor: int | None = about(
        "Cubic centimetres that are charged as a kilogram. Null: only the weight counts."
    )
    countries: list[str] = about("Where it goes, by ISO 3166-1. Empty: everywhere.")
    collects_cash: bool = about("It collects money at the door.")
    surcharges: list[CarrierSurcharge] = many(
        queries.surcharges_by_services, "id", "What comes on top of its prices, at most 50."
    )
    figures: ServiceFigures | None = one(
        queries.figures_by_services, "id", "How it has kept its promises. Null: not counted yet."
    )
    carrier: "Carrier" = one(queries.carriers_by_ids, "carrier_id", "Whose service it is.")


@node("ctr", model.Carrier, queries.carriers_by_ids, scope=READ)
class Carrier(Node, Versioned, HasTimeline):
    """An account with somebody who takes parcels away."""

    code: str = about("The code that names it.")
    name: str = about("What people call it, and labels say.")
    kind: CarrierKind = about("How we speak with it.")
    status: CarrierStatus = about("Whether it can be chosen.")
    actions: list[ActionState] = about("What can be done with it now.")
    currency: CurrencyCode = about("The currency of its prices.")
    account: str | None = about("Our number there. Null: none was named.")
    connector: str | None = about("Which of karrio's connectors speaks with it. Null: none.")
    time_zone: str = about("Where its cut-offs are, by the IANA database.")
    sender: ShippingSender = about("Where its parcels are sent from.")
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "Whose bills it sends. Null: none, so its charges stay out of payables.",
        scope=Scope.PURCHASING_READ,
    )
    services: list[CarrierService] = many(
        queries.services_by_carriers, "id", "Its services, by their codes, at most 100."
    )


@described
class RateZone:
    """A place that belongs to a zone: a country, a region of it, or postal codes."""

    code: str = about("The zone.")
    country: str = about("Country by its two letters of ISO 3166-1.")
    region: str | None = about("State or province. Null: all.")
    postal_from: str | None = about("The first postal code. Null: no end there.")
    postal_to: str | None = about(
        "The last postal code, with all that begin with it. Null: no end there."
    )


@described
class RateRow:
    """What a weight costs in a zone."""

    zone: str = about("The zone.")
    up_to_g: int = about("Up to this weight, in grams.")
    price: Money = about("The price.", scope=COSTS)
    step_g: int | None = about(
        "Of the last row of a zone: what is heavier costs more for each of these begun, in grams. "
        "Null: heavier parcels are not taken."
    )
    step_price: Money | None = about("What such a step costs. Null: there are none.", scope=COSTS)


@node("rat", table_model.RateTable, queries.rate_tables_by_ids, scope=READ)
class RateTable(Node, Versioned, HasTimeline):
    """What a service costs, by place and weight, for a time."""

    name: str = about("What people call it.")
    currency: CurrencyCode = about("The currency of its prices.")
    valid_from: date = about("The first day on which it holds.")
    valid_until: date | None = about("The first day on which it holds no more. Null: no end.")
    service: CarrierService = one(queries.services_by_ids, "service_id", "What it prices.")
    zones: list[RateZone] = many(
        queries.zones_by_tables, "id", "Its zones, in their order, at most 1,000."
    )
    rows: list[RateRow] = many(
        queries.rows_by_tables, "id", "Its rows, by zone and weight, at most 1,000."
    )


@filter_input
class CarrierFilter:
    """Which carriers. All words that are given must hold."""

    status: list[CarrierStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[CarrierKind] | None = about("Of one of these kinds.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of carriers.")
class CarrierSort:
    key: CarrierSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class CarrierServiceFilter:
    """Which services. All words that are given must hold."""

    carrier_id: IdFilter | None = about("Of such a carrier.", default=UNSET)
    status: list[CarrierStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of services.")
class CarrierServiceSort:
    key: ServiceSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class RateTableFilter:
    """Which rate tables. All words that are given must hold."""

    service_id: IdFilter | None = about("Of such a service.", default=UNSET)
    valid_from: DateFilter | None = about("That begin on such a day.", default=UNSET)


@strawberry.input(description="The order of a list of rate tables.")
class RateTableSort:
    key: RateTableSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@payload
class CarrierPayload(MutationPayload):
    """What a mutation of a carrier answers."""

    carrier: Carrier | None = one(
        queries.carriers_by_ids, "value", "The carrier as it is now. Null if it was refused."
    )


@payload
class CarrierServicePayload(MutationPayload):
    """What a mutation of a carrier's service answers."""

    service: CarrierService | None = one(
        queries.services_by_ids, "value", "The service as it is now. Null if it was refused."
    )


@payload
class RateTablePayload(MutationPayload):
    """What a mutation of a rate table answers."""

    rate_table: RateTable | None = one(
        queries.rate_tables_by_ids, "value", "The table as it is now. Null if it was refused."
    )
