"""`python -m bench.backups`: how long it takes to seal and verify the log, and to save a shop.

So many events are written into an empty database, as commands would, then sealed and checked. The
database is saved while eight threads write, verified in a database of its own, and restored.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import click
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from backoffice_api.backups.making import Order, make, manifest_of
from backoffice_api.backups.restoring import Restoring, restore, verify_backup
from backoffice_api.domain.audit.checks import CHECKS as AUDIT
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import sealing
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.checks import verify
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.sealing import Keyring
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.migrate import migrate
from backoffice_api.tasks.audit import seal_next
from bench.databases import BACKENDS, CACHE, locked, shelf
from tests.postgres import _binaries

_AT_ONCE = 10_000
_WRITERS = 8
_SHOP, _RESTORED = "bench-saved", "bench-restored"
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)

console = Console(highlight=False)


def fill(database: Database, count: int, size: int) -> None:
    """Events of about `size` bytes each."""
    new_id, random = IdSource(), Random(1)
    for start in range(1, count + 1, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count + 1))
        words = [random.randbytes(size // 4).hex() for _ in numbers]
        columns: dict[str, list[Any]] = {
            "sequence": list(numbers),
            "id": [new_id() for _ in numbers],
            "type": ["order.placed"] * len(numbers),
            "subject_kind": ["ord"] * len(numbers),
            "subject_id": [new_id() for _ in numbers],
            "subject_version": [1] * len(numbers),
            "actor_kind": ["system"] * len(numbers),
            "command": ["PlaceOrder"] * len(numbers),
            "request_id": ["bench"] * len(numbers),
            "occurred_at": [_FIRST + timedelta(seconds=number) for number in numbers],
            "changes": [
                [{"path": "note", "before": None, "after": word[: size // 4]}] for word in words
            ],
            "data": [
                {"number": number, "note": word}
                for number, word in zip(numbers, words, strict=True)
            ],
            "horizon": [1] * len(numbers),
        }
        with database.writing.begin() as db:
            insert_many(db, events, columns)
    if database.dialect == "postgresql":
        with database.writing.begin() as db:
            db.execute(text("SELECT setval('event_sequence', :last)"), {"last": count})


@contextmanager
def writing(database: Database) -> Iterator[list[float]]:
    """Eight who write all the time; how long each command took, in seconds."""
    ending, took = threading.Event(), list[float]()
    draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")

    def work(_: int) -> None:
        while not ending.is_set():
            start = time.perf_counter()
            command, now = CreateCustomer(draft=draft), datetime.now(UTC)
            execute(database, create_customer, command, caller=THE_SYSTEM, now=now)
            took.append(time.perf_counter() - start)
            time.sleep(0.02)

    with ThreadPoolExecutor(_WRITERS) as pool:
        people = [pool.submit(work, each) for each in range(_WRITERS)]
        try:
            yield took
        finally:
            ending.set()
        for each in people:
            each.result()


def _timed(figures: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    answer = work()
    figures[name] = time.perf_counter() - start
    return answer


def _seal_all(database: Database) -> None:
    while seal_next(database, None):
        pass


def _verify_log(database: Database) -> None:
    with database.reading.connect() as db:
        found = [each.check.id for each in verify(db, AUDIT) if not each.holds]
    if found:
        raise click.ClickException(f"not sound: {found}")


def measure(url: str, target: str, folder: Path, count: int, size: int) -> dict[str, float]:
    """Seconds by what was done; of commands while saving, the worst in milliseconds."""
    migrate(url)
    database = open_database(url, statement_timeout_s=0, lock_timeout_s=60)
    figures: dict[str, float] = {}
    fill(database, count, size)
    _timed(figures, "seal", lambda: _seal_all(database))
    _timed(figures, "verify the log", lambda: _verify_log(database))
    (folder / "none").mkdir()
    order = Order(
        url=url,
        files_folder=folder / "none",
        destination=folder / "backups",
        now=datetime.now(UTC),
        erased=lambda: (),
    )
    with writing(database) as took:
        backup = _timed(figures, "save, eight write", lambda: make(order))
    figures["worst command (ms)"] = max(took) * 1_000
    figures["commands meanwhile"] = len(took)
    figures["database (MB)"] = _size_of(database) / 1e6
    figures["backup (MB)"] = manifest_of(backup).dump_bytes / 1e6
    wanted = Restoring(
        backup=backup,
        url=target,
        files_folder=folder / "restored",
        now=datetime.now(UTC),
        unlock=lambda _: None,
        reapply=lambda *_: (0, 0),
    )
    _timed(figures, "restore", lambda: restore(wanted, lambda _: None))
    checks = verify_backup(backup, url, lambda _: AUDIT, lambda _: None, lambda _: None)
    _timed(figures, "backup verify (log only)", lambda: list(checks))
    database.dispose()
    return figures


def _size_of(database: Database) -> int:
    with database.reading.connect() as db:
        if database.dialect == "postgresql":
            return int(db.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        pages = db.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(db.execute(text("PRAGMA page_size")).scalar_one())


@click.command()
@click.option("--events", "count", default=200_000, show_default=True)
@click.option("--size", default=800, show_default=True, help="Bytes of an event, about.")
@click.option("--backend", "backends", multiple=True, type=click.Choice(BACKENDS))
def main(count: int, size: int, backends: tuple[str, ...]) -> None:
    """Seal, verify, save and restore a log of so many events."""
    sealing.use(Keyring({"bench": bytes(range(32))}))
    # Not a line for each seal.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    # The tools of the server that is used here.
    os.environ["PATH"] = f"{_binaries(CACHE)}{os.pathsep}{os.environ['PATH']}"
    shown = Table("", *(backends or BACKENDS))
    columns: list[dict[str, float]] = []
    with locked(CACHE):
        for backend in backends or BACKENDS:
            with shelf(backend, CACHE, None) as kept, TemporaryDirectory(dir=CACHE) as folder:
                url, target = kept.empty(_SHOP), kept.empty(_RESTORED)
                columns.append(measure(url, target, Path(folder), count, size))
                for name in (_SHOP, _RESTORED):
                    kept.empty(name)
    for name in columns[0]:
        shown.add_row(name, *(f"{each[name]:,.1f}" for each in columns))
    console.print(shown)


if __name__ == "__main__":
    main()
