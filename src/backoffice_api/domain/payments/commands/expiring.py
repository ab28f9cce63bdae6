"""Payments whose time is over: what was set aside is given up."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments.commands.moving import rest_of
from backoffice_api.domain.payments.commands.writing import ask_gateway, book, locked, write
from backoffice_api.domain.payments.model.events import PaymentExpired
from backoffice_api.domain.payments.model.gateways import OperationKind
from backoffice_api.domain.payments.model.payments import MACHINE
from backoffice_api.domain.payments.tables import payments

# Name of the job that runs `expire_payments`, and how many it ends in one go.
EXPIRE_JOB = "payments.expire"
BATCH_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePayments(Command):
    """Run by the worker every minute."""

    scope = Scope.PAYMENTS_WRITE


def expire_payments(uow: UnitOfWork, command: ExpirePayments) -> int:
    """End payments whose time is over, a bounded number. How many.

    What a gateway knows of is called off there first: the buyer may have paid in the last moment,
    and money that comes is money. If there may be more, another job goes on.
    """
    of = payments.c
    due = (
        select(of.id)
        .where(of.expires_at <= uow.now, of.pending_operation.is_(None))
        .order_by(of.order_id, of.id)
        .limit(BATCH_MAX)
    )
    found = list(uow.db.execute(due).scalars())
    for id in found:
        _expire(uow, id)
    if len(found) == BATCH_MAX:
        uow.enqueue(Job(EXPIRE_JOB))
    return len(found)


def _expire(uow: UnitOfWork, payment_id: UUID) -> None:
    order, before = locked(uow, payment_id)
    if before.expires_at is None or before.expires_at > uow.now or before.pending_operation:
        return  # somebody was faster
    if before.status not in MACHINE.moves["expire"].present:
        write(uow, before, replace(before, expires_at=None))
        return
    if not before.is_by_hand and before.provider_reference:
        left = before.capturable or before.amount
        ask_gateway(uow, order, before, OperationKind.VOID, left)
        return
    action = "complete" if before.captured_minor else "expire"
    status = MACHINE.check(action, before.status)
    ended = replace(before, status=status, expires_at=None, due_on=None)
    after = write(uow, before, ended, rest_of(before))
    event = PaymentExpired(after.id, after.version, order.id, order.name)
    uow.emit(event, before=before, after=after)
    book(uow, order)
