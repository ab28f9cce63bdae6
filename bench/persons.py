"""`python -m bench.persons`: how long it takes to hand out all that is known of a person, and to
erase it.

The person has a thousand orders among those of everybody. An export is two files, JSON and a paper
to read, from the asking to the last byte; an erasure is tried first (a dry run), then done.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, update

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.domain.privacy.commands.exporting import ExportCustomer, export_customer
from backoffice_api.tasks.privacy import WriteExport
from bench import seed
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf

console = Console(stderr=True)


def _person(database: Database, count: int) -> UUID:
    """A customer with so many orders, taken from others."""
    with database.writing.begin() as db:
        id: UUID = db.execute(select(customers.c.id).order_by(customers.c.id).limit(1)).scalar_one()
        some = select(orders.c.id).order_by(orders.c.id).limit(count)
        db.execute(update(orders).where(orders.c.id.in_(some)).values(customer_id=id))
        found = select(func.count()).where(orders.c.customer_id == id)
        assert db.execute(found).scalar_one() >= count
    return id


def _timed(database: Database, id: UUID) -> Iterator[tuple[str, str]]:
    """What was done, and what it came to."""

    def run(handler: Any, command: Any, **meta: Any) -> Any:
        told = Meta(request_id="bench", **meta)
        now = datetime.now(UTC)
        return execute(database, handler, command, caller=THE_SYSTEM, now=now, meta=told).value

    with tempfile.TemporaryDirectory() as folder:
        begun, worked = perf_counter(), process_time()
        export_id = run(export_customer, ExportCustomer(customer_id=id))
        WriteExport(database, LocalFolder(Path(folder)))(export_id)
        took = perf_counter() - begun, process_time() - worked
        with database.fresh.connect() as db:
            made = queries.person_exports_by_ids(db, [export_id])[export_id]
    sizes = f"{made.rows:,} rows, {(made.json_bytes or 0) / 1e6:.1f} MB of JSON"
    yield f"export: {sizes}", f"{took[0]:.1f} s, {took[1]:.1f} s of CPU"
    for name, meta in (("erasure, tried", {"dry_run": True}), ("erasure, done", {})):
        begun, worked = perf_counter(), process_time()
        run(erase_customer, EraseCustomer(customer_id=id), **meta)
        took = perf_counter() - begun, process_time() - worked
        yield name, f"{took[0]:.1f} s, {took[1]:.1f} s of CPU"


@click.command()
@click.option("--orders", "count", default=20_000, show_default=True, help="Orders of everybody.")
@click.option("--of-person", default=1_000, show_default=True, help="Orders of the person.")
@click.option("--cache", type=click.Path(path_type=Path), default=CACHE, show_default=True)
@click.option("--database", "backends", type=click.Choice(BACKENDS), multiple=True)
@click.option("--postgres-url", help="A server of PostgreSQL. Without it, one is started.")
def main(
    count: int,
    of_person: int,
    cache: Path,
    backends: tuple[str, ...],
    postgres_url: str | None,
) -> None:
    """Time the export and the erasure of one person among many."""
    table = Table("Database", "What", "Time")
    with locked(cache):
        for backend in backends or BACKENDS:
            with (
                shelf(backend, cache, postgres_url) as kept,
                kept.copy(
                    name_of(count), lambda url: seed.fill(url, count, lambda *_: None)
                ) as url,
            ):
                database = open_database(url)
                id = _person(database, of_person)
                for what, took in _timed(database, id):
                    table.add_row(backend, what, took)
                database.dispose()
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
