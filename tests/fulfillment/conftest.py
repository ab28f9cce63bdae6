"""A hall for each test, on both databases."""

import pytest

from tests.fulfillment.hall import Hall
from tests.world import World


@pytest.fixture
def hall(world: World) -> Hall:
    return Hall(world)
