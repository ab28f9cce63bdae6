"""What tests of replenishment share."""

import pytest

from tests.purchasing.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)
