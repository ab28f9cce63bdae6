"""One product, databases with patience, and pauses that nobody waits for."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest

from backoffice_api.domain import execute as door
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.products.commands.products import create_product
from tests.execute.steps import TEA
from tests.world import World


@pytest.fixture
def tea(world: World) -> UUID:
    """Id of a product, at version 1."""
    id: UUID = world.run(create_product, TEA).value
    return id


@pytest.fixture
def shop(database: Database, opens: Callable[..., Database]) -> Database:
    """A database with connections and patience for many threads."""
    url = database.writing.url.render_as_string(hide_password=False)
    return opens(url, pool_size=20, pool_timeout_s=60, lock_timeout_s=60)


@pytest.fixture
def postgres_shop(postgres_url: str, opens: Callable[..., Database]) -> Database:
    """The same, on PostgreSQL only: SQLite lets nobody in while another writes."""
    return opens(postgres_url, lock_timeout_s=30)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before new attempts, in seconds."""
    made: list[float] = []
    monkeypatch.setattr(door, "time", SimpleNamespace(sleep=made.append))
    return made
