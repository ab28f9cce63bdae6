"""Alembic's way in: runs migrations on the connection that `backoffice migrate` has opened.

A developer's `alembic revision --autogenerate -m "..."` comes here too, and compares the tables of
the program with those of the database at BACKOFFICE_DATABASE_URL.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Column, Connection, String
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.sealing import Sealed
from backoffice_api.migrate import migrating

# What only one of the databases has (see `kernel.search`); migrations write it by hand.
ONE_SIDED = ("search_fts", "vector", "ix_search_entries_vector")


class BrokenReferenceError(Exception):
    """A migration has left rows that refer to rows that are not there. It was undone."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=True,
        render_as_batch=True,  # SQLite alters tables by building them anew
        transactional_ddl=True,  # without it, a killed migration leaves SQLite half way
        include_object=is_compared,
        render_item=render_type,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            refuse_broken_references(connection)


def is_compared(
    item: SchemaItem, name: str | None, _kind: str, reflected: bool, other: SchemaItem | None
) -> bool:
    if other is not None and isinstance(item, Column):
        dialect = context.get_context().dialect.name
        if item.identity is not None and dialect == "sqlite":  # which numbers such rows by itself
            return False
        if item.computed is not None and dialect == "postgresql":  # which writes it in its own way
            return False
    return not (reflected and name is not None and name.startswith(ONE_SIDED))


def render_type(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write the types of `kernel.tables` by their names, so that one file fits both databases."""
    if kind != "type":
        return False
    if isinstance(item, Sealed):
        return "sa.Text()"  # which is what lies there
    if isinstance(item, tables.Id | tables.Instant):
        return f"tables.{type(item).__name__}()"
    for name in ("Json", "Serial"):
        if item is getattr(tables, name):
            return f"tables.{name}"
    if (
        isinstance(item, String)
        and item.length
        and on_postgresql(item) == on_postgresql(tables.line(item.length))
    ):
        return f"tables.line({item.length})"
    return False


def on_postgresql(kind: String) -> str:
    return kind.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]


def refuse_broken_references(connection: Connection) -> None:
    """Make up for foreign keys, which are off while tables are built anew."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10)
    if broken:
        rows = ", ".join(f"{table} row {row} to {parent}" for table, row, parent, _ in broken)
        raise BrokenReferenceError(rows)


if context.is_offline_mode():
    raise SystemExit("Migrations read the database they change: there is no offline mode.")
opened = context.config.attributes.get("connection")
if opened is not None:
    run(opened)
else:
    with migrating(os.environ["BACKOFFICE_DATABASE_URL"]) as connection:
        run(connection)
