"""A hall with parcels for each test, on both databases."""

import pytest

from tests.tracking.hall import Hall
from tests.world import World


@pytest.fixture
def hall(world: World) -> Hall:
    return Hall(world)
