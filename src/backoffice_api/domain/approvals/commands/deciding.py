"""Deciding: another person agrees or refuses, in their own right or in somebody's stead."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.model import (
    ITEMS_MAX,
    MACHINE,
    NOTE_LENGTH_MAX,
    ApprovalDecision,
    ApprovalRequest,
    ApprovalStatus,
    decider,
)
from backoffice_api.domain.approvals.model.events import (
    ApprovalAgreed,
    ApprovalDeclined,
    ApprovalExpired,
    ApprovalGranted,
)
from backoffice_api.domain.approvals.model.refusals import NotTheApprover
from backoffice_api.domain.approvals.tables import approval_decisions, approval_requests
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import DomainError, Faults, NotAllowed
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.reach import OutOfReach
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

# Name of the job that runs `expire_approvals`, and how many requests it ends in one go.
EXPIRE_JOB = "approvals.expire"
EXPIRE_BATCH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantApproval(Command):
    scope = Scope.APPROVALS_DECIDE
    measures = True
    table = approval_requests
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineApproval(Command):
    scope = Scope.APPROVALS_DECIDE
    measures = False
    table = approval_requests
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideApprovals(Command):
    """The same decision on several requests, each on its own."""

    scope = Scope.APPROVALS_DECIDE
    measures = True
    ids: tuple[UUID, ...]
    is_granted: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireApprovals(Command):
    """Run by the worker every minute."""

    scope = Scope.APPROVALS_WRITE


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one of several. `code` and `message` None: it was done."""

    id: UUID
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of each, in the order given."""

    results: tuple[ItemResult, ...]


def grant_approval(uow: UnitOfWork, command: GrantApproval) -> UUID:
    """Agree. Id of the request.

    Raises:
        UnknownApproval, InvalidTransition, InvalidText.
        ApproverIsCreator, NotTheApprover, AgreedBefore: somebody else has to.
    """
    _check_note(command.note)
    request = queries.locked_request(uow.db, command.id)
    return grant(uow, request, note=command.note)


def decline_approval(uow: UnitOfWork, command: DeclineApproval) -> UUID:
    """Refuse. Id of the request.

    Raises:
        UnknownApproval, InvalidTransition, InvalidText.
        ApproverIsCreator, NotTheApprover, AgreedBefore: somebody else has to decide.
    """
    _check_note(command.note)
    request = queries.locked_request(uow.db, command.id)
    return decline(uow, request, note=command.note)


def decide_approvals(uow: UnitOfWork, command: DecideApprovals) -> Decided:
    """Agree to several requests, or refuse them. What is refused of these stays as it was.

    Raises:
        TooMany: they are more than `ITEMS_MAX`.
        InvalidText.
    """
    faults = Faults()
    check_size(command.ids, faults, "ids", maximum=ITEMS_MAX)
    faults.check()
    _check_note(command.note)
    results = {id: _decided(uow, id, command) for id in sorted(set(command.ids))}
    return Decided(tuple(results[id] for id in dict.fromkeys(command.ids)))


def expire_approvals(uow: UnitOfWork, command: ExpireApprovals) -> int:
    """End requests whose time is over: that counts as refused. How many there were."""
    statement = (
        select_as(ApprovalRequest, approval_requests)
        .where(
            approval_requests.c.status == ApprovalStatus.PENDING,
            approval_requests.c.expires_at <= uow.now,
        )
        .order_by(approval_requests.c.expires_at, approval_requests.c.id)
        .limit(EXPIRE_BATCH_MAX)
        .with_for_update(skip_locked=True)
    )
    due = fetch(uow.db, ApprovalRequest, statement)
    for before in due:
        after = _ended(uow, before, "expire")
        event = ApprovalExpired(after.id, after.version, after.kind, after.subject_id, after.label)
        uow.emit(event, before=before, after=after)
        uow.emit(ApprovalDeclined(after.id, after.version, after.kind, after.subject_id))
    if len(due) == EXPIRE_BATCH_MAX:
        uow.enqueue(Job(EXPIRE_JOB))
    return len(due)


def grant(uow: UnitOfWork, request: ApprovalRequest, *, note: str = "") -> UUID:
    """Agree to a request that is locked. Its id; what follows for the thing its context does.

    The right to decide is the caller's to check.

    Raises:
        InvalidTransition, ApproverIsCreator, NotTheApprover, AgreedBefore.
    """
    MACHINE.check("grant", request.status)
    uow.check_amount(Scope.APPROVALS_DECIDE, request.amount)
    _decide(uow, request, note, is_granted=True)
    granted = request.granted + 1
    if granted < request.needed:
        MACHINE.check("agree", request.status)
        after = save(uow, approval_requests, request, replace(request, granted=granted))
        agreed = ApprovalAgreed(after.id, after.version, after.kind, after.subject_id, after.label)
        uow.emit(agreed, before=request, after=after)
        return after.id
    after = _ended(uow, replace(request, granted=granted), "grant")
    event = ApprovalGranted(after.id, after.version, after.kind, after.subject_id)
    uow.emit(event, before=request, after=after)
    return after.id


def decline(uow: UnitOfWork, request: ApprovalRequest, *, note: str = "") -> UUID:
    """Refuse a request that is locked. Its id; what follows for the thing its context does.

    The right to decide is the caller's to check.

    Raises:
        InvalidTransition, ApproverIsCreator, NotTheApprover, AgreedBefore.
    """
    MACHINE.check("decline", request.status)
    _decide(uow, request, note, is_granted=False)
    after = _ended(uow, request, "decline")
    event = ApprovalDeclined(after.id, after.version, after.kind, after.subject_id)
    uow.emit(event, before=request, after=after)
    return after.id


def _check_note(note: str) -> None:
    faults = Faults()
    check_text(note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()


def _decided(uow: UnitOfWork, id: UUID, command: DecideApprovals) -> ItemResult:
    mark = uow.mark()
    step = grant if command.is_granted else decline
    point = uow.db.begin_nested()
    try:
        step(uow, queries.locked_request(uow.db, id), note=command.note)
    except DomainError as refusal:
        point.rollback()
        uow.forget(mark)
        return ItemResult(id, refusal.code, str(refusal))
    point.commit()
    return ItemResult(id, None, None)


def _decide(uow: UnitOfWork, request: ApprovalRequest, note: str, *, is_granted: bool) -> None:
    """Write down who decided, if they may."""
    actor = uow.caller.actor
    rule = queries.rules_by_ids(uow.db, [request.rule_id]).get(request.rule_id)
    named = queries.named_staff(uow.db, rule.id) if rule and rule.names_staff else None
    stead = decider(
        request,
        actor=actor,
        named=named,
        stands_in_for=queries.delegators(uow.db, actor, uow.now) if named else (),
        decisions=queries.decisions_by_requests(uow.db, [request.id]).get(request.id, ()),
    )
    if rule and rule.scope:
        _check_held(uow, Scope(rule.scope))
        if is_granted:
            uow.check_amount(Scope(rule.scope), request.amount)
    decision = ApprovalDecision(
        id=uow.new_id(),
        request_id=request.id,
        is_granted=is_granted,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        for_staff_id=stead,
        note=note,
        decided_at=uow.now,
    )
    add(uow, approval_decisions, [decision])


def _check_held(uow: UnitOfWork, scope: Scope) -> None:
    """See that the caller holds the right that the rule asks for, and here: not for another part.

    Raises:
        NotTheApprover.
    """
    try:
        uow.require_here(scope)
    except (NotAllowed, OutOfReach):
        raise NotTheApprover from None


def _ended(uow: UnitOfWork, before: ApprovalRequest, action: str) -> ApprovalRequest:
    status = MACHINE.check(action, before.status)
    ended = replace(before, status=status, decided_at=uow.now)
    return save(uow, approval_requests, before, ended)
