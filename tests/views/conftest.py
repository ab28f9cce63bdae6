"""A desk with a shop, colleagues and a worker, once on each backend."""

import pytest

from tests.views.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)
