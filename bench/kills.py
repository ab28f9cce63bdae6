"""F1: the server's processes are killed again and again while 16 clients write.

    python -m bench.kills --rounds 50

Clients ask again under the same key until they are answered. In the end nothing may be lost or
doubled, every key must be answered as before, and all sums must hold.
"""

import os
import random
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from tests.databases import Copies, PostgresCopies, SqliteCopies
from tests.market import Market, Wish
from tests.run import new_run
from tests.serving import Server, graphql
from tests.trust.persistence import Done, assert_done_once, open_market, until_done

CLIENTS = 16
# How many requests are answered between two kills.
ANSWERED = range(20, 80)
_POLL_S = 0.005


class Crowd:
    """Clients who write without end, and what they were answered."""

    def __init__(self, server: Server, token: str, market: Market) -> None:
        self.came: dict[Wish, Done] = {}
        self._server, self._token, self._market = server, token, market
        self._stopping = threading.Event()

    def write(self, name: str) -> None:
        """Be one of them, until all are told to go home."""
        with self._server.client(self._token) as client:
            for wish in self._market.wishes(name):
                if self._stopping.is_set():
                    return
                self.came[wish] = until_done(client, wish)

    def await_answers(self, count: int) -> None:
        """Return when so many more were answered."""
        enough = len(self.came) + count
        while len(self.came) < enough:
            time.sleep(_POLL_S)

    def go_home(self) -> None:
        self._stopping.set()


def back_s(server: Server, token: str) -> float:
    """Kill every process but the supervisor; after how many seconds there is an answer again."""
    for child in psutil.Process(server.process.pid).children():
        os.kill(child.pid, signal.SIGKILL)
    begun_s = time.monotonic()
    while True:
        with suppress(httpx2.TransportError), server.client(token) as client:
            if graphql(client, "{ __typename }").status_code == 200:
                return time.monotonic() - begun_s
        time.sleep(_POLL_S)


def kill_in_rounds(url: str, folder: Path, rounds: int, seed: int) -> tuple[list[float], int]:
    """After how many seconds it was back each time, and how many wishes were done in all."""
    chance = random.Random(seed)
    with (
        open_market(url) as (market, database, token),
        Server(url, folder / "log", worker_in_process="true", log_level="error") as server,
        ThreadPoolExecutor(CLIENTS) as threads,
    ):
        crowd = Crowd(server, token, market)
        writing = [threads.submit(crowd.write, f"client-{each}") for each in range(CLIENTS)]
        try:
            took_s = []
            for _ in range(rounds):
                crowd.await_answers(chance.choice(ANSWERED))
                took_s.append(back_s(server, token))
        finally:
            crowd.go_home()
        for each in writing:
            each.result()
        assert_done_once(database, lambda: server.client(token), crowd.came)
        return took_s, len(crowd.came)


@contextmanager
def databases() -> Iterator[dict[str, Copies]]:
    """Where databases of either kind come from."""
    with new_run() as run:
        kinds: dict[str, Copies] = {
            "SQLite": SqliteCopies(run),
            "PostgreSQL": PostgresCopies(run),
        }
        yield kinds
        for each in kinds.values():
            each.close()


@click.command()
@click.option("--rounds", default=50, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
def main(rounds: int, seed: int) -> None:
    """Kill a server on SQLite and one on PostgreSQL, and say how they came out of it."""
    table = Table("Database", "Kills", "Done once", "Back after s, median", "worst")
    with databases() as kinds:
        for name, copies in kinds.items():
            with tempfile.TemporaryDirectory() as folder:
                took_s, count = kill_in_rounds(copies.migrated(), Path(folder), rounds, seed)
            median_s = statistics.median(took_s)
            table.add_row(name, str(rounds), str(count), f"{median_s:.2f}", f"{max(took_s):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
