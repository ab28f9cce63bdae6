"""Two doors to the same data: many may read at once, and what reads cannot write.

On SQLite there is one writing connection and a pool of reading ones over a write-ahead log; on
PostgreSQL there are two pools, and the reading one may point at a replica. A reading transaction
sees one snapshot on both. `trouble.classify` says what a failure of either means for the caller.
"""

import gc
import select
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any, Literal

import orjson
from psycopg import IsolationLevel, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import URL, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.prepared import PREPARES
from backoffice_api.domain.kernel.watch import Watch

Synchronous = Literal["FULL", "NORMAL"]

# Connections are renewed after this time, so that memory of the server's side of them, and
# firewalls that forget idle ones, stay bounded.
_RECYCLE_S = 1_800
# How often SQLite asks whether a statement's time is over: about every millisecond of work.
_PRAGMA_AGAIN_S = 0.01
_STEPS_BETWEEN_CHECKS = 100_000
_NOTICES_MAX = 10
_WAL_BYTES_KEPT = 64 * 1024 * 1024
# After so many pages, 16 MB, the log is written back. What many commands have changed is then
# written once: by the 1,000 of SQLite itself, every tenth order would do it.
_WAL_PAGES = 4_000
_POSTGRESQL_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")


class DatabaseUrlError(ValueError):
    """The setting that names the database cannot be used; the message says what can."""


