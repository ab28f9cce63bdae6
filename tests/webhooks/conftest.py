"""A room with webhooks, closed at the end."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.webhooks.consumer import Consumer
from tests.webhooks.room import Room
from tests.world import World


@pytest_asyncio.fixture
async def room(world: World) -> AsyncIterator[Room]:
    made = Room(world)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def consumer() -> AsyncIterator[Consumer]:
    """A receiver that takes everything until it is told otherwise."""
    async with Consumer() as made:
        yield made
