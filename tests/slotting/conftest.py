"""A yard for each test, on both databases."""

import pytest

from tests.slotting.yard import Yard
from tests.world import World


@pytest.fixture
def yard(world: World) -> Yard:
    return Yard(world)
