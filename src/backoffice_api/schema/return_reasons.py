"""Why goods come back, and credits that were given without goods: on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model import reasons as model
from backoffice_api.domain.returns.model.reasons import ReasonSortKey, ReasonStatus, RootCause
from backoffice_api.domain.returns.queries import reasons as queries
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.returns import READ, ReturnLine

choice(RootCause, name="ReturnRootCause")
choice(ReasonStatus, name="ReturnReasonStatus")
choice(ReasonSortKey, name="ReturnReasonSortKey")


@node("rre", model.ReturnReason, on_returns.reasons_by_ids, scope=READ)
class ReturnReason(Node, Versioned, HasTimeline):
    """Why goods come back, and whose doing that is. Reasons are a tree of at most three levels."""

    code: str = about("Its code.")
    name: str = about("What people read.")
    root_cause: RootCause = about("Whose doing it is.")
    needs_photo: bool = about("Pieces that come back for it are inspected with a photo.")
    position: int = about("Its place among the others.")
    status: ReasonStatus = about("Whether it can be given.")
    parent: "ReturnReason | None" = one(
        on_returns.reasons_by_ids, "parent_id", "The reason above. Null: it is on top."
    )
    children: "list[ReturnReason]" = many(
        queries.reasons_by_parents, "id", "The reasons below, in their order; at most 500 in all."
    )


attach(
    ReturnLine,
    "reason",
    ReturnReason | None,
    one(on_returns.reasons_by_ids, "reason_id", "Why it comes back. Null: nobody said."),
)


@described
class RecordedCredit:
    """A charge that another system gave back without goods: a row of a credit note there."""

    number: str = about("The number of the credit note.")
    position: int = about("Its place in it.")
    sku: str = about("The code of the charge.")
    title: str = about("What it was for.")
    quantity: int = about("How many.")
    unit_price: UnitPrice = about("What was given back for one.")
    amount: Money = about("What was given back.")
    credited_at: datetime = about("When.")
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "To whom. Null: not known.",
        scope=Scope.CUSTOMERS_READ,
    )


@filter_input
class RecordedCreditFilter:
    """Which credits. All words that are given must hold."""

    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    number: StringFilter | None = about("By the number of the credit note.", default=UNSET)
    credited_at: DateTimeFilter | None = about("Given at such a time.", default=UNSET)


@filter_input
class ReturnReasonFilter:
    """Which reasons. All words that are given must hold."""

    status: list[ReasonStatus] | None = about("In one of these states.", default=UNSET)
    root_cause: list[RootCause] | None = about("Of one of these causes.", default=UNSET)
    parent_id: IdFilter | None = about("Below such a reason.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of reasons.")
class ReturnReasonSort:
    key: ReasonSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="A reason that is to be given.")
class ReturnReasonCreateInput:
    code: str = about("Its code, at most 80 characters; it never changes.")
    name: str = about("What people read.")
    parent_id: strawberry.ID | None = about("The reason above. Null: on top.", default=None)
    root_cause: RootCause | None = about(
        "Whose doing it is. Null: as of the reason above.", default=None
    )
    needs_photo: bool = about("Inspections need a photo.", default=False)
    position: int = about("Its place among the others; smaller ones come first.", default=0)


@strawberry.input(description="What is to change of a reason. What is absent stays.")
class ReturnReasonUpdateInput:
    name: str | None = about("What people read.", default=UNSET)
    parent_id: strawberry.ID | None = about("The reason above. Null: on top.", default=UNSET)
    root_cause: RootCause | None = about("Whose doing it is.", default=UNSET)
    needs_photo: bool | None = about("Inspections need a photo.", default=UNSET)
    position: int | None = about("Its place among the others.", default=UNSET)


@payload
class ReturnReasonPayload(MutationPayload):
    """What a mutation of a reason answers."""

    reason: ReturnReason | None = one(
        on_returns.reasons_by_ids, "value", "The reason as it is now. Null if it was refused."
    )


@payload
class ReturnReasonsPayload(MutationPayload):
    """What making the preset reasons answers."""

    reasons: list[ReturnReason] = many(
        queries.reasons_by_made, "value", "Those that were made; the others were there already."
    )
