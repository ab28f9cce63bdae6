"""Does the jobs of the queue: in a thread of the server, or as `backoffice worker` in its own.

Each job is a command that is run as the system, under the id of the job as idempotency key: a
worker that dies between the commit and the note that the job is done does not do it twice. Work
on files is no single command: it is a task, which runs commands of its own, slice by slice.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids, jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job, JobRow, JobStatus
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.subscriptions import JOBS, JobKind
from backoffice_api.pulse import Pulse
from backoffice_api.redaction import without_secrets
from backoffice_api.task import Task

IDLE_S = 1.0
PLAN_EVERY_S = 15.0

log = structlog.get_logger("backoffice_api.worker")


class Worker:
    """One worker: takes one job at a time until it is told to stop."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, JobKind] = JOBS,
        tasks: Mapping[str, Task] | None = None,
        *,
        pulse: Pulse | None = None,
    ) -> None:
        self._database = database
        self._kinds = kinds
        self._tasks = tasks or {}
        self._pulse = pulse or Pulse()
        work: dict[str, JobKind | Task] = {**kinds, **self._tasks}
        self._regular = {kind: each.every_s for kind, each in work.items() if each.every_s}
        self._new_id = IdSource()
        self._stopping = threading.Event()
        self._planned_at = datetime.min.replace(tzinfo=UTC)

    def start(self) -> threading.Thread:
        """Run in a thread of its own."""
        thread = threading.Thread(target=self.run, name="worker", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Take no further job. The one under way is finished."""
        self._stopping.set()

    def run(self) -> None:
        """Work until told to stop. A database that is away for a while is waited for."""
        while not self._stopping.is_set():
            self._pulse.beat()
            try:
                worked = self.work(datetime.now(UTC))
            except SQLAlchemyError as failure:
                log.warning("worker.database_failed", error=str(failure))
                worked = False
            except Exception:  # Nobody else would go on in its place.
                log.exception("worker.bug")
                worked = False
            if not worked:
                self._stopping.wait(IDLE_S)
        self._pulse.rest()

    def work(self, now: datetime) -> bool:
        """Do one job that is due at `now`. False: there was none."""
        # Less than no time has passed where the clock was set back.
        if not timedelta() <= now - self._planned_at < timedelta(seconds=PLAN_EVERY_S):
            self._plan(now)
            self._planned_at = now
        with self._database.writing.begin() as db:
            taken = jobs.lease(db, (*self._kinds, *self._tasks), now=now)
        for job in taken:
            self._do(job)
        return bool(taken)

    def _plan(self, now: datetime) -> None:
        """Queue what is done by itself every so often, unless it waits there already."""
        regular = [
            Job(kind, run_at=now + timedelta(seconds=every_s), once_key=f"every {kind}")
            for kind, every_s in self._regular.items()
        ]
        try:
            with self._database.writing.begin() as db:
                if len(jobs.enqueue(db, regular, now=now, new_id=self._new_id)) < len(regular):
                    self._undelay(db, now)
        except IntegrityError:
            log.debug("worker.planned_elsewhere")

    def _undelay(self, db: Connection, now: datetime) -> None:
        """Have nothing wait for longer than its time because a clock was ahead once."""
        for every_s in sorted(set(self._regular.values())):
            keys = [f"every {kind}" for kind, each_s in self._regular.items() if each_s == every_s]
            jobs.bring_forward(db, keys, to=now + timedelta(seconds=every_s))

    def _do(self, job: JobRow) -> None:
        name = ids.text("job", job.id)
        error, more = None, False
        try:
            if task := self._tasks.get(job.kind):
                more = task.work(job.payload, partial(self._extend, job))
            else:
                self._run(job, name)
        except Exception as failure:  # Whatever it is: the job is tried again, then parked.
            error = without_secrets(f"{type(failure).__name__}: {failure}")
            log.exception("worker.job_failed", job=name, kind=job.kind, attempt=job.attempts)
        with self._database.writing.begin() as db:
            now = datetime.now(UTC)
            if more:
                jobs.give_back(db, job, now=now)
            elif error is None:
                jobs.succeed(db, job, now=now)
            elif jobs.fail(db, job, error, now=now) is JobStatus.FAILED:
                log.error("worker.job_parked", job=name, kind=job.kind)

    def _run(self, job: JobRow, name: str) -> None:
        kind = self._kinds[job.kind]
        execute(
            self._database,
            kind.handler,
            msgspec.convert(job.payload, kind.command),
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
            meta=Meta(idempotency_key=name, request_id=name),
        )

    def _extend(self, job: JobRow, done: int, total: int | None) -> bool:
        """Keep the job while the task is at work. False: somebody else has it."""
        self._pulse.beat()
        with self._database.writing.begin() as db:
            return jobs.extend(db, job, now=datetime.now(UTC), done=done, total=total)
