"""Runs on the wire: one mutation on each of many things, and what became of each."""

from datetime import datetime

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.context import Info
from backoffice_api.domain.kernel import ids, job_queries
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.model import runs
from backoffice_api.domain.views.model.runs import ItemSortKey, ItemStatus, RunSortKey, RunStatus
from backoffice_api.domain.views.tables import bulk_run_items
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.jobs import Job
from backoffice_api.schema.links import one
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.roots import ROOTS, ActionRoot, as_given

READ = Scope.VIEWS_READ

for _choices in (RunStatus, ItemStatus, RunSortKey, ItemSortKey):
    choice(_choices)


@described
class BulkAction:
    """A mutation that can be done on each of many things."""

    name: str = about("The mutation.")
    description: str = about("What it does.")
    id_prefix: str = about("How the ids begin of what it is done on, as `ord`.")
    lists: list[str] = about("Lists of such things, whose filters can be given.")
    input_type: str | None = about("The type of its input. Null: it takes none.")
    scope: str | None = about("The right that it takes. Null: that depends on the thing.")
    opposite: str | None = about("The mutation that undoes it. Null: there is none.")

    @classmethod
    def of(cls, action: ActionRoot) -> "BulkAction":
        """An action as the schema shows it."""
        return cls(
            name=action.name,
            description=action.description,
            id_prefix=action.kind,
            lists=sorted(each.name for each in ROOTS.lists.values() if each.kind == action.kind),
            input_type=None if action.input is None else str(action.input).rstrip("!"),
            scope=None if action.scope is None else action.scope.value,
            opposite=action.opposite,
        )


@described
class BulkRunError:
    """Why an item was refused, as a `UserError` of the mutation says it."""

    code: str = about("Stable name of the reason, as INSUFFICIENT_STOCK.")
    message: str = about("The reason in words, for people.")
    path: list[str] | None = about("The argument at fault. Null: the request as a whole.")
    data: JSON = about("The facts of the reason, by name.")


@described
class BulkRunTrial:
    """What an item would come to."""

    subject_id: strawberry.ID = about("Id of the thing.")
    status: ItemStatus = about("Whether it would be done.")
    errors: list[BulkRunError] = about("Why it would be refused. Empty: it would be done.")
    effects: list[str] = about("What would change, in sentences.")


@described
class BulkRunPreview:
    """What a run would be done on, and what the first items would come to. Nothing is kept."""

    items_total: int = about("How many items it would have.")
    items: list[BulkRunTrial] = about("The first ones, in their order, at most 25.")


def _errors(parent: strawberry.Parent[runs.RunItem]) -> list[BulkRunError]:
    return [BulkRunError(**each) for each in parent.errors]


def _subject_id(parent: strawberry.Parent[runs.RunItem]) -> strawberry.ID:
    return strawberry.ID(ids.text(parent.subject_kind, parent.subject_id))


def _subject(item: runs.RunItem) -> str:
    return ids.text(item.subject_kind, item.subject_id)


@node("brr", runs.RunItem, queries.items_by_ids, scope=READ)
class BulkRunItem(Node):
    """One thing of a run, and what became of it."""

    position: int = about("Its place in the run, from 1.")
    status: ItemStatus = about("What has become of it.")
    errors: list[BulkRunError] = about("Why it was refused. Empty: it was not.", resolver=_errors)
    effects: list[str] = about("What was changed, in sentences; in a dry run: what would be.")
    done_at: datetime | None = about("When it was tried. Null: it was not.")
    subject_id: strawberry.ID = about("Id of the thing.", resolver=_subject_id)
    subject: Node | None = linked_node(_subject, "The thing. Null if you may not see it.")


