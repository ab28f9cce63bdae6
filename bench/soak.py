"""F13: the server at 70 % of what it can do, with one fault in a hundred, for as long as one likes.

    python -m bench.soak --minutes 30
    python -m bench.soak --minutes 10 --share 0.2    # where others use the machine as well

Watched from outside: memory, open files and sockets of the server's processes, and every answer.
"""

import itertools
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from bench.kills import databases
from tests.market import Wish
from tests.serving import graphql
from tests.trust.room import Room, room

CLIENTS = 8
# Of the chunks that pass the proxy to the database: about one request in a hundred meets one.
FAULTS = 0.0005
_MEASURED_S = 15.0
_WARM_SHARE = 0.25
_WATCH_EVERY_S = 5.0
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sight:
    """The processes of the server at one moment."""

    at_s: float
    resident_mib: float
    files: int
    sockets: int


def sight(shop: Room, begun_s: float) -> Sight:
    """How they are now."""
    family = psutil.Process(shop.server.process.pid).children()
    return Sight(
        time.monotonic() - begun_s,
        sum(each.memory_info().rss for each in family) / _MIB,
        sum(each.num_fds() for each in family),
        sum(len(each.net_connections()) for each in family),
    )


def write(shop: Room, name: str, until_s: float, pause_s: float) -> Counter[str]:
    """Ask for one thing after the other, so many seconds apart; what the answers were."""
    came: Counter[str] = Counter()
    due_s = time.monotonic()
    with shop.connect() as client:
        for wish in shop.market.wishes(name):
            due_s = max(due_s + pause_s, time.monotonic() - 1)
            if due_s > until_s:
                return came
            time.sleep(max(0.0, due_s - time.monotonic()))
            came[once(client, wish)] += 1
    return came


def once(client: httpx2.Client, wish: Wish) -> str:
    """`ok`, the code of the error, or that the connection was lost."""
    with suppress(httpx2.TransportError):
        answer = graphql(client, wish.document, key=wish.key, **wish.variables)
        errors = answer.json().get("errors")
        return str(errors[0]["extensions"]["code"]) if errors else "ok"
    return "lost"


def load(shop: Room, name: str, seconds: float, pause_s: float) -> Counter[str]:
    """All clients at once, for so long."""
    until_s = time.monotonic() + seconds
    names = [f"{name}-{each}" for each in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        parts = threads.map(write, *zip(*((shop, n, until_s, pause_s) for n in names), strict=True))
        return sum(parts, Counter())


def slope_mib(sights: Sequence[Sight]) -> float:
    """By how many MiB memory grows in a minute, by least squares."""
    count = len(sights)
    mean_s = sum(each.at_s for each in sights) / count
    mean_mib = sum(each.resident_mib for each in sights) / count
    spread = sum((each.at_s - mean_s) ** 2 for each in sights)
    together = sum((each.at_s - mean_s) * (each.resident_mib - mean_mib) for each in sights)
    return 60 * together / spread


def watch(shop: Room, ended: threading.Event) -> list[Sight]:
    """Look now and then, until it has ended."""
    begun_s = time.monotonic()
    sights = []
    for _ in itertools.count():
        sights.append(sight(shop, begun_s))
        if ended.wait(_WATCH_EVERY_S):
            break
    return sights


@click.command()
@click.option("--minutes", default=30.0, show_default=True)
@click.option("--share", default=0.7, show_default=True, help="Of what it can do.")
def main(minutes: float, share: float) -> None:
    """Measure what PostgreSQL and a server can do together, then ask for a share of it."""
    with databases() as kinds, tempfile.TemporaryDirectory() as folder:
        url = kinds["PostgreSQL"].migrated()
        with room(url, Path(folder) / "log", CLIENTS) as shop:
            most = load(shop, "most", _MEASURED_S, 0.0)["ok"] / _MEASURED_S
            shop.proxy.chunks = FAULTS
            ended = threading.Event()
            with ThreadPoolExecutor(1) as watcher:
                watching = watcher.submit(watch, shop, ended)
                came = load(shop, "soak", minutes * 60, CLIENTS / (most * share))
                ended.set()
                sights = watching.result()
            cuts = shop.proxy.cuts["chunks"]
            shop.proxy.work()
    warm = sights[int(len(sights) * _WARM_SHARE) :]
    table = Table("What", "Figure")
    for says, figure in (
        ("most, requests/s", f"{most:.1f}"),
        ("asked for, requests/s", f"{most * share:.1f}"),
        ("answers", ", ".join(f"{code} {count}" for code, count in came.most_common())),
        ("connections to the database that were cut", str(cuts)),
        ("memory, MiB a minute", f"{slope_mib(warm):.2f} ({warm[0].resident_mib:.0f} at first)"),
        ("open files, least and most", _range([each.files for each in warm])),
        ("sockets, least and most", _range([each.sockets for each in warm])),
    ):
        table.add_row(says, figure)
    Console().print(table)


def _range(numbers: Sequence[int]) -> str:
    return f"{min(numbers)} to {max(numbers)}"


if __name__ == "__main__":
    main()
