"""A desk for the tests of files, once on each backend."""

from pathlib import Path

import pytest

from tests.bulk.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "files")
