"""200 buyers at the same moment, and goods for 50: over HTTP, against two servers at once."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx2
import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import open_database
from tests.databases import BACKENDS, Copies
from tests.orders.kits import kit
from tests.orders.shop import Shop, goods
from tests.serving import ANSWER_TIMEOUT_S, TRUSTING_NOBODY, Server, new_token
from tests.soundness import broken
from tests.world import World

pytestmark = pytest.mark.timeout(300)

BUYERS = 200
# A machine that is busy otherwise may be slow; nobody is to be turned away for that.
PATIENCE: Mapping[str, Any] = {
    "lock_timeout_s": 60,
    "statement_timeout_s": 120,
    "mutation_timeout_s": 120,
}

CREATE = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { number } userErrors { code } }
}
"""
PLACE = """
mutation ($id: ID!) { orderPlace(id: $id) { order { number } userErrors { code } } }
"""


@dataclass(frozen=True, slots=True)
class Market:
    """A shop, and two servers for it."""

    shop: Shop
    servers: Sequence[Server]
    token: str

    async def all_at_once(self, requests: Sequence[Mapping[str, Any]]) -> list[str]:
        """What each request comes to: the number of an order, or the code of a refusal."""
        limits = httpx2.Limits(max_connections=None)
        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx2.AsyncClient(
            headers=headers, limits=limits, timeout=ANSWER_TIMEOUT_S, verify=TRUSTING_NOBODY
        ) as client:

            async def ask(server: Server, request: Mapping[str, Any]) -> str:
                answer = await client.post(f"{server.url}/graphql", json=request)
                return outcome(answer)

            pairs = zip(cycle(self.servers), requests, strict=False)
            return await asyncio.gather(*(ask(*pair) for pair in pairs))

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.shop.world.database, CHECKS)


def outcome(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    content = answer.json()
    assert "errors" not in content, content
    (payload,) = content["data"].values()
    codes = [each["code"] for each in payload["userErrors"]]
    number: str = codes[0] if codes else payload["order"]["number"]
    return number


def an_order(*lines: tuple[str, int]) -> Mapping[str, Any]:
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    input = {"channel": {"code": "web"}, "lines": wanted, "place": True}
    return {"query": CREATE, "variables": {"input": input}}


@pytest.fixture(scope="module", params=BACKENDS)
def market(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    """Once on each backend."""
    copies: Copies = request.getfixturevalue(
        "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    )
    folder = tmp_path_factory.mktemp("servers")
    url = copies.migrated()
    with ExitStack() as ending:
        ending.callback(copies.drop, url)
        database = open_database(url)
        ending.callback(database.dispose)
        threads = Threads(database, pool_size=1)
        ending.callback(threads.shutdown)
        shop = Shop(World(database, threads))
        servers = [
            ending.enter_context(Server(url, folder / name, **PATIENCE)) for name in ("one", "two")
        ]
        yield Market(shop, servers, new_token(database))


class TestTwoHundredBuyers:
    async def test_of_fifty_pieces_get_fifty(self, market: Market) -> None:
        mug = market.shop.variant("MUG", 30, 20)

        came_to = await market.all_at_once([an_order(("MUG", 1))] * BUYERS)

        assert Counter(came_to)["INSUFFICIENT_STOCK"] == 150
        assert len(set(came_to)) == 51
        position = market.shop.position(mug)
        assert (position.on_hand, position.reserved, position.available) == (50, 50, 0)
        assert market.broken() == []

    async def test_get_no_piece_twice_in_several_lines(self, market: Market) -> None:
        """Every order takes two cups, in one line or in two, and a spoon, before them or after."""
        cup, spoon = market.shop.variant("CUP", 60, 40), market.shop.variant("SPOON", 90, 110)
        wishes = (
            an_order(("CUP", 1), ("SPOON", 1), ("CUP", 1)),
            an_order(("SPOON", 1), ("CUP", 2)),
            an_order(("CUP", 1), ("CUP", 1), ("SPOON", 1)),
            an_order(("SPOON", 1), ("CUP", 1), ("CUP", 1)),
        )

        came_to = await market.all_at_once(wishes * (BUYERS // 4))

        assert Counter(came_to)["INSUFFICIENT_STOCK"] == 150
        assert len(set(came_to)) == 51
        assert market.shop.reserved(cup) == 100
        assert market.shop.reserved(spoon) == 50
        assert market.broken() == []

    async def test_get_no_component_of_a_kit_twice(self, market: Market) -> None:
        """A tray is two plates and a jug; each buyer wants a plate besides, before or after."""
        plate, jug = market.shop.variant("PLATE", 75, 75), market.shop.variant("JUG", 200)
        kit(market.shop, "TRAY", (plate, 2), (jug, 1))
        wishes = (an_order(("TRAY", 1), ("PLATE", 1)), an_order(("PLATE", 1), ("TRAY", 1)))

        came_to = await market.all_at_once(wishes * (BUYERS // 2))

        assert Counter(came_to)["INSUFFICIENT_STOCK"] == 150
        assert len(set(came_to)) == 51
        assert market.shop.reserved(plate) == 150
        assert market.shop.reserved(jug) == 50
        assert market.broken() == []

    async def test_of_fifty_drafts_place_each_once(self, market: Market) -> None:
        """Four buyers press the button of each draft; there are goods for all."""
        lamp = market.shop.variant("LAMP", 25, 25)
        drafts = [market.shop.create(goods("LAMP")) for _ in range(50)]
        requests = [{"query": PLACE, "variables": {"id": ids.text("ord", id)}} for id in drafts * 4]

        came_to = await market.all_at_once(requests)

        assert Counter(came_to)["INVALID_TRANSITION"] == 150
        assert len(set(came_to)) == 51
        assert market.shop.reserved(lamp) == 50
        assert market.broken() == []
