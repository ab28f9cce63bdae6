"""A shop whose orders are looked at, on both databases."""

import pytest

from backoffice_api.domain.reviews.commands.policies import SetReviewPolicy, set_review_policy
from tests.reviews.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    made = Desk(world)
    world.run(set_review_policy, SetReviewPolicy(channel_id=made.channel_id))
    return made
