"""Races of clients against two server processes of one database, each as often as one likes.

Every function is one round: it makes what it needs, has everybody ask at once, and looks at what
came of it. The suite runs each once; `python -m bench.races` fifty times.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.payments.model.payments import PaymentMethod
from tests.payments.till import Till
from tests.serving import Server, graphql, new_token
from tests.soundness import broken
from tests.world import World

BUYERS, PIECES = 100, 20
EQUAL_REQUESTS = 50
REFUNDS = 30
EDITORS, EDITS = 8, 3
# A machine that is busy otherwise may be slow; nobody is to be turned away for that.
PATIENCE: Mapping[str, Any] = {
    "lock_timeout_s": 60,
    "statement_timeout_s": 120,
    "mutation_timeout_s": 120,
    "pool_timeout_s": 60,
    "log_level": "error",
}

ORDER = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id number } userErrors { code } }
}
"""
REFUND = """
mutation ($input: RefundCreateInput!) {
  refundCreate(input: $input) { refunds { id } userErrors { code } }
}
"""
READ = "query ($id: ID!) { node(id: $id) { ... on Order { version note } } }"
EDIT = """
mutation ($id: ID!, $note: String!, $version: Int!) {
  orderUpdate(id: $id, input: {note: $note}, meta: {expectedVersion: $version}) {
    order { version } userErrors { code message }
  }
}
"""


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """A shop with a till, and the servers before it."""

    till: Till
    servers: Sequence[Server]
    token: str

    def at_once(self, jobs: Sequence[Callable[[httpx2.Client], Any]]) -> list[Any]:
        """Each job in a thread of its own with one of the servers; all begin together."""
        start = threading.Barrier(len(jobs))

        def work(server: Server, job: Callable[[httpx2.Client], Any]) -> Any:
            with server.client(self.token) as client:
                start.wait()
                return job(client)

        with ThreadPoolExecutor(len(jobs)) as threads:
            works = [
                threads.submit(work, *pair) for pair in zip(cycle(self.servers), jobs, strict=False)
            ]
            return [each.result() for each in works]

    def assert_sound(self) -> None:
        """Everything that can be recomputed is right."""
        assert broken(self.till.world.database, CHECKS) == []


@contextmanager
def arena(url: str, folder: Path) -> Iterator[Arena]:
    """Two servers for the database at `url`, of which one does jobs besides."""
    with ExitStack() as ending:
        database = open_database(url)
        ending.callback(database.dispose)
        threads = Threads(database, pool_size=1)
        ending.callback(threads.shutdown)
        till = Till(World(database, threads))
        servers = [
            ending.enter_context(
                Server(url, folder / str(number), worker_in_process=str(number == 0), **PATIENCE)
            )
            for number in range(2)
        ]
        yield Arena(till, servers, new_token(database))


def payload(answer: httpx2.Response) -> Any:
    """What a mutation answered, whose request was in order."""
    content = answer.json()
    assert "errors" not in content, content
    (found,) = content["data"].values()
    return found


def code(answer: httpx2.Response) -> str:
    """`done`, or why not."""
    errors = payload(answer)["userErrors"]
    return errors[0]["code"] if errors else "done"


def order_of(*lines: tuple[str, int]) -> Mapping[str, Any]:
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return {"channel": {"code": "web"}, "lines": wanted, "place": True}


def buyers(arena: Arena, number: int) -> None:
    """C1: 100 buyers for 20 pieces, while somebody looks at the stock all the time."""
    shop = arena.till.shop
    sku = f"C1-{number}"
    variant = shop.variant(sku, PIECES - 5, 5)
    ended = threading.Event()
    seen = []

    def observe() -> None:
        while not ended.is_set():
            position = shop.position(variant)
            seen.append((position.on_hand - position.reserved, position.available))

    with ThreadPoolExecutor(1) as observer:
        observing = observer.submit(observe)
        try:
            buy = [lambda client: code(graphql(client, ORDER, input=order_of((sku, 1))))] * BUYERS
            came_to = Counter(arena.at_once(buy))
        finally:
            ended.set()
        observing.result()

    assert came_to == {"done": PIECES, "INSUFFICIENT_STOCK": BUYERS - PIECES}
    assert min(map(min, seen)) >= 0
    position = shop.position(variant)
    assert (position.on_hand, position.reserved, position.available) == (PIECES, PIECES, 0)


