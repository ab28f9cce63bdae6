"""What the tests of the one door have in common."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError

from backoffice_api.domain.execute import Answer, execute
from backoffice_api.domain.kernel import statements
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.kernel.uow import Command, Meta
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct
from tests.world import CLERK, NOW, World

TEA = CreateProduct(title="Tea", variants=(VariantDraft(sku="TEA"),))
NOBODY = UUID(int=0)


def dump(database: Database) -> dict[str, list[str]]:
    """Everything that is stored, by the tables in which something is."""
    tables = list(metadata.tables.values())
    has_rows = ", ".join(f"EXISTS (SELECT 1 FROM {table.name})" for table in tables)
    with database.reading.connect() as db:
        (filled,) = statements.run(db, f"SELECT {has_rows}")
        return {
            table.name: sorted(map(repr, db.execute(select(table))))
            for table, is_filled in zip(tables, filled, strict=True)
            if is_filled
        }


def log(world: World) -> list[Logged]:
    """All events in their order."""
    statement = select_as(Logged, events).order_by(events.c.sequence)
    found: list[Logged] = world.read(fetch, Logged, statement)
    return found


def run(
    database: Database, handler: Callable[..., Any], command: Command, **meta: Any
) -> Answer[Any]:
    """Run one command on another database than the world's."""
    return execute(database, handler, command, caller=CLERK, now=NOW, meta=Meta(**meta))


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What several calls come to that begin together: a value, or the refusal."""
    barrier = threading.Barrier(len(calls))

    def begin(call: Callable[[], Any]) -> Any:
        barrier.wait(30)
        try:
            return call()
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(begin, calls))


class Meeting:
    """Lets two threads go on when both have come, the first time that each comes."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)
        self._local = threading.local()
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        if not hasattr(self._local, "came"):
            self._local.came = True
            self._barrier.wait(30)


def busy(database: Database) -> DBAPIError:
    """What SQLAlchemy raises when others are in the way."""
    if database.dialect == "postgresql":
        return OperationalError("", {}, psycopg.errors.SerializationFailure())
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    return OperationalError("", {}, original)
