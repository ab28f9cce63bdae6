"""Notices that PostgreSQL hangs, and lets nobody wait for it longer than a few seconds.

A server that is gone says so: connections break, new ones are refused. One that hangs says nothing.
Its own time limits hang with it, and a client would wait for as long as it has time. So whoever has
a connection for more than a moment makes the watch ask the server itself, on a new connection. If
that hangs too, all connections in use are cut, as if the server were gone, and until it answers
again nobody begins to wait. Nobody begins to connect while the watch asks, either: nothing could
cut that, and it would be waited for on top of what one has waited for already.
"""

import os
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, PollingStatus
from psycopg.pq.abc import PGconn as AnyPGconn
from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeout

# How long a statement or a connection may take before it is looked into.
PATIENCE_S = 1.0
# Within which a server that is asked whether it lives has to say anything. A busy one takes its
# time to make a process for whoever asks, and must not be taken for one that hangs.
_ANSWER_S = 2.5
# What psycopg takes besides what libpq does.
_OF_PSYCOPG = {"context", "prepare_threshold"}
_LOOK_EVERY_S = 0.25

log = structlog.get_logger("backoffice_api.watch")


class DatabaseHangsError(PoolTimeout):
    """No connection is handed out, since the server does not answer."""


@dataclass(frozen=True, slots=True, eq=False)
class _Wait:
    """Somebody uses a connection, or waits for a new one, which has no socket yet."""

    since_s: float
    connection: psycopg.Connection | None = None


class Door:
    """One server under watch, with the engines that lead there."""

    def __init__(self, *engines: Engine, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._waits: dict[object, _Wait] = {}
        self._address: bytes | None = None
        self._lock = threading.Lock()
        self._sure = threading.Event()  # cleared while the server is asked
        self._sure.set()
        self.hangs = False
        self._name = str(engines[0].url.host or "")
        for engine in engines:
            event.listen(engine, "do_connect", self._connect)
            event.listen(engine, "checkout", self._checkout)
            event.listen(engine, "checkin", self._checkin)
            event.listen(engine, "close", self._close)

    def look(self) -> None:
        """Ask the server, if anybody waits for it, and act on it if it does not answer."""
        if not (self.hangs or self._late()):
            return
        self._sure.clear()
        try:
            hangs = not self._answers()
            if hangs != self.hangs:
                self.hangs = hangs
                if hangs:
                    log.error("database.hangs", host=self._name)
                else:
                    log.info("database.answers_again", host=self._name)
        finally:
            self._sure.set()
        if hangs:
            self._cut()

    def _late(self) -> bool:
        before_s = self._clock() - PATIENCE_S
        return any(wait.since_s < before_s for wait in list(self._waits.values()))

    def _answers(self) -> bool:
        """Whether it says anything, be it that it refuses: then nobody waits."""
        if self._address is None:
            return True
        end_s = monotonic() + _ANSWER_S
        asked = PGconn.connect_start(self._address)
        try:
            while (status := asked.connect_poll()) != PollingStatus.OK:
                if status == PollingStatus.FAILED:
                    return True
                if not _turns(asked, status, end_s):
                    return False
            asked.send_query(b"SELECT 1")
            return _turns(asked, PollingStatus.READING, end_s)
        except psycopg.Error:
            return True
        finally:
            asked.finish()

    def _cut(self) -> None:
        for who in list(self._waits):
            # Whoever has it may be done this moment; until it is closed the socket is its own.
            with self._lock:
                wait = self._waits.get(who)
                if wait is None or wait.connection is None or wait.connection.closed:
                    continue
                # It may be gone already.
                with suppress(OSError, psycopg.Error):
                    its = socket.socket(fileno=os.dup(wait.connection.pgconn.socket))
                    with its:
                        its.shutdown(socket.SHUT_RDWR)

    def _connect(self, _dialect: Any, _record: Any, args: Any, kwargs: Any) -> Any:
        if self._address is None:
            known = {name: kwargs[name] for name in kwargs.keys() - _OF_PSYCOPG}
            self._address = make_conninfo(*args, **known).encode()
        self._sure.wait(_ANSWER_S)
        self._refuse()
        who = object()
        self._waits[who] = _Wait(self._clock())
        try:
            return psycopg.connect(*args, **kwargs)
        except psycopg.OperationalError as failure:
            # The frames that it has come through hold a socket, which would stay open with them.
            failure.__context__ = failure.__cause__ = None
            raise failure.with_traceback(None)  # noqa: B904
        finally:
            del self._waits[who]

    def _checkout(self, connection: Any, record: Any, _proxy: object) -> None:
        self._refuse()
        self._waits[id(record)] = _Wait(self._clock(), connection)

    def _checkin(self, _connection: Any, record: Any) -> None:
        self._waits.pop(id(record), None)

    def _close(self, _connection: Any, record: Any) -> None:
        with self._lock:
            self._waits.pop(id(record), None)

    def _refuse(self) -> None:
        if self.hangs:
            raise DatabaseHangsError("The database does not answer.")


class Watch:
    """Looks after both ways to a database, in a thread of its own."""

    def __init__(self, *, reading: Engine, writing: Engine) -> None:
        is_one = reading.url == writing.url
        self._doors = [Door(reading, writing)] if is_one else [Door(reading), Door(writing)]
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def hangs(self) -> bool:
        """Whether one of them does not answer."""
        return any(door.hangs for door in self._doors)

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no longer. Returns when the thread has ended."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            for door in self._doors:
                try:
                    door.look()
                except Exception:  # Nobody else would look in its place.
                    log.exception("watch.bug")


def _turns(connection: AnyPGconn, awaited: int, end_s: float) -> bool:
    """Whether the socket can be read or written, as is awaited, before the time is over."""
    poll = select.poll()
    is_read = awaited == PollingStatus.READING  # a number, in psycopg's compiled form
    poll.register(connection.socket, select.POLLIN if is_read else select.POLLOUT)
    return bool(poll.poll(max(0.0, end_s - monotonic()) * 1000))
