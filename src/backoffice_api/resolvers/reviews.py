"""What can be asked and done with reviews of orders."""

import inspect
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands import deciding, policies
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.reviews import (
    READ,
    Review,
    ReviewAcceptInput,
    ReviewAssignInput,
    ReviewFilter,
    ReviewNoteInput,
    ReviewPayload,
    ReviewPolicyPayload,
    ReviewPolicySetInput,
    ReviewRecordOutcomeInput,
    ReviewRejectInput,
    ReviewSort,
    RiskRule,
    RiskRuleFilter,
    RiskRulePayload,
    RiskRuleSetInput,
    RiskSignalFigures,
)

_Since = Annotated[
    datetime, strawberry.argument(description="Of orders judged at this moment or later.")
]


def _figures(db: Database, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.figures(db, arguments["since"])


@strawberry.type
class ReviewQuery:
    review: Review | None = found_by_id(
        "rev", queries.reviews_by_ids, "Its id.", "One review. Null if there is none.", scope=READ
    )
    reviews: Connection[Review] = listed(
        queries.review_list,
        "What was found in orders, newest first. The queue: `filter: {status: [OPEN]}`.",
        scope=READ,
        filter=ReviewFilter,
        sort=ReviewSort,
    )
    reviews_count: Count = counted(
        queries.review_list, "How many reviews there are.", scope=READ, filter=ReviewFilter
    )
    risk_rules: Connection[RiskRule] = listed(
        queries.rule_list,
        "What the shop has set instead of what weighs by default, newest first.",
        scope=READ,
        filter=RiskRuleFilter,
    )
    risk_signals_figures: list[RiskSignalFigures] = asked(
        _figures,
        [parameter("since", _Since, inspect.Parameter.empty)],
        "How each signal did, by code; those that were found, at most one for each code.",
        scope=READ,
        weight=20,
    )


@strawberry.type
class ReviewMutation:
    @mutation(policies.set_review_policy, ReviewPolicyPayload)
    def review_policy_set(input: ReviewPolicySetInput) -> policies.SetReviewPolicy:
        """Say how the orders of a channel are looked at, from now on."""
        return policies.SetReviewPolicy(
            channel_id=ids.parse("chn", input.channel_id),
            review_at=input.review_at,
            reject_at=input.reject_at,
            provider=input.provider,
            provider_wait_s=input.provider_wait_s,
            home_country=input.home_country,
            is_active=input.is_active,
        )

    @mutation(policies.set_risk_rule, RiskRulePayload)
    def risk_rule_set(input: RiskRuleSetInput) -> policies.SetRiskRule:
        """Say what a finding weighs, and from where on it is one."""
        return policies.SetRiskRule(
            code=input.code,
            channel_id=given_id("chn", input.channel_id),
            score=input.score,
            threshold=input.threshold,
            window_h=input.window_h,
            values=tuple(input.values),
            is_active=input.is_active,
        )

    @mutation(deciding.accept_review, ReviewPayload)
    def review_accept(id: strawberry.ID, input: ReviewAcceptInput) -> deciding.AcceptReview:
        """Let an order go on: the hold of the review is released."""
        return deciding.AcceptReview(id=ids.parse("rev", id), note=input.note)

    @mutation(deciding.reject_review, ReviewPayload)
    def review_reject(id: strawberry.ID, input: ReviewRejectInput) -> deciding.RejectReview:
        """Do not let an order go on; call it off, if you say so."""
        return deciding.RejectReview(
            id=ids.parse("rev", id), cancel=input.cancel, reason=input.reason, note=input.note
        )

    @mutation(deciding.assign_review, ReviewPayload)
    def review_assign(id: strawberry.ID, input: ReviewAssignInput) -> deciding.AssignReview:
        """Say who has to look."""
        assignee = input.assignee_id
        return deciding.AssignReview(id=ids.parse("rev", id), assignee_id=given_id("stf", assignee))

    @mutation(deciding.note_review, ReviewPayload)
    def review_note(id: strawberry.ID, input: ReviewNoteInput) -> deciding.NoteReview:
        """Leave a note in the timeline of a review."""
        return deciding.NoteReview(id=ids.parse("rev", id), body=input.body)

    @mutation(deciding.record_review_outcome, ReviewPayload)
    def review_record_outcome(
        id: strawberry.ID, input: ReviewRecordOutcomeInput
    ) -> deciding.RecordReviewOutcome:
        """Note how it turned out, so that the rules can be judged."""
        return deciding.RecordReviewOutcome(id=ids.parse("rev", id), outcome=input.outcome)
