"""What can be asked and done with jobs."""

from typing import Annotated

import strawberry

from backoffice_api.domain.kernel import ids, job_commands, job_queries
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.jobs import READ, Job, JobFilter, JobPayload, JobSort
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation

_Id = Annotated[strawberry.ID, strawberry.argument(description="Which job.")]


@strawberry.type
class JobQuery:
    job: Job | None = found_by_id(
        "job", job_queries.jobs_by_ids, "Which job.", "One job. Null if there is none.", scope=READ
    )
    jobs: Connection[Job] = listed(
        job_queries.job_list,
        "Jobs, newest first.",
        scope=READ,
        filter=JobFilter,
        sort=JobSort,
    )
    jobs_count: Count = counted(
        job_queries.job_list, "How many jobs there are.", scope=READ, filter=JobFilter
    )


@strawberry.type
class JobMutation:
    @mutation(job_commands.cancel_job, JobPayload)
    def job_cancel(id: strawberry.ID) -> job_commands.CancelJob:
        """Call off a job that waits. One that is under way is not stopped."""
        return job_commands.CancelJob(id=ids.parse("job", id))

    @mutation(job_commands.retry_job, JobPayload)
    def job_retry(id: strawberry.ID) -> job_commands.RetryJob:
        """Have a failed or cancelled job done now, with all its attempts before it."""
        return job_commands.RetryJob(id=ids.parse("job", id))
