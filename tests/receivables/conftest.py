"""A till for each test, on both databases."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from tests.identity.people import add_staff
from tests.receivables.debts import Debts
from tests.world import World


@pytest.fixture
def debts(world: World) -> Debts:
    return Debts(world)


@pytest.fixture
def boss(world: World) -> Caller:
    """Somebody else who may do everything."""
    id = add_staff(world, *ALL_SCOPES, email="boss@shop.example")
    return Caller(Actor(ActorKind.STAFF, id, "boss"), ALL_SCOPES)
