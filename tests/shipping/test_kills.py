"""Workers that die while a label is bought: it is sold once, and found again. Both databases."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest

from backoffice_api.adapters.carriers.fake import FakeCarrier
from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.shipping.commands.labels import BUY_JOB, BuyLabel, buy_label
from backoffice_api.domain.shipping.model.shipments import ShipmentStatus
from backoffice_api.tasks.labels import StillCallingError
from backoffice_api.tasks.shipping import tasks_of
from tests import killing
from tests.shipping.desk import Desk
from tests.thorough import usually_on
from tests.world import World


class DeadlyStorage:
    """Kills the worker when it has the label in its hands and is about to store it."""

    def keep(self, key: str, content: bytes) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def read(self, key: str) -> bytes | None:
        return None


def buy(url: str, folder: str, id: str, deadly: bool) -> None:
    """What a worker does with the job, in a process of its own."""
    database = open_database(url, pool_size=1)
    kept = LabelFiles(LocalFolder(Path(folder) / "labels"))
    carriers = KnownCarriers(Path(folder) / "fake-carriers", None)
    # A while after the last one, so that nobody can still be calling.
    deaths = Path(folder) / "deaths"
    deaths.mkdir(exist_ok=True)
    count = len(list(deaths.iterdir()))
    (deaths / str(count)).touch()
    now = datetime.now(UTC) + count * timedelta(minutes=5)
    storage = DeadlyStorage() if deadly else kept
    work = tasks_of(database, carriers, storage, lambda: now)[BUY_JOB].work
    work({"id": id}, lambda *_: True)


@pytest.fixture
def desk(database_url: str, opens: Callable[..., Database], tmp_path: Path) -> Iterator[Desk]:
    database = opens(database_url)
    threads = Threads(database, 1)
    yield Desk(World(database, threads), tmp_path)
    threads.shutdown()


def ordered(desk: Desk) -> tuple[UUID, FakeCarrier]:
    service, carrier = desk.fake()
    id = desk.ship(service)
    desk.run(buy_label, BuyLabel(id=id))
    return id, carrier


class TestAKilledWorker:
    def test_that_had_bought_and_not_stored_buys_no_second_label(
        self, desk: Desk, database_url: str, tmp_path: Path
    ) -> None:
        id, carrier = ordered(desk)
        key = ids.text("shm", id)
        child = killing.start(buy, database_url, str(tmp_path), key, True)
        assert killing.exit_code(child) == -signal.SIGKILL
        left = desk.shipment(id)

        desk.work()

        assert left.status is ShipmentStatus.PENDING
        assert left.called_at is not None
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]
        assert desk.broken() == []

    @usually_on("postgresql")
    def test_at_any_statement_leaves_one_label(
        self, desk: Desk, database_url: str, tmp_path: Path
    ) -> None:
        id, carrier = ordered(desk)
        given = (database_url, str(tmp_path), ids.text("shm", id), False)

        deaths = list(killing.killed_at_each_step(buy, *given, every=3))

        assert len(deaths) >= 3
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]
        assert desk.broken() == []


class TestTwoWorkers:
    def test_buy_one_label(self, desk: Desk) -> None:
        """One whose call is late, and one that has taken its job over meanwhile."""
        id, carrier = ordered(desk)
        carrier.tell("late")
        key = {"id": ids.text("shm", id)}
        tasks = tasks_of(desk.world.database, desk.carriers, desk.storage)
        late = Thread(target=tasks[BUY_JOB].work, args=(key, lambda *_: True))
        late.start()
        while desk.shipment(id).called_at is None or carrier.planned():
            late.join(0.01)

        with pytest.raises(StillCallingError):
            tasks[BUY_JOB].work(key, lambda *_: True)
        carrier.let_go()
        late.join()

        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]
        assert desk.broken() == []
