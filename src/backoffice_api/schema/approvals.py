"""Approvals on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.approvals import model, queries
from backoffice_api.domain.approvals.model import (
    SUBJECT_PREFIXES,
    ApprovalKind,
    ApprovalRuleSortKey,
    ApprovalSortKey,
    ApprovalStatus,
    DelegationSortKey,
)
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.price_sets import PriceSet
from backoffice_api.schema.purchasing import PurchaseOrder

READ = Scope.APPROVALS_READ

for _choices in (
    ApprovalKind,
    ApprovalRuleSortKey,
    ApprovalSortKey,
    ApprovalStatus,
    DelegationSortKey,
):
    choice(_choices)


@node("aru", model.ApprovalRule, queries.rules_by_ids, scope=READ)
class ApprovalRule(Node, Versioned, HasTimeline):
    """Things of a kind that come to more than the limit wait for somebody else's approval."""

    kind: ApprovalKind = about("What it is about.")
    limit: Money = about("Up to this amount nobody is asked.")
    second_limit: Money | None = about("Above it, two others have to agree. Null: one always does.")
    expires_after_h: int | None = about(
        "A request on which nobody decides for so many hours counts as refused. Null: it waits."
    )
    is_active: bool = about("False: it was removed, and asks for nothing new.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "Only in this channel. Null: in those without a rule."
    )
    staff: list[Staff] = many(
        queries.staff_by_rules,
        "id",
        "Who decides, by name, at most 50. Empty: whoever may decide at all.",
    )

    @strawberry.field(
        description="What deciding takes besides `approvals:decide`. Null: nothing more."
    )
    def decider_scope(parent: strawberry.Parent[model.ApprovalRule]) -> Scope | None:
        return Scope(parent.scope) if parent.scope else None


