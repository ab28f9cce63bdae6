import pytest

from tests.exchanges.counter import Counter


@pytest.fixture
def counter(world):
    return Counter(world)
