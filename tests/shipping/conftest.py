"""A desk for each test, on both databases."""

from pathlib import Path

import pytest

from tests.shipping.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path)
