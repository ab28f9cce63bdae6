"""The figures as a table for people, as one for bench/README.md, and as JSON for comparisons."""

import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import psutil
import psycopg
import sqlalchemy
from rich.table import Table

from bench.measure import Figures
from bench.workloads import WORKLOADS

# Above these, a figure says little: something else was at work, or the load was the bottleneck.
SPREAD_MAX = 0.15
BUSY_MAX = 0.8

_TITLES = {each.name: each.title for each in WORKLOADS}
_HEADS = (
    "Workload",
    "Database",
    "Requests/s",
    "p50 ms",
    "p99 ms",
    "Server CPU ms",
    "Database CPU ms",
    "Statements",
    "Answer bytes",
)


def table(figures: Iterable[Figures]) -> Table:
    """For a terminal."""
    made = Table()
    for head in _HEADS:
        made.add_column(head, justify="left" if head in _HEADS[:2] else "right")
    for each in figures:
        made.add_row(*_cells(each))
    return made


def markdown(figures: Iterable[Figures]) -> str:
    """For bench/README.md."""
    rules = ("---" if head in _HEADS[:2] else "---:" for head in _HEADS)
    rows = [_HEADS, rules, *map(_cells, figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def line(each: Figures) -> str:
    """One figure, as soon as it is there."""
    return (
        f"{each.backend:<12} {_title(each)}: {each.per_second:,.0f}/s, p50"
        f" {each.p50_ms:.1f} ms, p99 {each.p99_ms:.1f} ms"
    )


def remarks(figures: Iterable[Figures], conditions: Mapping[str, str]) -> Iterator[str]:
    """On what the figures were got, and what speaks against some of them."""
    yield ", ".join(f"{name} {value}" for name, value in conditions.items())
    for each in figures:
        named = f"{_title(each)} on {each.backend}"
        if each.spread > SPREAD_MAX:
            yield f"[yellow]{named}: the rounds differ by {each.spread:.0%}.[/yellow]"
        if each.busy > BUSY_MAX:
            yield f"[yellow]{named}: the load itself was busy to {each.busy:.0%}.[/yellow]"


def json(figures: Sequence[Any], conditions: Mapping[str, str]) -> bytes:
    """For whoever compares: conditions of the run, and each figure by its name."""
    found = {"conditions": dict(conditions), "figures": [asdict(each) for each in figures]}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def conditions(**given: object) -> dict[str, str]:
    """On what, and of what, a run was."""
    return {
        "processor": f"{_processor()}, {_cores()}",
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlalchemy": sqlalchemy.__version__,
        "psycopg": f"{psycopg.__version__} ({psycopg.pq.__impl__})",
        **{name: str(value) for name, value in given.items()},
    }


def _cells(each: Figures) -> Sequence[str]:
    there = each.database_cpu_ms
    return (
        _title(each),
        "SQLite" if each.backend == "sqlite" else "PostgreSQL",
        f"{each.per_second:,.0f}" if each.per_second >= 100 else f"{each.per_second:.1f}",
        f"{each.p50_ms:.1f}",
        f"{each.p99_ms:.1f}",
        f"{each.cpu_ms:.2f}",
        "" if there is None else f"{there:.2f}",
        str(each.statements),
        f"{each.answer_bytes:,}",
    )


def _title(each: Figures) -> str:
    return _TITLES.get(each.workload, each.workload)


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> str:
    return f"{psutil.cpu_count()} cores"
