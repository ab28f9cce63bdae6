"""Labels for goods that come back, on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model import labels as model
from backoffice_api.domain.returns.queries import labels as queries
from backoffice_api.domain.returns.queries import shipments as on_shipments
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.shipping.model.shipments import ShipmentStatus
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.carriers import COSTS, Carrier, CarrierService
from backoffice_api.schema.carriers import READ as SHIPPING
from backoffice_api.schema.directives import about
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.return_shipments import ReturnShipment
from backoffice_api.schema.returns import READ, Return
from backoffice_api.schema.shipping import PATH


@node("rlb", model.ReturnLabel, queries.labels_by_ids, scope=READ)
class ReturnLabel(Node, Versioned, HasTimeline):
    """A label, or a drop-off code, with which a customer sends goods back."""

    number: str = about("That of its return, with a running count.")
    status: ShipmentStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    weight_g: int = about("How heavy the parcel is said to be, in grams.")
    tracking_number: str | None = about("The number that the carrier gave. Null: none yet.")
    drop_off_code: str | None = about(
        "What the customer shows where they hand it over. Null: it has a label only."
    )
    trouble: str | None = about("What went wrong last, in words. Null: nothing.")
    cost: Money | None = about(
        "What it did cost. Null: not bought, or the carrier does not say.", scope=COSTS
    )
    labelled_at: datetime | None = about("When it was bought. Null: it was not.")
    voided_at: datetime | None = about("When it was given back. Null: it was not.")
    return_: Return = one(on_returns.returns_by_ids, "return_id", "Of which return.", name="return")
    carrier: Carrier = one(
        shipping.carriers_by_ids, "carrier_id", "Who carries it.", scope=SHIPPING
    )
    service: CarrierService = one(
        shipping.services_by_ids, "service_id", "With which service.", scope=SHIPPING
    )
    shipment: ReturnShipment | None = one(
        on_shipments.shipments_by_ids,
        "return_shipment_id",
        "The parcel that is followed. Null: there is none yet.",
    )


attach(
    Return,
    "labels",
    list[ReturnLabel],
    many(queries.labels_by_returns, "id", "Labels that were bought for it, oldest first."),
)


@strawberry.input(description="A label to be bought for goods that come back.")
class ReturnLabelBuyInput:
    return_id: strawberry.ID = about("For which return; it is approved, and waits for goods.")
    service_id: strawberry.ID = about("With which service of a carrier.")
    weight_g: int = about("How heavy the parcel is, in grams, at most 1,000,000.")
    tracking_number: str | None = about(
        "For a carrier of the kind MANUAL: the number that it gave.", default=None
    )
    cost: MoneyInput | None = about(
        "For a carrier of the kind MANUAL: what the label did cost.", default=None
    )


@payload
class ReturnLabelPayload(MutationPayload):
    """What a mutation of a label for goods that come back answers."""

    label: ReturnLabel | None = one(
        queries.labels_by_ids, "value", "The label as it is now. Null if it was refused."
    )


def _labelled_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.return_label_id


def _path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class ReturnLabelFilePayload(MutationPayload):
    """An address of a label for goods that come back, good once."""

    label: ReturnLabel | None = found_of(
        _labelled_id, queries.labels_by_ids, "The label. Null if it was refused."
    )
    path: Secret | None = about(
        "Path on this server: GET the file from there, once, within 15 minutes and without any "
        "header. You see it this once. Null if it was refused, or if this is the answer to a "
        "repeated request.",
        resolver=_path,
    )
