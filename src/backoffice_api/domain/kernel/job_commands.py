"""What a person can do with jobs: call them off, and have them tried again."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.job_queries import locked_job
from backoffice_api.domain.kernel.jobs import MACHINE, jobs
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True)
class JobCancelled(Event):
    type = "job.cancelled"
    subject = "job"
    summary = "Job {kind} was called off."
    id: UUID
    version: int
    kind: str


@dataclass(frozen=True, slots=True)
class JobRetried(Event):
    type = "job.retried"
    subject = "job"
    summary = "Job {kind} was put into the queue again."
    id: UUID
    version: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJob(Command):
    scope = Scope.JOBS_WRITE
    table = jobs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryJob(Command):
    scope = Scope.JOBS_WRITE
    table = jobs
    id: UUID


def cancel_job(uow: UnitOfWork, command: CancelJob) -> UUID:
    """Call off a job that waits. One that a worker has begun is not stopped. The id.

    Raises:
        UnknownJob, InvalidTransition.
    """
    before = locked_job(uow.db, command.id)
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, jobs, before, after, once_key=None)
    uow.emit(JobCancelled(after.id, after.version, after.kind), before=before, after=after)
    return after.id


def retry_job(uow: UnitOfWork, command: RetryJob) -> UUID:
    """Have a failed or cancelled job done now, with all its attempts before it. The id.

    Raises:
        UnknownJob, InvalidTransition.
    """
    before = locked_job(uow.db, command.id)
    # The error may quote what the job worked on, and the log is kept for ever.
    shown = replace(before, error=None)
    after = replace(
        before,
        status=MACHINE.check("retry", before.status),
        run_at=uow.now,
        attempts=0,
        progress_done=0,
        error=None,
    )
    after = save(uow, jobs, before, after)
    uow.emit(JobRetried(after.id, after.version, after.kind), before=shown, after=after)
    return after.id
