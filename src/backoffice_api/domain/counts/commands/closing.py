"""How a count ends: finished, counted again where it differs, approved, posted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.counts import queries
from backoffice_api.domain.counts.commands.counting import lines_of, save_lines
from backoffice_api.domain.counts.model import (
    DONE,
    MACHINE,
    CountEntered,
    CountLine,
    CountLineStatus,
    CountPosted,
    CountRecountAsked,
    CountReviewed,
    CountStatus,
    CountTask,
    LinesLeft,
    NothingToRecount,
    exceeds,
)
from backoffice_api.domain.counts.tables import count_tasks
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries.lots import lots_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishCount(Command):
    scope = Scope.STOCK_WRITE
    table = count_tasks
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountCount(Command):
    """Without lines: those that differ by more than the count allows."""

    scope = Scope.COUNTS_REVIEW
    table = count_tasks
    id: UUID
    line_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCount(Command):
    scope = Scope.STOCK_WRITE
    table = count_tasks
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCount(Command):
    scope = Scope.COUNTS_REVIEW
    table = count_tasks
    id: UUID


def finish_count(uow: UnitOfWork, command: FinishCount) -> UUID:
    """Say that everything was counted. What differs too much is to be counted again. Its id.

    Raises:
        UnknownCount, InvalidTransition.
        LinesLeft: some lines have no number.
    """
    before = queries.count_task(uow.db, command.id)
    status = MACHINE.check("finish", before.status)
    lines = lines_of(uow, before.id)
    if left := sum(line.status not in DONE for line in lines):
        raise LinesLeft(left).at("id")
    again = [line for line in lines if exceeds(before, line)]
    if again and before.status is CountStatus.COUNTING:
        return _recount(uow, before, again)
    after = save(uow, count_tasks, before, replace(before, status=status))
    uow.emit(CountEntered(after.id, after.version, len(lines), 0), before=before, after=after)
    return after.id


def recount_count(uow: UnitOfWork, command: RecountCount) -> UUID:
    """Have lines counted again: those that are named, or those that differ too much. Its id.

    Raises:
        UnknownCount, InvalidTransition.
        NothingToRecount: no line is named that the count has, and none differs too much.
    """
    before = queries.count_task(uow.db, command.id)
    MACHINE.check("recount", before.status)
    lines = lines_of(uow, before.id)
    named = set(command.line_ids)
    again = [line for line in lines if (line.id in named if named else exceeds(before, line))]
    if not again:
        raise NothingToRecount().at("line_ids")
    return _recount(uow, before, again)


def review_count(uow: UnitOfWork, command: ReviewCount) -> UUID:
    """Lay a count before who may approve it. Its id.

    Raises:
        UnknownCount, InvalidTransition.
    """
    before = queries.count_task(uow.db, command.id)
    after = replace(before, status=MACHINE.check("review", before.status))
    after = save(uow, count_tasks, before, after)
    differing = sum(bool(line.variance) for line in lines_of(uow, after.id))
    uow.emit(CountReviewed(after.id, after.version, differing), before=before, after=after)
    return after.id


def post_count(uow: UnitOfWork, command: PostCount) -> UUID:
    """Write the differences into the ledger, whatever moved since they were found. Its id.

    Raises:
        UnknownCount, InvalidTransition.
        InsufficientStock, InsufficientLot: pieces that are missing were promised or moved away.
        SerialElsewhere: a serial number that was found is in stock elsewhere.
        ArchivedLocation: one of the locations is not in use any more.
    """
    before = queries.count_task(uow.db, command.id)
    status = MACHINE.check("post", before.status)
    after = replace(before, status=status, posted_at=uow.now)
    after = save(uow, count_tasks, before, after)
    differing = [line for line in lines_of(uow, after.id) if line.variance]
    # What is missing in one place is taken off before it is found in another one.
    differing.sort(key=lambda line: line.variance or 0)
    if differing:
        lines = _adjustments(uow, differing)
        cause = Cause("cnt", after.id)
        adjust(uow, AdjustStock(kind=AdjustmentKind.COUNT, lines=lines, cause=cause))
    variances = [line.variance or 0 for line in differing]
    event = CountPosted(
        after.id,
        after.version,
        sum(each for each in variances if each > 0),
        -sum(each for each in variances if each < 0),
    )
    uow.emit(event, before=before, after=after)
    return after.id


def _recount(uow: UnitOfWork, before: CountTask, again: Sequence[CountLine]) -> UUID:
    after = replace(before, status=MACHINE.check("recount", before.status))
    after = save(uow, count_tasks, before, after)
    cleared = [
        replace(
            line,
            status=CountLineStatus.RECOUNT,
            first_counted=line.counted if line.first_counted is None else line.first_counted,
            expected=None,
            counted=None,
            counted_at=None,
            counted_by_id=None,
        )
        for line in again
    ]
    save_lines(uow, cleared)
    event = CountRecountAsked(after.id, after.version, len(cleared))
    uow.emit(event, before=before, after=after)
    return after.id


def _adjustments(uow: UnitOfWork, differing: Sequence[CountLine]) -> tuple[AdjustLine, ...]:
    lots = lots_by_ids(uow.db, {line.lot_id for line in differing if line.lot_id})
    return tuple(
        AdjustLine(
            variant_id=line.variant_id,
            location_id=line.location_id,
            bucket=line.bucket,
            delta=line.variance,
            lot=LotDraft(code=lots[line.lot_id].code) if line.lot_id else None,
        )
        for line in differing
    )
