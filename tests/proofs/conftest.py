"""Databases as `backoffice migrate` makes them."""

from collections.abc import Callable, Iterator

import pytest

from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.migrate import migrate
from tests.databases import BACKENDS, Copies
from tests.proofs.office import Office, open_office


@pytest.fixture
def migrated_url(empty_database_url: str) -> str:
    """URL of a new database that a server accepts: the test runs once on each backend."""
    migrate(empty_database_url)
    return empty_database_url


@pytest.fixture
def migrated(migrated_url: str, opens: Callable[..., Database]) -> Database:
    """The same, opened."""
    return opens(migrated_url)


@pytest.fixture(scope="module", params=BACKENDS)
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office for the tests of one module, which write nothing. Once on each backend."""
    backend = "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    copies: Copies = request.getfixturevalue(backend)
    url = copies.empty()
    migrate(url)
    database = open_database(url)
    try:
        with open_office(url, database) as office:
            yield office
    finally:
        database.dispose()
        copies.drop(url)
