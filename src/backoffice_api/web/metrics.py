"""`/metrics`: what a process has done and how it is, in the text format of Prometheus.

Nothing in it is personal, and no label has values that a client could choose.
"""

import asyncio
import platform
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from types import MappingProxyType

import structlog
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, GCCollector, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import QueuePool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice_api import __version__
from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.kernel.vitals import Vitals, vitals
from backoffice_api.engine.compiler import Compiler, Counts
from backoffice_api.engine.prepare import Preparer
from backoffice_api.live.tally import LiveTally
from backoffice_api.pulse import Pulse
from backoffice_api.web.border import Border
from backoffice_api.web.budget import Counts as BudgetCounts
from backoffice_api.web.graphql import Authenticate

# Upper ends of the buckets, in seconds: from an answer out of memory to the longest mutation.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REASONS_MAX = 50
OTHER = "other"

log = structlog.get_logger("backoffice_api.metrics")


class RequestTally:
    """Counts GraphQL requests. To be told of each, by one event loop."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._sums_s: dict[str, float] = defaultdict(float)

    def note(self, kind: str, outcome: str, duration_s: float) -> None:
        """A request of this kind of operation has ended so, after so many seconds."""
        self._counts[kind, outcome] += 1
        self._buckets[kind][bisect_left(BUCKETS_S, duration_s)] += 1
        self._sums_s[kind] += duration_s

    def collect(self) -> Iterator[Metric]:
        """The counts, and how long requests took."""
        counted = CounterMetricFamily(
            "backoffice_graphql_requests",
            "GraphQL requests by kind of operation and code of the first error.",
            labels=["kind", "outcome"],
        )
        for labels, count in self._counts.items():
            counted.add_metric(labels, count)
        yield counted
        lasted = HistogramMetricFamily(
            "backoffice_graphql_request_duration_seconds",
            "From the headers of a GraphQL request to its answer, by kind of operation.",
            labels=["kind"],
        )
        for kind, numbers in self._buckets.items():
            ends = [*map(str, BUCKETS_S), "+Inf"]
            cumulated = list(zip(ends, map(float, accumulate(numbers)), strict=True))
            lasted.add_metric([kind], cumulated, self._sums_s[kind])
        yield lasted


class Metrics:
    """Answers `/metrics`. The database is asked one statement, in a thread, within `timeout_s`.

    A question that hangs is not asked a second time: scrapes share it until it ends.
    """

    def __init__(
        self,
        database: Database,
        threads: Threads,
        preparer: Preparer,
        compiler: Compiler | None,
        tally: RequestTally,
        live: LiveTally,
        pulses: Mapping[str, Pulse] = MappingProxyType({}),
        *,
        authenticate: Authenticate[Caller] | None,
        budget: BudgetCounts | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout_s: float = 2.0,
    ) -> None:
        """Whoever `authenticate` finds needs the scope; without it, everybody may read."""
        self._database = database
        self._threads = threads
        self._preparer = preparer
        self._compiler = compiler
        self._border = Border("metrics")
        self._tally = tally
        self._live = live
        self._budget = budget
        self._pulses = pulses
        self._authenticate = authenticate
        self._now = now
        self._timeout_s = timeout_s
        self._asking: asyncio.Task[Vitals | None] | None = None
        self._process: tuple[Collector, ...] = (
            ProcessCollector(registry=None),
            GCCollector(registry=CollectorRegistry()),
        )

    def routes(self) -> list[Route]:
        """`/metrics`."""
        return [Route("/metrics", self._border.around(self.metrics), methods=["GET"])]

    async def metrics(self, request: Request) -> Response:
        """All figures, those of the database only where it answers."""
        if self._authenticate is not None:
            (await self._authenticate(request)).require(Scope.METRICS_READ)
        text = generate_latest(_Once([*self._own(), *_of_database(await self._ask())]))
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=_MEDIA_TYPE)

    async def _ask(self) -> Vitals | None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_now())
        await asyncio.wait([self._asking], timeout=self._timeout_s)
        return self._asking.result() if self._asking.done() else None

    async def _ask_now(self) -> Vitals | None:
        def read() -> Vitals:
            with self._database.reading.connect() as db:
                return vitals(db, now=self._now())

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads.reading, read)
        except Exception:  # a question may fail in any way, and the other figures are answered
            log.warning("metrics.database_failed", exc_info=True)
            return None

    def _own(self) -> Iterator[Metric]:
        """What the process knows by itself."""
        labels = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily("backoffice_build", "What is running.", labels)
        yield from self._tally.collect()
        yield from _of_live(self._live)
        yield from _of_documents(self._preparer)
        if self._compiler is not None:
            yield from _of_compiler(self._compiler.counts)
        if self._budget is not None:
            yield from _of_budgets(self._budget)
        yield from _of_pools(self._database)
        yield _of_threads(self._pulses)
        for collector in self._process:
            yield from collector.collect()


_MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True, slots=True)
class _Once:
    """What one scrape is answered."""

    found: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.found


def _of_live(live: LiveTally) -> Iterator[Metric]:
    for name, what, number in (
        ("sockets", "WebSockets that are open.", live.sockets),
        ("subscriptions", "Subscriptions that are open.", live.subscriptions),
    ):
        yield GaugeMetricFamily(f"backoffice_live_{name}", what, number)
    yield CounterMetricFamily(
        "backoffice_live_deliveries", "Answers to subscriptions.", live.delivered
    )
    closed = CounterMetricFamily(
        "backoffice_live_sockets_closed", "WebSockets closed by the server.", labels=["code"]
    )
    for code, count in live.closed.items():
        closed.add_metric([str(code)], count)
    yield closed


def _of_documents(preparer: Preparer) -> Iterator[Metric]:
    finds = preparer.finds
    found = CounterMetricFamily(
        "backoffice_graphql_documents",
        "Where operations came from: trusted, kept from a request before, or new.",
        labels=["source"],
    )
    for source, count in (("trusted", finds.trusted), ("kept", finds.kept), ("new", finds.new)):
        found.add_metric([source], count)
    yield found
    for name, what, number in (
        ("trusted_operations", "Operations of trusted documents.", preparer.trusted_operations),
        ("kept_operations", "Operations kept from requests.", preparer.kept_operations),
        ("kept_bytes", "Memory they take, estimated.", preparer.kept_bytes),
    ):
        yield GaugeMetricFamily(f"backoffice_graphql_{name}", what, number)


def _of_pools(database: Database) -> Iterator[Metric]:
    in_use = GaugeMetricFamily(
        "backoffice_database_connections_in_use", "Connections in use.", labels=["door"]
    )
    most = GaugeMetricFamily(
        "backoffice_database_connections_max", "Most connections.", labels=["door"]
    )
    for door, engine in (("reading", database.reading), ("writing", database.writing)):
        assert isinstance(engine.pool, QueuePool), "both doors have one"
        in_use.add_metric([door], engine.pool.checkedout())
        most.add_metric([door], engine.pool.size())
    yield in_use
    yield most


def _of_threads(pulses: Mapping[str, Pulse]) -> Metric:
    silent = GaugeMetricFamily(
        "backoffice_thread_silence_seconds",
        "For how long nothing was heard of a thread that works beside requests; 0 if none runs.",
        labels=["thread"],
    )
    for name, pulse in pulses.items():
        silent.add_metric([name], pulse.silent_s)
    return silent


def _of_compiler(counts: Counts) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "backoffice_graphql_compiled",
        "Operations, and fields of mutations, that compiled code has answered.",
        counts.compiled,
    )
    fallbacks = CounterMetricFamily(
        "backoffice_graphql_fallbacks",
        "Those that graphql-core has answered, by what could not be compiled or what was raised.",
        labels=["reason"],
    )
    # Reasons come from the schema and the code. They keep the order in which they came up, so that
    # none of the first ever becomes another.
    shown: Counter[str] = Counter()
    for number, (reason, count) in enumerate(counts.fallbacks.items()):
        shown[reason if number < REASONS_MAX else OTHER] += count
    for reason, count in shown.items():
        fallbacks.add_metric([reason], count)
    yield fallbacks


def _of_budgets(counts: BudgetCounts) -> Iterator[Metric]:
    for name, what, count in (
        ("spent", "Cost of operations that was taken from budgets.", counts.spent),
        ("throttled", "Operations that a budget did not allow.", counts.throttled),
        ("leases", "Leases taken of budgets that processes share.", counts.leases),
        ("failures", "Times that the store of budgets did not answer.", counts.failures),
    ):
        yield CounterMetricFamily(f"backoffice_budget_{name}", what, count)


def _of_database(found: Vitals | None) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "backoffice_database_up", "1 where the database answers in time.", int(found is not None)
    )
    if found is None:
        return
    jobs = GaugeMetricFamily(
        "backoffice_jobs", "Jobs that wait, run, or were given up.", labels=["status"]
    )
    for status, count in found.jobs.items():
        jobs.add_metric([status.value], count)
    yield jobs
    yield GaugeMetricFamily(
        "backoffice_jobs_lag_seconds", "For how long the oldest due job waits.", found.job_lag_s
    )
    yield GaugeMetricFamily(
        "backoffice_events_head", "The last sequence number of the log.", found.events_head
    )
