"""What the processes of one test run share: a folder. In it, each has a PostgreSQL server.

On one server, a transaction of any test would hold back the feed of events of all others.

BACKOFFICE_TEST_POSTGRES_URL names a server to use instead of our own, as
`postgresql://superuser@host/postgres`. Databases are made and dropped there, none is touched.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from tests.postgres import PostgresError, await_answer, new_server

_EXTERNAL_URL = "BACKOFFICE_TEST_POSTGRES_URL"
_PREFIX = "backoffice-test-"
_MEMORY = Path("/dev/shm")
_BYTES_NEEDED = 2 * 1024**3
_SERVER_END_TIMEOUT_S = 10


class Run:
    """The folder of a run. A server is started by the first test of its process that asks for it.

    `process` tells those that run tests apart.
    """

    def __init__(self, folder: Path, process: str = "main") -> None:
        self.folder = folder
        self.process = process
        self.lifeline = folder / "lifeline"
        self.temporary = folder / "tmp"

    @contextmanager
    def once(self, name: str) -> Iterator[Path]:
        """A path that the first process to come here fills; the others wait, and find it filled."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / name

    def postgres_url(self) -> str:
        """URL of the own database of this process's server; the first to ask starts it.

        Raises:
            PostgresError: no server can be had.
        """
        with self.once(f"postgres-url-{self.process}") as known:
            if not known.exists():
                known.write_text("")  # a failure is not tried again by each test
                known.write_text(self._start())
            url = known.read_text()
            if not url:
                raise PostgresError("PostgreSQL could not be started, as an earlier test says.")
            return url

    def remove(self) -> None:
        """Wait for the servers, whose lifeline was cut, and remove the folder."""
        end = time.monotonic() + _SERVER_END_TIMEOUT_S
        while any(self.folder.glob("postgres-*/data")) and time.monotonic() < end:
            time.sleep(0.01)
        if os.environ.get(_EXTERNAL_URL) and any(self.folder.glob("postgres-url-*")):
            self._drop_databases()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> str:
        named = os.environ.get(_EXTERNAL_URL)
        if named:
            url = make_url(named).set(drivername="postgresql").render_as_string(hide_password=False)
            await_answer(url)
            return url
        return new_server(self.folder / f"postgres-{self.process}", self.lifeline).url

    def _drop_databases(self) -> None:
        named_after_us = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        drop = SQL("DROP DATABASE {} WITH (FORCE)")
        with psycopg.connect(self.postgres_url(), autocommit=True) as db:
            for (name,) in db.execute(named_after_us, [self.folder.name]).fetchall():
                db.execute(drop.format(Identifier(name)))


@contextmanager
def new_run() -> Iterator[Run]:
    """A new run. When this process ends, however it ends, so does the server."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_place()))
    folder.chmod(0o711)  # the server may run as somebody else
    run = Run(folder)
    run.temporary.mkdir()
    with (folder / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        os.mkfifo(run.lifeline)
        run.lifeline.chmod(0o644)
        lifeline = os.open(run.lifeline, os.O_RDWR)
        try:
            yield run
        finally:
            os.close(lifeline)
            run.remove()


def _place() -> Path:
    """Memory, if there is enough of it and programs may be run from there."""
    try:
        fits = shutil.disk_usage(_MEMORY).free > _BYTES_NEEDED
        runs = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    except OSError:
        fits = runs = False
    return _MEMORY if fits and runs else Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove what killed runs left behind."""
    for alive in _place().glob(f"{_PREFIX}*/alive"):
        with alive.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(alive.parent, ignore_errors=True)