@filter_input
class BulkRunItemFilter:
    """Which items. All words that are given must hold."""

    status: list[ItemStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("Refused for such a reason.", default=UNSET)


@strawberry.input(description="The order of the items of a run.")
class BulkRunItemSort:
    key: ItemSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


def _asked_by(parent: strawberry.Parent[runs.BulkRun]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


def _is_shown(run: runs.BulkRun, info: Info) -> bool:
    """What was given may hold anything: costs, names, whatever the mutation takes."""
    caller = info.context.caller
    is_own = (run.actor_kind, run.actor_id) == (caller.actor.kind, caller.actor.id)
    return is_own or (caller.may(Scope.COSTS_READ) and caller.may(Scope.PERSONAL_READ))


def _input(parent: strawberry.Parent[runs.BulkRun], info: Info) -> JSON | None:
    return as_given(parent.input) if _is_shown(parent, info) else None


def _filter(parent: strawberry.Parent[runs.BulkRun], info: Info) -> JSON | None:
    return as_given(parent.filter) if _is_shown(parent, info) else None


def _search(parent: strawberry.Parent[runs.BulkRun], info: Info) -> str | None:
    return parent.search if _is_shown(parent, info) else None


def _opposite(parent: strawberry.Parent[runs.BulkRun]) -> str | None:
    action = ROOTS.actions.get(parent.mutation)
    return None if action is None or parent.dry_run else action.opposite


@node("brn", runs.BulkRun, queries.runs_by_ids, scope=READ)
class BulkRun(Node, Versioned, HasTimeline):
    """One mutation on each of many things, one after the other, each by itself."""

    mutation: str = about("The mutation.")
    input: JSON | None = about(
        "Its input. Null: it takes none, or it is not shown to you: it is to who asked for the "
        "run, and to those who may see costs and personal data.",
        resolver=_input,
        personal="content",
    )
    target: str | None = about("The list whose filter named the items. Null: they were named.")
    filter: JSON | None = about(
        "The filter, when the run was made. Shown as the input is.",
        resolver=_filter,
        personal="content",
    )
    search: str | None = about(
        "What was searched, when the run was made. Shown as the input is.",
        resolver=_search,
        personal="content",
    )
    source_run: "BulkRun | None" = one(
        queries.runs_by_ids, "source_run_id", "The run whose items these are. Null: no run's."
    )
    status: RunStatus = about("How far it is.")
    dry_run: bool = about("Everything is tried, nothing is kept.")
    items_total: int = about("How many things it is done on; fixed when it was made.")
    items_succeeded: int = about("How many were done.")
    items_failed: int = about("How many were refused.")
    items_left: int = about("How many were not tried, or not yet.")
    reason: str | None = about("Why, as the caller said.")
    error: str | None = about("Why it was stopped. Null: it was not.")
    finished_at: datetime | None = about("When it ended. Null: it did not.")
    actor: Actor = about("Who asked for it, under whose rights it is done.", resolver=_asked_by)
    opposite: str | None = about(
        "The mutation that undoes it: run it on the items of this run that have succeeded. "
        "Null: there is none.",
        resolver=_opposite,
    )
    job: Job | None = one(job_queries.jobs_by_ids, "job_id", "The work of doing it.")
    actions: list[ActionState] = about("What you can do with it now.")
    items: Connection[BulkRunItem] = listed_under(
        queries.item_list,
        bulk_run_items.c.run_id,
        "Its items and what became of each, in the order in which they are done.",
        filter=BulkRunItemFilter,
        sort=BulkRunItemSort,
    )


@filter_input
class BulkRunFilter:
    """Which runs. All words that are given must hold."""

    status: list[RunStatus] | None = about("In one of these states.", default=UNSET)
    mutation: StringFilter | None = about("Of such a mutation.", default=UNSET)
    source_run_id: IdFilter | None = about("On items of such a run.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of runs.")
class BulkRunSort:
    key: RunSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What is found in a list.")
class BulkRunListInput:
    target: str = about("The list, by the name of its field in `Query`, as `orders`.")
    filter: JSON | None = about("The list's argument `filter`. Null: everything.", default=None)
    search: str | None = about("The list's argument `search`.", default=None)
    sort: JSON | None = about("The list's argument `sort`: which come first.", default=None)


@strawberry.input(description="The items of a run that is there already.")
class BulkRunItemsOfRunInput:
    id: strawberry.ID = about("Which run.")
    status: ItemStatus = about(
        "Items in this state: FAILED to try again, SUCCEEDED to undo.",
        default=ItemStatus.SUCCEEDED,
    )


@strawberry.input(
    description="What a run is done on: one of four ways. At most 10,000 things.", one_of=True
)
class BulkRunItemsInput:
    of_list: BulkRunListInput | None = about(
        "All that passes a filter now.", name="list", default=UNSET
    )
    view_id: strawberry.ID | None = about("All that a saved view shows now.", default=UNSET)
    ids: list[strawberry.ID] | None = about("These, at most 1,000.", default=UNSET)
    run: BulkRunItemsOfRunInput | None = about("Items of another run.", default=UNSET)


@strawberry.input(description="One mutation on each of many things.")
class BulkRunInput:
    mutation: str = about("The mutation; `bulkActions` names those that can be run.")
    items: BulkRunItemsInput = about("What it is done on.")
    input: JSON | None = about(
        "The input of the mutation, the same for all, as it is written in variables.", default=None
    )
    dry_run: bool = about("Try all of it and keep nothing.", default=False)
    first: int | None = about("Only so many items, from the front. Null: all.", default=None)


@error(runs.TooManyItems)
class TooManyItemsError(UserError):
    """More things pass the filter than one run takes."""

    maximum: int = about("How many one run takes.")


@payload
class BulkRunPayload(MutationPayload):
    """What a mutation of a run answers."""

    bulk_run: BulkRun | None = one(
        queries.runs_by_ids, "value", "The run as it is now. Null if it was refused."
    )
