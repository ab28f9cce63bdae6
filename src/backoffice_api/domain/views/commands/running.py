"""What is done with runs: asked for, begun, noted item by item, called off, ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.events import plain
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands.saving import viewer_of
from backoffice_api.domain.views.model.lists import ListQuery
from backoffice_api.domain.views.model.runs import (
    ERROR_LENGTH_MAX,
    IDS_MAX,
    ITEMS_MAX,
    MACHINE,
    OPEN,
    BulkRun,
    BulkRunEnded,
    BulkRunStarted,
    ItemStatus,
    NothingToDo,
    OfAnotherKind,
    Outcome,
    RunItem,
    RunStatus,
    TooManyItems,
)
from backoffice_api.domain.views.ports import Actions, Lists
from backoffice_api.domain.views.tables import bulk_run_items, bulk_runs

JOB = "views.run"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsWanted:
    """What a run is done on, in one of four ways. With a run: its items in the state `status`."""

    query: ListQuery | None = None
    ids: tuple[str, ...] | None = None
    view_id: UUID | None = None
    run_id: UUID | None = None
    status: ItemStatus = ItemStatus.SUCCEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun(Command):
    """`first`: only so many of the items, in the order of the list; None: all."""

    scope = Scope.VIEWS_WRITE
    mutation: str
    items: ItemsWanted
    input: Mapping[str, Any] | None = None
    dry_run: bool = False
    first: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRun(Command):
    scope = Scope.VIEWS_WRITE
    table = bulk_runs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginRun(Command):
    scope = Scope.VIEWS_WRITE
    table = bulk_runs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleItems(Command):
    scope = Scope.VIEWS_WRITE
    table = bulk_runs
    id: UUID
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRun(Command):
    scope = Scope.VIEWS_WRITE
    table = bulk_runs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRun(Command):
    scope = Scope.VIEWS_WRITE
    table = bulk_runs
    id: UUID
    error: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run would be done on. `query`: how it was found, if by a filter."""

    ids: Sequence[UUID]
    query: ListQuery | None = None
    source_run_id: UUID | None = None


def starting(lists: Lists, actions: Actions) -> Callable[[UnitOfWork, StartRun], UUID]:
    """What starts runs of these actions on what these lists hold."""

    def start_run(uow: UnitOfWork, command: StartRun) -> UUID:
        """Have a mutation done on many things, which are fixed now. The id of the run.

        Raises:
            UnknownAction, UnfitInput: there is no such action, or it takes no such input.
            UnknownList, UnfitFilter, UnknownSavedView, UnknownBulkRun: it is not to be found.
            OfAnotherKind, NothingToDo, TooManyItems, TooMany, OutOfRange.
            NotAllowed: the caller may not do this, or not see what it is done on.
        """
        selection = select_items(uow, command, lists, actions)
        try:
            actions.order(command.mutation, selection.ids[0], command.input)
        except DomainError as fault:
            raise fault.at("input", *fault.path) from None
        made = _made(uow, command, selection, actions.kind(command.mutation))
        add(uow, bulk_runs, [made])
        rows = [
            RunItem(
                id=uow.new_id(),
                run_id=made.id,
                position=position,
                subject_kind=made.kind,
                subject_id=id,
                status=ItemStatus.PENDING,
                code=None,
                errors=(),
                effects=(),
                done_at=None,
            )
            for position, id in enumerate(selection.ids, start=1)
        ]
        add(uow, bulk_run_items, rows)
        event = BulkRunStarted(made.id, made.version, made.mutation, made.items_total, made.dry_run)
        uow.emit(event, after=made)
        return made.id

    return start_run


def select_items(uow: UnitOfWork, command: StartRun, lists: Lists, actions: Actions) -> Selection:
    """What a run would be done on, if the caller may do it.

    Raises: as `start_run`.
    """
    faults = Faults()
    check_range(command.first, faults, "first", minimum=1, maximum=ITEMS_MAX)
    check_size(command.items.ids, faults, "items", "ids", maximum=IDS_MAX)
    faults.check()
    kind = actions.kind(command.mutation)
    if (scope := actions.scope(command.mutation)) is not None:
        uow.require(scope)
    found = _found(uow, command, lists, kind)
    if not found.ids:
        raise NothingToDo().at("items")
    if len(found.ids) > ITEMS_MAX:
        raise TooManyItems(ITEMS_MAX).at("items")
    return found


def cancel_run(uow: UnitOfWork, command: CancelRun) -> UUID:
    """Call a run off. The items under way are finished; what was done stays. The id.

    Raises:
        UnknownBulkRun, InvalidTransition.
    """
    _end(uow, queries.locked_run(uow.db, command.id), "cancel")
    return command.id


def begin_run(uow: UnitOfWork, command: BeginRun) -> bool:
    """Take a run up, or up again. False: it has ended.

    Raises:
        UnknownBulkRun.
    """
    before = queries.locked_run(uow.db, command.id)
    if before.status is RunStatus.QUEUED:
        after = replace(before, status=MACHINE.check("start", before.status))
        save(uow, bulk_runs, before, after)
    return before.status in OPEN


