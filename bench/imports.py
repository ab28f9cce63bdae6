"""`python -m bench.imports FILE`: what taking over the history of another system costs.

Of the data set "Online Retail", or with `--what tickets` of the log of a service desk.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

from backoffice_api.migrate import migrate
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf

_LOOK_EVERY_S = 0.2

console = Console(stderr=True)


def _migrated(url: str) -> None:
    migrate(url)


@dataclass(frozen=True, slots=True)
class Import:
    """One import into an empty database, by a process of its own.

    `memory_bytes` is the resident memory when a tenth, a half and all of the time had passed.
    """

    backend: str
    seconds: float
    cpu_s: float
    memory_bytes: tuple[int, int, int]


def measure(backend: str, url: str, file: Path, what: str = "online-retail") -> Import:
    """Import `file`, which holds `what`, and watch it.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "backoffice_api.command", "import", what, str(file)]
    begun_s = time.monotonic()
    child = psutil.Popen(
        command,
        env={**os.environ, "BACKOFFICE_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    cpu_s, memory = 0.0, []
    while child.poll() is None:
        with child.oneshot():
            times = child.cpu_times()
            cpu_s = times.user + times.system
            memory.append(child.memory_info().rss)
        time.sleep(_LOOK_EVERY_S)
    seconds = time.monotonic() - begun_s
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    memory = [each for each in memory if each] or [0]  # 0: it has ended, and was not asked yet
    last = len(memory) - 1
    seen = (memory[last // 10], memory[last // 2], memory[last])
    return Import(backend, seconds, cpu_s, seen)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--what", default="online-retail", type=click.Choice(["online-retail", "tickets"]))
@click.option("--rows", default=541_909, show_default=True, help="How many rows the file has.")
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option(
    "--cache", type=click.Path(path_type=Path, file_okay=False), default=CACHE / "imports"
)
def main(file: Path, what: str, rows: int, postgres_url: str | None, cache: Path) -> None:
    """Take FILE over into an empty SQLite database and an empty PostgreSQL one."""
    table = Table("Database", "Rows/s", "Seconds", "CPU s", "Memory MB: begin, middle, end")
    with locked(cache):
        for backend in BACKENDS:
            with (
                console.status(backend),
                shelf(backend, cache, postgres_url) as kept,
                kept.copy(name_of(0), _migrated) as url,
            ):
                found = measure(backend, url, file, what)
            memory = ", ".join(f"{each / 1e6:.0f}" for each in found.memory_bytes)
            speed = f"{rows / found.seconds:,.0f}"
            table.add_row(backend, speed, f"{found.seconds:.1f}", f"{found.cpu_s:.1f}", memory)
    Console().print(table)


if __name__ == "__main__":
    main()
