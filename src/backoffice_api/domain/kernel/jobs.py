"""Work to be done after a commit: a table in the same database, so that nothing is forgotten.

A job is enqueued in the transaction that needs it, and done at least once. A worker leases it by
moving its `run_at` into the future: if the worker dies, the job comes back by itself. A failure
is tried again with growing pauses, and after `attempts_max` tries the job is parked as FAILED for
a person to look at. Handlers must therefore be safe to repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    case,
    func,
    select,
    update,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import Id, Instant, Json, choice, line, metadata, sorted_by
from backoffice_api.domain.kernel.texts import storable

ATTEMPTS_MAX = 10
LEASE_S = 60
BATCH_MAX = 20
ERROR_LENGTH_MAX = 2_000
_BY_PEOPLE = ("cancel", "retry")
_PAUSE_S = (1, 5, 30, 120, 600, 1_800, 3_600)


class JobStatus(Choice):
    """How far a job has come."""

    QUEUED = "queued", "Waits for its time and a worker."
    RUNNING = "running", "A worker has it; if the worker dies it is taken up again."
    SUCCEEDED = "succeeded", "Done."
    FAILED = "failed", "Given up after the last attempt; a person may have it tried again."
    CANCELLED = "cancelled", "Not to be done any more."


MACHINE = Machine(
    JobStatus.QUEUED,
    move("start", {JobStatus.QUEUED, JobStatus.RUNNING}, JobStatus.RUNNING),
    move("succeed", {JobStatus.RUNNING}, JobStatus.SUCCEEDED),
    move("pause", {JobStatus.RUNNING}, JobStatus.QUEUED),
    move("park", {JobStatus.RUNNING}, JobStatus.FAILED),
    move("cancel", {JobStatus.QUEUED}, JobStatus.CANCELLED),
    move("retry", {JobStatus.FAILED, JobStatus.CANCELLED}, JobStatus.QUEUED),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", line(80), nullable=False),
    Column("payload", Json, nullable=False, info=personal.CONTENT),
    choice("status", JobStatus),
    # For a running job: when its lease ends.
    Column("run_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("progress_done", Integer, nullable=False),
    Column("progress_total", Integer),
    Column("error", Text, info=personal.CONTENT),
    # At most one open job per key: what is already queued need not be queued again.
    Column("once_key", String(200), unique=True, info=personal.CONTENT),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("attempts <= attempts_max", name="attempts_bounded"),
    Index(None, "status", "run_at", "id"),
    sorted_by("created_at"),
    sorted_by("kind", "created_at"),
    sorted_by("status", "created_at"),
    info=personal.OF_ANYBODY,
)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done. `kind` names its handler, `payload` is plain JSON without secrets.

    `run_at` None: as soon as may be. `once_key`: while a job with this key is open, no second
    one is made.
    """

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    run_at: datetime | None = None
    once_key: str | None = None
    attempts_max: int = ATTEMPTS_MAX


@dataclass(frozen=True, slots=True)
class JobRow:
    id: UUID
    kind: str
    payload: Mapping[str, Any]
    status: JobStatus
    run_at: datetime
    attempts: int
    attempts_max: int
    progress_done: int
    progress_total: int | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it; the other moves are the worker's."""
        return [each for each in MACHINE.actions(self.status) if each.name in _BY_PEOPLE]


@dataclass(eq=False)
class UnknownJob(Missing):
    """There is no job with this id."""

    id: UUID
    message = "There is no such job."


def enqueue(
    db: Connection, wanted: Sequence[Job], *, now: datetime, new_id: Callable[[], UUID]
) -> Sequence[UUID]:
    """Put jobs into the queue, in the caller's transaction. Ids of those that were put."""
    keys = {job.once_key for job in wanted if job.once_key}
    taken: set[str | None] = set()
    if keys:
        open_ones = select(jobs.c.once_key).where(jobs.c.once_key.in_(keys))
        taken.update(db.execute(open_ones).scalars())
    rows: list[dict[str, Any]] = []
    for job in wanted:
        if job.once_key in taken:
            continue
        if job.once_key is not None:
            taken.add(job.once_key)
        rows.append(
            {
                "id": new_id(),
                "kind": job.kind,
                "payload": dict(job.payload),
                "status": JobStatus.QUEUED,
                "run_at": job.run_at or now,
                "attempts": 0,
                "attempts_max": job.attempts_max,
                "progress_done": 0,
                "once_key": job.once_key,
                "created_at": now,
                "updated_at": now,
                "version": 1,
            }
        )
    if rows:
        db.execute(jobs.insert(), rows)
    return [row["id"] for row in rows]


def bring_forward(db: Connection, keys: Sequence[str], *, to: datetime) -> int:
    """Have what waits under these `once_key`s done at `to`, where it would be done later.

    For work that is done every so often: a clock that was ahead has put it off. How many those are.
    """
    late = (
        jobs.c.once_key.in_(keys),
        jobs.c.status == JobStatus.QUEUED,
        jobs.c.attempts == 0,
        jobs.c.run_at > to,
    )
    moved = update(jobs).where(*late).values(run_at=to, version=jobs.c.version + 1)
    return db.execute(moved).rowcount


