"""A counting house for each test, on both databases."""

import pytest

from tests.bookkeeping.counting_house import CountingHouse
from tests.world import World


@pytest.fixture
def house(world: World) -> CountingHouse:
    return CountingHouse(world)
