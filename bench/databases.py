"""Where the shops lie that are measured: made once, kept between runs, copied for each.

What is kept is never worked on, so that every run begins with the same rows.
"""

import fcntl
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from backoffice_api.migrate import locate_migrations
from bench import seed
from tests.postgres import kept_server

# On disk, outlives a run, and may be entered by the PostgreSQL server, whoever that runs as.
CACHE = Path("/var/tmp/backoffice-bench")

BACKENDS = ("sqlite", "postgresql")

# What an installation with as much memory as this would set; commits survive the machine.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
}

_KEPT = "bench-kept-"
_WORKING = "bench-working"

Fill = Callable[[str], None]


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    """The cache for one run alone; another one waits."""
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def name_of(orders: int) -> str:
    """Names a shop with so many orders, made by these migrations and filled in this way."""
    made_of = sha256(seed.VERSION.encode())
    for file in sorted((locate_migrations() / "versions").glob("*.py")):
        made_of.update(file.read_bytes())
    return f"{orders}-{made_of.hexdigest()[:10]}"


def _recipe(name: str) -> str:
    """What a shop was made of: shops of several sizes are kept, if they were made alike."""
    return name.rpartition("-")[2]


class Shelf(ABC):
    """Keeps the shops of one database system. `process` is its server, if it is one of ours."""

    process: psutil.Process | None = None

    @contextmanager
    def copy(self, name: str, fill: Fill) -> Iterator[str]:
        """URL of a copy of the shop `name`, removed with the end of the block.

        `fill` is given the URL of an empty database if the shop was never made.
        """
        if not self._has(name):
            self._forget(_recipe(name))
            self._make(name, fill)
        yield self._copy(name)
        self._drop()

    @abstractmethod
    def empty(self, name: str) -> str:
        """URL of a new database without tables, in the place of the last one of this name."""

    @abstractmethod
    def _has(self, name: str) -> bool: ...

    @abstractmethod
    def _forget(self, recipe: str) -> None:
        """Remove the shops that were made by another recipe: of other tables, filled otherwise."""

    @abstractmethod
    def _make(self, name: str, fill: Fill) -> None: ...

    @abstractmethod
    def _copy(self, name: str) -> str: ...

    @abstractmethod
    def _drop(self) -> None:
        """Remove the copy."""


class SqliteShelf(Shelf):
    """Files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def empty(self, name: str) -> str:
        for file in self._folder.glob(f"{name}.sqlite*"):
            file.unlink()
        return f"sqlite:///{self._folder}/{name}.sqlite"

    def _has(self, name: str) -> bool:
        return self._kept(name).exists()

    def _forget(self, recipe: str) -> None:
        for file in self._folder.glob("*.db*"):
            if _recipe(file.stem) != recipe:
                file.unlink()

    def _make(self, name: str, fill: Fill) -> None:
        part = self._folder / "part.db"
        fill(f"sqlite:///{part}")
        part.rename(self._kept(name))

    def _copy(self, name: str) -> str:
        self._drop()
        working = self._folder / f"{_WORKING}.db"
        shutil.copyfile(self._kept(name), working)
        with working.open("rb") as file:
            os.fsync(file.fileno())  # not while it is measured
        return f"sqlite:///{working}"

    def _drop(self) -> None:
        for file in self._folder.glob(f"{_WORKING}.db*"):
            file.unlink()

    def _kept(self, name: str) -> Path:
        return self._folder / f"{_KEPT}{name}.db"


class PostgresShelf(Shelf):
    """Databases of the server at `url`, where we may make and drop some."""

    def __init__(self, url: str) -> None:
        self._url = url

    def empty(self, name: str) -> str:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._run("CREATE DATABASE {} TEMPLATE template0", name)
        return self._named(name)

    def _has(self, name: str) -> bool:
        return f"{_KEPT}{name}" in self._names()

    def _forget(self, recipe: str) -> None:
        for name in self._names():
            if name.startswith(_KEPT) and _recipe(name) != recipe:
                self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _make(self, name: str, fill: Fill) -> None:
        self._drop()
        self._run("CREATE DATABASE {} TEMPLATE template0", _WORKING)
        fill(self._named(_WORKING))
        with psycopg.connect(self._named(_WORKING), autocommit=True) as db:
            db.execute("VACUUM (ANALYZE)")
        self._run("ALTER DATABASE {} RENAME TO {}", _WORKING, f"{_KEPT}{name}")

    def _copy(self, name: str) -> str:
        self._drop()
        copy = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self._run(copy, _WORKING, f"{_KEPT}{name}")
        self._run("CHECKPOINT")
        return self._named(_WORKING)

    def _drop(self) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", _WORKING)

    def _names(self) -> list[str]:
        with psycopg.connect(self._url) as db:
            return [name for (name,) in db.execute("SELECT datname FROM pg_database")]

    def _named(self, name: str) -> str:
        url = make_url(self._url).set(database=name)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as db:
            db.execute(SQL(statement).format(*map(Identifier, names)))


@contextmanager
def shelf(backend: str, cache: Path, postgres_url: str | None) -> Iterator[Shelf]:
    """The shelf of `backend`. Without a URL, PostgreSQL is a server of our own for the block."""
    if backend == "sqlite":
        yield SqliteShelf(cache / "sqlite")
    elif postgres_url is not None:
        yield PostgresShelf(postgres_url)
    else:
        lifeline = cache / "lifeline"
        lifeline.unlink(missing_ok=True)
        os.mkfifo(lifeline)
        lifeline.chmod(0o644)
        held = os.open(lifeline, os.O_RDWR)
        try:
            server = kept_server(cache / "postgres", lifeline, POSTGRES_SETTINGS)
            made = PostgresShelf(server.url)
            made.process = psutil.Process(_pid_in(server.folder / "data" / "postmaster.pid"))
            yield made
        finally:
            os.close(held)


def _pid_in(file: Path) -> int:
    return int(file.read_text().split()[0])
