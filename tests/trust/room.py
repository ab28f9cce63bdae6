"""A server behind a proxy to its database, and clients who want things done."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from backoffice_api.domain.kernel.database import Database
from tests.market import Market, Wish
from tests.serving import Server, await_true, graphql
from tests.trust.persistence import Done, all_done, assert_done_once, open_market, some
from tests.trust.proxy import Proxy

POOL = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer to a client that does not ask again."""

    answer: httpx2.Response
    took_s: float


@dataclass(slots=True)
class Room:
    """`clients` ask at once. `done` is all that was done so far, for those who asked again."""

    proxy: Proxy
    server: Server
    market: Market
    database: Database
    token: str
    clients: int
    done: dict[Wish, Done] = field(default_factory=dict)

    def connect(self) -> httpx2.Client:
        """A client of the server."""
        return self.server.client(self.token)

    def attempts(self, wishes: Sequence[Wish]) -> list[Attempt]:
        """Everybody asks once."""

        def ask(wish: Wish) -> Attempt:
            with self.connect() as client:
                begun_s = time.monotonic()
                answer = graphql(client, wish.document, key=wish.key, **wish.variables)
                return Attempt(answer, time.monotonic() - begun_s)

        with ThreadPoolExecutor(self.clients) as threads:
            return list(threads.map(ask, wishes))

    def wishes(self, name: str) -> list[Wish]:
        """One of each client."""
        return some(self.market, name, self.clients)

    def fulfil(self, wishes: Sequence[Wish]) -> float:
        """Have all of it done; after how many seconds that was."""
        begun_s = time.monotonic()
        came = all_done(self.connect, wishes, self.clients)
        took_s = time.monotonic() - begun_s
        self.done |= came
        return took_s

    def assert_sound(self) -> None:
        """Nothing that was wanted is lost or doubled, and no connection is left in use."""
        assert_done_once(self.database, self.connect, self.done)
        with self.connect() as client:
            figures = client.get("/metrics").text
        for door in ("reading", "writing"):
            assert f'backoffice_database_connections_in_use{{door="{door}"}} 0.0' in figures
        await_true(lambda: self.proxy.connections <= 2 * POOL, "there are no more connections")


@contextmanager
def room(url: str, log: Path, clients: int) -> Iterator[Room]:
    """A server for the database at `url`, which it reaches through a proxy."""
    with (
        open_market(url) as (market, database, token),
        Proxy(url) as proxy,
        Server(proxy.url, log, pool_size=POOL, metrics="open", log_level="warning") as server,
    ):
        yield Room(proxy, server, market, database, token, clients)
