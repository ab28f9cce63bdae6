"""A clean database per test, on both backends. Loaded where tests run."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from structlog.dev import ConsoleRenderer, plain_traceback

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database, open_database
from tests.databases import BACKENDS, Copies, PostgresCopies, SqliteCopies, open_connections
from tests.keyring import KEYS
from tests.run import Run
from tests.world import World

# The same examples in every run; `--hypothesis-profile=wandering` looks for new ones.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.register_profile("wandering", deadline=None)
hypothesis.settings.load_profile("suite")

# Where nothing is configured, structlog draws the frames of a failure with all their variables:
# for a quarter of a second. This holds after `structlog.reset_defaults`, too.
ConsoleRenderer.get_active().exception_formatter = plain_traceback

# Programs that tests start seal with the keys of the tests.
os.environ["BACKOFFICE_ENCRYPTION_KEYS_SECRET"] = KEYS


@pytest.fixture(scope="session")
def sqlite_copies(test_run: Run) -> Iterator[Copies]:
    copies = SqliteCopies(test_run)
    yield copies
    copies.close()


@pytest.fixture(scope="session")
def postgres_copies(test_run: Run) -> Iterator[Copies]:
    copies = PostgresCopies(test_run)
    yield copies
    copies.close()


@pytest.fixture(params=BACKENDS)
def copies(request: pytest.FixtureRequest) -> Copies:
    """Where databases come from: the test runs once on each backend."""
    backend: Copies = request.getfixturevalue(
        "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    )
    return backend


@pytest.fixture
def database(copies: Copies) -> Iterator[Database]:
    """A database with every table, as new: the test runs once on each backend."""
    database = copies.clean()
    yield database
    assert open_connections(database) == 0, "The test has left a connection in use."


@pytest.fixture
def opens() -> Iterator[Callable[..., Database]]:
    """`open_database`, with what it opens closed at the end of the test."""
    with ExitStack() as opened:

        def opens(url: str, **options: Any) -> Database:
            database = open_database(url, **options)
            opened.callback(database.dispose)
            return database

        yield opens


@pytest.fixture
def database_url(copies: Copies) -> Iterator[str]:
    """URL of a new database with every table: the test runs once on each backend."""
    url = copies.fresh()
    yield url
    copies.drop(url)


@pytest.fixture
def empty_database_url(copies: Copies) -> Iterator[str]:
    """URL of a new database without tables: the test runs once on each backend."""
    url = copies.empty()
    yield url
    copies.drop(url)


@pytest.fixture
def migrated_url(copies: Copies) -> Iterator[str]:
    """URL of a new database as `backoffice migrate` makes it: once on each backend."""
    url = copies.migrated()
    yield url
    copies.drop(url)


@pytest.fixture
def upgraded_url(copies: Copies) -> Iterator[str]:
    """URL of a new database that has gone through all migrations: once on each backend."""
    url = copies.upgraded()
    yield url
    copies.drop(url)


@pytest.fixture
def sqlite_url(sqlite_copies: Copies) -> Iterator[str]:
    """URL of a new SQLite database with every table."""
    url = sqlite_copies.fresh()
    yield url
    sqlite_copies.drop(url)


@pytest.fixture
def postgres_url(postgres_copies: Copies) -> Iterator[str]:
    """URL of a new PostgreSQL database with every table."""
    url = postgres_copies.fresh()
    yield url
    postgres_copies.drop(url)


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """A database with every table, and a caller with every right: once on each backend."""
    threads = Threads(database, pool_size=4)
    yield World(database, threads)
    threads.shutdown()
