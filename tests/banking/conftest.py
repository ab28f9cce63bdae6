"""A desk for each test, on both databases."""

import pytest

from tests.banking.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)
