"""A market for each test, on both databases."""

import pytest

from tests.pricing.market import Market
from tests.world import World


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)
