"""A shop for each test, on both databases."""

import pytest

from tests.orders.shop import Shop
from tests.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)
