"""The command `python -m bench`. bench/README.md says what it measures and how to read it."""

import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from bench import databases, report
from bench.databases import BACKENDS, Shelf
from bench.filling import filling
from bench.given import Settings, settings_option
from bench.measure import Figures, Trial, measure, statements_of
from bench.server import new_token, serving
from bench.workloads import WORKLOADS, Workload, look_around

# What is said on the way goes to stderr, the table to stdout.
TABLE_WIDTH = 140
console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the command line asks for."""

    orders: int
    workloads: Sequence[Workload]
    seconds: float
    rounds: int
    connections: int
    cache: Path
    settings: Settings


@click.command()
@click.option("--orders", default=100_000, show_default=True, type=click.IntRange(100, 10_000_000))
@click.option(
    "--database",
    "backend",
    default="both",
    show_default=True,
    type=click.Choice([*BACKENDS, "both"]),
)
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice([each.name for each in WORKLOADS]),
    help="A workload; may be given several times.",
)
@click.option("--seconds", default=8.0, show_default=True, help="Length of one round.")
@click.option("--rounds", default=3, show_default=True, help="The table has their medians.")
@click.option("--connections", default=16, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=databases.CACHE,
    show_default=True,
    help="Where the databases are kept between runs.",
)
@settings_option
@click.option("--markdown", is_flag=True, help="Print the table as bench/README.md has it.")
@click.option(
    "--json",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures into this file, too.",
)
@click.option("--statements", is_flag=True, help="Print the SQL of each workload, and end.")
def main(
    backend: str,
    names: Sequence[str],
    postgres_url: str | None,
    markdown: bool,
    file: Path | None,
    statements: bool,
    **asked: int | float | Path | Settings,
) -> None:
    """Measure a server under load, with a shop of so many orders behind it.

    \b
    python -m bench
    python -m bench --database sqlite --only newest-orders --seconds 3
    """
    # Ended by a signal, it still ends the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    workloads = [each for each in WORKLOADS if not names or each.name in names]
    run = _Run(workloads=workloads, **asked)  # type: ignore[arg-type]
    figures: list[Figures] = []
    with databases.locked(run.cache):
        for each in BACKENDS if backend == "both" else (backend,):
            with databases.shelf(each, run.cache, postgres_url) as shelf:
                figures += _run(run, each, shelf, statements)
    if statements:
        return
    conditions = report.conditions(
        orders=run.orders,
        connections=run.connections,
        seconds=run.seconds,
        rounds=run.rounds,
        **run.settings,
    )
    if markdown:
        click.echo(report.markdown(figures))
    else:
        Console(width=TABLE_WIDTH).print(report.table(figures))
    for line in report.remarks(figures, conditions):
        console.print(line)
    if file:
        file.write_bytes(report.json(figures, conditions))


def _run(run: _Run, backend: str, shelf: Shelf, only_statements: bool) -> list[Figures]:
    with shelf.copy(databases.name_of(run.orders), filling(run.orders, backend, console)) as url:
        token = new_token(url, run.cache)
        with serving(url, run.cache, token, count=True) as server:
            shop = look_around(server)
            bodies = {each.name: each.bodies(shop) for each in run.workloads}
            sent = {each.name: statements_of(server, bodies[each.name]) for each in run.workloads}
        if only_statements:
            _print_statements(run, backend, sent)
            return []
        figures = []
        with serving(url, run.cache, token, settings=run.settings) as server:
            for workload in run.workloads:
                with console.status(f"{backend}: {workload.title}"):
                    measured = measure(
                        Trial(
                            server,
                            workload,
                            bodies[workload.name],
                            connections=run.connections,
                            database=shelf.process,
                        ),
                        backend=backend,
                        statements=len(sent[workload.name]),
                        seconds=run.seconds,
                        rounds=run.rounds,
                    )
                console.print(report.line(measured))
                figures.append(measured)
        return figures


def _print_statements(run: _Run, backend: str, sent: Mapping[str, Sequence[str]]) -> None:
    for workload in run.workloads:
        statements = sent[workload.name]
        click.echo(f"\n== {workload.title} on {backend}: {len(statements)} statements")
        for number, statement in enumerate(statements, 1):
            click.echo(f"{number:>3}  {' '.join(statement.split())}")


if __name__ == "__main__":
    main()
