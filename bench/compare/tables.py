"""The figures side by side, and against what is aimed at, as tables of Markdown or for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from bench.compare.contenders import CONTENDERS, OURS, POSTGRAPHILE, STOCK
from bench.measure import Figures
from bench.workloads import WORKLOADS

TITLES = {each.name: each.title for each in WORKLOADS}
_NAMES = {each.name: each.title for each in CONTENDERS}

P99_TO_P50_MAX = 3
MEMORY_MAX_MB = 150


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose first columns are words, the others figures."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int

    def markdown(self) -> str:
        """For bench/README.md."""
        rules = ["---" if at < self.words else "---:" for at in range(len(self.heads))]
        lines = (self.heads, rules, *self.rows)
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def table(self) -> Table:
        """For a terminal."""
        made = Table()
        for at, head in enumerate(self.heads):
            made.add_column(head, justify="left" if at < self.words else "right")
        for row in self.rows:
            made.add_row(*row)
        return made


@dataclass(frozen=True, slots=True)
class Aim:
    """How many times the requests per second of another the product is to answer."""

    workload: str
    other: str
    times: float


AIMS = (
    Aim("typename", STOCK.name, 15),
    Aim("newest-orders", STOCK.name, 30),
    Aim("newest-orders", POSTGRAPHILE.name, 1.2),
    Aim("one-order", POSTGRAPHILE.name, 1),
    Aim("stock", POSTGRAPHILE.name, 1),
)


def side_by_side(figures: Iterable[Figures]) -> Sheet:
    """One row for each figure; `backend` of each is the contender."""
    known = {(each.workload, each.backend): each for each in figures}
    heads = (
        *("Workload", "Server", "Requests/s", "p50 ms", "p99 ms", "p99/p50", "Server CPU ms"),
        *("Database CPU ms", "Memory MB", "x stock", "x PostGraphile"),
    )
    return Sheet(heads, [_cells(each, known) for each in known.values()], words=2)


def against_aims(figures: Iterable[Figures]) -> Sheet:
    """One row for each aim that these figures can tell of."""
    known = {(each.workload, each.backend): each for each in figures}
    return Sheet(("Aim", "Wanted", "Here", "Reached"), list(_aims(known)), words=1)


def _cells(each: Figures, known: dict[tuple[str, str], Figures]) -> Sequence[str]:
    there = each.database_cpu_ms
    return (
        TITLES[each.workload],
        _NAMES[each.backend],
        rate(each.per_second),
        f"{each.p50_ms:.1f}",
        f"{each.p99_ms:.1f}",
        f"{each.p99_ms / each.p50_ms:.1f}",
        f"{each.cpu_ms:.2f}",
        "" if there is None else f"{there:.2f}",
        f"{each.resident_mb:.0f}",
        _times(each, known.get((each.workload, STOCK.name))),
        _times(each, known.get((each.workload, POSTGRAPHILE.name))),
    )


def _aims(known: dict[tuple[str, str], Figures]) -> Iterator[Sequence[str]]:
    for aim in AIMS:
        ours, other = known.get((aim.workload, OURS.name)), known.get((aim.workload, aim.other))
        if ours and other:
            times = ours.per_second / other.per_second
            what = f"{TITLES[aim.workload]}: requests/s of {_NAMES[aim.other]}"
            yield what, f"{aim.times:g} x", f"{times:.1f} x", _reached(times >= aim.times)
    own = [each for each in known.values() if each.backend == OURS.name]
    for each in own:
        ratio = each.p99_ms / each.p50_ms
        what = f"{TITLES[each.workload]}: p99/p50"
        reached = _reached(ratio <= P99_TO_P50_MAX)
        yield what, f"{P99_TO_P50_MAX} at most", f"{ratio:.1f}", reached
    if own:
        most = max(each.resident_mb for each in own)
        reached = _reached(most <= MEMORY_MAX_MB)
        yield "Memory after the load", f"{MEMORY_MAX_MB} MB at most", f"{most:.0f} MB", reached


def _times(each: Figures, other: Figures | None) -> str:
    return f"{each.per_second / other.per_second:.2f}" if other else ""


def rate(per_second: float) -> str:
    """Requests per second, as a table shows them."""
    return f"{per_second:,.0f}" if per_second >= 100 else f"{per_second:.1f}"


def _reached(is_reached: bool) -> str:
    return "yes" if is_reached else "no"
