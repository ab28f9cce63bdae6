"""Parcels in which goods come back, on the wire."""

import strawberry

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model import shipments as model
from backoffice_api.domain.returns.queries import shipments as queries
from backoffice_api.domain.tracking import queries as on_tracking
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.directives import about
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.returns import READ, Return
from backoffice_api.schema.tracking import Tracking


@node("rsh", model.ReturnShipment, queries.shipments_by_ids, scope=READ)
class ReturnShipment(Node, Versioned, HasTimeline):
    """A parcel in which goods of a return are to come."""

    carrier: str = about("The carrier, by its code.")
    number: str = about("The number under which the carrier follows it.")
    drop_off_code: str | None = about(
        "What the customer shows where they hand it over. Null: it has a label."
    )
    instructions: str = about("For the customer. Empty: none.")
    return_: Return = one(on_returns.returns_by_ids, "return_id", "Of which return.", name="return")
    tracking: Tracking = one(
        on_tracking.trackings_by_ids,
        "tracking_id",
        "Where it is.",
        scope=Scope.TRACKING_READ,
    )


attach(
    Return,
    "shipments",
    list[ReturnShipment],
    many(queries.shipments_by_returns, "id", "Parcels in which it comes, at most 20."),
)


@strawberry.input(description="A parcel in which goods are to come back.")
class ReturnShipmentCreateInput:
    return_id: strawberry.ID = about("Of which return; it is approved, and waits for goods.")
    carrier: str = about("The carrier, by its code.")
    number: str = about("The number on its label, at most 100 characters.")
    drop_off_code: str | None = about(
        "What the customer shows instead of a label, at most 120 characters.", default=None
    )
    instructions: str = about("For the customer, at most 2,000 characters.", default="")


@payload
class ReturnShipmentPayload(MutationPayload):
    """What a mutation of a parcel of a return answers."""

    shipment: ReturnShipment | None = one(
        queries.shipments_by_ids, "value", "The parcel as it is now. Null if it was refused."
    )