def equal_requests(arena: Arena, number: int) -> None:
    """C2: 50 equal requests with one key are done once, and all are answered the same."""
    key, sku = f"C2-{number}", f"C2-{number}"
    variant = arena.till.shop.variant(sku, 100)
    input = order_of((sku, 1))

    def ask(client: httpx2.Client) -> str:
        found = payload(graphql(client, ORDER, key=key, input=input))
        assert found["userErrors"] == []
        return str(found["order"])

    answers = arena.at_once([ask] * EQUAL_REQUESTS)
    with arena.servers[0].client(arena.token) as client:
        other = code(graphql(client, ORDER, key=key, input=order_of((sku, 2))))

    assert len(set(answers)) == 1
    assert other == "IDEMPOTENCY_KEY_REUSED"
    assert arena.till.shop.position(variant).reserved == 1


def opposite_orders(arena: Arena, number: int) -> None:
    """C5: orders of the same two variants, in either order of lines. All of them are placed."""
    skus = f"C5-{number}-A", f"C5-{number}-B"
    variants = [arena.till.shop.variant(sku, 25, 25) for sku in skus]

    def place(lines: Sequence[str]) -> Callable[[httpx2.Client], str]:
        input = order_of(*((sku, 1) for sku in lines))
        return lambda client: code(graphql(client, ORDER, input=input))

    came_to = Counter(arena.at_once([place(skus), place(skus[::-1])] * 25))

    assert came_to == {"done": 50}
    assert [arena.till.shop.position(each).reserved for each in variants] == [50, 50]


def stale_edits(arena: Arena, number: int) -> int:
    """C6: editors who each count one further in a note. How many edits were refused as stale."""
    shop = arena.till.shop
    id = ids.text("ord", shop.create(note="0"))

    def count_on(client: httpx2.Client) -> int:
        done = stale = 0
        while done < EDITS:
            before = graphql(client, READ, id=id).json()["data"]["node"]
            note = str(int(before["note"]) + 1)
            came = payload(graphql(client, EDIT, id=id, note=note, version=before["version"]))
            if came["userErrors"]:
                assert [each["code"] for each in came["userErrors"]] == ["STALE_VERSION"]
                stale += 1
            else:
                done += 1
        return int(stale)

    stale = sum(arena.at_once([count_on] * EDITORS))
    with arena.servers[0].client(arena.token) as client:
        after = graphql(client, READ, id=id).json()["data"]["node"]

    assert after == {"version": 1 + EDITORS * EDITS, "note": str(EDITORS * EDITS)}
    return int(stale)


def partial_refunds(arena: Arena, number: int) -> None:
    """C4: 30 refunds of 7.00 out of 100.00 that were paid. Fourteen fit."""
    till = arena.till
    order = till.order(10)
    till.record(till.pay(order, PaymentMethod.BANK_TRANSFER))
    amount = {"amount": "7.00", "currency": "EUR"}
    input = {"orderId": ids.text("ord", order), "reason": "GOODWILL", "amount": amount}

    came_to = Counter(
        arena.at_once([lambda client: code(graphql(client, REFUND, input=input))] * REFUNDS)
    )

    assert came_to == {"done": 14, "AMOUNT_EXCEEDED": REFUNDS - 14}


RACES: Mapping[str, Callable[[Arena, int], Any]] = {
    "C1 100 buyers for 20 pieces": buyers,
    "C2 50 equal requests with one key": equal_requests,
    "C4 30 refunds of 7.00 out of 100.00": partial_refunds,
    "C5 50 orders with lines in either order": opposite_orders,
    "C6 8 editors of one record": stale_edits,
}
