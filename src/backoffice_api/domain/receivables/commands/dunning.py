"""Dunning: the steps, and the runs that remind customers of what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.model.dunning import (
    DAYS_MAX,
    DUNNED_KINDS,
    STEPS_MAX,
    DunningKind,
    DunningNotice,
    DunningStep,
    NoticesMade,
    StepsNotInOrder,
    first_out_of_order,
    step_for,
)
from backoffice_api.domain.receivables.model.events import (
    DunningStepRemoved,
    DunningStepSet,
    ReceivableDunned,
)
from backoffice_api.domain.receivables.model.receivables import OPEN_STATES, Receivable
from backoffice_api.domain.receivables.tables import (
    dunning_notices,
    dunning_steps,
    receivables,
)

# Name of the job that runs `run_dunning`, and how many it reminds of in one go.
RUN_JOB = "receivables.run_dunning"
BATCH_MAX = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDunningStep(Command):
    scope = Scope.RECEIVABLES_WRITE
    number: int
    days_after_due: int
    kind: DunningKind
    fee: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDunningStep(Command):
    scope = Scope.RECEIVABLES_WRITE
    table = dunning_steps
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDunning(Command):
    """Run by the worker every day; by hand, for one customer or all. A dry run lists who it is."""

    scope = Scope.RECEIVABLES_WRITE
    measures = False
    customer_id: UUID | None = None


def set_dunning_step(uow: UnitOfWork, command: SetDunningStep) -> UUID:
    """Make or change the step with a number. Its id.

    Raises:
        OutOfRange: the input is wrong.
        StepsNotInOrder: a later step would come no later than the one before it.
    """
    faults = Faults()
    check_range(command.number, faults, "number", minimum=1, maximum=STEPS_MAX)
    check_range(command.days_after_due, faults, "days_after_due", minimum=0, maximum=DAYS_MAX)
    fee = command.fee
    if fee is not None:
        check_range(fee.minor, faults, "fee", minimum=0, maximum=10**9)
    faults.check()
    before = _at(uow, command.number)
    after = DunningStep(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        number=command.number,
        days_after_due=command.days_after_due,
        kind=command.kind,
        currency=fee.currency if fee else None,
        fee_minor=fee.minor if fee else 0,
        is_active=True,
    )
    others = [each for each in queries.all_steps(uow.db) if each.number != after.number]
    if number := first_out_of_order([*others, after]):
        raise StepsNotInOrder(number).at("days_after_due")
    if before is None:
        add(uow, dunning_steps, [after])
    else:
        after = save(uow, dunning_steps, before, after)
    event = DunningStepSet(after.id, after.version, after.number, after.days_after_due)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_dunning_step(uow: UnitOfWork, command: RemoveDunningStep) -> UUID:
    """Take a step out; what was sent stays noted. Its id.

    Raises:
        UnknownDunningStep.
    """
    before = queries.dunning_step(uow.db, command.id)
    after = save(uow, dunning_steps, before, replace(before, is_active=False))
    event = DunningStepRemoved(after.id, after.version, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def run_dunning(uow: UnitOfWork, command: RunDunning) -> NoticesMade:
    """Remind customers of what is overdue, a bounded number. The notices, the longest late first.

    What is disputed is left out; so is what somebody is at work on. Who has come to several steps
    since the last run gets the last of them. If there may be more, another job goes on.
    """
    steps = queries.all_steps(uow.db)
    if not steps:
        return NoticesMade(())
    today = uow.now.date()
    found = _overdue(uow, steps, today, command.customer_id)
    reached = [(each, step) for each in found if (step := step_for(each, steps, today))]
    changes = [(each, replace(each, dunned=step.number)) for each, step in reached]
    saved = save_all(uow, receivables, changes)
    notices = [_notice(uow, each, step, today) for each, step in reached]
    add(uow, dunning_notices, notices)
    orders = on_orders.orders_by_ids(uow.db, {each.order_id for each in saved})
    for (before, _), after, notice in zip(reached, saved, notices, strict=True):
        event = ReceivableDunned(
            after.id,
            after.version,
            after.order_id,
            orders[after.order_id].name,
            notice.step_number,
            notice.kind,
            str(notice.amount),
            str(notice.fee),
            after.due_on,
            notice.days_overdue,
        )
        uow.emit(event, before=before, after=after)
    if len(found) == BATCH_MAX and not uow.meta.dry_run:
        uow.enqueue(Job(RUN_JOB))
    return NoticesMade(tuple(each.id for each in notices))


def _at(uow: UnitOfWork, number: int) -> DunningStep | None:
    """The step with a number, also one that was taken out."""
    statement = select_as(DunningStep, dunning_steps).where(dunning_steps.c.number == number)
    return next(iter(fetch(uow.db, DunningStep, statement)), None)


def _overdue(
    uow: UnitOfWork, steps: Sequence[DunningStep], today: date, customer_id: UUID | None
) -> Sequence[Receivable]:
    """What has come to a step that it has not had, the longest late first."""
    of = receivables.c
    behind = [
        (of.due_on <= today - timedelta(days=each.days_after_due)) & (of.dunned < each.number)
        for each in steps
    ]
    reached = behind[0]
    for each in behind[1:]:
        reached = reached | each
    statement = (
        select_as(Receivable, receivables)
        .where(
            of.state.in_(OPEN_STATES),
            of.kind.in_(sorted(DUNNED_KINDS)),
            of.customer_id.is_not(None),
            of.disputed_at.is_(None),
            reached,
        )
        .order_by(of.due_on, of.id)
        .limit(BATCH_MAX)
        .with_for_update(skip_locked=True)
    )
    if customer_id is not None:
        statement = statement.where(of.customer_id == customer_id)
    return fetch(uow.db, Receivable, statement)


def _notice(uow: UnitOfWork, each: Receivable, step: DunningStep, today: date) -> DunningNotice:
    return DunningNotice(
        id=uow.new_id(),
        created_at=uow.now,
        receivable_id=each.id,
        step_number=step.number,
        kind=step.kind,
        days_overdue=(today - each.due_on).days,
        currency=each.currency,
        amount_minor=each.open_minor,
        fee_minor=step.fee_minor if step.currency == each.currency else 0,
    )
