"""Fresh databases for tests: cheap copies of one template per backend and run.

Most tests share one database of their worker, cleaned before each: the engines, with the compiled
statements and the connections that they keep, are then made once. Tests that start processes, or
that change tables, take a copy of their own.
"""

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import QueuePool, event, make_url

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.migrate import migrate
from tests.run import Run

FIRST_REVISION = "0001"
# What each transaction begins with behind a pooler (tests/pooled.py).
LIMITS = "SET LOCAL timezone"
BACKENDS = ("sqlite", "postgresql")
# SQLite has one connection that writes, and hands it to anybody: on a busy machine, one of several
# threads of a test may be passed over for longer than the program lets its callers wait.
_POOL_TIMEOUT_S = 60
# Where in a file SQLite counts the changes of tables: sqlite.org/fileformat2.html, 1.3.9.
_SCHEMA_COOKIE = 40


class Copies(ABC):
    """Databases of one backend for the tests of one worker."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._numbers = count()
        self._shared: tuple[str, Database] | None = None

    @abstractmethod
    def empty(self) -> str:
        """URL of a new database without tables."""

    @abstractmethod
    def made(self, name: str, make: Callable[[str], object]) -> str:
        """URL of a copy of what `make` has made of an empty database, once in this run."""

    def fresh(self) -> str:
        """URL of a new database with every table."""
        return self.made("fresh", _fill)

    def migrated(self) -> str:
        """URL of a new database as `backoffice migrate` makes it: what servers accept."""
        return self.made("migrated", migrate)

    def upgraded(self) -> str:
        """URL of a new database without rows that has gone through all migrations."""
        return self.made("upgraded", _upgrade)

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database that is not needed any longer."""

    def clean(self) -> Database:
        """The database that the tests of this worker share, as it was when it was new."""
        if self._shared is None:
            url = self.fresh()
            self._shared = url, open_database(url, pool_timeout_s=_POOL_TIMEOUT_S)
        url, database = self._shared
        self._restore(url, database)
        return database

    def close(self) -> None:
        """Remove the shared database."""
        if self._shared is not None:
            url, database = self._shared
            database.dispose()
            self.drop(url)

    @abstractmethod
    def _restore(self, url: str, database: Database) -> None: ...


class SqliteCopies(Copies):
    """Files, each a copy of a template file."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._file: int | None = None

    def empty(self) -> str:
        return f"sqlite:///{self.run.folder}/{os.getpid()}-{next(self._numbers)}.db"

    def made(self, name: str, make: Callable[[str], object]) -> str:
        url = self.empty()
        with self.run.once(f"{name}.db") as template:
            if not template.exists():
                make(url)
                _file(url).rename(template)
        shutil.copyfile(template, _file(url))
        return url

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_file(url)}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        super().close()
        self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _restore(self, url: str, database: Database) -> None:
        if (
            self._file is not None
            and open_connections(database) == 0
            and self._rewrite(url, database)
        ):
            return
        database.dispose()
        self._let_go()
        self.drop(url)
        _file(url).write_bytes(self._pages)
        # Kept open: with any of its handles, a process gives up all locks that it has on a file.
        self._file = os.open(_file(url), os.O_RDWR)

    def _rewrite(self, url: str, database: Database) -> bool:
        """Put the template's pages into the file, below the connections that are open to it.

        New connections would read all tables and triggers anew, three times as long as most tests
        take. False: somebody is still at it, or they have noted that the file has grown or that
        its tables are others.
        """
        assert self._file is not None
        with closing(database.writing.raw_connection()) as pooled:
            writer: Any = pooled.driver_connection
            (is_busy, *_pages) = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        has_grown = os.fstat(self._file).st_size != len(self._pages)
        cookie = os.pread(self._file, 4, _SCHEMA_COOKIE)
        if is_busy or has_grown or not self._pages.startswith(cookie, _SCHEMA_COOKIE):
            return False
        os.pwrite(self._file, self._pages, 0)
        # A commit, by which the others learn that what they have read is out of date.
        with closing(sqlite3.connect(_file(url))) as db:
            db.execute(f"PRAGMA application_id = {next(self._numbers)}")
        return True

    @cached_property
    def _pages(self) -> bytes:
        """Those of the template, and room for what most tests write: none may note that it grew.

        They are small, as most of the many tables and indexes have but one: the fewer to write.
        """
        file = _file(self.fresh())
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("PRAGMA page_size = 1024")
            db.execute("VACUUM")
            db.execute("CREATE TABLE room AS SELECT zeroblob(1500000)")
            db.execute("DROP TABLE room")
            db.execute("PRAGMA journal_mode = WAL")
        pages = file.read_bytes()
        file.unlink()
        return pages


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


class PostgresCopies(Copies):
    """Databases of the server of this worker, each a copy of a template database."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._eraser: Eraser | None = None
        self._doomed: str | None = None

    def empty(self) -> str:
        return self._create(self._new_name(), "template0")

    def made(self, name: str, make: Callable[[str], object]) -> str:
        return self._create(self._new_name(), self._template(name, make))

    def _template(self, name: str, make: Callable[[str], object]) -> str:
        with self.run.once(f"{name}-{self.run.process}") as known:
            if not known.exists():
                url = self.empty()
                make(url)
                known.write_text(_name(url))
            return known.read_text()

    def drop(self, url: str) -> None:
        # One test later: the server sleeps for 100 ms while connections are still being closed.
        if self._doomed is not None:
            self._drop_now(self._doomed)
        self._doomed = url

    def close(self) -> None:
        if self._eraser is not None:
            self._eraser.close()
        super().close()
        if self._doomed is not None:
            self._drop_now(self._doomed)
        if "_server" in self.__dict__:
            self._server.close()

    def _restore(self, url: str, database: Database) -> None:
        if self._eraser is not None:
            if open_connections(database) == 0 and self._eraser.erase():
                return
            self._eraser.close()
            database.dispose()
            self._drop_now(url)
            self._create(_name(url), self._template("fresh", _fill))
        self._eraser = Eraser(url)

    def _drop_now(self, url: str) -> None:
        name = Identifier(_name(url))
        self._server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _new_name(self) -> str:
        return f"{self.run.folder.name}-{os.getpid()}-{next(self._numbers)}"

    def _create(self, name: str, template: str) -> str:
        # Four times faster than through the log, and with fsync=off as good.
        create = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._server.execute(create.format(Identifier(name), Identifier(template)))
        url = make_url(self.run.postgres_url()).set(database=name)
        return url.render_as_string(hide_password=False)

    @cached_property
    def _server(self) -> psycopg.Connection:
        return psycopg.connect(self.run.postgres_url(), autocommit=True)


