"""Claims, refusals and customers' links on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model import claims as model
from backoffice_api.domain.returns.model.claims import ClaimKind, ClaimSortKey, ClaimState
from backoffice_api.domain.returns.queries import claims as queries
from backoffice_api.domain.tracking import queries as on_tracking
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.fulfillment import Parcel
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.return_inputs import ReturnLineInput
from backoffice_api.schema.returns import READ, Return
from backoffice_api.schema.tracking import Tracking, TrackingException

choice(ClaimKind, name="CarrierClaimKind")
choice(ClaimState, name="CarrierClaimStatus")
choice(ClaimSortKey, name="CarrierClaimSortKey")

PATH = "/return-links/"


@node("clm", model.CarrierClaim, queries.claims_by_ids, scope=READ)
class CarrierClaim(Node, Versioned, HasTimeline):
    """What is claimed from a carrier for goods that were lost or broken on their way."""

    number: str = about("The number of its return with a running count.")
    kind: ClaimKind = about("What happened.")
    status: ClaimState = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    carrier: str = about("The carrier, by its code.")
    claimed: Money = about("What is claimed.")
    granted: Money = about("What the carrier owes for it. Zero: nothing, or not decided.")
    reference: str | None = about("What the carrier calls it. Null: not said.")
    note: str = about("What the staff should know. Empty if nothing.")
    submitted_at: datetime | None = about("When the carrier was told last. Null: it was not.")
    decided_at: datetime | None = about("When the carrier decided. Null: it has not.")
    paid_at: datetime | None = about("When the carrier paid. Null: it has not.")
    return_: Return = one(
        on_returns.returns_by_ids, "return_id", "For which return.", name="return"
    )
    parcel: Parcel | None = one(
        fulfillment.parcels_by_ids,
        "parcel_id",
        "The parcel. Null: not known.",
        scope=Scope.FULFILLMENT_READ,
    )
    tracking: Tracking | None = one(
        on_tracking.trackings_by_ids,
        "tracking_id",
        "How the parcel was followed. Null: it was not.",
        scope=Scope.TRACKING_READ,
    )
    exception: TrackingException | None = one(
        on_tracking.exceptions_by_ids,
        "exception_id",
        "What made the shop look after the parcel. Null: nothing did.",
        scope=Scope.TRACKING_READ,
    )


attach(
    Return,
    "carrier_claims",
    list[CarrierClaim],
    many(queries.claims_by_returns, "id", "What carriers owe for it, at most 20, oldest first."),
)


@error(model.ClaimTooHigh)
class ClaimTooHighError(UserError):
    """More than can be claimed, or nothing."""

    maximum: Money = about("The most that is possible.")


@filter_input
class CarrierClaimFilter:
    """Which claims. All words that are given must hold."""

    status: list[ClaimState] | None = about("In one of these states.", default=UNSET)
    carrier: StringFilter | None = about("On such a carrier, by code.", default=UNSET)
    return_id: IdFilter | None = about("For such a return.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of claims.")
class CarrierClaimSort:
    key: ClaimSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What is known of a parcel.")
class ParcelWhereaboutsInput:
    carrier: str | None = about(
        "The carrier, by its code. Null: that at which the parcel is followed.", default=None
    )
    parcel_id: strawberry.ID | None = about("The parcel. Null: not known.", default=None)
    exception_id: strawberry.ID | None = about(
        "The exception of tracking that says what happened. Null: none.", default=None
    )


@strawberry.input(description="Goods that were lost or broken on their way.")
class ClaimOpenInput:
    kind: ClaimKind = about("What happened.")
    lines: list[ReturnLineInput] = about("Which goods, at most 250 lines.")
    comes_back: bool = about("They are to be sent back all the same.", default=False)
    where: ParcelWhereaboutsInput | None = about(
        "To claim what they are worth from the carrier. Null: nothing is claimed yet.",
        default=None,
    )
    note: str = about("What the staff should know.", default="")


@strawberry.input(description="A claim on a carrier.")
class CarrierClaimCreateInput:
    return_id: strawberry.ID = about("For which return.")
    kind: ClaimKind = about("What happened.")
    where: ParcelWhereaboutsInput = about("On whom, and for which parcel.")
    claimed: MoneyInput | None = about(
        "How much. Null: what the pieces of the return are worth.", default=None
    )
    note: str = about("What the staff should know.", default="")


@strawberry.input(description="How a claim was submitted.")
class CarrierClaimSubmitInput:
    reference: str | None = about(
        "What the carrier calls it, at most 120 characters.", default=None
    )


@strawberry.input(description="What a carrier owes.")
class CarrierClaimGrantInput:
    amount: MoneyInput | None = about("How much. Null: all that was claimed.", default=None)


@strawberry.input(description="Why a carrier pays nothing.")
class CarrierClaimRejectInput:
    note: str = about("What it said. Empty: the note stays.", default="")


@strawberry.input(description="A parcel that nobody took.")
class RefusalOpenInput:
    parcel_id: strawberry.ID = about("The parcel; it has left the house.")
    note: str = about("What the staff should know.", default="")


@strawberry.input(description="A link for a customer.")
class ReturnLinkCreateInput:
    order_id: strawberry.ID = about("The order that the customer may return goods of.")
    days: int = about("For how many days it is good, 1 to 365.", default=30)


@payload
class CarrierClaimPayload(MutationPayload):
    """What a mutation of a claim answers."""

    claim: CarrierClaim | None = one(
        queries.claims_by_ids, "value", "The claim as it is now. Null if it was refused."
    )


def _order_id(parent: strawberry.Parent[Outcome]) -> object:
    return parent.value.order_id if parent.value else None


def _link_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    code = parent.value.code if parent.value else None
    return Secret(f"{PATH}{code.reveal()}") if code else None


@payload
class ReturnLinkPayload(MutationPayload):
    """A link for a customer."""

    order: Order | None = found_of(
        _order_id,
        orders.orders_by_ids,
        "The order that it is for. Null if it was refused.",
        scope=Scope.ORDERS_READ,
    )
    path: Secret | None = about(
        "Path on this server: GET tells what can come back, POST asks for it, without any token. "
        "You see it this once. Null if it was refused, or if this is the answer to a repeated "
        "request.",
        resolver=_link_path,
    )
