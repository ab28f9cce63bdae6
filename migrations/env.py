"""Alembic's way in: runs migrations on the connection that `backoffice migrate` has opened.

A developer's `alembic revision --autogenerate -m "..."` comes here too, and compares the tables of
the program with those of the database at BACKOFFICE_DATABASE_URL.
"""

import os

from alembic import context
from sqlalchemy import Connection

from backoffice_api.domain import all_tables  # noqa: F401 - fills `metadata`
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.migrate import migrating


class BrokenReferenceError(Exception):
    """A migration has left rows that refer to rows that are not there. It was undone."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=True,
        render_as_batch=True,  # SQLite alters tables by building them anew
        transactional_ddl=True,  # without it, a killed migration leaves SQLite half way
        user_module_prefix="tables.",
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            refuse_broken_references(connection)


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
