"""What can be asked and done with approvals."""

import strawberry

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.commands import asking, deciding, delegating, rules
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.approvals import (
    READ,
    Approval,
    ApprovalDecideInput,
    ApprovalDelegateInput,
    ApprovalDelegation,
    ApprovalDelegationFilter,
    ApprovalDelegationPayload,
    ApprovalFilter,
    ApprovalPayload,
    ApprovalRule,
    ApprovalRuleFilter,
    ApprovalRulePayload,
    ApprovalRuleSetInput,
    ApprovalsDecideInput,
    ApprovalSort,
    ApprovalsPayload,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation


@strawberry.type
class ApprovalQuery:
    approval: Approval | None = found_by_id(
        "apr",
        queries.requests_by_ids,
        "Its id.",
        "One request for approval. Null if there is none.",
        scope=READ,
    )
    approval_requests: Connection[Approval] = listed(
        queries.request_list,
        "What needs or needed somebody's approval, newest first. What waits for you: "
        "`filter: {decidableBy: {eq: <your id>}}`.",
        scope=READ,
        filter=ApprovalFilter,
        sort=ApprovalSort,
    )
    approval_requests_count: Count = counted(
        queries.request_list, "How many requests there are.", scope=READ, filter=ApprovalFilter
    )
    approval_rules: Connection[ApprovalRule] = listed(
        queries.rule_list,
        "Above which amounts what needs approval, newest first.",
        scope=READ,
        filter=ApprovalRuleFilter,
    )
    approval_delegations: Connection[ApprovalDelegation] = listed(
        queries.delegation_list,
        "Who decides in whose stead, those that begin last first.",
        scope=READ,
        filter=ApprovalDelegationFilter,
    )


@strawberry.type
class ApprovalMutation:
    @mutation(rules.set_approval_rule, ApprovalRulePayload)
    def approval_rule_set(input: ApprovalRuleSetInput) -> rules.SetApprovalRule:
        """Say above which amount things of a kind need approval, and whose."""
        channel = input.channel_id
        return rules.SetApprovalRule(
            kind=input.kind,
            limit=input.limit.value(),
            second_limit=input.second_limit.value() if input.second_limit else None,
            channel_id=given_id("chn", channel),
            decider_scope=input.decider_scope,
            staff_ids=tuple(ids.parse("stf", each) for each in input.staff_ids),
            expires_after_h=input.expires_after_h,
        )

    @mutation(rules.remove_approval_rule, ApprovalRulePayload)
    def approval_rule_remove(id: strawberry.ID) -> rules.RemoveApprovalRule:
        """Ask for no more approvals under a rule. What waits goes on to wait."""
        return rules.RemoveApprovalRule(id=ids.parse("aru", id))

    @mutation(deciding.grant_approval, ApprovalPayload)
    def approval_grant(id: strawberry.ID, input: ApprovalDecideInput) -> deciding.GrantApproval:
        """Agree: what waits for it goes on."""
        return deciding.GrantApproval(id=ids.parse("apr", id), note=input.note)

    @mutation(deciding.decline_approval, ApprovalPayload)
    def approval_decline(id: strawberry.ID, input: ApprovalDecideInput) -> deciding.DeclineApproval:
        """Refuse: what waits for it does not go on."""
        return deciding.DeclineApproval(id=ids.parse("apr", id), note=input.note)

    @mutation(deciding.decide_approvals, ApprovalsPayload)
    def approvals_decide(input: ApprovalsDecideInput) -> deciding.DecideApprovals:
        """Decide on several requests at once. Each stands by itself: see `results`."""
        return deciding.DecideApprovals(
            ids=tuple(ids.parse("apr", each) for each in input.ids),
            is_granted=input.grant,
            note=input.note,
        )

    @mutation(asking.withdraw_approval, ApprovalPayload)
    def approval_withdraw(id: strawberry.ID) -> asking.WithdrawApproval:
        """Take back what you have asked for: it does not go on."""
        return asking.WithdrawApproval(id=ids.parse("apr", id))

    @mutation(delegating.delegate_approvals, ApprovalDelegationPayload)
    def approval_delegate(input: ApprovalDelegateInput) -> delegating.DelegateApprovals:
        """Have somebody else decide while you are away. They need the right to decide, too."""
        away = input.from_staff_id
        return delegating.DelegateApprovals(
            to_staff_id=ids.parse("stf", input.to_staff_id),
            starts_at=input.starts_at,
            ends_at=input.ends_at,
            from_staff_id=given_id("stf", away),
        )

    @mutation(delegating.end_delegation, ApprovalDelegationPayload)
    def approval_delegation_end(id: strawberry.ID) -> delegating.EndDelegation:
        """End a delegation now."""
        return delegating.EndDelegation(id=ids.parse("apd", id))
