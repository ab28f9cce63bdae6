"""How a count begins: planned by place, variants or class, started; and how it is given up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.counts import queries
from backoffice_api.domain.counts.model import (
    ABC_DAYS_DEFAULT,
    ABC_DAYS_MAX,
    LINES_MAX,
    MACHINE,
    PERCENT_MAX,
    AbcClass,
    CountCancelled,
    CountLine,
    CountLineStatus,
    CountPlanned,
    CountStarted,
    CountTask,
    NothingToCount,
    abc_classes,
)
from backoffice_api.domain.counts.tables import count_lines, count_tasks
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.levels import unfit
from backoffice_api.domain.stock.model.buckets import SHELVED, Bucket, WrongBucket
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.queries.counting import Kept, kept_within, worth_shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCount(Command):
    """What is to be counted: what lies at a location and its parts, of some variants or of all.

    `abc`: only variants of these classes, by what left for customers in the last `abc_days`.
    `empty`: also where the books say that there is nothing.
    """

    scope = Scope.STOCK_WRITE
    location_id: UUID
    name: str | None = None
    variant_ids: tuple[UUID, ...] | None = None
    abc: tuple[AbcClass, ...] = ()
    abc_days: int = ABC_DAYS_DEFAULT
    buckets: tuple[Bucket, ...] = ()
    empty: bool = False
    blind: bool = True
    recount_pieces: int = 0
    recount_percent: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCount(Command):
    scope = Scope.STOCK_WRITE
    table = count_tasks
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCount(Command):
    scope = Scope.STOCK_WRITE
    table = count_tasks
    id: UUID


def plan_count(uow: UnitOfWork, command: PlanCount) -> UUID:
    """Plan a count; nothing is written down of how much is expected. Its id.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation: it is of no place.
        NothingToCount: nothing that is asked for is kept there.
        TooMany: it would have more lines than a count can have; count part by part.
        InvalidText, OutOfRange, WrongBucket.
    """
    faults = Faults()
    _check(faults, command)
    top = stock.locations_by_ids(uow.db, [command.location_id]).get(command.location_id)
    faults.extend(fault.at("location_id") for fault in unfit(top, command.location_id))
    faults.check()
    assert top is not None, "what is not there was refused above"
    kept = kept_within(
        uow.db,
        top,
        variant_ids=_variants(uow, command),
        buckets=command.buckets or sorted(SHELVED),
        empty=command.empty,
        limit=LINES_MAX + 1,
    )
    if command.abc and AbcClass.C in command.abc:
        kept = _of_classes(uow, command, kept)
    if not kept:
        raise NothingToCount().at("location_id")
    if len(kept) > LINES_MAX:
        raise TooMany(LINES_MAX).at("location_id")
    task = CountTask(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        location_id=top.id,
        status=MACHINE.start,
        name=command.name,
        blind=command.blind,
        recount_pieces=command.recount_pieces,
        recount_percent=command.recount_percent,
        posted_at=None,
    )
    add(uow, count_tasks, [task])
    add_lines(uow, [_line(uow, task, position, each) for position, each in enumerate(kept)])
    uow.emit(CountPlanned(task.id, task.version, len(kept)), after=task)
    return task.id


def start_count(uow: UnitOfWork, command: StartCount) -> UUID:
    """Begin to count. Its id.

    Raises:
        UnknownCount, InvalidTransition.
    """
    before = queries.count_task(uow.db, command.id)
    after = replace(before, status=MACHINE.check("start", before.status))
    after = save(uow, count_tasks, before, after)
    uow.emit(CountStarted(after.id, after.version), before=before, after=after)
    return after.id


def cancel_count(uow: UnitOfWork, command: CancelCount) -> UUID:
    """Give a count up; stock stays as it is. Its id.

    Raises:
        UnknownCount, InvalidTransition.
    """
    before = queries.count_task(uow.db, command.id)
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, count_tasks, before, after)
    uow.emit(CountCancelled(after.id, after.version), before=before, after=after)
    return after.id


def add_lines(uow: UnitOfWork, lines: Sequence[CountLine]) -> None:
    """Write new lines, which nobody else has."""
    add(uow, count_lines, lines, lot_key=[line.lot_id or line.variant_id for line in lines])


def _check(faults: Faults, command: PlanCount) -> None:
    check_text(command.name, faults, "name")
    check_range(command.abc_days, faults, "abc_days", minimum=1, maximum=ABC_DAYS_MAX)
    here = ("recount_pieces",)
    check_range(command.recount_pieces, faults, *here, minimum=0, maximum=QUANTITY_MAX)
    here = ("recount_percent",)
    check_range(command.recount_percent, faults, *here, minimum=0, maximum=PERCENT_MAX)
    check_size(command.variant_ids, faults, "variant_ids", maximum=LINES_MAX)
    for position, bucket in enumerate(command.buckets):
        if bucket not in SHELVED:
            faults.add(WrongBucket(bucket).at("buckets", position))


def _variants(uow: UnitOfWork, command: PlanCount) -> Collection[UUID] | None:
    """The variants that are asked for, unless those of class C are: nobody knows them all."""
    if not command.abc or AbcClass.C in command.abc:
        return command.variant_ids
    classes = _classes(uow, command)
    return {
        id
        for id, each in classes.items()
        if each in command.abc and (command.variant_ids is None or id in command.variant_ids)
    }


def _of_classes(uow: UnitOfWork, command: PlanCount, kept: Sequence[Kept]) -> Sequence[Kept]:
    classes = _classes(uow, command)
    return [each for each in kept if classes.get(each.variant_id, AbcClass.C) in command.abc]


def _classes(uow: UnitOfWork, command: PlanCount) -> dict[UUID, AbcClass]:
    since = uow.now - timedelta(days=command.abc_days)
    return dict(abc_classes(worth_shipped(uow.db, since)))


def _line(uow: UnitOfWork, task: CountTask, position: int, kept: Kept) -> CountLine:
    return CountLine(
        id=uow.new_id(),
        task_id=task.id,
        position=position,
        variant_id=kept.variant_id,
        location_id=kept.location_id,
        bucket=kept.bucket,
        lot_id=kept.lot_id,
        status=CountLineStatus.OPEN,
        expected=None,
        counted=None,
        first_counted=None,
        counted_at=None,
        counted_by_id=None,
    )
