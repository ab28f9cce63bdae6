"""`python -m bench.waves`: what planning, gathering and releasing hundreds of orders costs.

Orders of three lines, at two sites, planned with one command, gathered in a wave with another and
released with a third. The table says how many statements each takes, and how the time per order
changes with their number: a command that is made of sets takes the same statements for any.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import event

from backoffice_api.domain.execute import execute
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.waves import (
    PlanWave,
    ReleaseWave,
    plan_wave,
    release_wave,
)
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.migrate import migrate
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf

SIZES = (50, 100, 250, 500, 1_000)
VARIANTS = 60
LINES = 3

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one command took for so many orders."""

    what: str
    orders: int
    seconds: float
    statements: int


class Shop:
    """Two sites with plenty of everything, and a channel."""

    def __init__(self, database: Database) -> None:
        self.database = database
        given = CreateChannel(code="bench", name="Bench", currency="EUR", number_prefix="B-")
        self.run(create_channel, given)
        self.sites = [
            self.run(create_location, CreateLocation(code=code, name=code, priority=priority))
            for priority, code in enumerate(("BENCH-A", "BENCH-B"), start=1)
        ]
        drafts = tuple(
            VariantDraft(
                sku=f"BENCH-{number}",
                option_values=(str(number),),
                prices=(UnitPrice(10_000_000, "EUR"),),
            )
            for number in range(VARIANTS)
        )
        self.run(
            create_product, CreateProduct(title="Bench", option_names=("No",), variants=drafts)
        )
        self.skus = [draft.sku for draft in drafts]
        with database.reading.connect() as db:
            found = products.variants_by_skus(db, self.skus)
        lines = tuple(
            AdjustLine(variant_id=variant.id, location_id=site, set_to=1_000_000)
            for variant in found.values()
            for site in self.sites
        )
        self.run(adjust_stock, AdjustStock(lines=lines))

    def run(self, handler: Callable[..., Any], command: Any) -> Any:
        now = datetime.now(UTC)
        return execute(self.database, handler, command, caller=THE_SYSTEM, now=now).value

    def place(self, count: int) -> Sequence[UUID]:
        made = []
        for number in range(count):
            lines = tuple(
                LineDraft(sku=self.skus[(number + step * 7) % VARIANTS], quantity=step + 1)
                for step in range(LINES)
            )
            made.append(
                self.run(create_order, CreateOrder(channel="bench", lines=lines, place=True))
            )
        return made


@contextmanager
def _counted(database: Database) -> Iterator[list[None]]:
    seen: list[None] = []

    def note(*_: object) -> None:
        seen.append(None)

    event.listen(database.writing, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.writing, "before_cursor_execute", note)


def _migrated(url: str) -> None:
    migrate(url)


def measure(url: str, sizes: Sequence[int]) -> Iterator[Taken]:
    """Plan, gather and release orders, for each of the sizes."""
    database = open_database(url)
    try:
        shop = Shop(database)
        for size in sizes:
            orders = tuple(shop.place(size))

            def taken(what: str, handler: Any, command: Any, size: int = size) -> tuple[Any, Taken]:
                with _counted(database) as statements:
                    begun_s = time.perf_counter()
                    value = shop.run(handler, command)
                    seconds = time.perf_counter() - begun_s
                return value, Taken(what, size, seconds, len(statements))

            _, planned = taken("plan", plan_fulfillments, PlanFulfillments(order_ids=orders))
            yield planned
            wave = PlanWave(location_id=shop.sites[0], limit=size)
            wave_id, gathered = taken("gather", plan_wave, wave)
            yield gathered
            _, released = taken("release", release_wave, ReleaseWave(id=wave_id))
            yield released
    finally:
        database.dispose()


@click.command()
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=CACHE / "waves")
def main(postgres_url: str | None, cache: Path) -> None:
    """Measure waves on an empty SQLite database and an empty PostgreSQL one."""
    table = Table("Database", "What", "Orders", "Seconds", "ms per order", "Ratio", "Statements")
    with locked(cache):
        for backend in BACKENDS:
            with (
                console.status(backend),
                shelf(backend, cache, postgres_url) as kept,
                kept.copy(name_of(0), _migrated) as url,
            ):
                first: dict[str, float] = {}
                for each in measure(url, SIZES):
                    per_order_ms = each.seconds / each.orders * 1_000
                    ratio = per_order_ms / first.setdefault(each.what, per_order_ms)
                    table.add_row(
                        backend,
                        each.what,
                        f"{each.orders:,}",
                        f"{each.seconds:.2f}",
                        f"{per_order_ms:.2f}",
                        f"{ratio:.2f}",
                        str(each.statements),
                    )
    Console().print(table)


if __name__ == "__main__":
    main()
