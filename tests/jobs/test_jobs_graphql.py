"""Jobs over GraphQL: seen, called off, tried again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice_api.domain.kernel import ids, job_queries, jobs
from backoffice_api.domain.kernel.errors import NotAllowed, StaleVersion
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.job_commands import (
    CancelJob,
    RetryJob,
    cancel_job,
    retry_job,
)
from backoffice_api.domain.kernel.jobs import Job, JobStatus, UnknownJob
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.states import InvalidTransition
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.world import CLERK, NOW, caller

MINUTE = timedelta(minutes=1)
ERROR = "ConnectionError: ada@shop.example"
LIST = """
query ($filter: JobFilter) {
  jobs(filter: $filter) { nodes { kind } }
  jobsCount(filter: $filter) { value }
}
"""
ONE = """
query ($id: ID!) {
  job(id: $id) {
    id version kind status runAt attempts attemptsMax progressDone progressTotal error
    actions { name allowed } timeline { nodes { type data changes { path before after } } }
  }
}
"""


def queued(world, kind="mail.send", *, at=NOW, attempts_max=1, **more):
    job = Job(kind, {"to": "ada@shop.example"}, attempts_max=attempts_max, **more)
    with world.database.writing.begin() as db:
        return jobs.enqueue(db, [job], now=at, new_id=IdSource())[0]


def begun(world, kind="mail.send"):
    with world.database.writing.begin() as db:
        return jobs.lease(db, [kind], now=NOW)[0]


def failed(world, kind="mail.send"):
    id = queued(world, kind)
    job = begun(world, kind)
    with world.database.writing.begin() as db:
        assert jobs.fail(db, job, ERROR, now=NOW) is JobStatus.FAILED
    return id


def kept(world, id):
    return world.read(job_queries.jobs_by_ids, [id])[id]


class TestJob:
    async def test_shows_how_far_it_is_and_not_what_it_works_on(self, world):
        id = failed(world)

        shown = (await world.graphql(ONE, id=ids.text("job", id)))["job"]

        assert shown == {
            "id": ids.text("job", id),
            "version": 3,
            "kind": "mail.send",
            "status": "FAILED",
            "runAt": "2025-03-01T09:31:00Z",
            "attempts": 1,
            "attemptsMax": 1,
            "progressDone": 0,
            "progressTotal": None,
            "error": ERROR,
            "actions": [
                {"name": "cancel", "allowed": False},
                {"name": "retry", "allowed": True},
            ],
            "timeline": {"nodes": []},
        }
        refused = await world.ask("query ($id: ID!) { job(id: $id) { payload } }", id="job_0")
        assert refused["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"

    async def test_is_null_if_there_is_none(self, world):
        assert await world.graphql(ONE, id=ids.text("job", CLERK.actor.id)) == {"job": None}


class TestJobs:
    @pytest.mark.parametrize(
        ("filter", "kinds"),
        [
            (None, ["stock.sweep", "mail.send", "mail.read"]),
            ({"kind": {"startsWith": "mail."}}, ["mail.send", "mail.read"]),
            ({"status": ["FAILED"]}, ["mail.read"]),
            ({"status": ["QUEUED"], "kind": {"eq": "mail.send"}}, ["mail.send"]),
            ({"createdAt": {"gte": (NOW + 2 * MINUTE).isoformat()}}, ["stock.sweep"]),
        ],
    )
    async def test_are_filtered(self, world, filter, kinds):
        failed(world, "mail.read")
        queued(world, "mail.send", at=NOW + MINUTE)
        queued(world, "stock.sweep", at=NOW + 2 * MINUTE)

        answer = await world.graphql(LIST, filter=filter)

        assert [each["kind"] for each in answer["jobs"]["nodes"]] == kinds
        assert answer["jobsCount"]["value"] == len(kinds)

    async def test_take_one_statement(self, world):
        for _ in range(5):
            queued(world)

        with count_statements(world.database) as seen:
            answer = await world.graphql("{ jobs { nodes { kind actions { name } } } }")

        assert len(answer["jobs"]["nodes"]) == 5
        assert sum(each.startswith("SELECT") for each in seen) == 1

    @pytest.mark.parametrize(
        "request_",
        [
            PageRequest(),
            PageRequest(filter=Test("kind", Operator.EQ, "mail.send")),
            PageRequest(filter=Test("status", Operator.IN, (JobStatus.FAILED,))),
        ],
    )
    def test_walk_an_index(self, world, request_):
        with all_indexed(world.database.reading):
            world.read(job_queries.job_list.page, request_)


class TestCancelJob:
    def test_calls_off_what_waits(self, world):
        id = queued(world, once_key="daily")

        answer = world.run(cancel_job, CancelJob(id=id))

        assert kept(world, id).status is JobStatus.CANCELLED
        assert [(each.kind, each.summary) for each in answer.effects] == [
            ("job.cancelled", "Job mail.send was called off.")
        ]
        with world.database.writing.begin() as db:
            assert jobs.lease(db, ["mail.send"], now=NOW) == []

    def test_makes_room_for_another_of_its_kind(self, world):
        id = queued(world, once_key="daily")

        world.run(cancel_job, CancelJob(id=id))

        assert kept(world, queued(world, once_key="daily")).status is JobStatus.QUEUED

    def test_does_not_stop_what_is_under_way(self, world):
        id = queued(world)
        begun(world)

        with pytest.raises(InvalidTransition) as refused:
            world.run(cancel_job, CancelJob(id=id))

        assert refused.value.present == "RUNNING"
        assert kept(world, id).status is JobStatus.RUNNING


class TestRetryJob:
    def test_has_it_done_now_with_all_attempts(self, world):
        id = failed(world)

        answer = world.run(retry_job, RetryJob(id=id), now=NOW + MINUTE)

        job = kept(world, id)
        assert (job.status, job.run_at) == (JobStatus.QUEUED, NOW + MINUTE)
        assert (job.attempts, job.error, job.progress_done) == (0, None, 0)
        assert [each.kind for each in answer.effects] == ["job.retried"]
        with world.database.writing.begin() as db:
            assert [each.id for each in jobs.lease(db, ["mail.send"], now=NOW + MINUTE)] == [id]

    def test_takes_up_what_was_called_off(self, world):
        id = queued(world)
        world.run(cancel_job, CancelJob(id=id))

        world.run(retry_job, RetryJob(id=id))

        assert kept(world, id).status is JobStatus.QUEUED

    def test_logs_neither_the_error_nor_what_it_works_on(self, world):
        world.run(retry_job, RetryJob(id=failed(world)))

        logged = world.read(lambda db: db.execute(select(events.c.data, events.c.changes)).all())
        assert len(logged) == 1
        assert "ada@shop.example" not in str(logged)

    def test_is_not_possible_for_what_waits(self, world):
        id = queued(world)

        with pytest.raises(InvalidTransition):
            world.run(retry_job, RetryJob(id=id))

        assert kept(world, id).version == 1


@pytest.mark.parametrize(("handler", "command"), [(cancel_job, CancelJob), (retry_job, RetryJob)])
class TestBoth:
    def test_need_a_right(self, world, handler, command):
        id = queued(world)

        with pytest.raises(NotAllowed):
            world.run(handler, command(id=id), caller=caller(Scope.JOBS_READ))

        assert kept(world, id).version == 1

    def test_need_a_job(self, world, handler, command):
        with pytest.raises(UnknownJob):
            world.run(handler, command(id=CLERK.actor.id))

    def test_refuse_the_version_of_yesterday(self, world, handler, command):
        id = queued(world)

        with pytest.raises(StaleVersion):
            world.run(handler, command(id=id), expected_version=2)


class TestMutations:
    async def test_answer_the_job_as_it_is_now(self, world):
        id = ids.text("job", queued(world))
        document = """
        mutation ($id: ID!) {
          a: jobCancel(id: $id) { job { status } userErrors { code } }
          b: jobRetry(id: $id) { job { status } userErrors { code } }
          c: jobRetry(id: $id) { job { status } userErrors { code path } }
        }
        """

        answer = await world.graphql(document, id=id)

        assert answer == {
            "a": {"job": {"status": "CANCELLED"}, "userErrors": []},
            "b": {"job": {"status": "QUEUED"}, "userErrors": []},
            "c": {"job": None, "userErrors": [{"code": "INVALID_TRANSITION", "path": None}]},
        }

    @pytest.mark.parametrize(
        ("field", "scope"),
        [
            ('query { job(id: "job_00000000000000000000000000000001") { id } }', Scope.JOBS_READ),
            ("query { jobs { nodes { id } } }", Scope.JOBS_READ),
            ("query { jobsCount { value } }", Scope.JOBS_READ),
            (
                'mutation { jobCancel(id: "job_00000000000000000000000000000001")'
                " { userErrors { code } } }",
                Scope.JOBS_WRITE,
            ),
            (
                'mutation { jobRetry(id: "job_00000000000000000000000000000001")'
                " { userErrors { code } } }",
                Scope.JOBS_WRITE,
            ),
        ],
    )
    async def test_and_queries_need_their_own_rights(self, world, field, scope):
        refused = await world.ask(field, caller=caller(*ALL_SCOPES - {scope}))
        allowed = await world.ask(field, caller=caller(scope))

        assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN", "scopes": [scope]}
        assert "errors" not in allowed
