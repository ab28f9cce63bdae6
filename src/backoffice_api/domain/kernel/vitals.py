"""What somebody who watches the installation wants to know of its database, in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.jobs import JobStatus, jobs

# Work that is done stays in the table, and is not counted: what is asked often must be cheap.
COUNTED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Vitals:
    """`jobs` has how many are in each state that is counted; `events_head` the last sequence."""

    jobs: Mapping[JobStatus, int]
    job_lag_s: float
    events_head: int


def vitals(db: Connection, *, now: datetime) -> Vitals:
    """How things stand at `now`. Each part is read off an index."""
    counts = [
        select(func.count()).where(jobs.c.status == status).scalar_subquery() for status in COUNTED
    ]
    oldest = (
        select(func.min(jobs.c.run_at))
        .where(jobs.c.status == JobStatus.QUEUED, jobs.c.run_at <= now)
        .scalar_subquery()
    )
    head = select(func.max(events.c.sequence)).scalar_subquery()
    *numbers, due_at, last = db.execute(select(*counts, oldest, head)).one()
    return Vitals(
        jobs=dict(zip(COUNTED, numbers, strict=True)),
        job_lag_s=(now - due_at).total_seconds() if due_at else 0.0,
        events_head=last or 0,
    )
