"""How the cost of a page of orders grows: with its rows, with its depth, with the orders there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import psutil

from bench.compare.tables import Sheet, rate
from bench.measure import Figures, Trial, figures_of
from bench.server import Server
from bench.workloads import WORKLOADS, Workload

SIZES = (10_000, 100_000)
PAGE = 50
PAGES = (10, 50, 100, 250)
# How far down the list a page begins, as a share of all orders.
DEPTHS = (0.01, 0.1, 0.5, 0.99)

_WALK = 250
_WALKING = """query Walk($first: Int!, $after: String) {
  orders(first: $first, after: $after) { pageInfo { endCursor } }
}"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page of so many rows costs that begins behind this share of so many orders."""

    orders: int
    depth: float
    rows: int
    figures: Figures

    @property
    def cpu_ms(self) -> float:
        """Processor time of server and database."""
        return self.figures.cpu_ms + (self.figures.database_cpu_ms or 0)


def measure(
    server: Server,
    orders: int,
    database: psutil.Process | None,
    *,
    connections: int,
    seconds: float,
    rounds: int,
) -> Sequence[Cost]:
    """The costs of pages on the back office `server`, whose database has so many orders."""
    wanted: list[tuple[float, int, str | None]] = [(0, rows, None) for rows in PAGES]
    wanted += [(depth, PAGE, cursor) for depth, cursor in _cursors(server, orders)]
    trials = []
    for depth, rows, cursor in wanted:
        workload = _paging(f"{rows} of {orders:,} orders, {_place(depth)}")
        body = _body(workload.document, {"first": rows, "after": cursor})
        trials.append(Trial(server, workload, [body], connections, database))
    for trial in trials:
        trial.warm_up()
    done = [[trial.run(seconds) for trial in trials] for _ in range(rounds)]
    return [
        Cost(orders, depth, rows, figures_of(trial, of_one, backend="ours"))
        for (depth, rows, _), trial, of_one in zip(
            wanted, trials, zip(*done, strict=True), strict=True
        )
    ]


def sheet(found: Sequence[Cost]) -> Sheet:
    """One row for each page."""
    heads = (
        *("Orders", "Page begins", "Rows", "Requests/s", "p50 ms", "Server CPU ms"),
        *("Database CPU ms", "Both, µs per row", "to the first page"),
    )
    firsts = {each.orders: each for each in found if (each.depth, each.rows) == (0, PAGE)}
    return Sheet(heads, [_cells(each, firsts[each.orders]) for each in found], words=2)


def _cells(each: Cost, first: Cost) -> Sequence[str]:
    there = each.figures.database_cpu_ms
    return (
        f"{each.orders:,}",
        _place(each.depth),
        str(each.rows),
        rate(each.figures.per_second),
        f"{each.figures.p50_ms:.1f}",
        f"{each.figures.cpu_ms:.2f}",
        "" if there is None else f"{there:.2f}",
        f"{1000 * each.cpu_ms / each.rows:.0f}",
        f"{each.cpu_ms / first.cpu_ms:.2f}" if each.rows == PAGE else "",
    )


def _place(depth: float) -> str:
    return f"behind {depth:.0%}" if depth else "at the first"


def _paging(name: str) -> Workload:
    """The newest orders, with the size of the page and its place as variables."""
    (newest,) = [each for each in WORKLOADS if each.name == "newest-orders"]
    document = newest.document.replace(
        "query NewestOrders", "query Page($first: Int!, $after: String)"
    ).replace("first: 50", "first: $first, after: $after")
    return Workload(
        name=name,
        title=name,
        document=document,
        variables=newest.variables,
        proof=b'"endCursor":"',
    )


def _cursors(server: Server, orders: int) -> Iterator[tuple[float, str]]:
    """The depths with the cursors that lead there, found by walking through the list."""
    walked, cursor = 0, None
    for depth in DEPTHS:
        while (left := round(orders * depth) - walked) > 0:
            step = min(left, _WALK)
            answer = server.ask(_WALKING, {"first": step, "after": cursor})
            cursor = answer["orders"]["pageInfo"]["endCursor"]
            walked += step
        assert cursor is not None, "there are orders at every depth"
        yield depth, cursor


def _body(document: str, variables: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"query": document, "variables": variables})
