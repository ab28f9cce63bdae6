"""Copies of a PostgreSQL database by its own tools, `pg_dump` and `pg_restore`: one snapshot.

They must be at least as new as the server, and are looked for on the path.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from backoffice_api.backups.manifest import BackupError, TableSum, to_disk

Say = Callable[[str], None]

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# The order of rows is of no account, and the sum of hashes is the same on every machine.
_SUM = SQL(
    "SELECT count(*), coalesce(sum(('x' || left(md5(r::text), 15))::bit(60)::bigint), 0)::text"
    " FROM {} AS r"
)
_VARIABLES: Mapping[str, str] = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_AT_WORK = (
    "SELECT 1 FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'backoffice-%' LIMIT 1"
)
# What a row is as text depends on these.
_SETTINGS = "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c bytea_output=hex"
_ERROR_LENGTH_MAX = 500
# Where what is to be replaced lies until all of the backup is back.
_ASIDE = "before_restore"


class PostgresSnapshot:
    """The database as it was when the snapshot was taken."""

    dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Any], url: str) -> None:
        self._db = connection
        self._url = url

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._db.execute(statement.encode()).fetchall()

    def tables(self) -> list[str]:
        return [name for (name,) in self.rows(_TABLES)]

    def save(self, path: Path, say: Say) -> Mapping[str, TableSum]:
        """Write all of it into a new file; what it holds, by table, summed up meanwhile."""
        ((name,),) = self.rows("SELECT pg_export_snapshot()")
        options = (
            "--format=custom",
            "--compress=1",
            "--no-owner",
            "--no-privileges",
            f"--exclude-schema={_ASIDE}",
        )
        with _running(
            "pg_dump", self._url, *options, f"--snapshot={name}", f"--file={path}"
        ) as dumping:
            sums = self.sums(say)
            say("database: waiting for pg_dump")
            _await(dumping)
        to_disk(path)
        return sums

    def sums(self, say: Say = lambda _: None) -> Mapping[str, TableSum]:
        found: dict[str, TableSum] = {}
        tables = self.tables()
        for number, table in enumerate(tables, 1):
            row = self._db.execute(_SUM.format(Identifier(table))).fetchone()
            assert row is not None, "an aggregate is one row"
            found[table] = TableSum(row[0], row[1])
            say(f"database: {number} of {len(tables)} tables")
        return found


@contextmanager
def snapshot(url: str) -> Iterator[PostgresSnapshot]:
    """The database at `url` as it is now, for as long as the block lasts."""
    with _connected(url) as db:
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        db.read_only = True
        yield PostgresSnapshot(db, url)
        db.rollback()


def is_empty(url: str) -> bool:
    """Whether there is nothing that a restore would replace."""
    with _connected(url) as db:
        return not db.execute(_TABLES).fetchall()


def is_in_use(url: str) -> bool:
    """Whether servers or workers are connected: they say who they are."""
    with _connected(url) as db:
        return db.execute(_AT_WORK).fetchone() is not None


@contextmanager
def restored(dump: Path, url: str, *, replace: bool) -> Iterator[str]:
    """The same URL, once it holds what `dump` does: all of it, or nothing.

    What is replaced is gone when the block ends well, and back when anything goes wrong. Killed in
    between, it lies in the schema `before_restore`.
    """
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    database = _environment(url)["PGDATABASE"]
    with _replacing(url) if replace else nullcontext():
        with _running("pg_restore", url, *options, f"--dbname={database}", str(dump)) as restoring:
            _await(restoring)
        yield url


@contextmanager
def _replacing(url: str) -> Iterator[None]:
    """An empty schema in the place of the one that is there."""
    with _connected(url) as db:
        if db.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [_ASIDE]).fetchone():
            raise BackupError(
                f"A restore that was killed has left the former database in the schema {_ASIDE}: "
                "drop it, or put it back in the place of the schema public, and try again."
            )
        db.execute(f"ALTER SCHEMA public RENAME TO {_ASIDE}".encode())
        db.execute("CREATE SCHEMA public")
    with ExitStack() as failing:
        failing.callback(_put_back, url)
        yield
        failing.pop_all()
    with _connected(url) as db:
        db.execute(f"DROP SCHEMA {_ASIDE} CASCADE".encode())


def _put_back(url: str) -> None:
    """Have the database again that a restore has put aside."""
    with _connected(url) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute(f"ALTER SCHEMA {_ASIDE} RENAME TO public".encode())


@contextmanager
def scratch(url: str, name: str) -> Iterator[str]:
    """The URL of a new database on the same server, which is dropped in the end."""
    with _connected(url) as db:
        db.autocommit = True
        db.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            db.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def settle(url: str) -> None:
    """Let the feed show what was restored: see `kernel.events`.

    Events note up to which transaction of their server others may come before them. Another server
    counts anew: they would wait until it has counted as far. All that was restored has settled;
    of it the newest event is enough to say so.
    """
    with _connected(url) as db:
        if db.execute("SELECT to_regclass('public.events')").fetchone() == (None,):
            return
        db.execute("ALTER TABLE events DISABLE TRIGGER USER")
        db.execute(
            "UPDATE events SET horizon = 0 WHERE sequence = (SELECT max(sequence) FROM events)"
        )
        db.execute("ALTER TABLE events ENABLE TRIGGER USER")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, options=_SETTINGS) as db:
            yield db
    except psycopg.Error as failure:
        raise BackupError(f"PostgreSQL says: {failure}") from failure


def _environment(url: str) -> dict[str, str]:
    """How the tools reach the database: no password stands among their arguments."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    known = conninfo_to_dict(plain)
    return {_VARIABLES[name]: str(value) for name, value in known.items() if name in _VARIABLES}


class _Tool:
    """A tool under way, and where it writes what goes wrong."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], errors: Any) -> None:
        self.name = name
        self.process = process
        self.errors = errors


@contextmanager
def _running(name: str, url: str, *arguments: str) -> Iterator[_Tool]:
    program = shutil.which(name)
    if program is None:
        raise BackupError(f"{name} is not installed: it comes with the client of PostgreSQL.")
    environment = {**os.environ, **_environment(url), "PGOPTIONS": ""}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603
            [program, *arguments], env=environment, stderr=errors, stdin=subprocess.DEVNULL
        )
        try:
            yield _Tool(name, process, errors)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def _await(tool: _Tool) -> None:
    if tool.process.wait() == 0:
        return
    tool.errors.seek(0)
    said = tool.errors.read().decode(errors="replace").strip()
    if "No space left" in said:
        raise BackupError("The disk is full: nothing of this backup is left.")
    raise BackupError(f"{tool.name} says: {said[-_ERROR_LENGTH_MAX:]}")
