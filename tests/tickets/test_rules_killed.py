"""kill -9 in the middle of following the log: no ticket is missing, and none is there twice."""

from collections.abc import Callable, Iterator

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.tickets.model.rules import TicketCause
from tests.killing import killed_at_each_step
from tests.thorough import usually_on
from tests.tickets.following import follow
from tests.tickets.service import Service
from tests.world import World, await_feed

EXCEPTION = TicketCause.PARCEL_EXCEPTION


@pytest.fixture
def alone(database_url: str, opens: Callable[..., Database]) -> Iterator[Service]:
    """A service desk in a database of its own."""
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield Service(World(database, threads))
    threads.shutdown()


@usually_on("postgresql")
class TestKilledFollowing:
    def test_opens_each_ticket_once(self, alone: Service, database_url: str) -> None:
        alone.rule(EXCEPTION)
        for number in ("A", "B"):
            alone.trouble(number)
        database = alone.world.database
        await_feed(database)
        database.dispose()

        deaths = sum(1 for _ in killed_at_each_step(follow, database_url, every=5))

        assert deaths > 3
        assert sorted(alone.opened()) == [(EXCEPTION.value, EXCEPTION.value)] * 2
        assert alone.follow() == 0
        assert alone.shop.wrong() == []
