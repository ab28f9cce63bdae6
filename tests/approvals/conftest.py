"""A shop whose orders may need approval, on both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from tests.identity.people import add_staff
from tests.orders.shop import Shop
from tests.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    made = Shop(world)
    made.variant("MUG", 99)
    return made


@pytest.fixture
def staff(world: World) -> list[Caller]:
    """Three people who may do everything."""
    ids: list[UUID] = [
        add_staff(world, *ALL_SCOPES, email=f"{name}@shop.example") for name in ("a", "b", "c")
    ]
    return [Caller(Actor(ActorKind.STAFF, id, "somebody"), ALL_SCOPES) for id in ids]