def lease(
    db: Connection, kinds: Sequence[str], *, now: datetime, limit: int = 1, lease_s: int = LEASE_S
) -> Sequence[JobRow]:
    """Take up to `limit` due jobs for `lease_s` seconds, oldest first.

    Two workers never get the same one. A job whose worker died is due again when its lease ends;
    one that has used up its attempts that way is parked instead.
    """
    # As a CTE it is run once; a plan may run a subquery again, and lock other rows each time.
    due = (
        select(jobs.c.id)
        .where(
            jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)),
            jobs.c.run_at <= now,
            jobs.c.kind.in_(kinds),
        )
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(min(limit, BATCH_MAX))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    exhausted = jobs.c.attempts >= jobs.c.attempts_max
    statement = (
        update(jobs)
        .where(jobs.c.id.in_(select(due.c.id)))
        .values(
            status=case((exhausted, JobStatus.FAILED.value), else_=JobStatus.RUNNING.value),
            error=case((exhausted, "The worker ended while it was at work."), else_=jobs.c.error),
            attempts=case((exhausted, jobs.c.attempts), else_=jobs.c.attempts + 1),
            once_key=case((exhausted, None), else_=jobs.c.once_key),
            run_at=now + timedelta(seconds=lease_s),
            updated_at=now,
            version=jobs.c.version + 1,
        )
        .returning(*(jobs.c[name] for name in JobRow.__dataclass_fields__))
    )
    taken = [JobRow(*row) for row in db.execute(statement)]
    running = [job for job in taken if job.status is JobStatus.RUNNING]
    return sorted(running, key=lambda job: (job.created_at, job.id))


def extend(
    db: Connection,
    job: JobRow,
    *,
    now: datetime,
    done: int | None = None,
    total: int | None = None,
    lease_s: int = LEASE_S,
) -> bool:
    """Keep a running job, and say how far it is. False: it was taken away; stop working on it."""
    values: dict[str, Any] = {"run_at": now + timedelta(seconds=lease_s), "updated_at": now}
    if done is not None:
        values["progress_done"] = done
    if total is not None:
        values["progress_total"] = total
    return db.execute(update(jobs).where(*_held(job)).values(values)).rowcount == 1


def succeed(db: Connection, job: JobRow, *, now: datetime) -> bool:
    """Mark a running job as done. False: it was taken away meanwhile."""
    return _end(db, job, JobStatus.SUCCEEDED, now=now, error=None)


def fail(db: Connection, job: JobRow, error: str, *, now: datetime) -> JobStatus:
    """Note that an attempt failed: queued again after a pause, or parked after the last one."""
    error = storable(error[:ERROR_LENGTH_MAX])
    if job.attempts >= job.attempts_max:
        _end(db, job, JobStatus.FAILED, now=now, error=error)
        return JobStatus.FAILED
    db.execute(
        update(jobs)
        .where(*_held(job))
        .values(
            status=JobStatus.QUEUED,
            run_at=now + timedelta(seconds=pause_s(job.attempts)),
            error=error,
            updated_at=now,
            version=jobs.c.version + 1,
        )
    )
    return JobStatus.QUEUED


def give_back(db: Connection, job: JobRow, *, now: datetime) -> bool:
    """Put a running job behind the others that are due: a part of it is done, and more is left.

    It does not count as an attempt. False: it was taken away meanwhile.
    """
    returned = db.execute(
        update(jobs)
        .where(*_held(job))
        .values(
            status=JobStatus.QUEUED,
            run_at=now,
            attempts=jobs.c.attempts - 1,
            error=None,
            updated_at=now,
            version=jobs.c.version + 1,
        )
    )
    return returned.rowcount == 1


def pause_s(attempts: int) -> int:
    """Seconds to wait after so many failed attempts."""
    return _PAUSE_S[min(attempts, len(_PAUSE_S)) - 1]


def lag_s(db: Connection, *, now: datetime) -> float:
    """For how long the oldest due job has been waiting, in seconds. 0 if none is."""
    oldest = db.execute(
        select(func.min(jobs.c.run_at)).where(
            jobs.c.status == JobStatus.QUEUED, jobs.c.run_at <= now
        )
    ).scalar()
    return (now - oldest).total_seconds() if oldest else 0.0


def _end(
    db: Connection, job: JobRow, status: JobStatus, *, now: datetime, error: str | None
) -> bool:
    ended = db.execute(
        update(jobs)
        .where(*_held(job))
        .values(
            status=status, error=error, once_key=None, updated_at=now, version=jobs.c.version + 1
        )
    )
    return ended.rowcount == 1


def _held(job: JobRow) -> tuple[Any, ...]:
    """Still the same attempt: nobody else has taken it since."""
    return (
        jobs.c.id == job.id,
        jobs.c.status == JobStatus.RUNNING,
        jobs.c.attempts == job.attempts,
    )
