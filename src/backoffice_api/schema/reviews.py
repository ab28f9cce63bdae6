"""Reviews of orders on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.model import reviews as model
from backoffice_api.domain.reviews.model import rules as rule_model
from backoffice_api.domain.reviews.model.reviews import (
    ReviewOutcome,
    ReviewSortKey,
    ReviewStatus,
)
from backoffice_api.domain.reviews.model.rules import RiskCode, RiskRuleSortKey, SignalKind, Verdict
from backoffice_api.domain.reviews.model.signals import Signal
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.ORDERS_REVIEW

for _choices in (
    ReviewOutcome,
    ReviewSortKey,
    ReviewStatus,
    RiskCode,
    RiskRuleSortKey,
    SignalKind,
):
    choice(_choices)
choice(Verdict, name="ReviewVerdict")


@node("sig", Signal, queries.signals_by_ids, scope=READ)
class ReviewSignal(Node):
    """Something that was found in an order."""

    code: RiskCode = about("What it is.")
    kind: SignalKind = about("What it is about.")
    score: int = about("What it weighs, from 0 (only noted) to 100.")
    explanation: str = about("Why, in a sentence, without anything personal.")
    facts: JSON = about("The numbers and codes behind it, by name.")


@node("rev", model.Review, queries.reviews_by_ids, scope=READ)
class Review(Node, Versioned, HasTimeline):
    """The look at one order: what was found in it, and what came of it."""

    score: int = about("From 0 to 100: how likely something is wrong with it.")
    verdict: Verdict = about("What the score leads to by the policy of the channel.")
    status: ReviewStatus = about("Where it stands.")
    actions: list[ActionState] = about("What can be done with it now.")
    provider: str | None = about("The outside provider that is asked, too. Null: none is.")
    provider_due_at: datetime | None = about(
        "Until when the provider may answer. Null: it is not asked, or had its say."
    )
    decided_at: datetime | None = about("When it was decided. Null: it is not.")
    outcome: ReviewOutcome | None = about("How it turned out. Null: nothing is known yet.")
    outcome_at: datetime | None = about("When that was noted. Null: it was not.")
    order: Order = one(
        orders.orders_by_ids, "order_id", "The order that is judged.", scope=Scope.ORDERS_READ
    )
    channel: Channel = one(
        orders.channels_by_ids, "channel_id", "Where it was placed.", scope=Scope.ORDERS_READ
    )
    assignee: Staff | None = one(
        staff_by_ids,
        "assignee_id",
        "Who has to look. Null: whoever comes first.",
        scope=Scope.ACCESS_READ,
    )
    signals: list[ReviewSignal] = many(
        queries.signals_by_reviews, "id", "What was found, one of each code at most."
    )

    @strawberry.field(description="Who decided. Null: nobody has.")
    def decided_by(parent: strawberry.Parent[model.Review]) -> Actor | None:
        kind = parent.decided_by_kind
        return actor_of(kind, parent.decided_by_id) if kind else None


attach(
    Order,
    "review",
    Review | None,
    one(
        queries.reviews_by_orders,
        "id",
        "What was found in it. Null: its channel has no policy, or it is not judged yet.",
        scope=READ,
    ),
)


@node("rvp", rule_model.ReviewPolicy, queries.policies_by_ids, scope=READ)
class ReviewPolicy(Node, Versioned, HasTimeline):
    """How the orders of a channel are looked at."""

    review_at: int = about("From this score on somebody has to look.")
    reject_at: int = about("From this score on it is suggested to reject; 101: never.")
    provider: str | None = about("The outside provider that is asked, too. Null: none is.")
    provider_wait_s: int = about("For how many seconds it may think.")
    home_country: str | None = about("Goods that go elsewhere are exported. Null: none are.")
    is_active: bool = about("False: orders of the channel are not looked at.")
    channel: Channel = one(
        orders.channels_by_ids, "channel_id", "Whose orders.", scope=Scope.ORDERS_READ
    )


attach(
    Channel,
    "review_policy",
    ReviewPolicy | None,
    one(
        queries.policies_by_channels,
        "id",
        "How its orders are looked at. Null: they are not.",
        scope=READ,
    ),
)


@node("rrl", rule_model.RiskRule, queries.rules_by_ids, scope=READ)
class RiskRule(Node, Versioned, HasTimeline):
    """What a finding weighs, in place of what it weighs by default."""

    code: RiskCode = about("What is looked for.")
    score: int = about("What it weighs, from 0 (only noted) to 100.")
    threshold: int | None = about("From where on it is one; see the code. Null: as by default.")
    window_h: int | None = about("Over how many hours. Null: as by default.")
    values: list[str] = about("Mail domains that count as disposable besides the known ones.")
    is_active: bool = about("False: it is not looked for.")
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Only there. Null: in channels without a rule of their own.",
        scope=Scope.ORDERS_READ,
    )


@described
class RiskSignalFigures:
    """How a signal did: in how many orders it was found, and how these turned out."""

    code: RiskCode = about("Which signal.")
    hits: int = about("In how many orders it was found.")
    right: int = about("Of these: rejected, or turned out to be fraud.")
    wrong: int = about("Of these: accepted without anything bad since, or found to be proper.")
    undecided: int = about("Of these: nobody has decided yet.")


@filter_input
class ReviewFilter:
    """Which reviews. All words that are given must hold."""

    status: list[ReviewStatus] | None = about("In one of these states.", default=UNSET)
    verdict: list[Verdict] | None = about("With one of these verdicts.", default=UNSET)
    outcome: list[ReviewOutcome] | None = about("That turned out so.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    assignee_id: IdFilter | None = about("That such a person looks at.", default=UNSET)
    score: IntFilter | None = about("With such a score.", default=UNSET)
    signal: list[RiskCode] | None = about("With one of these signals, among others.", default=UNSET)
    created_at: DateTimeFilter | None = about("Judged at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of reviews.")
class ReviewSort:
    key: ReviewSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class RiskRuleFilter:
    """Which rules. All words that are given must hold."""

    code: list[RiskCode] | None = about("For one of these findings.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)


@strawberry.input(description="How the orders of a channel are looked at.")
class ReviewPolicySetInput:
    channel_id: strawberry.ID = about("Which channel.")
    review_at: int = about("From this score on somebody has to look, 1 to 101.", default=40)
    reject_at: int = about("From this score on it is suggested to reject; 101: never.", default=80)
    provider: str | None = about("The outside provider to ask, too. Null: none.", default=None)
    provider_wait_s: int = about("For how many seconds it may think, 1 to 86,400.", default=60)
    home_country: str | None = about(
        "Goods that go elsewhere are exported (ISO 3166-1). Null: none are.", default=None
    )
    is_active: bool = about("False: orders are not looked at any more.", default=True)


@strawberry.input(description="What a finding weighs, and from where on it is one.")
class RiskRuleSetInput:
    code: RiskCode = about("What is looked for.")
    score: int = about("What it weighs, from 0 (only noted) to 100.")
    channel_id: strawberry.ID | None = about("Only there. Null: in all channels.", default=None)
    threshold: int | None = about(
        "From where on it is one; see the code. Null: as by default.", default=None
    )
    window_h: int | None = about("Over how many hours, 1 to 8784. Null: default.", default=None)
    values: list[str] = about(
        "Mail domains that count as disposable, too; at most 500.", default_factory=list
    )
    is_active: bool = about("False: it is not looked for.", default=True)


@strawberry.input(description="That an order may go on.")
class ReviewAcceptInput:
    note: str = about("A note, at most 5,000 characters.", default="")


@strawberry.input(description="That an order must not go on.")
class ReviewRejectInput:
    cancel: bool = about("True: call the order off. False: leave it, with the hold on it.")
    reason: CancelReason = about("Why it is called off.", default=CancelReason.FRAUD)
    note: str = about("A note, at most 5,000 characters.", default="")


@strawberry.input(description="Who has to look.")
class ReviewAssignInput:
    assignee_id: strawberry.ID | None = about(
        "The member of staff. Null: nobody in particular.", default=None
    )


@strawberry.input(description="A note on a review.")
class ReviewNoteInput:
    body: str = about("The note, 1 to 5,000 characters.")


@strawberry.input(description="How it turned out.")
class ReviewRecordOutcomeInput:
    outcome: ReviewOutcome = about("What is known now.")


@payload
class ReviewPayload(MutationPayload):
    """What a mutation of a review answers."""

    review: Review | None = one(
        queries.reviews_by_ids, "value", "The review as it is now. Null if it was refused."
    )


@payload
class ReviewPolicyPayload(MutationPayload):
    """What a mutation of a policy answers."""

    policy: ReviewPolicy | None = one(
        queries.policies_by_ids, "value", "The policy as it is now. Null if it was refused."
    )


@payload
class RiskRulePayload(MutationPayload):
    """What a mutation of a rule answers."""

    rule: RiskRule | None = one(
        queries.rules_by_ids, "value", "The rule as it is now. Null if it was refused."
    )
