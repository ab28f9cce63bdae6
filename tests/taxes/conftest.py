"""A shop that calculates taxes, for each test, on both databases."""

import pytest

from tests.taxes.desk import TaxDesk
from tests.world import World


@pytest.fixture
def desk(world: World) -> TaxDesk:
    return TaxDesk(world)