@described
class ApprovalDecision:
    """What one person said."""

    is_granted: bool = about("True: they agreed. False: they refused.")
    note: str = about("What they wrote. Empty: nothing.")
    decided_at: datetime = about("When.")
    instead_of: Staff | None = one(
        staff_by_ids, "for_staff_id", "In whose stead. Null: in their own right."
    )

    @strawberry.field(description="Who it was.")
    def actor(parent: strawberry.Parent[model.ApprovalDecision]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


def _subject_id(request: model.ApprovalRequest) -> str:
    return ids.text(SUBJECT_PREFIXES[request.kind], request.subject_id)


@node("apr", model.ApprovalRequest, queries.requests_by_ids, scope=READ)
class Approval(Node, Versioned, HasTimeline):
    """One thing that waits, or waited, for somebody else's approval."""

    kind: ApprovalKind = about("What it is.")
    label: str = about("What it is, in words.")
    amount: Money = about("What it comes to.")
    status: ApprovalStatus = about("What became of it.")
    actions: list[ActionState] = about("What can be done with it now.")
    needed: int = about("How many others have to agree: 1 or 2.")
    granted: int = about("How many have agreed.")
    expires_at: datetime | None = about("From then on it counts as refused. Null: never.")
    decided_at: datetime | None = about("When it ended. Null: it waits.")
    subject: Node | None = linked_node(
        _subject_id, "What is to be approved. Null if the caller may not see it."
    )
    rule: ApprovalRule | None = one(
        queries.rules_by_ids, "rule_id", "The rule that asks for it. Null: all of its kind waits."
    )
    decisions: list[ApprovalDecision] = many(
        queries.decisions_by_requests, "id", "What was decided, at most 2, in their order."
    )

    @strawberry.field(description="Id of what is to be approved.")
    def subject_id(parent: strawberry.Parent[model.ApprovalRequest]) -> strawberry.ID:
        return strawberry.ID(_subject_id(parent))

    @strawberry.field(description="Who asked.")
    def asked_by(parent: strawberry.Parent[model.ApprovalRequest]) -> Actor:
        return actor_of(parent.asked_by_kind, parent.asked_by_id)


@node("apd", model.Delegation, queries.delegations_by_ids, scope=READ)
class ApprovalDelegation(Node, Versioned, HasTimeline):
    """While one person is away, another one decides on approvals in their stead."""

    starts_at: datetime = about("From then on.")
    ends_at: datetime = about("Up to then.")
    is_current: bool = about("Whether it is in force; up to a minute late.")
    from_staff: Staff = one(staff_by_ids, "from_staff_id", "Who is away.")
    to_staff: Staff = one(staff_by_ids, "to_staff_id", "Who decides instead.")


for _owner in (Order, PriceSet, PurchaseOrder):
    attach(
        _owner,
        "approvals",
        Connection[Approval],
        listed_under(
            queries.request_list,
            approval_requests.c.subject_id,
            "The requests for its approval, newest first.",
            scope=READ,
        ),
    )


@filter_input
class ApprovalFilter:
    """Which requests. All words that are given must hold."""

    status: list[ApprovalStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[ApprovalKind] | None = about("Of one of these kinds.", default=UNSET)
    subject_id: IdFilter | None = about("For such a thing.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    asked_by_id: IdFilter | None = about("That such a person asked for.", default=UNSET)
    decidable_by: IdFilter | None = about(
        "That wait for such a person: by `eq` or `in`, ids of staff.", default=UNSET
    )
    amount: MoneyFilter | None = about("That come to such an amount.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of requests for approval.")
class ApprovalSort:
    key: ApprovalSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ApprovalRuleFilter:
    """Which rules. All words that are given must hold."""

    kind: list[ApprovalKind] | None = about("Of one of these kinds.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    is_active: bool | None = about("Whether they were not removed.", default=UNSET)


@filter_input
class ApprovalDelegationFilter:
    """Which delegations. All words that are given must hold."""

    from_staff_id: IdFilter | None = about("Of such a person who is away.", default=UNSET)
    to_staff_id: IdFilter | None = about("To such a person.", default=UNSET)
    is_current: bool | None = about("Whether they are in force.", default=UNSET)


@strawberry.input(description="Above which amount things of a kind need approval, and whose.")
class ApprovalRuleSetInput:
    kind: ApprovalKind = about("What it is about.")
    limit: MoneyInput = about("Up to this amount nobody is asked. One rule per currency.")
    second_limit: MoneyInput | None = about("Above it, two have to agree.", default=None)
    channel_id: strawberry.ID | None = about(
        "Only in this channel; of orders and refunds only.", default=None
    )
    decider_scope: Scope | None = about(
        "What deciding takes besides `approvals:decide`.", default=None
    )
    staff_ids: list[strawberry.ID] = about(
        "Who decides, at most 50. Empty: whoever may at all.", default_factory=list
    )
    expires_after_h: int | None = about(
        "Refused if nobody decides for so many hours, 1 to 8784. Null: it waits.", default=None
    )


@strawberry.input(description="What somebody has to say to it.")
class ApprovalDecideInput:
    note: str = about("A note, at most 1,000 characters.", default="")


@strawberry.input(description="The same decision on several requests.")
class ApprovalsDecideInput:
    ids: list[strawberry.ID] = about("Which requests, at most 250.")
    grant: bool = about("True: agree to them. False: refuse them.")
    note: str = about("A note, at most 1,000 characters.", default="")


@described
class ApprovalResult:
    """What became of one of several requests."""

    code: str | None = about("Why it was not decided, as APPROVER_IS_CREATOR. Null: it was.")
    message: str | None = about("The same in words.")
    approval: Approval | None = one(
        queries.requests_by_ids, "id", "The request as it is now. Null if there is none."
    )


@strawberry.input(description="Who decides on approvals in another one's stead, and how long.")
class ApprovalDelegateInput:
    to_staff_id: strawberry.ID = about("Who decides instead.")
    ends_at: datetime = about("Up to then.")
    starts_at: datetime | None = about("From then on. Null: from now on.", default=None)
    from_staff_id: strawberry.ID | None = about(
        "Who is away. Null: you. For others it takes `approvals:write`.", default=None
    )


@payload
class ApprovalPayload(MutationPayload):
    """What a mutation of a request for approval answers."""

    approval: Approval | None = one(
        queries.requests_by_ids, "value", "The request as it is now. Null if it was refused."
    )


@payload
class ApprovalRulePayload(MutationPayload):
    """What a mutation of a rule answers."""

    rule: ApprovalRule | None = one(
        queries.rules_by_ids, "value", "The rule as it is now. Null if it was refused."
    )


@payload
class ApprovalDelegationPayload(MutationPayload):
    """What a mutation of a delegation answers."""

    delegation: ApprovalDelegation | None = one(
        queries.delegations_by_ids, "value", "The delegation as it is now. Null if it was refused."
    )


@payload
class ApprovalsPayload(MutationPayload):
    """What a mutation of several requests answers."""

    @strawberry.field(description="What became of each, in the order given. Empty if refused.")
    def results(parent: strawberry.Parent[Outcome]) -> list[ApprovalResult]:
        return list(parent.value.results) if parent.value else []
