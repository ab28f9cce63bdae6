"""The jobs of the queue, done by a server or by workers of their own: each of them once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.stock.commands.reservations import EXPIRE_JOB
from backoffice_api.domain.stock.tables import reservations
from tests.orders.shop import Shop, goods
from tests.serving import Program, Server, await_true
from tests.world import NOW, World

JOBS = 30


def worker(url: str, log: Path) -> Program:
    return Program(["worker"], log, {"BACKOFFICE_DATABASE_URL": url})


def has_started(program: Program) -> bool:
    return "worker.started" in program.log.read_text()


class TestWorkers:
    """Each soft reservation whose time was over is given back, once, whoever does it."""

    @pytest.fixture
    def shop(self, migrated: Database) -> Iterator[Shop]:
        """Drafts whose reservations ended long ago."""
        threads = Threads(migrated, pool_size=1)
        shop = Shop(World(migrated, threads))
        shop.variant("MUG", JOBS)
        for _ in range(JOBS):
            shop.create(goods("MUG"), reserve_until=NOW + timedelta(hours=1))
        yield shop
        threads.shutdown()

    def statuses(self, shop: Shop) -> Counter[str]:
        with shop.world.database.reading.connect() as db:
            return Counter(
                each.value for each in db.execute(select(reservations.c.status)).scalars()
            )

    def enqueue(self, shop: Shop, number: int) -> None:
        now, new_id = datetime.now(UTC), IdSource()
        with shop.world.database.writing.begin() as db:
            jobs.enqueue(db, [Job(EXPIRE_JOB)] * number, now=now, new_id=new_id)

    def done(self, shop: Shop) -> list[tuple[str, int]]:
        """Status and number of attempts of each job that was ours."""
        table = jobs.jobs
        with shop.world.database.reading.connect() as db:
            rows = db.execute(
                select(table.c.status, table.c.attempts).where(
                    table.c.kind == EXPIRE_JOB, table.c.once_key.is_(None)
                )
            )
            return [(status.value, attempts) for status, attempts in rows]

    @pytest.mark.parametrize("by", ["server", "worker"])
    def test_do_what_is_due(self, shop: Shop, migrated_url: str, tmp_path: Path, by: str) -> None:
        self.enqueue(shop, 1)
        log = tmp_path / "log"
        with (
            Server(migrated_url, log, worker_in_process="true")
            if by == "server"
            else worker(migrated_url, log)
        ) as program:
            await_true(lambda: self.statuses(shop) == {"expired": JOBS}, "all is given back")
            program.terminate()
            assert program.exit_code() == 0

    def test_never_do_one_job_twice(self, shop: Shop, migrated_url: str, tmp_path: Path) -> None:
        with ExitStack() as running:
            workers = [
                running.enter_context(worker(migrated_url, tmp_path / name))
                for name in ("one", "two")
            ]
            for each in workers:
                await_true(partial(has_started, each), "it is at work")
            self.enqueue(shop, JOBS)
            ended = ("succeeded", 1)
            await_true(lambda: self.done(shop).count(ended) == JOBS, "all jobs are done")
            for each in workers:
                each.terminate()
                assert each.exit_code() == 0

        assert self.done(shop) == [("succeeded", 1)] * JOBS
        assert shop.events().count("reservation.expired") == JOBS
        assert shop.broken() == []
