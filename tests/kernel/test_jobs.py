"""The queue: nothing is forgotten, nothing is done by two, what fails is parked at last."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from backoffice_api.domain.kernel import jobs as queue
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import (
    ATTEMPTS_MAX,
    BATCH_MAX,
    ERROR_LENGTH_MAX,
    LEASE_S,
    Job,
    JobRow,
    JobStatus,
)
from backoffice_api.domain.kernel.rows import fetch, select_as
from tests.plans import all_indexed

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
new_id = IdSource()


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def enqueue(db: Connection, *jobs: Job, now: datetime = NOW) -> list[UUID]:
    return list(queue.enqueue(db, jobs, now=now, new_id=new_id))


def lease(
    database: Database, now: datetime = NOW, limit: int = 1, kinds: tuple[str, ...] = ("mail",)
) -> list[JobRow]:
    with database.writing.begin() as db:
        return list(queue.lease(db, kinds, now=now, limit=limit))


def stored(database: Database) -> list[JobRow]:
    with database.reading.connect() as db:
        return fetch(db, JobRow, select_as(JobRow, queue.jobs).order_by(queue.jobs.c.id))


class TestEnqueue:
    def test_puts_a_job_into_the_queue(self, database: Database) -> None:
        with database.writing.begin() as db:
            (id,) = enqueue(db, Job("mail", {"to": ["ann"]}))

        assert stored(database) == [
            JobRow(
                id=id,
                kind="mail",
                payload={"to": ["ann"]},
                status=JobStatus.QUEUED,
                run_at=NOW,
                attempts=0,
                attempts_max=ATTEMPTS_MAX,
                progress_done=0,
                progress_total=None,
                error=None,
                created_at=NOW,
                updated_at=NOW,
                version=1,
            )
        ]

    def test_comes_to_nothing_with_its_transaction(self, database: Database) -> None:
        with database.writing.connect() as db:
            enqueue(db, Job("mail"))
            db.rollback()

        assert stored(database) == []

    def test_queues_what_is_open_already_no_second_time(self, database: Database) -> None:
        with database.writing.begin() as db:
            first = enqueue(db, Job("mail", once_key="k"), Job("mail"))
            second = enqueue(db, Job("mail", once_key="k"), Job("mail", once_key="l"))

        assert (len(first), len(second)) == (2, 1)
        assert len(stored(database)) == 3

    def test_queues_what_is_asked_twice_at_once_only_once(self, database: Database) -> None:
        with database.writing.begin() as db:
            put = enqueue(db, Job("mail", once_key="k"), Job("mail", once_key="k"))

        assert len(put) == 1

    @pytest.mark.parametrize("end", ["succeeded", "failed"])
    def test_queues_again_what_has_ended(self, database: Database, end: str) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail", once_key="k", attempts_max=1))
        (job,) = lease(database)
        with database.writing.begin() as db:
            if end == "succeeded":
                queue.succeed(db, job, now=NOW)
            else:
                queue.fail(db, job, "no", now=NOW)

            assert len(enqueue(db, Job("mail", once_key="k"))) == 1

    def test_of_nothing_is_nothing(self, database: Database) -> None:
        with database.writing.begin() as db:
            assert enqueue(db) == []


class TestLease:
    def test_takes_the_oldest_due_jobs_of_its_kinds(self, database: Database) -> None:
        with database.writing.begin() as db:
            late, due, other, future = enqueue(
                db,
                Job("mail", run_at=after(-5)),
                Job("mail", run_at=after(-10)),
                Job("print", run_at=after(-20)),
                Job("mail", run_at=after(1)),
            )

        assert [job.id for job in lease(database)] == [due]
        assert [job.id for job in lease(database, limit=10)] == [late]
        assert lease(database) == []
        assert [job.id for job in lease(database, after(1), kinds=("print", "mail"))] == [other]
        assert [job.id for job in lease(database, after(1))] == [future]

    def test_marks_them_as_running_until_the_lease_ends(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))

        (job,) = lease(database)

        assert stored(database) == [job]
        assert (job.status, job.attempts, job.version) == (JobStatus.RUNNING, 1, 2)
        assert job.run_at == after(LEASE_S)

    def test_takes_up_what_a_dead_worker_has_left(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        lease(database)

        assert lease(database, after(LEASE_S - 1)) == []
        (again,) = lease(database, after(LEASE_S))
        assert again.attempts == 2

    def test_parks_what_killed_its_worker_every_time(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail", attempts_max=2, once_key="k"))
        lease(database)
        lease(database, after(LEASE_S))

        assert lease(database, after(2 * LEASE_S)) == []
        (job,) = stored(database)
        assert (job.status, job.attempts) == (JobStatus.FAILED, 2)
        assert job.error == "The worker ended while it was at work."
        with database.writing.begin() as db:
            assert len(enqueue(db, Job("mail", once_key="k"))) == 1

    def test_takes_no_more_than_a_batch(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, *[Job("mail")] * (BATCH_MAX + 5))

        assert len(lease(database, limit=1_000)) == BATCH_MAX

    def test_of_no_kinds_takes_nothing(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))

        assert lease(database, kinds=()) == []

    def test_gives_each_job_to_one_worker(
        self, database: Database, opens: Callable[..., Database]
    ) -> None:
        with database.writing.begin() as db:
            ids = enqueue(db, *[Job("mail")] * 60)
        url = database.writing.url.render_as_string(hide_password=False)
        shop = opens(url, pool_size=8, lock_timeout_s=30, pool_timeout_s=30)
        barrier = Barrier(8)

        def work(_: int) -> list[UUID]:
            barrier.wait(30)
            taken: list[UUID] = []
            while found := lease(shop, limit=3):
                taken += [job.id for job in found]
            return taken

        with ThreadPoolExecutor(8) as threads:
            taken = [id for part in threads.map(work, range(8)) for id in part]

        assert sorted(taken) == sorted(ids)
        assert {job.attempts for job in stored(database)} == {1}

    def test_passes_over_what_another_is_taking(
        self, postgres_url: str, opens: Callable[..., Database]
    ) -> None:
        shop = opens(postgres_url)
        with shop.writing.begin() as db:
            ids = enqueue(db, Job("mail"), Job("mail"))

        with shop.writing.connect() as one, shop.writing.connect() as two:
            first = queue.lease(one, ("mail",), now=NOW)
            second = queue.lease(two, ("mail",), now=NOW)

        assert sorted([first[0].id, second[0].id]) == sorted(ids)


class TestExtend:
    def test_moves_the_end_of_the_lease_and_notes_how_far_it_is(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (job,) = lease(database)

        with database.writing.begin() as db:
            assert queue.extend(db, job, now=after(30), done=3, total=9) is True

        (held,) = stored(database)
        assert (held.progress_done, held.progress_total) == (3, 9)
        assert held.run_at == after(30 + LEASE_S)

    def test_tells_a_worker_that_its_job_was_taken_away(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (lost,) = lease(database)
        (taken,) = lease(database, after(LEASE_S))

        with database.writing.begin() as db:
            assert queue.extend(db, lost, now=after(LEASE_S), done=5) is False
            assert queue.succeed(db, lost, now=after(LEASE_S)) is False
            queue.fail(db, lost, "late", now=after(LEASE_S))

        assert stored(database) == [taken]


class TestSucceed:
    def test_ends_the_job(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (job,) = lease(database)

        with database.writing.begin() as db:
            assert queue.succeed(db, job, now=after(5)) is True

        (ended,) = stored(database)
        assert (ended.status, ended.error, ended.updated_at) == (
            JobStatus.SUCCEEDED,
            None,
            after(5),
        )
        assert lease(database, after(100 * LEASE_S)) == []


class TestFail:
    def test_tries_again_after_growing_pauses_and_parks_it_at_last(
        self, database: Database
    ) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        now, pauses = NOW, []
        while True:
            (job,) = lease(database, now)
            with database.writing.begin() as db:
                status = queue.fail(db, job, f"failure {job.attempts}", now=now)
            if status is JobStatus.FAILED:
                break
            (waiting,) = stored(database)
            pauses.append(round((waiting.run_at - now).total_seconds()))
            assert lease(database, waiting.run_at - timedelta(seconds=1)) == []
            now = waiting.run_at

        assert pauses == [1, 5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600]
        (parked,) = stored(database)
        assert (parked.status, parked.attempts) == (JobStatus.FAILED, ATTEMPTS_MAX)
        assert parked.error == "failure 10"
        assert lease(database, after(10**6)) == []

    def test_keeps_the_beginning_of_a_long_error(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (job,) = lease(database)

        with database.writing.begin() as db:
            queue.fail(db, job, "x" * 100_000, now=NOW)

        assert stored(database)[0].error == "x" * ERROR_LENGTH_MAX

    def test_keeps_an_error_with_signs_that_cannot_be_stored(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (job,) = lease(database)

        with database.writing.begin() as db:
            queue.fail(db, job, "a\0b\ud800c", now=NOW)

        assert stored(database)[0].error == "a\ufffdb\ufffdc"


class TestLagS:
    def test_is_how_long_the_oldest_due_job_waits(self, database: Database) -> None:
        with database.writing.begin() as db:
            assert queue.lag_s(db, now=NOW) == 0.0

            enqueue(db, Job("mail", run_at=after(-90)), Job("mail", run_at=after(60)))

            assert queue.lag_s(db, now=NOW) == 90.0

    def test_is_nothing_for_jobs_under_way(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail", run_at=after(-90)))
        lease(database)

        with database.reading.connect() as db:
            assert queue.lag_s(db, now=after(1_000)) == 0.0

    def test_is_found_through_an_index(self, database: Database) -> None:
        with all_indexed(database.reading), database.reading.connect() as db:
            queue.lag_s(db, now=NOW)


class TestMachine:
    def test_names_what_is_possible_in_each_status(self) -> None:
        assert {status.value: queue.MACHINE.allowed(status) for status in JobStatus} == {
            "queued": ["start", "cancel"],
            "running": ["start", "succeed", "pause", "park"],
            "succeeded": [],
            "failed": ["retry"],
            "cancelled": ["retry"],
        }


def test_statement_of_lease_uses_an_index(database: Database) -> None:
    due = (
        select(queue.jobs.c.id)
        .where(
            queue.jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)),
            queue.jobs.c.run_at <= NOW,
        )
        .order_by(queue.jobs.c.run_at, queue.jobs.c.id)
        .limit(1)
    )
    with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
        db.execute(due)


class TestGiveBack:
    def test_puts_a_job_behind_those_that_are_due(self, database: Database) -> None:
        with database.writing.begin() as db:
            first, second = enqueue(db, Job("mail"), Job("mail"))
        (taken,) = lease(database)

        with database.writing.begin() as db:
            assert queue.give_back(db, taken, now=after(1))

        back = stored(database)[0]
        assert (back.id, back.status, back.attempts) == (first, JobStatus.QUEUED, 0)
        assert [job.id for job in lease(database, after(2))] == [second]
        assert [job.id for job in lease(database, after(2))] == [first]

    def test_is_for_whoever_still_has_it(self, database: Database) -> None:
        with database.writing.begin() as db:
            enqueue(db, Job("mail"))
        (dead,) = lease(database)
        (alive,) = lease(database, after(LEASE_S))
        with database.writing.begin() as db:
            assert not queue.give_back(db, dead, now=after(LEASE_S))
            assert queue.give_back(db, alive, now=after(LEASE_S))
        (again,) = lease(database, after(LEASE_S))

        assert again.attempts == alive.attempts
        with database.writing.begin() as db:
            assert not queue.extend(db, dead, now=after(LEASE_S))
