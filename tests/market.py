"""Customers with wishes: what each wants done once, however often it has to ask for it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2
from sqlalchemy import select

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.stock.tables import movements
from tests.orders.shop import Shop
from tests.serving import graphql
from tests.world import World

SEED = 20_260_101

ORDER = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id } userErrors { code } replayed }
}
"""
ADJUST = """
mutation ($input: StockAdjustInput!, $reason: String) {
  stockAdjust(input: $input, meta: {reason: $reason}) {
    movements { id } userErrors { code } replayed
  }
}
"""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """One mutation that a client wants done once. Its key is found again in what it makes."""

    key: str
    document: str
    variables: Mapping[str, Any]


class Market:
    """A shop with plenty of three goods, and the wishes of its customers."""

    SKUS = ("MUG", "PEN", "TEA")

    def __init__(self, world: World) -> None:
        shop = Shop(world)
        self.variants = [ids.text("sku", shop.variant(sku, 100_000, 5)) for sku in self.SKUS]
        self.location = ids.text("loc", shop.locations[0])

    def wishes(self, name: str) -> Iterator[Wish]:
        """Without end, and the same for the same name."""
        chance = random.Random(f"{SEED} {name}")
        for number in count():
            key = f"{name}-{number}"
            yield (
                self._adjustment(chance, key) if chance.random() < 0.3 else self._order(chance, key)
            )

    def _order(self, chance: random.Random, key: str) -> Wish:
        lines = [
            {"sku": sku, "quantity": chance.randint(1, 3)}
            for sku in chance.choices(self.SKUS, k=chance.randint(1, 4))
        ]
        input = {"channel": {"code": "web"}, "lines": lines, "place": True, "note": key}
        return Wish(key, ORDER, {"input": input})

    def _adjustment(self, chance: random.Random, key: str) -> Wish:
        line = {
            "variantId": chance.choice(self.variants),
            "locationId": self.location,
            "delta": chance.choice((-2, -1, 1, 2)),
        }
        return Wish(key, ADJUST, {"input": {"lines": [line]}, "reason": key})


def done(client: httpx2.Client, wish: Wish) -> tuple[Any, bool]:
    """What came of a wish, and whether it had been done before."""
    answer = graphql(client, wish.document, key=wish.key, **wish.variables)
    assert answer.status_code == 200, answer.text
    (payload,) = answer.json()["data"].values()
    assert payload.pop("userErrors") == []
    return payload, payload.pop("replayed")


def everything_written(database: Database) -> list[str]:
    """The keys of the wishes that are found in the database, each as often as it is there."""
    with database.reading.connect() as db:
        ordered = db.execute(select(orders.c.note)).scalars().all()
        moved = select(movements.c.reason).where(movements.c.reason.is_not(None))
        return sorted([*ordered, *db.execute(moved).scalars()])