def _name(url: str) -> str:
    return make_url(url).database or ""


# Whoever reads a table walks over the rows that were erased: after large tests, for seconds.
_ERASED_ROWS_MAX = 10_000


class Eraser:
    """Brings the rows of a PostgreSQL database back to what they were when it was copied."""

    # Tells that a test has changed tables, which no erasing takes back.
    _WATCH = """
        CREATE TABLE watch.changes (tag text);
        CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO watch.changes VALUES (tg_tag); END $$;
        CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch.note();
        CREATE EVENT TRIGGER watch_drops ON sql_drop EXECUTE FUNCTION watch.note();
    """

    def __init__(self, url: str) -> None:
        """Remember the rows of the database at `url`, which nobody has used yet."""
        self._db = psycopg.connect(url, autocommit=True)
        self._tables = self._all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        self._erased = 0
        self._db.execute("CREATE SCHEMA watch")
        self._write_back = [self._keep(name) for name in self._tables if self._has_rows(name)]
        numbers = self._db.execute(
            "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL"
            " FROM pg_sequences WHERE schemaname = 'public'"
        )
        restart = SQL("SELECT setval({}, {}, {})")
        self._begin = SQL(";").join(
            [
                SQL("BEGIN"),
                SQL("SET LOCAL lock_timeout = '1s'"),
                *(restart.format(*map(Literal, number)) for number in numbers),
                SQL("EXECUTE filled"),
            ]
        )
        has_rows = SQL("EXISTS (SELECT FROM {})")
        columns = SQL(", ").join(has_rows.format(Identifier(table)) for table in self._tables)
        self._db.execute(self._WATCH)
        # No triggers, no foreign keys. Set once: each change of it has all plans made anew.
        self._db.execute("SET session_replication_role = replica")
        filled = "PREPARE filled AS SELECT EXISTS (SELECT FROM watch.changes), {}"
        self._db.execute(SQL(filled).format(columns))

    def erase(self) -> bool:
        """Whether that was possible.

        It is not when tables were changed, when somebody who is still at it holds a lock, or when
        so much was erased that it is better to begin anew.
        """
        # Twice there and back: each time takes longer than most of what is asked for.
        try:
            *_, answer = self._db.execute(self._begin).results()
            is_changed, *filled = answer.fetchone() or ()
            deletes = [
                SQL("DELETE FROM {}").format(Identifier(table))
                for table, has_rows in zip(self._tables, filled, strict=True)
                if has_rows
            ]
            steps = [*deletes, *self._write_back, SQL("COMMIT")]
            done = self._db.execute(SQL(";").join(steps)).results()
            self._erased += sum(each.rowcount for each, _ in zip(done, deletes, strict=False))
        except psycopg.Error:
            return False
        return not is_changed and self._erased <= _ERASED_ROWS_MAX

    def close(self) -> None:
        self._db.close()

    def _all(self, statement: str, *values: str) -> list[str]:
        return [name for (name,) in self._db.execute(statement, values)]

    def _has_rows(self, table: str) -> bool:
        found = self._db.execute(SQL("SELECT FROM {} LIMIT 1").format(Identifier(table)))
        return found.rowcount > 0

    def _keep(self, table: str) -> Composed:
        """Copy the rows of a table; the statement that puts them back."""
        names = self._all(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND attgenerated = '' AND NOT attisdropped",
            table,
        )
        columns = SQL(", ").join(map(Identifier, names))
        place = Identifier(table)
        copy = SQL("CREATE TABLE watch.{} AS SELECT {} FROM {}")
        self._db.execute(copy.format(Identifier(f"rows of {table}"), columns, place))
        back = SQL("INSERT INTO {} ({}) SELECT {} FROM watch.{}")
        return back.format(place, columns, columns, Identifier(f"rows of {table}"))


def _fill(url: str) -> None:
    database = open_database(url)
    with database.writing.begin() as db:
        metadata.create_all(db)
    database.dispose()


def _upgrade(url: str) -> None:
    for revision in (FIRST_REVISION, "head"):
        migrate(url, revision)


def open_connections(database: Database) -> int:
    """How many connections of `database` somebody holds; after a test it is none."""
    pools = (database.reading.pool, database.writing.pool)
    return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))


_UNCOUNTED: list[object] = []


@contextmanager
def uncounted() -> Iterator[None]:
    """What runs inside the block is not counted by a `count_statements` around it."""
    _UNCOUNTED.append(object())
    try:
        yield
    finally:
        _UNCOUNTED.pop()


@contextmanager
def count_statements(database: Database) -> Iterator[list[str]]:
    """The statements that either door of `database` runs inside the block, in order."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not _UNCOUNTED and not statement.startswith(LIMITS):
            seen.append(statement)

    engines = (database.reading, database.writing)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
