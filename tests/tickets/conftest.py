"""An office for each test, on both databases."""

import pytest

from tests.tickets.office import Office
from tests.world import World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)
