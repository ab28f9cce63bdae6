"""A database that is away or hangs: the client soon hears so, and soon all is well again."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from backoffice_api.app import create_app
from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.stock.tables import levels
from backoffice_api.migrate import migrate
from backoffice_api.settings import Settings
from tests.orders.shop import Shop
from tests.postgres import Server, new_server
from tests.run import Run
from tests.serving import graphql, new_token
from tests.thorough import within
from tests.world import World

ANSWERED_WITHIN_S = within(5)
HEALED_WITHIN_S = within(5)
LOCK_TIMEOUT_S = 2
# What a busy machine may take beside the waiting.
ALLOWANCE_S = within(2)

QUERY = "{ channels { nodes { code } } }"
CREATE = """
mutation ($code: String!) {
  channelCreate(input: {code: $code, name: "X", currency: "EUR"}) { userErrors { code } }
}
"""
ADJUST = """
mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) { userErrors { code } } }
"""


Ask = Callable[[TestClient], httpx2.Response]


@contextmanager
def serving(url: str, **settings: Any) -> Iterator[TestClient]:
    """The application over the database at `url`, asked with every right."""
    database = open_database(url)
    token = new_token(database)
    database.dispose()
    given = Settings(database_url=url, worker_in_process=False, log_level="error", **settings)
    with TestClient(create_app(given), headers={"authorization": f"Bearer {token}"}) as client:
        yield client


def assert_unavailable(answer: httpx2.Response) -> None:
    """It is 503 UNAVAILABLE, says when to ask again, and says nothing of what is behind it."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "1"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "sql" not in answer.text.lower()
    assert "socket" not in answer.text.lower()


def timed(ask: Ask, client: TestClient) -> tuple[httpx2.Response, float]:
    """The answer, and after how many seconds it came."""
    begun_s = time.monotonic()
    return ask(client), time.monotonic() - begun_s


@pytest.fixture(scope="module")
def postgres(test_run: Run) -> Iterator[Server]:
    """A PostgreSQL server that nobody else minds losing, migrated."""
    folder = test_run.folder / f"unavailable-{os.getpid()}"
    server = new_server(folder, test_run.lifeline)
    migrate(server.url)
    yield server
    server.kill()
    shutil.rmtree(folder)


class TestServerThatIsAway:
    def test_is_told_of_soon_and_healed_soon(self, postgres: Server) -> None:
        database = open_database(postgres.url)
        unknown = {"authorization": f"Bearer {new_token(database)}"}
        database.dispose()
        asks: Sequence[Ask] = (
            lambda client: graphql(client, QUERY),
            lambda client: graphql(client, CREATE, code="away"),
            lambda client: client.post("/graphql", json={"query": QUERY}, headers=unknown),
            lambda client: client.post("/login", json={"email": "a@b.example", "password": "x"}),
        )
        with serving(postgres.url) as client:
            assert [ask(client).status_code for ask in asks[:2]] == [200, 200]

            postgres.kill()
            try:
                refused = [timed(ask, client) for ask in (*asks, *asks)]
                ready, _ = timed(lambda client: client.get("/readyz"), client)
                lives, _ = timed(lambda client: client.get("/healthz"), client)
            finally:
                postgres.start()
            healed = [timed(ask, client) for ask in asks]
            ready_again = client.get("/readyz")

        for answer, took_s in refused:
            assert_unavailable(answer)
            assert took_s < ANSWERED_WITHIN_S
        assert [answer.status_code for answer, _ in healed] == [200, 200, 200, 401]
        assert sum(took_s for _, took_s in healed) < HEALED_WITHIN_S
        assert (lives.status_code, ready.status_code, ready_again.status_code) == (200, 503, 200)
        assert ready.json()["checks"]["database"]["ok"] is False


class TestLockOfSomebodyElse:
    def test_is_waited_for_once(
        self, migrated: Database, migrated_url: str, opens: Callable[..., Database]
    ) -> None:
        """And who only reads does not wait at all."""
        threads = Threads(migrated, pool_size=1)
        shop = Shop(World(migrated, threads))
        mug = ids.text("sku", shop.variant("MUG", 5))
        threads.shutdown()
        line = {"variantId": mug, "locationId": ids.text("loc", shop.locations[0]), "delta": 1}

        def adjust(client: TestClient) -> httpx2.Response:
            return graphql(client, ADJUST, input={"lines": [line]})

        with serving(migrated_url, lock_timeout_s=LOCK_TIMEOUT_S) as client:
            with opens(migrated_url).writing.begin() as other:
                other.execute(update(levels).values(on_hand=levels.c.on_hand))
                waited, waited_s = timed(adjust, client)
                read = graphql(client, QUERY)
            after = adjust(client)

        assert_unavailable(waited)
        assert LOCK_TIMEOUT_S - 0.1 < waited_s < LOCK_TIMEOUT_S + ALLOWANCE_S
        assert (read.status_code, after.status_code) == (200, 200)
        assert after.json()["data"]["stockAdjust"]["userErrors"] == []
