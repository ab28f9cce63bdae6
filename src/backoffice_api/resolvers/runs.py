"""What can be asked and done with runs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context, Info, Outcome
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.pages import InvalidPage
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Meta, UnitOfWork
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands import running
from backoffice_api.domain.views.model.lists import ListQuery
from backoffice_api.domain.views.model.runs import PREVIEWED_MAX, ItemStatus
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.directives import about
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import WEIGHT, mutation
from backoffice_api.schema.roots import ROOTS, as_given
from backoffice_api.schema.run_failures import failures_of
from backoffice_api.schema.runs import (
    READ,
    BulkAction,
    BulkRun,
    BulkRunError,
    BulkRunFilter,
    BulkRunInput,
    BulkRunListInput,
    BulkRunPayload,
    BulkRunPreview,
    BulkRunSort,
    BulkRunTrial,
)

PREVIEWED = 10

_Input = Annotated[BulkRunInput, strawberry.argument(description="What is to be done.")]
_First = Annotated[int, strawberry.argument(description="Try so many items, 1 to 25.")]
_OfList = Annotated[
    str | None,
    strawberry.argument(description="Only what can be done on things of this list, as `orders`."),
]

_new_id = IdSource()


def _command(input: BulkRunInput) -> running.StartRun:
    items = input.items
    of_list, run = items.of_list or None, items.run or None
    wanted = running.ItemsWanted(
        query=_query(of_list) if of_list else None,
        ids=tuple(items.ids) if items.ids else None,
        view_id=given_id("viw", items.view_id),
        run_id=ids.parse("brn", run.id) if run else None,
        status=run.status if run else ItemStatus.SUCCEEDED,
    )
    return running.StartRun(
        mutation=input.mutation,
        items=wanted,
        input=as_given(input.input),
        dry_run=input.dry_run,
        first=input.first,
    )


def _query(of: BulkRunListInput) -> ListQuery:
    return ListQuery(of.target, as_given(of.filter), of.search, as_given(of.sort))


def _actions(_: Database, context: Context, arguments: Mapping[str, Any]) -> list[BulkAction]:
    shown = map(BulkAction.of, ROOTS.actions.values())
    wanted = arguments["list"]
    return [each for each in shown if wanted is None or wanted in each.lists]


def _selected(db: Database, context: Context, command: running.StartRun) -> running.Selection:
    uow = UnitOfWork(db, datetime.now(UTC), context.caller, Meta(), _new_id)
    return running.select_items(uow, command, ROOTS, ROOTS)


async def _preview(info: Info, input: _Input, first: _First = PREVIEWED) -> BulkRunPreview:
    if not 1 <= first <= PREVIEWED_MAX:
        raise InvalidPage(f"`first` is between 1 and {PREVIEWED_MAX}.")
    context, command = info.context, _command(input)
    found = await context.read(_selected, context, command)
    meta = Meta(request_id=context.request_id)
    trials = []
    for id in found.ids[:first]:
        order = ROOTS.order(command.mutation, id, command.input)
        outcome = await context.try_out(order.handler, order.command, meta)
        trials.append(_trial(ids.text(ROOTS.kind(command.mutation), id), outcome))
    return BulkRunPreview(items_total=len(found.ids), items=trials)


def _trial(id: str, outcome: Outcome) -> BulkRunTrial:
    failures = failures_of(outcome.errors)
    return BulkRunTrial(
        subject_id=strawberry.ID(id),
        status=ItemStatus.FAILED if failures else ItemStatus.SUCCEEDED,
        errors=[
            BulkRunError(
                code=each.code,
                message=each.message,
                path=None if each.path is None else list(each.path),
                data=as_given(each.data),
            )
            for each in failures
        ],
        effects=[each.summary for each in outcome.effects],
    )


@strawberry.type
class RunQuery:
    bulk_run: BulkRun | None = found_by_id(
        "brn", queries.runs_by_ids, "Which run.", "One run. Null if there is none.", scope=READ
    )
    bulk_runs: Connection[BulkRun] = listed(
        queries.run_list, "Runs, newest first.", scope=READ, filter=BulkRunFilter, sort=BulkRunSort
    )
    bulk_runs_count: Count = counted(
        queries.run_list, "How many runs there are.", scope=READ, filter=BulkRunFilter
    )
    bulk_actions: list[BulkAction] = asked(
        _actions,
        [parameter("list", _OfList)],
        "Mutations that can be done on each of many things.",
        scope=READ,
    )
    bulk_run_preview: BulkRunPreview = about(
        "What a run would be done on, and what the first items would come to, one by one. "
        "Nothing is kept.",
        resolver=_preview,
        scope=Scope.VIEWS_WRITE,
        weight=WEIGHT,
        multipliers=["first"],
    )


@strawberry.type
class RunMutation:
    @mutation(running.starting(ROOTS, ROOTS), BulkRunPayload)
    def bulk_run(input: BulkRunInput) -> running.StartRun:
        """Do one mutation on each of many things, which are fixed now, as a job.

        Each is done by itself, under the rights that you have now and then; one that is refused
        does not keep the others.
        """
        return _command(input)

    @mutation(running.cancel_run, BulkRunPayload)
    def bulk_run_cancel(id: strawberry.ID) -> running.CancelRun:
        """Call a run off. What was done stays done."""
        return running.CancelRun(id=ids.parse("brn", id))