@dataclass(frozen=True, slots=True)
class Database:
    """The reading and the writing door. Engines connect when they are first used."""

    reading: Engine
    writing: Engine
    watch: Watch | None = None
    """Of PostgreSQL; to be started by a process that serves."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writing.dialect.name

    @property
    def fresh(self) -> Engine:
        """Where a read sees what was committed just now: a replica may be a moment behind."""
        return self.reading if self.reading.url == self.writing.url else self.writing

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        if self.watch is not None:
            self.watch.stop()
        self.reading.dispose()
        self.writing.dispose()


@dataclass(frozen=True, slots=True)
class _Limits:
    pool_size: int
    pool_timeout_s: float
    statement_timeout_s: float
    lock_timeout_s: float
    connect_timeout_s: float


def open_database(
    url: str,
    *,
    reading_url: str | None = None,
    pool_size: int = 8,
    statement_timeout_s: float = 10,
    lock_timeout_s: float = 3,
    connect_timeout_s: float = 3,
    pool_timeout_s: float = 3,
    prepared_statements: bool = True,
    sqlite_synchronous: Synchronous = "FULL",
) -> Database:
    """Both doors to the database at `url`. Nothing is connected yet.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db` (missing folders are made) or
            `postgresql://user@host/name`. A database in memory is refused: the two doors would
            open two databases.
        reading_url: a PostgreSQL replica to read from; None reads from `url`.
        pool_size: most connections of each door (SQLite's writing door has one).
        statement_timeout_s: longest a statement may run; 0 is for ever.
        lock_timeout_s: longest wait for somebody else's lock; on SQLite for its one write lock.
        connect_timeout_s: longest wait for a server to answer (PostgreSQL; whole seconds, least 2).
        pool_timeout_s: longest wait for a free connection of the pool.
        prepared_statements: False behind PgBouncer in transaction mode, where neither prepared
            statements nor settings of a session can be relied on.
        sqlite_synchronous: FULL survives a power cut; NORMAL may then lose the last commits, but
            survives the death of the process as well (https://sqlite.org/pragma.html).

    Raises:
        DatabaseUrlError: a URL is malformed, or of a kind that cannot be used.
    """
    parsed = _parse(url)
    limits = _Limits(
        pool_size, pool_timeout_s, statement_timeout_s, lock_timeout_s, connect_timeout_s
    )
    if parsed.get_backend_name() == "sqlite":
        if reading_url is not None:
            raise DatabaseUrlError("SQLite has no replicas: leave the reading URL out.")
        reading = _sqlite(parsed, limits, synchronous=sqlite_synchronous, read_only=True)
        return Database(
            reading, _sqlite(parsed, limits, synchronous=sqlite_synchronous, read_only=False)
        )
    replica = parsed if reading_url is None else _parse(reading_url)
    if replica.get_backend_name() != "postgresql":
        raise DatabaseUrlError("The reading URL must name a PostgreSQL database, as the other.")
    reading = _postgresql(replica, limits, prepared_statements=prepared_statements, read_only=True)
    writing = _postgresql(parsed, limits, prepared_statements=prepared_statements, read_only=False)
    return Database(reading, writing, Watch(reading=reading, writing=writing))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password: it is not repeated.
        raise DatabaseUrlError(
            "The database URL cannot be read; it looks like sqlite:///backoffice.db "
            "or postgresql://user:password@host/name."
        ) from None
    if parsed.drivername in _POSTGRESQL_SCHEMES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseUrlError(
            f"{parsed.drivername} is not supported: use sqlite:/// or postgresql://."
        )
    if parsed.query or parsed.database is None or parsed.database.startswith(("file:", ":memory:")):
        raise DatabaseUrlError(
            "An SQLite URL names a file and nothing else, as sqlite:///backoffice.db. "
            "A database in memory cannot be shared by readers and the writer."
        )
    path = Path(parsed.database).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    return parsed.set(drivername="sqlite+pysqlite", database=str(path))


def _engine(url: URL, limits: _Limits, pool_size: int, connect_args: Mapping[str, Any]) -> Engine:
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=limits.pool_timeout_s,
        pool_recycle=_RECYCLE_S,
        pool_use_lifo=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args=dict(connect_args),
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


class _SqliteConnection(sqlite3.Connection):
    """A connection of sqlite3 that knows when the statement it runs has to end."""

    deadline: float = float("inf")

    def is_late(self) -> bool:
        return monotonic() > self.deadline


def _set(connection: sqlite3.Connection, name: str, value: object, timeout_s: float) -> None:
    """Set a pragma. SQLite itself does not wait for those who open a new file at the same moment.

    Only one can turn it to WAL; the others are told that it is locked, whatever their timeout.
    """
    end = monotonic() + timeout_s
    while True:
        try:
            connection.execute(f"PRAGMA {name}={value}")
        except sqlite3.OperationalError:
            if monotonic() > end:
                raise
            sleep(_PRAGMA_AGAIN_S)
        else:
            return


def _sqlite(url: URL, limits: _Limits, *, synchronous: Synchronous, read_only: bool) -> Engine:
    engine = _engine(
        url,
        limits,
        pool_size=limits.pool_size if read_only else 1,
        connect_args={
            "timeout": limits.lock_timeout_s,
            "isolation_level": None,  # we say BEGIN ourselves, below
            "check_same_thread": False,
            "cached_statements": 512,
            "factory": _SqliteConnection,
        },
    )
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": synchronous,
        "foreign_keys": "ON",
        "recursive_triggers": "ON",  # or REPLACE would delete without asking the triggers
        "secure_delete": "ON",  # what is erased is overwritten; most systems build it so
        "temp_store": "MEMORY",
        "cache_size": -16_384,  # KiB, of each connection
        "journal_size_limit": _WAL_BYTES_KEPT,
        "wal_autocheckpoint": _WAL_PAGES,
        "query_only": int(read_only),
    }
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    timeout_s = limits.statement_timeout_s

    @event.listens_for(engine, "connect")
    def _prepare(connection: _SqliteConnection, _record: object) -> None:
        for name, value in pragmas.items():
            _set(connection, name, value, limits.lock_timeout_s)
        if timeout_s:
            connection.set_progress_handler(connection.is_late, _STEPS_BETWEEN_CHECKS)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        try:
            connection.connection.driver_connection.execute(begin)
        except sqlite3.Error as failure:
            raise made.known(connection, begin, failure) from failure

    if timeout_s:

        @event.listens_for(engine, "before_cursor_execute")
        def _start_clock(_connection: object, cursor: sqlite3.Cursor, *_rest: object) -> None:
            # The class is fixed by `factory`; an assertion here would cost every statement.
            cursor.connection.deadline = monotonic() + timeout_s  # type: ignore[attr-defined]

    return engine


def _postgresql(url: URL, limits: _Limits, *, prepared_statements: bool, read_only: bool) -> Engine:
    settings = {
        "timezone": "UTC",
        "statement_timeout": f"{round(limits.statement_timeout_s * 1000)}",
        "lock_timeout": f"{round(limits.lock_timeout_s * 1000)}",
        # A client that died between two statements must not keep its locks for ever.
        "idle_in_transaction_session_timeout": f"{round(limits.statement_timeout_s * 3000)}",
    }
    connect_args: dict[str, Any] = {
        "connect_timeout": max(2, round(limits.connect_timeout_s)),
        "application_name": "backoffice-reading" if read_only else "backoffice-writing",
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": round((limits.statement_timeout_s or 30) * 1000),
    }
    if prepared_statements:
        connect_args["options"] = " ".join(f"-c {key}={value}" for key, value in settings.items())
    else:
        connect_args["prepare_threshold"] = None
    engine = _engine(url, limits, limits.pool_size, connect_args)
    _look_after_losses(engine)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        record.info[PREPARES] = prepared_statements
        # With each rollback, with which every read ends, psycopg has the server forget what was
        # prepared. So it prepares nothing; `kernel.prepared` does.
        connection.prepare_threshold = None
        # These two travel inside BEGIN, so that they hold behind a pooler as well. A reading
        # transaction keeps one snapshot, as on SQLite.
        connection.isolation_level = (
            IsolationLevel.REPEATABLE_READ if read_only else IsolationLevel.READ_COMMITTED
        )
        connection.read_only = read_only

    if read_only:

        @event.listens_for(engine, "rollback")
        def _end(connection: Any) -> None:
            if connection.invalidated:  # it has nothing left to end
                return
            # psycopg finds nothing left to do: its own way to the server costs three times this.
            server = connection.connection.driver_connection.pgconn
            if server.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                server.exec_(b"ROLLBACK")

    else:
        made.send_what_waits(engine)

    if not prepared_statements:
        local = "; ".join(f"SET LOCAL {key} = '{value}'" for key, value in settings.items())

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql(local)

    return engine


def _look_after_losses(engine: Engine) -> None:
    """Hand no lost connection out, and give its memory back when another one takes its place.

    What failed on them hangs in cycles with the frames that it came through, and the connection
    with all that was prepared on it, a quarter of a megabyte, hangs there, too. It is so old that
    the collector of a server would not come to it for days.
    """
    is_lost = Event()

    @event.listens_for(engine, "checkout")
    def _notice_loss(connection: Any, _record: object, _proxy: object) -> None:
        if _is_lost(connection.pgconn):
            raise DisconnectionError

    @event.listens_for(engine, "invalidate")
    def _lose(_connection: object, _record: object, _failure: object) -> None:
        is_lost.set()

    @event.listens_for(engine, "connect")
    def _collect(_connection: object, _record: object) -> None:
        if is_lost.is_set():
            is_lost.clear()
            gc.collect()


def _is_lost(connection: PGconn) -> bool:
    """Whether the server has closed an idle connection, found out without a round trip.

    A closed socket has something to read, namely its end. So has one on which a notice waits; that
    is read, and the connection is good.
    """
    try:
        for _ in range(_NOTICES_MAX):
            if not _can_be_read(connection.socket):
                return False
            connection.consume_input()
    except OperationalError:
        pass
    return True


if sys.platform == "win32":

    def _can_be_read(socket: int) -> bool:
        return bool(select.select([socket], [], [], 0)[0])

else:

    def _can_be_read(socket: int) -> bool:
        # Unlike select, this takes file descriptors above 1,023.
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        return bool(poll.poll(0))
