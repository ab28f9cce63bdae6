"""Delegating: while somebody is away, another one decides in their stead."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, update

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.model import Delegation
from backoffice_api.domain.approvals.model.events import ApprovalDelegated, ApprovalDelegationEnded
from backoffice_api.domain.approvals.model.refusals import (
    DelegatedToSelf,
    NotInOrder,
    StaffToName,
    UnknownDelegation,
)
from backoffice_api.domain.approvals.tables import approval_delegations
from backoffice_api.domain.identity.model.staff import UnknownStaff
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

# Name of the job that runs `follow_delegations`.
FOLLOW_JOB = "approvals.follow_delegations"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateApprovals(Command):
    """`from_staff_id` None: the caller. For others, only who makes the rules."""

    scope = Scope.APPROVALS_DECIDE
    to_staff_id: UUID
    starts_at: datetime | None = None
    ends_at: datetime
    from_staff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDelegation(Command):
    scope = Scope.APPROVALS_DECIDE
    measures = False
    table = approval_delegations
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDelegations(Command):
    """Run by the worker every minute."""

    scope = Scope.APPROVALS_WRITE


def delegate_approvals(uow: UnitOfWork, command: DelegateApprovals) -> UUID:
    """Have somebody else decide, for a time. Id of the delegation.

    Raises:
        StaffToName: the caller is no person, and names none.
        NotAllowed: only who makes the rules delegates what is somebody else's.
        UnknownStaff, DelegatedToSelf, NotInOrder.
    """
    from_id = command.from_staff_id or uow.caller.staff_id
    if from_id is None:
        raise StaffToName().at("from_staff_id")
    if from_id != uow.caller.staff_id:
        uow.require(Scope.APPROVALS_WRITE)
    starts_at = command.starts_at or uow.now
    faults = Faults()
    known = staff_by_ids(uow.db, {from_id, command.to_staff_id})
    for name, id in (("from_staff_id", from_id), ("to_staff_id", command.to_staff_id)):
        if id not in known:
            faults.add(UnknownStaff(id).at(name))
    if from_id == command.to_staff_id:
        faults.add(DelegatedToSelf().at("to_staff_id"))
    if command.ends_at <= max(starts_at, uow.now):
        faults.add(NotInOrder().at("ends_at"))
    faults.check()
    made = Delegation(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        from_staff_id=from_id,
        to_staff_id=command.to_staff_id,
        starts_at=starts_at,
        ends_at=command.ends_at,
        is_current=starts_at <= uow.now,
    )
    add(uow, approval_delegations, [made])
    event = ApprovalDelegated(
        made.id, made.version, made.from_staff_id, made.to_staff_id, made.starts_at, made.ends_at
    )
    uow.emit(event, after=made)
    return made.id


def end_delegation(uow: UnitOfWork, command: EndDelegation) -> UUID:
    """End a delegation now. Its id.

    Raises:
        UnknownDelegation: there is none, or it is over.
        NotAllowed: it is somebody else's, and the caller does not make the rules.
    """
    before = queries.delegations_by_ids(uow.db, [command.id]).get(command.id)
    if before is None or before.ends_at <= uow.now:
        raise UnknownDelegation(command.id).at("id")
    if before.from_staff_id != uow.caller.staff_id:
        uow.require(Scope.APPROVALS_WRITE)
    ended = replace(
        before, starts_at=min(before.starts_at, uow.now), ends_at=uow.now, is_current=False
    )
    after = save(uow, approval_delegations, before, ended)
    event = ApprovalDelegationEnded(after.id, after.version, after.from_staff_id, after.to_staff_id)
    uow.emit(event, before=before, after=after)
    return after.id


def follow_delegations(uow: UnitOfWork, command: FollowDelegations) -> int:
    """Note which delegations are in force now, for lists. How many changed.

    No event: they say themselves from when to when they hold, and decisions ask the clock.
    """
    table = approval_delegations.c
    is_now = and_(table.starts_at <= uow.now, table.ends_at > uow.now)
    now = case((is_now, True), else_=False)
    statement = update(approval_delegations).where(table.is_current != now).values(is_current=now)
    return uow.db.execute(statement).rowcount
