"""Asking: a context says what it is about to do, and learns whether that has to wait."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.model import (
    ASKED_WITHOUT_RULE,
    MACHINE,
    ApprovalKind,
    ApprovalRequest,
    needed_for,
)
from backoffice_api.domain.approvals.model.events import (
    ApprovalDeclined,
    ApprovalRequested,
    ApprovalWithdrawn,
)
from backoffice_api.domain.approvals.model.refusals import NotWhoAsked
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApproval(Command):
    scope = Scope.APPROVALS_READ
    table = approval_requests
    id: UUID


def ask(
    uow: UnitOfWork,
    kind: ApprovalKind,
    subject_id: UUID,
    amount: Money,
    label: str,
    *,
    channel_id: UUID | None = None,
    made_by: tuple[str, UUID | None] | None = None,
    judged: Money | None = None,
    at_least: int = 0,
) -> UUID | None:
    """Ask whether something may go on that comes to `amount`. One statement if it may.

    Answers the id of the request that now waits for somebody else. None: no rule asks for it, go
    on. `label` says what it is, in a list of many. `made_by`: kind and id of the actor who made
    the thing, if that may be another one than the caller; neither decides on it. `judged`: what is
    held against the limits, where parts of one sum are asked for one by one; None: `amount`.
    `at_least`: so many others have to agree, whatever the rules say. A request that waits already
    is taken back.
    """
    rule = queries.rule_for(uow.db, kind, amount.currency, channel_id)
    if rule is None and kind not in ASKED_WITHOUT_RULE:
        needed = at_least
    else:
        needed = max(needed_for(rule, judged or amount), at_least)
    if needed == 0:
        return None
    withdraw(uow, kind, subject_id)
    actor = uow.caller.actor
    hours = rule.expires_after_h if rule else None
    request = ApprovalRequest(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=kind,
        subject_id=subject_id,
        label=label[:NAME_LENGTH_MAX],
        amount_minor=amount.minor,
        currency=amount.currency,
        channel_id=channel_id,
        status=MACHINE.start,
        rule_id=rule.id if rule else None,
        needed=needed,
        granted=0,
        asked_by_kind=actor.kind.value,
        asked_by_id=actor.id,
        made_by_kind=made_by[0] if made_by else None,
        made_by_id=made_by[1] if made_by else None,
        expires_at=uow.now + timedelta(hours=hours) if hours else None,
        decided_at=None,
    )
    add(uow, approval_requests, [request])
    event = ApprovalRequested(
        request.id, request.version, kind, subject_id, request.label, str(amount), needed
    )
    uow.emit(event, after=request)
    return request.id


def withdraw(uow: UnitOfWork, kind: ApprovalKind, subject_id: UUID) -> None:
    """Nobody has to decide on a thing any more: it was changed, or called off.

    For the context of the thing, which knows what becomes of it. Does nothing if nothing waits.
    """
    if request := queries.pending(uow.db, kind, subject_id):
        _withdrawn(uow, request)


def withdraw_approval(uow: UnitOfWork, command: WithdrawApproval) -> UUID:
    """Take back what one has asked for; the thing does not go on. Id of the request.

    Raises:
        UnknownApproval, InvalidTransition.
        NotWhoAsked: somebody else did, and the caller does not make the rules.
    """
    request = queries.locked_request(uow.db, command.id)
    MACHINE.check("withdraw", request.status)
    actor = uow.caller.actor
    is_author = (actor.kind.value, actor.id) in request.authors
    if not (is_author or uow.caller.may(Scope.APPROVALS_WRITE)):
        raise NotWhoAsked
    after = _withdrawn(uow, request)
    uow.emit(ApprovalDeclined(after.id, after.version, after.kind, after.subject_id))
    return after.id


def _withdrawn(uow: UnitOfWork, before: ApprovalRequest) -> ApprovalRequest:
    status = MACHINE.check("withdraw", before.status)
    after = save(uow, approval_requests, before, replace(before, status=status, decided_at=uow.now))
    event = ApprovalWithdrawn(after.id, after.version, after.kind, after.subject_id, after.label)
    uow.emit(event, before=before, after=after)
    return after
