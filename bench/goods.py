"""`python -m bench.goods`: stock and purchasing in a shop whose ledger is long.

30,000 variants at three sites, a rule of replenishment for each of the 90,000 levels, and a ledger
of 10,000,000 movements, of which a tenth is of one variant. Of it are asked, each for itself:

- `adjust`: 1,000 variants adjusted by one mutation over HTTP, one request at a time;
- `hot`: 16 writers adjust one level, in processes of their own, through the door that every command
  takes; in the end the level and the ledger must say what they have done;
- `feed`: the first page of the movements of that one variant over HTTP;
- `suggestions`: what is to be bought, a page over HTTP and all of it by the query beneath.

What the shop is filled with is made of sets by the database itself; past foreign keys and triggers,
which hold while it is measured.
"""

import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, func, select, text

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.products.tables import products, variants
from backoffice_api.domain.replenishment.queries import suggestions
from backoffice_api.domain.replenishment.tables import rules, targets
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from backoffice_api.domain.stock.tables import levels, movements
from backoffice_api.migrate import migrate
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf
from bench.server import Server, new_token, serving

VARIANTS, SITES, PER_PRODUCT = 30_000, 3, 3
ADJUSTED = 1_000
WRITERS, PROCESSES = 16, 4
OPENING = 1_000_000
_START = datetime(2025, 1, 1, tzinfo=UTC)

_ADJUST = """mutation Adjust($input: StockAdjustInput!) {
  stockAdjust(input: $input) { levels { id onHand available version } userErrors { code message } }
}"""
_FEED = """query Feed($of: ID!) {
  movements(filter: { variantId: { eq: $of } }, first: 50) {
    nodes {
      id kind quantity occurredAt reason
      variant { sku title }
      fromLocation { code name }
      toLocation { code name }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
_SUGGESTED = """{
  replenishmentSuggestions(first: 50) {
    nodes { quantity variant { sku } location { code } explanation { text position } }
    pageInfo { hasNextPage endCursor }
  }
}"""

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `aim` is what the figure should be."""

    backend: str
    what: str
    found: str
    cpu_ms: float | None
    aim: str


def fill(url: str, moved: int) -> None:
    """Make an empty database a shop with a ledger of so many movements."""
    migrate(url)
    database = open_database(url, statement_timeout_s=0)
    try:
        variant_ids, sites = _goods(database)
        _rules(database, variant_ids, sites)
        console.print(f"{moved:,} movements …")
        with database.writing.begin() as db:
            _ledger(db, moved, variant_ids[0], sites)
    finally:
        database.dispose()


def _common(count: int, new_id: IdSource) -> dict[str, Any]:
    return {
        "id": [new_id() for _ in range(count)],
        "version": repeat(1),
        "created_at": [_START + timedelta(seconds=number) for number in range(count)],
        "updated_at": repeat(_START),
    }


