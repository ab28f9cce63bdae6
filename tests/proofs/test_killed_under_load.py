"""kill -9 of a server at random points while eight clients write: what it said is done, once.

Clients repeat what was not answered under the same idempotency key, as they are meant to.
"""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.database import Database
from tests.market import SEED, Market, Wish, done, everything_written
from tests.serving import Server, new_token
from tests.soundness import broken
from tests.thorough import THOROUGH
from tests.world import World

pytestmark = pytest.mark.timeout(300)

ROUNDS = 3 if THOROUGH else 1
CLIENTS = 8
# How many requests are answered before the server is killed.
ANSWERED = range(20, 80)
UNDER_WAY_TIMEOUT_S = 120


@dataclass(slots=True)
class Diary:
    """What the clients have seen: ids of what was answered, and wishes that were not answered."""

    answered: dict[Wish, Any] = field(default_factory=dict)
    open: list[Wish] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


def write_until_killed(
    server: Server, token: str, wishes: Iterator[Wish], diary: Diary, enough: int
) -> None:
    """Have one wish after the other done, until the server is gone."""
    with server.client(token) as client:
        for wish in wishes:
            try:
                came_of_it, _ = done(client, wish)
            except httpx2.TransportError:
                diary.open.append(wish)
                return
            diary.answered[wish] = came_of_it
            if len(diary.answered) >= enough:
                diary.enough.set()


def kill_under_load(server: Server, token: str, market: Market, number: int) -> Diary:
    """One round: eight clients write, and at a point that the seed chooses the server dies."""
    diary = Diary()
    enough = random.Random(f"{SEED} {number}").choice(ANSWERED)
    write = partial(write_until_killed, server, token, diary=diary, enough=enough)
    with ThreadPoolExecutor(CLIENTS) as threads:
        names = [f"round-{number}-client-{each}" for each in range(CLIENTS)]
        writing = [threads.submit(write, wishes=market.wishes(name)) for name in names]
        in_time = diary.enough.wait(UNDER_WAY_TIMEOUT_S)
        server.kill()
        for each in writing:
            each.result()
    assert in_time
    return diary


def repeat_all(server: Server, token: str, diary: Diary) -> int:
    """Repeat every wish of a round. How many had been done that nobody had heard of."""
    done_unheard = 0
    with server.client(token) as client:
        for wish, came_of_it in diary.answered.items():
            assert done(client, wish) == (came_of_it, True)
        for wish in diary.open:
            came_of_it, before = done(client, wish)
            assert done(client, wish) == (came_of_it, True)
            done_unheard += before
    return done_unheard


@pytest.fixture
def market(migrated: Database) -> Iterator[Market]:
    threads = Threads(migrated, pool_size=1)
    yield Market(World(migrated, threads))
    threads.shutdown()


def test_a_killed_server_has_done_what_it_said_once(
    migrated: Database,
    migrated_url: str,
    market: Market,
    tmp_path: Path,
) -> None:
    token = new_token(migrated)
    wished: list[Wish] = []
    with ExitStack() as running:

        def start() -> Server:
            server = Server(migrated_url, tmp_path / "log", worker_in_process="true")
            return running.enter_context(server)

        server = start()
        for number in range(ROUNDS):
            diary = kill_under_load(server, token, market, number)
            killed_s = time.monotonic()
            server = start()
            back_s = time.monotonic() - killed_s
            unheard = repeat_all(server, token, diary)
            wished += [*diary.answered, *diary.open]
            figures = (
                f"{len(diary.answered)} answered, {len(diary.open)} not, {unheard} done unheard"
            )
            print(f"{migrated.dialect}, round {number}: back in {back_s:.1f} s; {figures}")

    assert everything_written(migrated) == sorted(wish.key for wish in wished)
    assert broken(migrated, CHECKS) == []
