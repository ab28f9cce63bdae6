"""What tests of bills share."""

import pytest

from tests.payables.accounting import Accounting
from tests.world import World


@pytest.fixture
def books(world: World) -> Accounting:
    return Accounting(world)
