"""The command `python -m bench.compare`. bench/README.md says what it measures."""

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console

from bench import databases, report
from bench.compare import POOL_SIZE, cores, flat, postgraphile, tables
from bench.compare.contenders import CONTENDERS, OURS, Contender, Place
from bench.compare.equality import check_equal
from bench.databases import Shelf
from bench.filling import filling
from bench.given import Settings, settings_option
from bench.measure import Figures, Trial, figures_of
from bench.server import Server, confined_to, new_token
from bench.workloads import WORKLOADS, Workload, look_around

TABLE_WIDTH = 170
# So many requests of each workload are compared before any is measured.
COMPARED = 20

READING = [each for each in WORKLOADS if not each.keyed]
PEERS = [each for each in CONTENDERS if each is not OURS]

# What is said on the way goes to stderr, the tables to stdout.
console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the command line asks for."""

    orders: int
    workloads: Sequence[Workload]
    contenders: Sequence[Contender]
    seconds: float
    rounds: int
    connections: int
    cache: Path
    settings: Settings


@click.command()
@click.option("--orders", default=100_000, show_default=True, type=click.IntRange(100, 10_000_000))
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice([each.name for each in READING]),
    help="A workload; may be given several times.",
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice([each.name for each in PEERS]),
    help="Whom to compare with; may be given several times. Else with all.",
)
@click.option("--seconds", default=8.0, show_default=True, help="Length of one round.")
@click.option("--rounds", default=3, show_default=True, help="The tables have their medians.")
@click.option("--connections", default=16, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=databases.CACHE,
    show_default=True,
    help="Where databases and PostGraphile are kept between runs.",
)
@settings_option
@click.option("--markdown", is_flag=True, help="Print the tables as bench/README.md has them.")
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures into this file, too.",
)
@click.option("--check", is_flag=True, help="Compare the answers, and end.")
@click.option("--flat", "is_flat", is_flag=True, help="Measure how cost grows with rows and depth.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.IntRange(5_000, 10_000_000),
    help="With --flat: so many orders; may be given several times. Else 10,000 and 100,000.",
)
def main(
    names: Sequence[str],
    peers: Sequence[str],
    postgres_url: str | None,
    markdown: bool,
    file: Path | None,
    check: bool,
    is_flat: bool,
    sizes: Sequence[int],
    **asked: int | float | Path | Settings,
) -> None:
    """Measure the server beside others that answer the same, on PostgreSQL.

    \b
    python -m bench.compare
    python -m bench.compare --peer postgraphile --only newest-orders --seconds 3 --rounds 1
    python -m bench.compare --flat --size 100000 --size 1000000
    """
    # Ended by a signal, it still ends the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sizes = sizes or flat.SIZES
    run = _Run(
        workloads=[each for each in READING if not names or each.name in names],
        contenders=[OURS, *(each for each in PEERS if not peers or each.name in peers)],
        **asked,  # type: ignore[arg-type]
    )
    with (
        databases.locked(run.cache),
        databases.shelf("postgresql", run.cache, postgres_url) as shelf,
    ):
        costs: Sequence[flat.Cost] = ()
        figures: Sequence[Figures]
        if is_flat:
            costs = _flat(run, shelf, sizes)
            figures, sheets = [each.figures for each in costs], [flat.sheet(costs)]
        else:
            figures = _side_by_side(run, shelf, check)
            sheets = [tables.side_by_side(figures), tables.against_aims(figures)]
    if check:
        return
    for sheet in sheets:
        if markdown:
            click.echo(f"{sheet.markdown()}\n")
        else:
            Console(width=TABLE_WIDTH).print(sheet.table())
    conditions = _conditions(run, sizes if is_flat else [run.orders])
    for line in report.remarks(figures, conditions):
        console.print(line)
    if file:
        file.write_bytes(report.json(costs or figures, conditions))


def _side_by_side(run: _Run, shelf: Shelf, only_check: bool) -> Sequence[Figures]:
    with _place(run, shelf, run.orders) as place, ExitStack() as running:
        servers = {each: running.enter_context(each.serve(place)) for each in run.contenders}
        shop = look_around(servers[OURS])
        bodies = {each.name: each.bodies(shop) for each in run.workloads}
        _check(run, servers, bodies)
        if only_check:
            return []
        return [
            figures
            for workload in run.workloads
            for figures in _measure(run, shelf, servers, workload, bodies[workload.name])
        ]


def _check(
    run: _Run, servers: Mapping[Contender, Server], bodies: Mapping[str, Sequence[bytes]]
) -> None:
    for workload, sent in bodies.items():
        for body in sent[:COMPARED]:
            ours = servers[OURS].ask_with(body)
            for contender in run.contenders:
                theirs = servers[contender].ask_with(contender.body(workload, body))
                check_equal(contender, workload, ours, theirs)
        console.print(f"{tables.TITLES[workload]}: all answer the same.")


def _measure(
    run: _Run,
    shelf: Shelf,
    servers: Mapping[Contender, Server],
    workload: Workload,
    bodies: Sequence[bytes],
) -> Iterator[Figures]:
    """One workload on all servers, in turn: what disturbs a round disturbs all of them."""
    trials = {
        contender: Trial(
            server,
            workload,
            [contender.body(workload.name, body) for body in bodies],
            connections=run.connections,
            database=shelf.process,
        )
        for contender, server in servers.items()
    }
    with console.status(workload.title):
        for trial in trials.values():
            trial.warm_up()
        rounds = [
            {contender: trial.run(run.seconds) for contender, trial in trials.items()}
            for _ in range(run.rounds)
        ]
    for contender, trial in trials.items():
        done = [each[contender] for each in rounds]
        figures = figures_of(trial, done, backend=contender.name)
        console.print(report.line(figures))
        yield figures


def _flat(run: _Run, shelf: Shelf, sizes: Sequence[int]) -> Sequence[flat.Cost]:
    found: list[flat.Cost] = []
    for orders in sizes:
        console.print(f"{orders:,} orders")
        with _place(run, shelf, orders) as place, OURS.serve(place) as server:
            found += flat.measure(
                server,
                orders,
                shelf.process,
                connections=run.connections,
                seconds=run.seconds,
                rounds=run.rounds,
            )
    return found


@contextmanager
def _place(run: _Run, shelf: Shelf, orders: int) -> Iterator[Place]:
    """A database with so many orders, and one core for servers; all else stays off that."""
    fill = filling(orders, "postgresql", console)
    with shelf.copy(databases.name_of(orders), fill) as url:
        divided = cores.divided()
        if shelf.process:
            cores.confine(shelf.process, divided.others)
        with confined_to(divided.others):
            token = new_token(url, run.cache)
            yield Place(url, run.cache, token, divided.server, run.settings)


def _conditions(run: _Run, orders: Sequence[int]) -> Mapping[str, str]:
    return report.conditions(
        cores=cores.divided(),
        orders=" and ".join(f"{each:,}" for each in orders),
        connections=run.connections,
        pool=POOL_SIZE,
        strawberry=version("strawberry-graphql"),
        seconds=run.seconds,
        rounds=run.rounds,
        **run.settings,
        **postgraphile.PACKAGES,
    )


if __name__ == "__main__":
    main()
