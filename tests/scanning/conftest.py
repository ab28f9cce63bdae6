"""A depot with a device, on both databases."""

import pytest

from tests.scanning.floor import Floor
from tests.world import World


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)