def settle_items(uow: UnitOfWork, command: SettleItems) -> bool:
    """Note what items came to; those that are noted already stay as they are. Whether to go on.

    What was done is noted though the run was called off meanwhile.

    Raises:
        UnknownBulkRun.
    """
    run = queries.locked_run(uow.db, command.id)
    item = bulk_run_items.c
    given = {each.item_id: each for each in command.outcomes}
    pending = select(item.id).where(
        item.run_id == run.id, item.id.in_(given), item.status == ItemStatus.PENDING
    )
    fresh = [given[id] for id in uow.db.execute(pending).scalars()]
    if fresh:
        statement = update(bulk_run_items).where(item.id == bindparam("item_id"))
        uow.db.execute(statement, [_settled(uow, each) for each in fresh])
        failed = sum(1 for each in fresh if each.failures)
        uow.db.execute(
            update(bulk_runs)
            .where(bulk_runs.c.id == run.id)
            .values(
                items_failed=bulk_runs.c.items_failed + failed,
                items_succeeded=bulk_runs.c.items_succeeded + len(fresh) - failed,
            )
        )
    return run.status is RunStatus.RUNNING


def finish_run(uow: UnitOfWork, command: FinishRun) -> bool:
    """End a run of which no item is left. False: it is not under way any more.

    Raises:
        UnknownBulkRun.
    """
    before = queries.locked_run(uow.db, command.id)
    if before.status is not RunStatus.RUNNING or before.items_left:
        return False
    _end(uow, before, "finish")
    return True


def stop_run(uow: UnitOfWork, command: StopRun) -> bool:
    """End a run whose caller may not do it any more. False: it has ended already.

    Raises:
        UnknownBulkRun.
    """
    before = queries.locked_run(uow.db, command.id)
    if before.status not in OPEN:
        return False
    _end(uow, before, "stop", error=command.error[:ERROR_LENGTH_MAX])
    return True


def _found(uow: UnitOfWork, command: StartRun, lists: Lists, kind: str) -> Selection:
    wanted, query = command.items, command.items.query
    limit = command.first or ITEMS_MAX + 1
    if wanted.ids is not None:
        return Selection(_parsed(command, kind)[: command.first])
    if wanted.run_id is not None:
        run = queries.bulk_run(uow.db, wanted.run_id)
        if run.kind != kind:
            raise OfAnotherKind(command.mutation, kind).at("items", "run", "id")
        items = queries.items_of(uow.db, run.id, wanted.status, limit)
        return Selection([each.subject_id for each in items], None, run.id)
    if wanted.view_id is not None:
        query = queries.visible_view(uow.db, viewer_of(uow), wanted.view_id).query
    if query is None:
        raise NothingToDo().at("items")
    try:
        prepared = lists.prepare(query)
    except DomainError as fault:
        raise fault.at("items", "list", *fault.path) from None
    for scope in sorted(prepared.scopes):
        uow.require(scope)
    if prepared.kind != kind:
        raise OfAnotherKind(command.mutation, kind).at("items")
    return Selection(queries.selected_ids(uow.db, prepared, limit), query)


def _parsed(command: StartRun, kind: str) -> Sequence[UUID]:
    found: dict[UUID, None] = {}
    for position, id in enumerate(command.items.ids or ()):
        parts = ids.split(id)
        if parts is None or parts[0] != kind:
            raise OfAnotherKind(command.mutation, kind).at("items", "ids", position)
        found[parts[1]] = None
    return tuple(found)


def _made(uow: UnitOfWork, command: StartRun, selection: Selection, kind: str) -> BulkRun:
    id, query, actor = uow.new_id(), selection.query, uow.caller.actor
    (job_id,) = uow.enqueue(Job(JOB, {"id": ids.text("brn", id)}))
    return BulkRun(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        mutation=command.mutation,
        input=command.input,
        kind=kind,
        target=query.target if query else None,
        filter=query.filter if query else None,
        search=query.search if query else None,
        source_run_id=selection.source_run_id,
        status=MACHINE.start,
        dry_run=command.dry_run,
        actor_kind=actor.kind,
        actor_id=actor.id,
        scopes=sorted(uow.caller.scopes),
        reason=uow.meta.reason,
        job_id=job_id,
        items_total=len(selection.ids),
        items_succeeded=0,
        items_failed=0,
        error=None,
        finished_at=None,
    )


def _settled(uow: UnitOfWork, outcome: Outcome) -> dict[str, Any]:
    failures = outcome.failures
    return {
        "item_id": outcome.item_id,
        "status": ItemStatus.FAILED if failures else ItemStatus.SUCCEEDED,
        "code": failures[0].code if failures else None,
        "errors": [plain(each) for each in failures],
        "effects": list(outcome.effects),
        "done_at": uow.now,
    }


def _end(uow: UnitOfWork, before: BulkRun, action: str, *, error: str | None = None) -> None:
    after = replace(
        before,
        status=MACHINE.check(action, before.status),
        finished_at=uow.now,
        error=error,
    )
    after = save(uow, bulk_runs, before, after)
    event = BulkRunEnded(
        after.id,
        after.version,
        after.mutation,
        after.status,
        after.items_succeeded,
        after.items_failed,
        after.items_left,
    )
    uow.emit(event, before=before, after=after)
