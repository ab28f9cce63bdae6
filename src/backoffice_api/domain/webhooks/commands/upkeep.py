"""What was delivered is forgotten after a while."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.webhooks.model.deliveries import KEPT_FOR
from backoffice_api.domain.webhooks.tables import webhook_attempts, webhook_deliveries

FORGET_JOB = "webhooks.forget_deliveries"
FORGOTTEN_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ForgetDeliveries(Command):
    """Run by the worker once an hour."""

    scope = Scope.WEBHOOKS_WRITE


def forget_deliveries(uow: UnitOfWork, command: ForgetDeliveries) -> int:
    """Forget deliveries that were settled more than 30 days ago. How many.

    If there may be more, another job goes on.
    """
    rows = webhook_deliveries.c
    statement = (
        select(rows.id)
        .where(rows.settled_at < uow.now - KEPT_FOR)
        .order_by(rows.settled_at, rows.id)
        .limit(FORGOTTEN_AT_ONCE)
    )
    old = list(uow.db.execute(statement).scalars())
    if old:
        uow.db.execute(delete(webhook_attempts).where(webhook_attempts.c.delivery_id.in_(old)))
        uow.db.execute(delete(webhook_deliveries).where(rows.id.in_(old)))
    if len(old) == FORGOTTEN_AT_ONCE:
        uow.enqueue(Job(FORGET_JOB))
    return len(old)
