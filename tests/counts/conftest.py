"""A depot for each test, on both databases."""

import pytest

from tests.stock.depot import Depot
from tests.world import World


@pytest.fixture
def depot(world: World) -> Depot:
    return Depot(world)
