"""Work on runs and on watched views: what needs both the schema and the door for writing.

Each item of a run goes through the one door by itself, under an idempotency key of its own; then
it is noted what it came to. A worker that dies in between has the item answered again, and not
done again (ADR 0032).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.execute import Handler, execute
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel import answers, ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Denied, DomainError
from backoffice_api.domain.kernel.reach import NotToldApart, OutOfReach
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Actor, ActorKind, Caller, Command, Meta
from backoffice_api.domain.reaching import seen_by
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands import running, saving
from backoffice_api.domain.views.model.runs import OPEN, BulkRun, ItemStatus, Outcome, RunItem
from backoffice_api.domain.views.model.views import SavedView
from backoffice_api.domain.views.ports import Actions, Lists
from backoffice_api.schema.run_failures import failures_of
from backoffice_api.task import Progress, Task

WATCH_JOB = "views.watch"
WATCHED_EVERY_S = 300

# So many items are noted together, and looked at under the same rights.
CHUNK = 10
SLICE_S = 5.0
_WATCHED_AT_ONCE = 100
_NO_ACCESS = "Who asked for it has no access any more."


class RunWork:
    """Does runs, some seconds at a time, so that a long one keeps no worker from the rest."""

    def __init__(
        self,
        database: Database,
        actions: Actions,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        slice_s: float = SLICE_S,
    ) -> None:
        self._database = database
        self._actions = actions
        self._now = now
        self._slice_s = slice_s

    def __call__(self, id: UUID, progress: Progress) -> bool:
        """Go on with a run for a while. Whether there is more to do."""
        end_s = time.monotonic() + self._slice_s
        if not self._run(running.begin_run, running.BeginRun(id=id), id):
            self._note_what_was_done(id)
            return False
        while True:
            run, items = self._read(id, CHUNK)
            if run.status not in OPEN:
                return False
            if not items:
                self._run(running.finish_run, running.FinishRun(id=id), id)
                return False
            outcomes, denied = self._do(run, items)
            command = running.SettleItems(id=id, outcomes=tuple(outcomes))
            if not self._run(running.settle_items, command, id):
                return False
            if denied is not None:
                self._run(running.stop_run, running.StopRun(id=id, error=denied), id)
                return False
            done = run.items_total - run.items_left + len(outcomes)
            if not progress(done, run.items_total):
                return False
            if time.monotonic() >= end_s:
                return True

    def _read(self, id: UUID, limit: int) -> tuple[BulkRun, Sequence[RunItem]]:
        with self._database.fresh.connect() as db:
            return queries.bulk_run(db, id), queries.items_of(db, id, ItemStatus.PENDING, limit)

    def _do(self, run: BulkRun, items: Sequence[RunItem]) -> tuple[list[Outcome], str | None]:
        """What the items came to, and why the run is to be stopped, if it is."""
        outcomes: list[Outcome] = []
        caller = self._caller(run)
        if caller is None:
            return outcomes, _NO_ACCESS
        for item in items:
            try:
                outcomes.append(self._do_one(run, item, caller))
            except Denied as denied:
                return outcomes, str(denied)
        return outcomes, None

    def _do_one(self, run: BulkRun, item: RunItem, caller: Caller) -> Outcome:
        name = ids.text("brn", run.id)
        meta = Meta(
            idempotency_key=_key(item),
            dry_run=run.dry_run,
            reason=run.reason,
            reference=name,
            request_id=name,
        )
        try:
            order = self._actions.order(run.mutation, item.subject_id, run.input)
            answer = execute(
                self._database,
                order.handler,
                order.command,
                caller=caller,
                now=self._now(),
                meta=meta,
            )
        except Denied:
            raise
        except DomainError as refusal:
            return Outcome(item.id, failures=failures_of(refusal.reasons()))
        return Outcome(item.id, effects=tuple(each.summary for each in answer.effects))

    def _caller(self, run: BulkRun) -> Caller | None:
        """Who asked, with those of the rights of then that he has now. None: nobody any more."""
        present = _present(self._database, run.actor_kind, run.actor_id, self._now())
        if present is None:
            return None
        return replace(present, scopes=present.scopes & frozenset(run.scopes))

    def _note_what_was_done(self, id: UUID) -> None:
        """Of a run that was called off while a worker died: items that were done, and not noted."""
        run, items = self._read(id, CHUNK)
        actor = Actor(run.actor_kind, run.actor_id).key
        with self._database.fresh.connect() as db:
            done = answers.kept(db, actor, [_key(each) for each in items])
        outcomes = tuple(
            Outcome(each.id, effects=tuple(effect["summary"] for effect in done[key]["effects"]))
            for each in items
            if (key := _key(each)) in done
        )
        if outcomes:
            self._run(running.settle_items, running.SettleItems(id=id, outcomes=outcomes), id)

    def _run(self, handler: Handler[Any, bool], command: Command, id: UUID) -> bool:
        return execute(
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=ids.text("brn", id)),
        ).value


class WatchWork:
    """Counts the lists of watched views, and has it told which have grown above their threshold."""

    def __init__(
        self,
        database: Database,
        lists: Lists,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._lists = lists
        self._now = now

    def __call__(self) -> None:
        """Look at all watched views once, under the rights of those to whom they belong."""
        after: UUID | None = None
        while True:
            with self._database.fresh.connect() as db:
                found = queries.views_with_alerts(db, after, _WATCHED_AT_ONCE)
            if not found:
                return
            self._look_at(found)
            after = found[-1].id

    def _look_at(self, found: Sequence[SavedView]) -> None:
        above: list[UUID] = []
        below: list[UUID] = []
        for view in found:
            (above if self._is_above(view) else below).append(view.id)
        execute(
            self._database,
            saving.note_alerts,
            saving.NoteAlerts(above=tuple(above), below=tuple(below)),
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=WATCH_JOB),
        )

    def _is_above(self, view: SavedView) -> bool:
        """False also for what does not fit its list, and what its owner may not see any more."""
        owner = _present(self._database, view.owner_kind, view.owner_id, self._now())
        limit = view.alert_above
        if owner is None or limit is None:
            return False
        try:
            prepared = self._lists.prepare(view.query)
        except DomainError:
            return False
        if not all(map(owner.may, prepared.scopes)):
            return False
        try:
            with self._database.fresh.connect() as connection, seen_by(connection, owner) as db:
                (count,) = queries.counts(db, [prepared], limit)
        except (NotToldApart, OutOfReach):
            return False
        return not count.exact


def view_tasks(database: Database, lists: Lists, actions: Actions) -> Mapping[str, Task]:
    """What a worker does for runs and watched views, by the kind of the job."""
    run, watch = RunWork(database, actions), WatchWork(database, lists)

    def do_run(payload: Mapping[str, Any], progress: Progress) -> bool:
        return run(ids.parse("brn", payload["id"]), progress)

    def do_watch(_: Mapping[str, Any], progress: Progress) -> bool:
        watch()
        return False

    return {running.JOB: Task(do_run), WATCH_JOB: Task(do_watch, every_s=WATCHED_EVERY_S)}


def _present(database: Database, kind: ActorKind, id: UUID | None, now: datetime) -> Caller | None:
    if id is None:
        return THE_SYSTEM if kind is ActorKind.SYSTEM else None
    with database.fresh.connect() as db:
        return identity.present_caller(db, kind, id, now)


def _key(item: RunItem) -> str:
    return f"{ids.text('brn', item.run_id)}:{ids.text('brr', item.id)}"
