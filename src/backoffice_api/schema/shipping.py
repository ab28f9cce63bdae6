"""Quotes, shipments, manifests, pickups and charges on the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model import freight as freight_model
from backoffice_api.domain.shipping.model import handover as handover_model
from backoffice_api.domain.shipping.model import quotes as quote_model
from backoffice_api.domain.shipping.model import shipments as model
from backoffice_api.domain.shipping.model.freight import ChargeSortKey, ChargeStatus
from backoffice_api.domain.shipping.model.handover import (
    ManifestSortKey,
    ManifestStatus,
    PickupSortKey,
    PickupStatus,
)
from backoffice_api.domain.shipping.model.quotes import QuoteStatus, Wish
from backoffice_api.domain.shipping.model.rating import LineKind, RateRefusal
from backoffice_api.domain.shipping.model.shipments import (
    LabelFormat,
    ShipmentSortKey,
    ShipmentStatus,
)
from backoffice_api.domain.shipping.tables import freight_charges, shipments
from backoffice_api.domain.stock import queries as stock
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.carriers import COSTS, READ, Carrier, CarrierService
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.fulfillment import Fulfillment, Parcel
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderAddress
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.stock import Location

for _choices in (
    ChargeSortKey,
    ChargeStatus,
    LabelFormat,
    LineKind,
    ManifestSortKey,
    ManifestStatus,
    PickupSortKey,
    PickupStatus,
    RateRefusal,
    ShipmentSortKey,
    ShipmentStatus,
):
    choice(_choices)
choice(QuoteStatus, name="RateQuoteStatus")
choice(Wish, name="RateWish")

PATH = "/labels/"


def _personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


@described
class RateCostLine:
    """A part of a price."""

    kind: LineKind = about("What it is for.")
    label: str = about("What it is called.")
    amount: Money = about("How much.")


@described
class RateCandidate:
    """What one service asks for a parcel, or why it does not take it."""

    position: int = about("Its place: 0 is the best for what was wished.")
    is_best: bool = about("It takes the parcel, and none is better.")
    total: Money | None = about("The price. Null: it does not take the parcel.", scope=COSTS)
    expected: Money | None = about(
        "The price with the risk of being late, by which BEST compares: late ones of a thousand "
        "as a share on top. Null: it does not take the parcel.",
        scope=COSTS,
    )
    lines: list[RateCostLine] = about("What the price is made of, at most 51 parts.", scope=COSTS)
    billable_g: int = about("The weight that is charged, in grams: of the scale or the space.")
    promised_on: date | None = about("When it arrives at the latest. Null: nobody says.")
    in_time: bool = about("It arrives by the day that is needed, if one is.")
    late_permille: int | None = about(
        "Late ones of a thousand in the last half year. Null: nothing has arrived yet, which "
        "counts as never late."
    )
    refusals: list[RateRefusal] = about("Why it does not take the parcel. Empty: it does.")
    said: str | None = about("What the carrier said about it. Null: nothing.")
    carrier: Carrier = one(queries.carriers_by_ids, "carrier_id", "Whose service it is.")
    service: CarrierService = one(queries.services_by_ids, "service_id", "Which service.")


@node("qut", quote_model.RateQuote, queries.quotes_by_ids, scope=READ)
class RateQuote(Node, Versioned, HasTimeline):
    """What all services ask for a parcel, best first."""

    status: QuoteStatus = about("Whether all carriers have answered.")
    wish: Wish = about("What makes a candidate better than another one.")
    needed_by: date | None = about("When it has to be there. Null: it does not matter.")
    currency: CurrencyCode = about("In which prices are compared.")
    weight_g: int = about("What the scale says, in grams.")
    length_mm: int | None = about("A side, in millimetres. Null: not measured.")
    width_mm: int | None = about("Another side, in millimetres. Null: not measured.")
    height_mm: int | None = about("The third side, in millimetres. Null: not measured.")
    country: str = _personal("address", "Where it goes, by ISO 3166-1.")
    region: str | None = _personal("address", "State or province. Null: not given.")
    postal_code: str | None = _personal("address", "Postal code. Null: not given.")
    candidates: list[RateCandidate] = many(
        queries.candidates_by_quotes, "id", "What each service asks, best first."
    )


@node("lbl", model.Label, queries.labels_by_ids, scope=READ)
class ShippingLabel(Node):
    """A file of a label. `labelReprint` gives an address to fetch it from."""

    created_at: datetime = about("When it was bought.")
    format: LabelFormat = about("How it is written.")
    byte_size: int = about("How many bytes it has.")


@node("shm", model.Shipment, queries.shipments_by_ids, scope=READ)
class Shipment(Node, Versioned, HasTimeline):
    """One parcel on its way with one carrier, under one label."""

    number: str = about("What people call it.")
    status: ShipmentStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    weight_g: int = about("What is told to the carrier, in grams.")
    length_mm: int | None = about("A side, in millimetres. Null: not measured.")
    width_mm: int | None = about("Another side, in millimetres. Null: not measured.")
    height_mm: int | None = about("The third side, in millimetres. Null: not measured.")
    value: Money = about("What is insured; zero: nothing.")
    cash: Money = about("What is collected at the door; zero: nothing.")
    quoted: Money | None = about("What the label should cost. Null: not known.", scope=COSTS)
    cost: Money | None = about(
        "What the label did cost. Null: not bought, or the carrier does not say.", scope=COSTS
    )
    promised_on: date | None = about("When it arrives at the latest. Null: nobody says.")
    destination: OrderAddress = about("Where it goes, as it was when the shipment was made.")
    phone: str | None = _personal("contact", "Whom the carrier may call. Null: nobody.")
    tracking_number: str | None = about("Under which the carrier knows it. Null: not bought.")
    carrier_reference: str | None = about("What else the carrier calls it. Null: nothing.")
    trouble: str | None = about("What went wrong last, in words. Null: nothing.")
    labelled_at: datetime | None = about("When the label was bought. Null: it was not.")
    voided_at: datetime | None = about("When the label was given back. Null: it was not.")
    carrier: Carrier = one(queries.carriers_by_ids, "carrier_id", "Who takes it.")
    service: CarrierService = one(queries.services_by_ids, "service_id", "How.")
    order: Order = one(
        orders.orders_by_ids, "order_id", "What it is sent for.", scope=Scope.ORDERS_READ
    )
    parcel: Parcel = one(
        fulfillment.parcels_by_ids, "parcel_id", "What is sent.", scope=Scope.FULFILLMENT_READ
    )
    fulfillment: Fulfillment = one(
        fulfillment.fulfillments_by_ids,
        "fulfillment_id",
        "What it is a part of.",
        scope=Scope.FULFILLMENT_READ,
    )
    labels: list[ShippingLabel] = many(
        queries.labels_by_shipments, "id", "The files of its labels, oldest first, at most 50."
    )


@node("man", handover_model.Manifest, queries.manifests_by_ids, scope=READ)
class Manifest(Node, Versioned, HasTimeline):
    """What a carrier is handed over at once. A shipment stands on one at most."""

    number: str = about("What people call it.")
    status: ManifestStatus = about("Whether the carrier has taken it.")
    actions: list[ActionState] = about("What can be done with it now.")
    pieces: int = about("How many shipments stand on it.")
    carrier_reference: str | None = about("What the carrier calls it. Null: nothing.")
    trouble: str | None = about("What went wrong last, in words. Null: nothing.")
    closed_at: datetime | None = about("When the carrier has taken it. Null: it has not.")
    carrier: Carrier = one(queries.carriers_by_ids, "carrier_id", "Who takes it.")
    shipments: Connection[Shipment] = listed_under(
        queries.shipment_list, shipments.c.manifest_id, "What stands on it, newest first."
    )


@node("pup", handover_model.Pickup, queries.pickups_by_ids, scope=READ)
class Pickup(Node, Versioned, HasTimeline):
    """A carrier's visit."""

    status: PickupStatus = about("Whether the carrier comes.")
    actions: list[ActionState] = about("What can be done with it now.")
    window_from: datetime = about("When it comes at the earliest.")
    window_until: datetime = about("When it comes at the latest.")
    pieces: int = about("How many parcels it is told to expect.")
    weight_g: int = about("How heavy they are together, in grams.")
    note: str | None = about("What else it is told. Null: nothing.")
    confirmation: str | None = about("Under which it has confirmed. Null: it has not.")
    trouble: str | None = about("What went wrong last, in words. Null: nothing.")
    carrier: Carrier = one(queries.carriers_by_ids, "carrier_id", "Who comes.")
    location: Location = one(
        stock.locations_by_ids, "location_id", "Where it comes to.", scope=Scope.STOCK_READ
    )