def _goods(database: Database) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Products, variants and their levels. Ids of the variants and of the sites."""
    new_id = IdSource()
    sites = [
        _run(
            database, create_location, CreateLocation(code=f"SITE-{number}", name=f"Site {number}")
        )
        for number in range(SITES)
    ]
    made = _common(VARIANTS // PER_PRODUCT, new_id)
    with database.writing.begin() as db:
        insert_columns(
            db,
            products,
            {
                **made,
                "title": [f"Product {number}" for number in range(len(made["id"]))],
                "description": repeat(""),
                "option_names": repeat(["Size"]),
                "status": repeat("active"),
            },
        )
        several = _common(VARIANTS, new_id)
        insert_columns(
            db,
            variants,
            {
                **several,
                "product_id": [made["id"][number // PER_PRODUCT] for number in range(VARIANTS)],
                "sku": [f"SKU-{number:06}" for number in range(VARIANTS)],
                "option_values": [[str(number % PER_PRODUCT)] for number in range(VARIANTS)],
                "options_key": [str(number % PER_PRODUCT) for number in range(VARIANTS)],
                "status": repeat("active"),
                "kind": repeat("single"),
            },
        )
        places = [(variant, site) for variant in several["id"] for site in sites]
        insert_columns(
            db,
            levels,
            {
                **_common(len(places), new_id),
                "variant_id": [variant for variant, _ in places],
                "variant_kind": repeat("single"),
                "location_id": [site for _, site in places],
                "on_hand": repeat(OPENING),
                "reserved": repeat(0),
                "safety": repeat(0),
                "negative_allowed": repeat(False),
                "bucket": repeat("sellable"),
            },
        )
    return several["id"], sites


def _rules(database: Database, variant_ids: Sequence[UUID], sites: Sequence[UUID]) -> None:
    """A rule for each place, with what was measured; a tenth of them has too little."""
    places = [(variant, site) for variant in variant_ids for site in sites]
    made = _common(len(places), IdSource())
    wanted = [2 * OPENING if number % 10 == 0 else 100 for number in range(len(places))]
    with database.writing.begin() as db:
        insert_columns(
            db,
            rules,
            {
                **made,
                "variant_id": [variant for variant, _ in places],
                "location_id": [site for _, site in places],
                "method": repeat("reorder_point"),
                "service_level_permille": repeat(950),
                "coverage_days": repeat(30),
            },
        )
        insert_columns(
            db,
            targets,
            {
                "rule_id": made["id"],
                "measured_at": repeat(_START),
                "demand_days": repeat(90),
                "demand_total": repeat(900),
                "demand_squares": repeat(9_000),
                "lead_time_millidays": repeat(7_000),
                "lead_deviation_millidays": repeat(1_000),
                "lead_samples": repeat(5),
                "safety": repeat(10),
                "reorder_point": wanted,
                "order_up_to": [2 * each for each in wanted],
            },
        )


# One movement for each number: every tenth of the first variant, the others of all in turn. The
# ids rise, as ours do; the times, too.
_NUMBERED = {
    "postgresql": """
        INSERT INTO stock_movements (id, kind, variant_id, from_location_id, to_location_id,
            quantity, actor_kind, occurred_at, recorded_at, from_bucket, to_bucket)
        SELECT ('0195' || lpad(to_hex(n), 28, '0'))::uuid, 'shipment',
            CASE WHEN n % 10 = 0 THEN :hot ELSE v.id END, :site, l.id, 1 + n % 5, 'system',
            CAST(:start AS timestamptz) + n * interval '1 second',
            CAST(:start AS timestamptz) + n * interval '1 second', 'sellable', 'sellable'
        FROM generate_series(1, :count) AS n
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM variants) AS v
            ON v.place = 1 + n % :variants
        CROSS JOIN (SELECT id FROM stock_locations WHERE kind = 'customer') AS l
        ORDER BY n
    """,
    "sqlite": """
        WITH RECURSIVE numbers (n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count),
        v AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) AS place FROM variants)
        INSERT INTO stock_movements (id, kind, variant_id, from_location_id, to_location_id,
            quantity, actor_kind, occurred_at, recorded_at, from_bucket, to_bucket)
        SELECT CAST(printf('%016d', n) AS BLOB), 'shipment',
            CASE WHEN n % 10 = 0 THEN :hot ELSE v.id END, :site, l.id, 1 + n % 5, 'system',
            :start + n * 1000000, :start + n * 1000000, 'sellable', 'sellable'
        FROM numbers JOIN v ON v.place = 1 + n % :variants
        CROSS JOIN (SELECT id FROM stock_locations WHERE kind = 'customer') AS l
    """,
}


def _ledger(db: Connection, count: int, hot: UUID, sites: Sequence[UUID]) -> None:
    """The movements. Indexes are made afterwards, all at once: that takes a third of the time."""
    kind = db.dialect.name
    indexes = sorted(movements.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(db)
    triggers = _without_triggers(db)
    as_bound = movements.c.occurred_at.type.dialect_impl(db.dialect).bind_processor(db.dialect)
    of_id = movements.c.id.type.dialect_impl(db.dialect).bind_processor(db.dialect)
    given = {
        "hot": of_id(hot) if of_id else hot,
        "site": of_id(sites[0]) if of_id else sites[0],
        "start": as_bound(_START) if as_bound else _START,
        "count": count,
        "variants": VARIANTS,
    }
    db.execute(text(_NUMBERED[kind]), given)
    for statement in triggers:
        db.exec_driver_sql(statement)
    for index in indexes:
        index.create(db)
    db.exec_driver_sql("ANALYZE")


def _without_triggers(db: Connection) -> Sequence[str]:
    """Let no trigger look at each row. The statements that bring them back."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("ALTER TABLE stock_movements DISABLE TRIGGER ALL")
        return ["ALTER TABLE stock_movements ENABLE TRIGGER ALL"]
    found = db.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master "
        "WHERE type = 'trigger' AND tbl_name = 'stock_movements'"
    ).all()
    for name, _ in found:
        db.exec_driver_sql(f'DROP TRIGGER "{name}"')
    return [sql for _, sql in found]


