"""Many clients at once who ask again, under the same key, until they are answered."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx2

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.database import Database, open_database
from tests.market import Market, Wish, everything_written
from tests.serving import graphql, new_token
from tests.soundness import broken
from tests.world import World

PATIENCE_S = 120
_PAUSES_S = 0.02, 0.1


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a wish in the end, and what it took: attempts, and the longest of them."""

    value: Any
    attempts: int
    longest_s: float


@contextmanager
def open_market(url: str) -> Any:
    """A market in the database at `url`, the database, and a token that may do anything."""
    database = open_database(url)
    threads = Threads(database, pool_size=1)
    try:
        yield Market(World(database, threads)), database, new_token(database)
    finally:
        threads.shutdown()
        database.dispose()


def until_done(client: httpx2.Client, wish: Wish) -> Done:
    """Ask until there is an answer. Whatever is not one must say that one may ask again."""
    chance = random.Random(wish.key)
    end_s = time.monotonic() + PATIENCE_S
    attempts, longest_s = 0, 0.0
    while time.monotonic() < end_s:
        attempts += 1
        begun_s = time.monotonic()
        try:
            answer = graphql(client, wish.document, key=wish.key, **wish.variables)
        except httpx2.TransportError:
            answer = None
        longest_s = max(longest_s, time.monotonic() - begun_s)
        if answer is not None and "errors" not in answer.json():
            (payload,) = answer.json()["data"].values()
            assert payload.pop("userErrors") == []
            payload.pop("replayed")
            return Done(payload, attempts, longest_s)
        if answer is not None and answer.json().get("data") is None:
            assert_unavailable(answer)
        elif answer is not None:
            # It is done, and what came of it could not be read any more: one asks again as well.
            codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
            assert codes == {"UNAVAILABLE"}, answer.text
        time.sleep(chance.uniform(*_PAUSES_S))
    raise AssertionError(f"{wish.key} was not answered in {attempts} attempts.")


def assert_unavailable(answer: httpx2.Response) -> None:
    """It is 503 UNAVAILABLE, says when to ask again, and says nothing of what is behind it."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "1"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "sql" not in answer.text.lower()
    assert "socket" not in answer.text.lower()


def all_done(
    connect: Callable[[], httpx2.Client], wishes: Sequence[Wish], clients: int
) -> Mapping[Wish, Done]:
    """Have so many clients do all of it, each with its share."""

    def share(number: int) -> dict[Wish, Done]:
        with connect() as client:
            return {wish: until_done(client, wish) for wish in wishes[number::clients]}

    with ThreadPoolExecutor(clients) as threads:
        shares = list(threads.map(share, range(clients)))
    return {wish: done for each in shares for wish, done in each.items()}


def some(market: Market, name: str, count: int) -> list[Wish]:
    """So many wishes that nobody else has."""
    return list(islice(market.wishes(name), count))


def assert_done_once(
    database: Database,
    connect: Callable[[], httpx2.Client],
    came: Mapping[Wish, Done],
) -> None:
    """Nothing was lost, nothing was doubled, every answer is what was done, and all sums hold."""
    with connect() as client:
        again = {wish: until_done(client, wish).value for wish in came}
    assert [(w.key, d, again[w]) for w, d in came.items() if again[w] != d.value] == []
    assert everything_written(database) == sorted(wish.key for wish in came)
    assert broken(database, CHECKS) == []
