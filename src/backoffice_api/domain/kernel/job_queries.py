"""What can be asked about the queue of jobs."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.jobs import JobRow, UnknownJob, jobs
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as


class JobSortKey(Choice):
    """By what a list of jobs is sorted."""

    CREATED_AT = "created_at", "When the job was put into the queue."


jobs_by_ids = one_per(JobRow, jobs, jobs.c.id)

job_list = Listing(
    JobRow,
    jobs,
    sorts={JobSortKey.CREATED_AT: jobs.c.created_at},
    words={
        "kind": On(jobs.c.kind),
        "status": On(jobs.c.status),
        "created_at": On(jobs.c.created_at),
    },
)


def locked_job(db: Connection, id: UUID) -> JobRow:
    """The job `id`, which no worker takes until the end of the transaction.

    Raises:
        UnknownJob: there is none.
    """
    statement = select_as(JobRow, jobs).where(jobs.c.id == id).with_for_update()
    for found in fetch(db, JobRow, statement):
        return found
    raise UnknownJob(id).at("id")
