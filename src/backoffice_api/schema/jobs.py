"""Work that is queued, under way, done or failed, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import job_queries
from backoffice_api.domain.kernel.job_queries import JobSortKey
from backoffice_api.domain.kernel.jobs import JobRow, JobStatus
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.JOBS_READ

for _choices in (JobSortKey, JobStatus):
    choice(_choices)


@node("job", JobRow, job_queries.jobs_by_ids, scope=READ)
class Job(Node, Versioned, HasTimeline):
    """Something that is done after the request that asked for it. What it works on is not shown."""

    kind: str = about("What is to be done, as `webhook.deliver`.")
    status: JobStatus = about("How far it is.")
    run_at: datetime = about(
        "When it is to be done, or done again. While it is under way: when it is taken up again "
        "should the worker be gone."
    )
    attempts: int = about("How often it was begun.")
    attempts_max: int = about("After so many attempts it is given up.")
    progress_done: int = about("How many steps are done.")
    progress_total: int | None = about("How many steps there are. Null if not known.")
    error: str | None = about("What went wrong the last time. Null: nothing.")
    actions: list[ActionState] = about("What you can do with it now.")


@filter_input
class JobFilter:
    """Which jobs. All words that are given must hold."""

    kind: StringFilter | None = about("By kind.", default=UNSET)
    status: list[JobStatus] | None = about("In one of these states.", default=UNSET)
    created_at: DateTimeFilter | None = about("Queued at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of jobs.")
class JobSort:
    key: JobSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@payload
class JobPayload(MutationPayload):
    """What a mutation of a job answers."""

    job: Job | None = one(
        job_queries.jobs_by_ids, "value", "The job as it is now. Null if it was refused."
    )
