"""A till for each test, on both databases."""

import pytest

from tests.payments.till import Till
from tests.world import World


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)
