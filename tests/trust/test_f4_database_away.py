"""F4, G14: a database that is away, hangs or is slow. Everybody is answered, and soon all is well.

`python -m bench.faults` does the same for ten seconds each.
"""

from collections.abc import Iterator

import pytest

from tests.databases import Copies
from tests.thorough import within
from tests.trust.persistence import assert_unavailable
from tests.trust.room import Attempt, Room, room

ANSWERED_WITHIN_S = within(5)
HEALED_WITHIN_S = within(5)
CLIENTS = 20


@pytest.fixture(scope="module")
def shop(postgres_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    url = postgres_copies.migrated()
    with room(url, tmp_path_factory.mktemp("f4") / "log", CLIENTS) as shop:
        shop.fulfil(shop.wishes("before"))
        yield shop
    postgres_copies.drop(url)


def assert_refused_in_time(attempts: list[Attempt]) -> None:
    assert len(attempts) == CLIENTS
    for each in attempts:
        assert_unavailable(each.answer)
    assert max(each.took_s for each in attempts) < ANSWERED_WITHIN_S


class TestDatabase:
    def test_that_is_away(self, shop: Room) -> None:
        wishes = shop.wishes("away")
        shop.proxy.refuse()
        refused = shop.attempts(wishes)
        shop.proxy.work()
        healed_s = shop.fulfil(wishes)

        assert_refused_in_time(refused)
        assert healed_s < HEALED_WITHIN_S
        shop.assert_sound()

    def test_that_hangs(self, shop: Room) -> None:
        wishes = shop.wishes("hanging")
        shop.proxy.hang()
        refused = shop.attempts(wishes)
        later = shop.attempts(wishes)
        with shop.connect() as client:
            ready = client.get("/readyz")
        shop.proxy.work()
        healed_s = shop.fulfil(wishes)

        assert_refused_in_time(refused)
        assert_refused_in_time(later)
        assert max(each.took_s for each in later) < within(1)  # one knows by then
        assert ready.status_code == 503
        assert healed_s < HEALED_WITHIN_S
        shop.assert_sound()
        assert "database.hangs" in shop.server.log.read_text()

    def test_that_is_slow(self, shop: Room) -> None:
        shop.proxy.delay_s = 0.02
        shop.fulfil(shop.wishes("slow"))
        shop.proxy.work()

        shop.assert_sound()
