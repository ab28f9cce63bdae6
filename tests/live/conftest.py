"""A station for each test, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.live.station import Station
from tests.world import World


@pytest.fixture
async def station(world: World) -> AsyncIterator[Station]:
    async with Station(world) as station:
        yield station
