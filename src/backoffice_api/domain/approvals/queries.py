"""What can be asked about approvals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    false,
    func,
    not_,
    or_,
    select,
)

from backoffice_api.domain.approvals.model import (
    ApprovalDecision,
    ApprovalKind,
    ApprovalRequest,
    ApprovalRule,
    ApprovalRuleSortKey,
    ApprovalSortKey,
    ApprovalStatus,
    Delegation,
    DelegationSortKey,
)
from backoffice_api.domain.approvals.model.refusals import UnknownApproval
from backoffice_api.domain.approvals.tables import (
    approval_decisions,
    approval_delegations,
    approval_requests,
    approval_rule_staff,
    approval_rules,
)
from backoffice_api.domain.identity.model.staff import Staff
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel.filters import On, OnMoney, Operator
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import columns_of, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.uow import Actor, ActorKind

rules_by_ids = one_per(ApprovalRule, approval_rules, approval_rules.c.id)
requests_by_ids = one_per(ApprovalRequest, approval_requests, approval_requests.c.id)
decisions_by_requests = many_per(
    ApprovalDecision,
    approval_decisions,
    approval_decisions.c.request_id,
    approval_decisions.c.decided_at,
    approval_decisions.c.id,
)
delegations_by_ids = one_per(Delegation, approval_delegations, approval_delegations.c.id)
_named = (
    select(*columns_of(Staff, staff), approval_rule_staff.c.rule_id)
    .join(approval_rule_staff, approval_rule_staff.c.staff_id == staff.c.id)
    .subquery("named_staff")
)
staff_by_rules = many_per(Staff, _named, _named.c.rule_id, _named.c.name, _named.c.id)


@dataclass(frozen=True, slots=True)
class Decidable:
    """Requests on which a member of staff may decide now, in their own right or another's."""

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        if operator is Operator.IS_NULL:  # that nobody is waited for
            pending = approval_requests.c.status == ApprovalStatus.PENDING
            return not_(pending) if value else pending
        values = value if operator is Operator.IN else (value,)
        return or_(false(), *(self._by(each) for each in values))

    def _by(self, staff_id: UUID) -> ColumnElement[bool]:
        request, rule = approval_requests.c, approval_rules.c
        delegators = select(approval_delegations.c.from_staff_id).where(
            approval_delegations.c.to_staff_id == staff_id, approval_delegations.c.is_current
        )
        # Asked row by row, since few requests wait at a time: by the keys of rule and decision.
        named = (
            select(approval_rule_staff.c.rule_id)
            .where(
                approval_rule_staff.c.rule_id == rule.id,
                or_(
                    approval_rule_staff.c.staff_id == staff_id,
                    approval_rule_staff.c.staff_id.in_(delegators),
                ),
            )
            .exists()
        )
        # What is kept of scopes is a list of texts in JSON; it is looked at for one person only.
        holds = (
            select(staff.c.id)
            .where(
                staff.c.id == staff_id,
                cast(staff.c.scopes, Text).contains('"' + rule.scope + '"'),
            )
            .exists()
        )
        fits = (
            select(rule.id)
            .where(
                rule.id == request.rule_id,
                or_(not_(rule.names_staff), named),
                or_(rule.scope.is_(None), holds),
            )
            .exists()
        )
        agreed = (
            select(approval_decisions.c.id)
            .where(
                approval_decisions.c.request_id == request.id,
                approval_decisions.c.actor_id == staff_id,
            )
            .exists()
        )
        return and_(
            request.status == ApprovalStatus.PENDING,
            or_(request.rule_id.is_(None), fits),
            or_(request.asked_by_id.is_(None), request.asked_by_id != staff_id),
            or_(request.made_by_id.is_(None), request.made_by_id != staff_id),
            not_(agreed),
        )


