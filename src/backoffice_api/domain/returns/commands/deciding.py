"""What is decided of returns: approved, declined, called off, and what nobody ever sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import NotInFuture, Order
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.writing import (
    Opened,
    check_pieces,
    lock_orders,
    opened,
    save_told,
)
from backoffice_api.domain.returns.model.events import (
    ReturnApproved,
    ReturnAwaited,
    ReturnCancelled,
    ReturnDeclined,
    ReturnExpired,
    ReturnSentOff,
)
from backoffice_api.domain.returns.model.policies import Judgement, ReturnPolicy, Rule, Verdict
from backoffice_api.domain.returns.model.refusals import PiecesExceeded
from backoffice_api.domain.returns.model.returns import (
    EXPIRING,
    MACHINE,
    NOTE_LENGTH_MAX,
    LinePieces,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
)
from backoffice_api.domain.returns.tables import return_orders, returns

EXPIRE_JOB = "returns.expire_returns"
EXPIRE_BATCH_MAX = 100
# For how long an approved return waits for its goods where no policy says it.
EXPIRES_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveReturn(Command):
    """By hand, whatever the policies say. `expires_at` None: as they say."""

    scope = Scope.RETURNS_APPROVE
    table = returns
    id: UUID
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReturn(Command):
    """`rule` None: the one that the policies name. `note`: what the customer is told."""

    scope = Scope.RETURNS_APPROVE
    table = returns
    id: UUID
    rule: Rule | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitReturn(Command):
    """The customer was told how to send the goods. `expires_at` None: as it was."""

    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOffReturn(Command):
    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReturn(Command):
    """`lines` empty: all that has not come."""

    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID
    lines: tuple[LinePieces, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireReturns(Command):
    """Run by the worker every ten minutes."""

    scope = Scope.RETURNS_WRITE


def approve_return(uow: UnitOfWork, command: ApproveReturn) -> UUID:
    """Let goods come back. Its id.

    Raises:
        UnknownReturn, InvalidTransition.
        NotInFuture: it would have ended already.
    """
    of = opened(uow, command.id, "approve")
    if command.expires_at and command.expires_at <= uow.now:
        raise NotInFuture().at("expires_at")
    _approve(uow, of, _policies(uow, of.lines), command.expires_at, by_policy=False)
    return of.before.id


def decline_return(uow: UnitOfWork, command: DeclineReturn) -> UUID:
    """Say that goods may not come back, and by which rule. Its id.

    Raises:
        UnknownReturn, InvalidTransition, InvalidText.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    of = opened(uow, command.id, "decline")
    _decline(uow, of, command.rule or of.before.rule, command.note, by_policy=False)
    return of.before.id


def await_return(uow: UnitOfWork, command: AwaitReturn) -> UUID:
    """Note that the customer knows how to send the goods. Its id.

    Raises:
        UnknownReturn, InvalidTransition, NotInFuture.
    """
    of = opened(uow, command.id, "await_items")
    if command.expires_at and command.expires_at <= uow.now:
        raise NotInFuture().at("expires_at")
    await_items(uow, of, command.expires_at or of.before.expires_at)
    return of.before.id


def await_items(uow: UnitOfWork, of: Opened, expires_at: datetime | None) -> Return:
    """The same for whoever has made a label. Raises: InvalidTransition."""
    status = MACHINE.check("await_items", of.before.status)
    after = replace(of.before, status=status, expires_at=expires_at)
    return save_told(uow, of, after, of.lines, ReturnAwaited, expires_at=expires_at)


def send_off_return(uow: UnitOfWork, command: SendOffReturn) -> UUID:
    """Note that the goods are on their way back. Its id.

    Raises:
        UnknownReturn, InvalidTransition.
    """
    of = opened(uow, command.id, "send_off")
    send_off(uow, of)
    return of.before.id


def send_off(uow: UnitOfWork, of: Opened) -> Return:
    """The same for whoever follows its parcel. Raises: InvalidTransition."""
    status = MACHINE.check("send_off", of.before.status)
    return save_told(uow, of, replace(of.before, status=status), of.lines, ReturnSentOff)


