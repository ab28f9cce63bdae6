"""Databases as `backoffice migrate` makes them."""

from collections.abc import Callable, Iterator

import pytest

from backoffice_api.domain.kernel.database import Database, open_database
from tests.databases import BACKENDS, Copies
from tests.proofs.office import Office, open_office


@pytest.fixture
def migrated(migrated_url: str, opens: Callable[..., Database]) -> Database:
    """The same, opened."""
    return opens(migrated_url)


@pytest.fixture(scope="module", params=BACKENDS)
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office for the tests of one module, which write nothing. Once on each backend."""
    backend = "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    copies: Copies = request.getfixturevalue(backend)
    url = copies.migrated()
    database = open_database(url)
    try:
        with open_office(url, database) as office:
            yield office
    finally:
        database.dispose()
        copies.drop(url)
