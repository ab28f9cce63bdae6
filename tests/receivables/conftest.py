"""A till for each test, on both databases."""

import pytest

from tests.receivables.debts import Debts
from tests.world import World


@pytest.fixture
def debts(world: World) -> Debts:
    return Debts(world)
