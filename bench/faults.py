"""F3 and F4: what clients notice when the way to PostgreSQL breaks, hangs or is long.

    python -m bench.faults

60 clients ask again under the same key. In the end nothing may be lost or doubled, every key must
be answered as before, no connection may be left in use, and all sums must hold.
"""

import tempfile
import time
from itertools import product
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.kills import databases
from tests.trust.persistence import assert_unavailable
from tests.trust.room import Attempt, Room, room

CLIENTS = 60
# They wait for one another as well: numbers of orders are drawn one by one.
SLOW_CLIENTS = (1, 4, 10)
_WAYS = {"before_commit": 0.3, "after_commit": 0.3, "chunks": 0.03}
_NEXT_S = 0.5


def cut(shop: Room, rounds: int) -> list[tuple[str, str]]:
    """F3: connections are lost, in so many rounds of each kind."""
    said = []
    for way, share in _WAYS.items():
        setattr(shop.proxy, way, share)
        for number in range(rounds):
            shop.fulfil(shop.wishes(f"{way}-{number}"))
        shop.proxy.work()
        said.append((f"{share:.0%} cut, {way}", f"{shop.proxy.cuts[way]} cuts"))
    return said


def away(shop: Room, what: str, lasting_s: float) -> tuple[str, str]:
    """F4: the database is away or hangs, and is there again."""
    wishes = shop.wishes(what)
    shop.proxy.refuse() if what == "down" else shop.proxy.hang()
    end_s = time.monotonic() + lasting_s
    attempts: list[Attempt] = []
    while time.monotonic() < end_s:
        attempts += shop.attempts(wishes)
        time.sleep(_NEXT_S)
    for each in attempts:
        assert_unavailable(each.answer)
    shop.proxy.work()
    healed_s = shop.fulfil(wishes)
    worst_s = max(each.took_s for each in attempts)
    return (
        f"{what} for {lasting_s:g} s",
        f"{len(attempts)} refused within {worst_s:.2f} s; {CLIENTS} done {healed_s:.2f} s after",
    )


def slow(shop: Room, delay_s: float, clients: int) -> tuple[str, str]:
    """F4, G18: each round trip takes longer."""
    # Connections are made, and operations known, as of a server that has run for a while.
    shop.fulfil(shop.wishes(f"warm-{delay_s}-{clients}")[:clients])
    shop.proxy.delay_s = delay_s
    took_s = shop.fulfil(shop.wishes(f"slow-{delay_s}-{clients}")[:clients])
    longest_s = max(each.longest_s for each in list(shop.done.values())[-clients:])
    shop.proxy.work()
    return (
        f"+{delay_s * 1000:g} ms a round trip, {clients} at once",
        f"all done after {took_s:.1f} s, longest answer {longest_s:.1f} s",
    )


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=10.0, show_default=True)
@click.option("--only-slow", is_flag=True, help="Only a way that is long.")
def main(rounds: int, seconds: float, only_slow: bool) -> None:
    """Break the way to PostgreSQL in every way, and say what clients noticed."""
    table = Table("What", "What came of it")
    with databases() as kinds, tempfile.TemporaryDirectory() as folder:
        url = kinds["PostgreSQL"].migrated()
        with room(url, Path(folder) / "log", CLIENTS) as shop:
            for each in () if only_slow else cut(shop, rounds):
                table.add_row(*each)
            shop.assert_sound()
            for what in () if only_slow else ("down", "hanging"):
                table.add_row(*away(shop, what, seconds))
                shop.assert_sound()
            for delay_s, clients in product((0.02, 0.2), SLOW_CLIENTS):
                table.add_row(*slow(shop, delay_s, clients))
            shop.assert_sound()
            table.add_row("in the end", f"{len(shop.done)} done once, all sums hold")
    Console().print(table)


if __name__ == "__main__":
    main()
