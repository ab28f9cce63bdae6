"""kill -9 before every statement of what records: all of it is there, or nothing of it."""

from collections.abc import Callable, Iterator

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.tracking.commands.recording import RecordTracking, record_tracking
from tests.execute.steps import dump
from tests.killing import killed_at_each_step
from tests.thorough import usually_on
from tests.tracking.hall import Hall, told
from tests.world import World


@pytest.fixture
def alone(database_url: str, opens: Callable[..., Database]) -> Iterator[Hall]:
    """A hall in a database of its own."""
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield Hall(World(database, threads))
    threads.shutdown()


def record(url: str) -> None:
    """What one process records, which ends after that. Without a key: it is safe by itself."""
    database = open_database(url)
    threads = Threads(database, pool_size=1)
    events = (
        told("in_transit/held", -3, "N1"),
        told("delivered/x", -2, "N1"),
        told("failure/lost", -2, "N2"),
        told("odd/x", -1, "N3"),
    )
    World(database, threads).run(record_tracking, RecordTracking(events=events))
    threads.shutdown()
    database.dispose()


@usually_on("postgresql")
class TestKilledRecording:
    def test_is_there_or_not_and_is_repeated_without_a_trace(self, alone, database_url):
        _, (parcel,) = alone.shipped()
        alone.follow("N1", parcel)
        database = alone.world.database
        before = dump(database)
        database.dispose()

        left = []
        for _step in killed_at_each_step(record, database_url, every=3):
            left.append(dump(database))
            assert alone.broken() == []
            database.dispose()

        after = dump(database)
        undone = left.count(before)
        assert undone > 3
        assert [each for each in left if each not in (before, after)] == []
        assert alone.tracking("N1").state == "delivered"
        assert alone.parcel(parcel).delivered_at is not None
        record(database_url)
        assert dump(database) == after
