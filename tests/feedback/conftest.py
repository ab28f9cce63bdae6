"""A counter for each test, on both databases."""

import pytest

from tests.feedback.counter import Counter
from tests.world import World


@pytest.fixture
def counter(world: World) -> Counter:
    return Counter(world)