def cancel_return(uow: UnitOfWork, command: CancelReturn) -> UUID:
    """Call off what has not come of a return; with nothing here, it ends. Its id.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, Duplicate, OutOfRange.
        PiecesExceeded: pieces are here already, or need not come.
    """
    check_pieces(command.lines)
    of = opened(uow, command.id)
    is_here = of.before.status is ReturnState.PARTIALLY_RECEIVED
    action = "cancel_rest" if is_here else "cancel"
    MACHINE.check(action, of.before.status)
    pieces = {line.id: line.awaited for line in of.lines}
    if command.lines:
        pieces = {}
        for position, each in enumerate(command.lines):
            line = of.line(each.line_id, "lines", position, "line_id")
            if each.quantity > line.awaited:
                raise PiecesExceeded(line.awaited).at("lines", position, "quantity")
            pieces[line.id] = each.quantity
    lines = [line.without(pieces.get(line.id, 0)) for line in of.lines]
    ends = not any(line.awaited for line in lines) and (
        is_here or not any(line.waived for line in lines)
    )
    status = MACHINE.check(action, of.before.status) if ends else of.before.status
    after = replace(of.before, status=status)
    save_told(uow, of, after, lines, ReturnCancelled, pieces=sum(pieces.values()))
    return of.before.id


def expire_returns(uow: UnitOfWork, command: ExpireReturns) -> int:
    """End returns for which nothing came in time, a bounded number. How many there were.

    If there may be more, another job goes on.
    """
    due = (
        select(returns.c.id)
        .where(returns.c.expires_at <= uow.now, returns.c.status.in_(EXPIRING))
        .order_by(returns.c.expires_at, returns.c.id)
        .limit(EXPIRE_BATCH_MAX)
    )
    ids = uow.db.execute(due).scalars().all()
    theirs = select(return_orders.c.order_id).where(among(return_orders.c.return_id, ids))
    # All of them first and in one order, as everybody locks them.
    lock_orders(uow, set(uow.db.execute(theirs).scalars()))
    ended = 0
    for id in sorted(ids):
        of = opened(uow, id)
        expires_at = of.before.expires_at
        if of.before.status in EXPIRING and expires_at and expires_at <= uow.now:
            _expire(uow, of)
            ended += 1
    if len(ids) == EXPIRE_BATCH_MAX:
        uow.enqueue(Job(EXPIRE_JOB))
    return ended


def decide_by_policy(
    uow: UnitOfWork,
    made: Return,
    lines: Sequence[ReturnLine],
    of: Mapping[UUID, Order],
    says: Judgement,
) -> None:
    """Approve or decline what was just asked for, where its policies leave no doubt."""
    if made.kind is not ReturnKind.RETURN or says.verdict is Verdict.REVIEW:
        return
    policies = _policies(uow, lines)
    now = Opened(made, lines, of)
    if says.verdict is Verdict.ALLOWED:
        _approve(uow, now, policies, None, by_policy=True)
        return
    refused = [line.policy_id for line in lines if line.verdict is Verdict.REFUSED]
    if all(id in policies and policies[id].auto_decline for id in refused if id):
        _decline(uow, now, says.rule, "", by_policy=True)


def _approve(
    uow: UnitOfWork,
    of: Opened,
    policies: Mapping[UUID, ReturnPolicy],
    expires_at: datetime | None,
    *,
    by_policy: bool,
) -> None:
    status = MACHINE.check("approve", of.before.status)
    days = min((each.expires_days for each in policies.values()), default=EXPIRES_DAYS)
    ends = expires_at or uow.now + timedelta(days=days)
    after = replace(of.before, status=status, expires_at=ends)
    save_told(uow, of, after, of.lines, ReturnApproved, by_policy=by_policy, expires_at=ends)


def _decline(uow: UnitOfWork, of: Opened, rule: Rule, note: str, *, by_policy: bool) -> None:
    status = MACHINE.check("decline", of.before.status)
    after = replace(of.before, status=status, rule=rule)
    lines = [line.without(line.awaited) for line in of.lines]
    save_told(uow, of, after, lines, ReturnDeclined, by_policy=by_policy, rule=rule, note=note)


def _expire(uow: UnitOfWork, of: Opened) -> None:
    """What is waived stays: it was never waited for, and such a return goes on."""
    lines = [line.without(line.awaited) for line in of.lines]
    if any(line.waived for line in lines):
        after = replace(of.before, expires_at=None)
        save_told(uow, of, after, lines, ReturnCancelled, pieces=0)
        return
    status = MACHINE.check("expire", of.before.status)
    save_told(uow, of, replace(of.before, status=status), lines, ReturnExpired)


def _policies(uow: UnitOfWork, lines: Sequence[ReturnLine]) -> Mapping[UUID, ReturnPolicy]:
    return queries.policies_by_ids(uow.db, {each.policy_id for each in lines if each.policy_id})
