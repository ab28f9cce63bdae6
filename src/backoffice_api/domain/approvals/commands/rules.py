"""Rules: above which amount something takes a second person, and who that may be."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.model import (
    EXPIRY_HOURS_MAX,
    STAFF_MAX,
    ApprovalKind,
    ApprovalRule,
)
from backoffice_api.domain.approvals.model.events import ApprovalRuleRemoved, ApprovalRuleSet
from backoffice_api.domain.approvals.model.refusals import (
    ChannelWithoutSales,
    LimitBelowZero,
    SecondLimitTooLow,
    UnknownApprovalRule,
)
from backoffice_api.domain.approvals.tables import approval_rule_staff, approval_rules
from backoffice_api.domain.identity.model.staff import UnknownStaff
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

_OF_CHANNELS = frozenset({ApprovalKind.ORDER, ApprovalKind.REFUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetApprovalRule(Command):
    """Takes the place of the rule of this kind, currency and channel. `staff_ids` empty: anybody
    who may decide at all.
    """

    scope = Scope.APPROVALS_WRITE
    kind: ApprovalKind
    limit: Money
    second_limit: Money | None = None
    channel_id: UUID | None = None
    decider_scope: Scope | None = None
    staff_ids: tuple[UUID, ...] = ()
    expires_after_h: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApprovalRule(Command):
    scope = Scope.APPROVALS_WRITE
    table = approval_rules
    id: UUID


def set_approval_rule(uow: UnitOfWork, command: SetApprovalRule) -> UUID:
    """Say above which amount things of a kind need approval, and whose. Id of the rule.

    What waits already goes on to wait under what the rule now says of who decides.

    Raises:
        LimitBelowZero, SecondLimitTooLow, OutOfRange, TooMany, UnknownStaff, ChannelWithoutSales.
        UnknownChannel: as the orders say, which react.
    """
    _check(uow, command)
    before = _present(uow, command)
    second = command.second_limit
    after = ApprovalRule(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        kind=command.kind,
        currency=command.limit.currency,
        channel_id=command.channel_id,
        limit_minor=command.limit.minor,
        second_limit_minor=second.minor if second else None,
        scope=command.decider_scope.value if command.decider_scope else None,
        names_staff=bool(command.staff_ids),
        expires_after_h=command.expires_after_h,
        is_active=True,
    )
    after = _put(uow, before, after)
    if before:
        uow.db.execute(delete(approval_rule_staff).where(approval_rule_staff.c.rule_id == after.id))
    if staff_ids := sorted(set(command.staff_ids)):
        rows = [{"rule_id": after.id, "staff_id": id} for id in staff_ids]
        uow.db.execute(approval_rule_staff.insert(), rows)
    return after.id


def set_limit(uow: UnitOfWork, kind: ApprovalKind, limit: Money) -> UUID:
    """Say only above which amount things of a kind need approval. Id of the rule.

    Who decides stays as it is. A second limit that would not lie above this one goes.
    """
    present = _present(uow, SetApprovalRule(kind=kind, limit=limit))
    if present is None or not present.is_active:
        return set_approval_rule(uow, SetApprovalRule(kind=kind, limit=limit))
    second = present.second_limit_minor
    kept = second if second is not None and second > limit.minor else None
    after = replace(present, limit_minor=limit.minor, second_limit_minor=kept)
    return _put(uow, present, after).id


def remove_approval_rule(uow: UnitOfWork, command: RemoveApprovalRule) -> UUID:
    """Ask for no more approvals under a rule; what waits goes on to wait. Its id.

    Raises:
        UnknownApprovalRule: there is none, or it was removed before.
    """
    before = queries.rules_by_ids(uow.db, [command.id]).get(command.id)
    if before is None or not before.is_active:
        raise UnknownApprovalRule(command.id).at("id")
    after = save(uow, approval_rules, before, replace(before, is_active=False))
    event = ApprovalRuleRemoved(
        after.id, after.version, after.kind, after.channel_id, after.currency
    )
    uow.emit(event, before=before, after=after)
    return after.id


def _put(uow: UnitOfWork, before: ApprovalRule | None, after: ApprovalRule) -> ApprovalRule:
    if before:
        after = save(uow, approval_rules, before, after)
    else:
        add(uow, approval_rules, [after])
    event = ApprovalRuleSet(
        after.id,
        after.version,
        after.kind,
        after.channel_id,
        after.currency,
        after.limit_minor,
        str(after.limit),
    )
    uow.emit(event, before=before, after=after)
    return after


def _check(uow: UnitOfWork, command: SetApprovalRule) -> None:
    faults = Faults()
    check_size(command.staff_ids, faults, "staff_ids", maximum=STAFF_MAX)
    faults.check()
    if command.limit.minor < 0:
        faults.add(LimitBelowZero().at("limit"))
    second = command.second_limit
    if second and (second.currency != command.limit.currency or second <= command.limit):
        faults.add(SecondLimitTooLow().at("second_limit"))
    hours = command.expires_after_h
    check_range(hours, faults, "expires_after_h", minimum=1, maximum=EXPIRY_HOURS_MAX)
    if command.channel_id and command.kind not in _OF_CHANNELS:
        faults.add(ChannelWithoutSales().at("channel_id"))
    known = staff_by_ids(uow.db, command.staff_ids)
    for position, id in enumerate(command.staff_ids):
        if id not in known:
            faults.add(UnknownStaff(id).at("staff_ids", position))
    faults.check()


def _present(uow: UnitOfWork, command: SetApprovalRule) -> ApprovalRule | None:
    table = approval_rules.c
    channel = command.channel_id
    statement = select_as(ApprovalRule, approval_rules).where(
        table.kind == command.kind,
        table.currency == command.limit.currency,
        table.channel_id.is_(None) if channel is None else table.channel_id == channel,
    )
    found = fetch(uow.db, ApprovalRule, statement)
    return found[0] if found else None