@node("frc", freight_model.FreightCharge, queries.charges_by_ids, scope=READ)
class FreightCharge(Node, Versioned, HasTimeline):
    """A line of a carrier's invoice, against what was expected."""

    invoice: str = about("The number of the invoice.")
    position: int = about("Its place on the invoice, from 0.")
    tracking_number: str = about("Of which parcel the carrier says it is.")
    status: ChargeStatus = about("What is thought of it.")
    actions: list[ActionState] = about("What can be done with it now.")
    charged: Money = about("What the carrier wants.", scope=COSTS)
    expected: Money | None = about(
        "What the label had cost, or was quoted at. Null: not known.", scope=COSTS
    )
    variance: Money | None = about(
        "Charged less expected. Null: nothing was expected.", scope=COSTS
    )
    carrier: Carrier = one(queries.carriers_by_ids, "carrier_id", "Who charges.")
    shipment: Shipment | None = one(
        queries.shipments_by_ids, "shipment_id", "For what. Null: nothing has that number."
    )


attach(
    Shipment,
    "charges",
    Connection[FreightCharge],
    listed_under(
        queries.charge_list,
        freight_charges.c.shipment_id,
        "What its carrier has charged for it, newest first.",
    ),
)
attach(
    Parcel,
    "shipment",
    Shipment | None,
    one(
        queries.live_shipments_by_parcels,
        "id",
        "How it is sent. Null: not yet, or the shipment was cancelled or voided.",
        scope=READ,
    ),
)
attach(
    Fulfillment,
    "shipments",
    Connection[Shipment],
    listed_under(
        queries.shipment_list,
        shipments.c.fulfillment_id,
        "How its parcels are sent, newest first.",
        scope=READ,
    ),
)
attach(
    Order,
    "shipments",
    Connection[Shipment],
    listed_under(
        queries.shipment_list,
        shipments.c.order_id,
        "What is sent of it, newest first.",
        scope=READ,
    ),
)


