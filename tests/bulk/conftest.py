"""A desk for the tests of files, once on each backend."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database
from tests.bulk.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "files")


@pytest.fixture
def threads_of() -> Iterator[Callable[[Database], Threads]]:
    """Threads over a database, which are shut down at the end of the test."""
    made: list[Threads] = []

    def threads_of(database: Database) -> Threads:
        made.append(Threads(database, pool_size=1))
        return made[-1]

    yield threads_of
    for each in made:
        each.shutdown()