request_list = Listing(
    ApprovalRequest,
    approval_requests,
    sorts={
        ApprovalSortKey.CREATED_AT: approval_requests.c.created_at,
        ApprovalSortKey.UPDATED_AT: approval_requests.c.updated_at,
        ApprovalSortKey.AMOUNT: approval_requests.c.amount_minor,
    },
    words={
        "status": On(approval_requests.c.status),
        "kind": On(approval_requests.c.kind),
        "subject_id": On(approval_requests.c.subject_id),
        "channel_id": On(approval_requests.c.channel_id),
        "asked_by_id": On(approval_requests.c.asked_by_id),
        "decidable_by": Decidable(),
        "amount": OnMoney(approval_requests.c.amount_minor, approval_requests.c.currency),
        "created_at": On(approval_requests.c.created_at),
    },
)

rule_list = Listing(
    ApprovalRule,
    approval_rules,
    sorts={ApprovalRuleSortKey.CREATED_AT: approval_rules.c.created_at},
    words={
        "kind": On(approval_rules.c.kind),
        "channel_id": On(approval_rules.c.channel_id),
        "is_active": On(approval_rules.c.is_active),
    },
)

delegation_list = Listing(
    Delegation,
    approval_delegations,
    sorts={DelegationSortKey.STARTS_AT: approval_delegations.c.starts_at},
    words={
        "from_staff_id": On(approval_delegations.c.from_staff_id),
        "to_staff_id": On(approval_delegations.c.to_staff_id),
        "is_current": On(approval_delegations.c.is_current),
    },
)


def rule_for(
    db: Connection, kind: ApprovalKind, currency: str, channel_id: UUID | None
) -> ApprovalRule | None:
    """The rule that holds: the channel's own, else that for all channels. One statement."""
    statement = (
        select_as(ApprovalRule, approval_rules)
        .where(
            approval_rules.c.is_active,
            approval_rules.c.kind == kind,
            approval_rules.c.currency == currency,
            or_(approval_rules.c.channel_id.is_(None), approval_rules.c.channel_id == channel_id),
        )
        .order_by(approval_rules.c.channel_id.is_(None))
        .limit(1)
    )
    found = fetch(db, ApprovalRule, statement)
    return found[0] if found else None


def locked_request(db: Connection, id: UUID) -> ApprovalRequest:
    """The request `id`, on which nobody else can decide until the transaction ends.

    Raises:
        UnknownApproval: there is none.
    """
    statement = (
        select_as(ApprovalRequest, approval_requests)
        .where(approval_requests.c.id == id)
        .with_for_update()
    )
    if found := fetch(db, ApprovalRequest, statement):
        return found[0]
    raise UnknownApproval(id).at("id")


def pending(db: Connection, kind: ApprovalKind, subject_id: UUID) -> ApprovalRequest | None:
    """What is waiting for a decision on a thing, locked. None: nothing is."""
    statement = (
        select_as(ApprovalRequest, approval_requests)
        .where(
            approval_requests.c.kind == kind,
            approval_requests.c.subject_id == subject_id,
            approval_requests.c.status == ApprovalStatus.PENDING,
        )
        .with_for_update()
    )
    found = fetch(db, ApprovalRequest, statement)
    return found[0] if found else None


def granted_minor(db: Connection, kind: ApprovalKind, subject_id: UUID) -> int:
    """The most that was ever agreed to for a thing, in its currency. 0: nothing was."""
    statement = select(func.coalesce(func.max(approval_requests.c.amount_minor), 0)).where(
        approval_requests.c.subject_id == subject_id,
        approval_requests.c.kind == kind,
        approval_requests.c.status == ApprovalStatus.GRANTED,
    )
    return int(db.execute(statement).scalar_one())


def named_staff(db: Connection, rule_id: UUID) -> Collection[UUID]:
    """Ids of the staff that a rule names."""
    statement = select(approval_rule_staff.c.staff_id).where(
        approval_rule_staff.c.rule_id == rule_id
    )
    return frozenset(db.execute(statement).scalars())


def delegators(db: Connection, actor: Actor, now: datetime) -> Collection[UUID]:
    """In whose stead an actor decides at this moment."""
    if actor.kind is not ActorKind.STAFF:
        return frozenset()
    table = approval_delegations.c
    statement = select(table.from_staff_id).where(
        table.to_staff_id == actor.id, table.starts_at <= now, table.ends_at > now
    )
    return frozenset(db.execute(statement).scalars())