def _run(database: Database, handler: Callable[..., Any], command: Any) -> Any:
    now = datetime.now(UTC)
    return execute(database, handler, command, caller=THE_SYSTEM, now=now).value


def _times_ms(server: Server, bodies: Sequence[bytes]) -> tuple[Sequence[float], float]:
    """How long each request took, sorted, and the server's processor time for one."""
    found, before = [], server.cpu_s()
    for body in bodies:
        begun_s = time.perf_counter()
        server.ask_with(body)
        found.append((time.perf_counter() - begun_s) * 1_000)
    return sorted(found), (server.cpu_s() - before) * 1_000 / len(bodies)


def _shown(times_ms: Sequence[float]) -> str:
    return f"{statistics.median(times_ms):.1f} ms, worst {times_ms[-1]:.1f} ms"


def _body(document: str, variables: Mapping[str, Any] | None = None) -> bytes:
    return orjson.dumps({"query": document, "variables": variables or {}})


class Shop:
    """A filled shop on one database, and what is measured in it."""

    def __init__(self, backend: str, url: str, postgres: psutil.Process | None) -> None:
        self.backend = backend
        self.url = url
        self.postgres = postgres
        database = open_database(url)
        with database.reading.connect() as db:
            found = db.execute(select(variants.c.id).order_by(variants.c.id).limit(10_000))
            self.variants = [row[0] for row in found]
            self.site = db.execute(
                select(levels.c.location_id).where(levels.c.variant_id == self.hot).limit(1)
            ).scalar_one()
        database.dispose()

    @property
    def hot(self) -> UUID:
        first: UUID = self.variants[0]
        return first

    def adjust(self, server: Server, times: int) -> Iterator[Figure]:
        bodies = []
        for number in range(times + 2):
            some = self.variants[number % 9 * ADJUSTED :][:ADJUSTED]
            lines = [
                {
                    "variantId": ids.text("sku", id),
                    "locationId": ids.text("loc", self.site),
                    "delta": 1,
                }
                for id in some
            ]
            bodies.append(_body(_ADJUST, {"input": {"kind": "RECEIPT", "lines": lines}}))
        _times_ms(server, bodies[:2])
        found, cpu_ms = _times_ms(server, bodies[2:])
        what = f"`adjust`: {ADJUSTED:,} variants in one mutation"
        yield Figure(self.backend, what, _shown(found), cpu_ms, "300 ms")

    def feed(self, server: Server, times: int) -> Iterator[Figure]:
        body = _body(_FEED, {"of": ids.text("sku", self.hot)})
        _times_ms(server, [body] * 5)
        found, cpu_ms = _times_ms(server, [body] * times)
        what = "`feed`: first page of one variant's movements"
        yield Figure(self.backend, what, _shown(found), cpu_ms, "20 ms")

    def suggestions(self, server: Server, times: int) -> Iterator[Figure]:
        body = _body(_SUGGESTED)
        _times_ms(server, [body])
        found, cpu_ms = _times_ms(server, [body] * times)
        what = "`suggestions`: a page"
        yield Figure(self.backend, what, _shown(found), cpu_ms, "2 s")
        database = open_database(self.url)
        with database.reading.connect() as db:
            begun_s = time.perf_counter()
            count = len(suggestions(db, None, size=VARIANTS * SITES).rows)
            seconds = time.perf_counter() - begun_s
        database.dispose()
        what = f"`suggestions`: all {count:,}"
        yield Figure(self.backend, what, f"{seconds:.2f} s", None, "2 s")

    def write(self, seconds: float) -> Iterator[Figure]:
        """16 writers on one level, in processes of their own; nothing may be lost."""
        before, moved = self._state()
        processes = PROCESSES if self.backend == "postgresql" else 1
        given = (self.url, self.hot, self.site, WRITERS // processes, seconds)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            cpu_s = self._cpu_s()
            parts = [
                each.result() for each in [pool.submit(_writes, *given) for _ in range(processes)]
            ]
            cpu_s = self._cpu_s() - cpu_s
        done = sum(count for count, _, _ in parts)
        taken_s = max(elapsed for _, elapsed, _ in parts)
        after, moved_now = self._state()
        if (after - before, moved_now - moved) != (done, done):
            raise AssertionError(
                f"{done} writes, but {after - before} pieces and {moved_now - moved} movements more"
            )
        cpu_ms = (sum(each for _, _, each in parts) + cpu_s) * 1_000 / done
        what = f"`hot`: {WRITERS} writers on one level, {done:,} writes, none lost"
        yield Figure(self.backend, what, f"{done / taken_s:,.0f} commits/s", cpu_ms, "500/s")

    def _cpu_s(self) -> float:
        """Processor time of PostgreSQL's processes, while they live."""
        if self.postgres is None:
            return 0.0
        times = [each.cpu_times() for each in (self.postgres, *self.postgres.children())]
        return float(sum(each.user + each.system for each in times))

    def _state(self) -> tuple[int, int]:
        """Pieces at the hot level, and how many movements the ledger has in all."""
        database = open_database(self.url, statement_timeout_s=0)
        with database.reading.connect() as db:
            at = (levels.c.variant_id == self.hot, levels.c.location_id == self.site)
            pieces = db.execute(select(levels.c.on_hand).where(*at)).scalar_one()
            moved = db.execute(
                select(func.count()).where(
                    movements.c.variant_id == self.hot, movements.c.kind == "correction"
                )
            ).scalar_one()
        database.dispose()
        return pieces, moved


def _writes(
    url: str, variant_id: UUID, site: UUID, writers: int, seconds: float
) -> tuple[int, float, float]:
    """Adjust one level with so many threads for a while: how often, how long, processor time."""
    database = open_database(url, pool_size=writers, lock_timeout_s=10, pool_timeout_s=10)
    line = AdjustLine(variant_id=variant_id, location_id=site, delta=1)
    command = AdjustStock(kind=AdjustmentKind.CORRECTION, lines=(line,))
    _run(database, adjust_stock, command)  # connections, plans, caches
    end_s = time.monotonic() + seconds

    def write(_: int) -> int:
        count = 0
        while time.monotonic() < end_s:
            _run(database, adjust_stock, command)
            count += 1
        return count

    begun_s, begun_cpu_s = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(writers) as pool:
        done = sum(pool.map(write, range(writers)))
    taken = time.monotonic() - begun_s, time.process_time() - begun_cpu_s
    database.dispose()
    return done + 1, *taken


WHAT = ("adjust", "feed", "suggestions", "hot")


@contextmanager
def _filled(backend: str, cache: Path, postgres_url: str | None, moved: int) -> Iterator[Shop]:
    with (
        shelf(backend, cache, postgres_url) as kept,
        kept.copy(f"goods-{name_of(moved)}", lambda url: fill(url, moved)) as url,
    ):
        yield Shop(backend, url, kept.process)


@click.command()
@click.option("--movements", "moved", default=10_000_000, show_default=True)
@click.option("--database", "backends", multiple=True, type=click.Choice(BACKENDS))
@click.option("--only", "wanted", multiple=True, type=click.Choice(WHAT))
@click.option("--times", default=20, show_default=True, help="How often each question is asked.")
@click.option("--seconds", default=8.0, show_default=True, help="How long the writers write.")
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=CACHE / "goods")
def main(
    moved: int,
    backends: Sequence[str],
    wanted: Sequence[str],
    times: int,
    seconds: float,
    postgres_url: str | None,
    cache: Path,
) -> None:
    """Measure stock and purchasing in a shop with a long ledger."""
    # Ended by a signal, it still ends the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    table = Table("Database", "What", "Found", "CPU ms", "Aim")
    with locked(cache):
        for backend in backends or BACKENDS:
            with _filled(backend, cache, postgres_url, moved) as shop:
                for each in _measured(shop, cache, wanted or WHAT, times, seconds):
                    cpu = "" if each.cpu_ms is None else f"{each.cpu_ms:.1f}"
                    table.add_row(each.backend, each.what, each.found, cpu, each.aim)
    Console().print(table)


def _measured(
    shop: Shop, cache: Path, wanted: Sequence[str], times: int, seconds: float
) -> Iterator[Figure]:
    over_http = [name for name in wanted if name != "hot"]
    if over_http:
        with serving(shop.url, cache, new_token(shop.url, cache)) as server:
            for name in over_http:
                yield from getattr(shop, name)(server, times)
    if "hot" in wanted:
        yield from shop.write(seconds)


if __name__ == "__main__":
    main()
