"""Imports that are killed in a process of their own, and two workers at once. Both databases."""

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.bulk_jobs import imports
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.imports import import_slice
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import open_database
from tests import killing
from tests.bulk.desk import Desk
from tests.world import World

ROWS = "sku,title,price\n" + "".join(f"S{n},T{n},{n}\n" for n in range(12)) + "BAD,Bad,x\n"


def killed_after(url: str, folder: str, id: str, batches: int) -> None:
    """What a child does: dies after so many batches of four rows."""
    imports.BATCH_ROWS = 4
    database = open_database(url, pool_size=1)
    bench = Bench(database, LocalFolder(Path(folder)), lambda: datetime.now(UTC))
    seen: list[int] = []

    def die(done: int, _total: int | None) -> bool:
        seen.append(done)
        if len(seen) == batches:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    import_slice(bench, UUID(id), die, slice_s=None)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(imports, "BATCH_ROWS", 4)


class TestAKilledImport:
    async def test_goes_on_behind_the_batch_that_it_had_done(
        self, database_url, opens, tmp_path, small_batches, threads_of
    ):
        folder = tmp_path / "files"
        database = opens(database_url)
        desk = Desk(World(database, threads_of(database)), folder)
        id = await desk.begun("products", "rows.csv", ROWS, currency="EUR")
        key = ids.parse("bim", id)
        child = killing.start(killed_after, database_url, str(folder), key.hex, 2)
        assert killing.exit_code(child) == -signal.SIGKILL
        assert (await desk.shown(id))["rowsRead"] == 8
        seen = []

        def note(done, total):
            seen.append(done)
            return True

        import_slice(desk.bench, key, note, slice_s=None)

        assert seen == [12, 13]
        done = await desk.shown(id)
        assert (done["rowsCreated"], done["rowsRejected"]) == (12, 1)
        assert desk.events().count("product.created") == 12
        desk.assert_sound()


class TestTwoWorkers:
    async def test_on_one_import_take_each_row_once(self, desk, small_batches):
        id = await desk.begun("products", "rows.csv", ROWS, currency="EUR")
        key, start = ids.parse("bim", id), Barrier(2)

        def work():
            start.wait()
            import_slice(desk.bench, key, lambda *_: True, slice_s=None)

        both = [Thread(target=work) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        desk.work()

        done = await desk.shown(id)
        assert (done["status"], done["rowsCreated"], done["rowsRejected"]) == ("FINISHED", 12, 1)
        assert desk.events().count("product.created") == 12
        desk.assert_sound()