@payload
class RateQuotePayload(MutationPayload):
    """What asking for rates answers."""

    quote: RateQuote | None = one(
        queries.quotes_by_ids, "value", "The quote as it is now. Null if it was refused."
    )


@payload
class ShipmentPayload(MutationPayload):
    """What a mutation of a shipment answers."""

    shipment: Shipment | None = one(
        queries.shipments_by_ids, "value", "The shipment as it is now. Null if it was refused."
    )


@payload
class ShipmentsPayload(MutationPayload):
    """What making shipments answers."""

    shipments: list[Shipment] = many(
        queries.shipments_by_several, "value", "What was made, in the order of the parcels."
    )


def _labelled_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.shipment_id


def _label_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class LabelPayload(MutationPayload):
    """An address of a label, good once."""

    shipment: Shipment | None = found_of(
        _labelled_id, queries.shipments_by_ids, "The shipment. Null if it was refused."
    )
    path: Secret | None = about(
        "Path on this server: GET the label from there, once, within 15 minutes and without any "
        "header. You see it this once. Null if it was refused, or if this is the answer to a "
        "repeated request.",
        resolver=_label_path,
    )


@payload
class ManifestPayload(MutationPayload):
    """What a mutation of a manifest answers."""

    manifest: Manifest | None = one(
        queries.manifests_by_ids, "value", "The manifest as it is now. Null if it was refused."
    )


@payload
class PickupPayload(MutationPayload):
    """What a mutation of a pickup answers."""

    pickup: Pickup | None = one(
        queries.pickups_by_ids, "value", "The pickup as it is now. Null if it was refused."
    )


@payload
class FreightChargesPayload(MutationPayload):
    """What recording an invoice answers."""

    charges: list[FreightCharge] = many(
        queries.charges_by_several, "value", "The charges, in the order of the invoice."
    )


@payload
class FreightChargePayload(MutationPayload):
    """What a mutation of a charge answers."""

    charge: FreightCharge | None = one(
        queries.charges_by_ids, "value", "The charge as it is now. Null if it was refused."
    )
