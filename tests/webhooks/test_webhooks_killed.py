"""Fault F7: kill -9 in the middle of a dispatcher's work. Nothing is lost, no id is made twice."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.webhooks.model.deliveries import LEASE, DeliveryStatus
from tests.killing import killed_at_each_step
from tests.thorough import THOROUGH, usually_on
from tests.webhooks.consumer import Consumer
from tests.webhooks.room import Room, dispatcher_of
from tests.world import World


@pytest.fixture
def own_room(database_url: str, opens: Callable[..., Database]) -> Iterator[Room]:
    """A room with a database of its own."""
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield Room(World(database, threads))
    threads.shutdown()


def dispatch(url: str, port: int, clock: Path) -> None:
    """What one dispatcher sends, which ends after that."""
    now = datetime.fromisoformat(clock.read_text(encoding="utf-8"))
    database = open_database(url)
    threads = Threads(database, pool_size=1)

    async def work() -> None:
        dispatcher = dispatcher_of(database, threads, [port], lambda: now)
        while await dispatcher.tick():
            await dispatcher.drain()
        await dispatcher.close()

    asyncio.run(work())
    threads.shutdown()
    database.dispose()


# A dispatcher takes many steps. The long run kills it before each of them.
EVERY = 1 if THOROUGH else 19


@usually_on("postgresql")
class TestAKilledDispatcher:
    async def test_leaves_all_to_be_sent_under_the_same_ids(self, own_room, database_url, tmp_path):
        room, clock = own_room, tmp_path / "clock"
        async with Consumer() as consumer:
            room.hook(consumer.url, "customer.*")

            def prepare() -> None:
                """More happens, and what the dead one had may be taken over."""
                room.now += 2 * LEASE
                clock.write_text(room.now.isoformat(), encoding="utf-8")
                room.customer()
                room.world.settle()
                room.world.database.dispose()

            prepare()
            deaths = killed_at_each_step(dispatch, database_url, consumer.port, clock, every=EVERY)
            while await asyncio.to_thread(next, deaths, None) is not None:
                prepare()
            await room.send(room.dispatcher(consumer), after=2 * LEASE)
            await room.close()

        found = room.deliveries()
        assert {each.status for each in found} == {DeliveryStatus.DELIVERED}
        subjects = {(each.id, each.json["subject"]["id"]) for each in consumer.received}
        assert subjects == {
            (ids.text("whd", each.id), ids.text("cus", each.subject_id)) for each in found
        }
        room.verify()
