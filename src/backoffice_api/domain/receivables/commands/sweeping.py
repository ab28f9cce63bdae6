"""The day comes: what is due or overdue is noted, so that lists can be filtered by it.

The state is stored, and not worked out of the clock whenever it is read: so it has an index, and
becoming overdue is an event that people and programs can be told of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, or_, select

from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments.model.payments import BY_HAND, IntentStatus, Payment
from backoffice_api.domain.payments.tables import payments
from backoffice_api.domain.receivables.commands.following import expect
from backoffice_api.domain.receivables.model.events import (
    PayoutDue,
    PayoutOverdue,
    ReceivableDue,
    ReceivableOverdue,
)
from backoffice_api.domain.receivables.model.payouts import Payout, payout_state
from backoffice_api.domain.receivables.model.receivables import (
    KINDS,
    Receivable,
    ReceivableState,
    state_of,
)
from backoffice_api.domain.receivables.tables import payouts, receivables

# Name of the job that runs `note_the_day`, and how many of each it looks at in one go.
SWEEP_JOB = "receivables.note_the_day"
BATCH_MAX = 500
# How many payments of before there were receivables it catches up with in one go.
CAUGHT_UP_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTheDay(Command):
    """Run by the worker every hour. Days are those of UTC."""

    scope = Scope.RECEIVABLES_WRITE


def note_the_day(uow: UnitOfWork, command: NoteTheDay) -> int:
    """Note what has become due or overdue, a bounded number. How many.

    What somebody else is at work on waits for the next time. If there may be more, another job
    goes on. Payments of before there were receivables get theirs here.
    """
    today = uow.now.date()
    found = fetch(
        uow.db,
        Receivable,
        select_as(Receivable, receivables)
        .where(_come(receivables.c.state, receivables.c.due_on, today))
        .order_by(receivables.c.id)
        .limit(BATCH_MAX)
        .with_for_update(skip_locked=True),
    )
    _note_receivables(uow, found, today)
    out = fetch(
        uow.db,
        Payout,
        select_as(Payout, payouts)
        .where(_come(payouts.c.state, payouts.c.arrives_on, today))
        .order_by(payouts.c.id)
        .limit(BATCH_MAX)
        .with_for_update(skip_locked=True),
    )
    _note_payouts(uow, out, today)
    missing = _missing(uow)
    for payment in missing:
        expect(uow, payment)
    if BATCH_MAX in (len(found), len(out)) or len(missing) == CAUGHT_UP_MAX:
        uow.enqueue(Job(SWEEP_JOB))
    return len(found) + len(out) + len(missing)


def _missing(uow: UnitOfWork) -> Sequence[Payment]:
    """Payments that were asked for before there were receivables, and are not paid."""
    of = payments.c
    known = select(receivables.c.id).where(receivables.c.payment_id == of.id).exists()
    statement = (
        select_as(Payment, payments)
        .where(
            of.status.in_((IntentStatus.PENDING, IntentStatus.PARTIALLY_CAPTURED)),
            of.provider == BY_HAND,
            of.method.in_(sorted(KINDS)),
            ~known,
        )
        .order_by(of.created_at, of.id)
        .limit(CAUGHT_UP_MAX)
    )
    return fetch(uow.db, Payment, statement)


def _come(state: Column[Any], day: Column[Any], today: date) -> ColumnElement[bool]:
    late = (ReceivableState.DUE, ReceivableState.PARTIALLY_SETTLED)
    return or_(
        (state == ReceivableState.EXPECTED) & (day <= today),
        state.in_(late) & (day < today),
    )


def _note_receivables(uow: UnitOfWork, found: Sequence[Receivable], today: date) -> None:
    changes = [(each, replace(each, state=state_of(each, today))) for each in found]
    for before, after in zip(found, save_all(uow, receivables, changes), strict=True):
        names = (after.id, after.version, after.order_id, str(after.open))
        is_due = after.state is ReceivableState.DUE
        event = ReceivableDue(*names) if is_due else ReceivableOverdue(*names, after.due_on)
        uow.emit(event, before=before, after=after)


def _note_payouts(uow: UnitOfWork, found: Sequence[Payout], today: date) -> None:
    changes = [(each, replace(each, state=payout_state(each, today))) for each in found]
    for before, after in zip(found, save_all(uow, payouts, changes), strict=True):
        names = (after.id, after.version, after.reference)
        is_due = after.state is ReceivableState.DUE
        event = PayoutDue(*names) if is_due else PayoutOverdue(*names, after.arrives_on)
        uow.emit(event, before=before, after=after)
