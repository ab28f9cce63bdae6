"""kill -9 of a server at random points while eight clients write: what it said is done, once.

Clients repeat what was not answered under the same idempotency key, as they are meant to.
"""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.stock.tables import movements
from backoffice_api.domain.subscriptions import CHECKS
from tests.orders.shop import Shop
from tests.serving import Server, graphql, new_token
from tests.soundness import broken
from tests.world import World

pytestmark = pytest.mark.timeout(300)

SEED = 20_260_101
ROUNDS = 3
CLIENTS = 8
# How many requests are answered before the server is killed.
ANSWERED = range(20, 80)
UNDER_WAY_TIMEOUT_S = 120

ORDER = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id } userErrors { code } replayed }
}
"""
ADJUST = """
mutation ($input: StockAdjustInput!, $reason: String) {
  stockAdjust(input: $input, meta: {reason: $reason}) {
    movements { id } userErrors { code } replayed
  }
}
"""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """One mutation that a client wants done once. Its key is found again in what it makes."""

    key: str
    document: str
    variables: Mapping[str, Any]


@dataclass(slots=True)
class Diary:
    """What the clients have seen: ids of what was answered, and wishes that were not answered."""

    answered: dict[Wish, Any] = field(default_factory=dict)
    open: list[Wish] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


class Market:
    """A shop with plenty of three goods, and the wishes of its customers."""

    SKUS = ("MUG", "PEN", "TEA")

    def __init__(self, world: World) -> None:
        shop = Shop(world)
        self.variants = [ids.text("sku", shop.variant(sku, 100_000, 5)) for sku in self.SKUS]
        self.location = ids.text("loc", shop.locations[0])

    def wishes(self, name: str) -> Iterator[Wish]:
        """Without end, and the same for the same name."""
        chance = random.Random(f"{SEED} {name}")
        for number in count():
            key = f"{name}-{number}"
            yield (
                self._adjustment(chance, key) if chance.random() < 0.3 else self._order(chance, key)
            )

    def _order(self, chance: random.Random, key: str) -> Wish:
        lines = [
            {"sku": sku, "quantity": chance.randint(1, 3)}
            for sku in chance.choices(self.SKUS, k=chance.randint(1, 4))
        ]
        input = {"channel": {"code": "web"}, "lines": lines, "place": True, "note": key}
        return Wish(key, ORDER, {"input": input})

    def _adjustment(self, chance: random.Random, key: str) -> Wish:
        line = {
            "variantId": chance.choice(self.variants),
            "locationId": self.location,
            "delta": chance.choice((-2, -1, 1, 2)),
        }
        return Wish(key, ADJUST, {"input": {"lines": [line]}, "reason": key})


def done(client: httpx2.Client, wish: Wish) -> tuple[Any, bool]:
    """What came of a wish, and whether it had been done before."""
    answer = graphql(client, wish.document, key=wish.key, **wish.variables)
    assert answer.status_code == 200, answer.text
    (payload,) = answer.json()["data"].values()
    assert payload.pop("userErrors") == []
    return payload, payload.pop("replayed")


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


def everything_written(database: Database) -> list[str]:
    """The keys of the wishes that are found in the database, each as often as it is there."""
    with database.reading.connect() as db:
        ordered = db.execute(select(orders.c.note)).scalars().all()
        moved = select(movements.c.reason).where(movements.c.reason.is_not(None))
        return sorted([*ordered, *db.execute(moved).scalars()])


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
