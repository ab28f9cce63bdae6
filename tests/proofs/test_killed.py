"""kill -9 before every statement and commit of what sells: all of it is there, or nothing.

Each mutation is asked by a process of its own, over GraphQL, with one idempotency key for all. A
death after the commit is one of a server whose answer never arrived. A usual run kills before each
third statement, on either database before others.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database, open_database
from tests.execute.steps import dump
from tests.killing import killed_at_each_step
from tests.orders.shop import POSTAGE, Shop, goods
from tests.soundness import broken
from tests.thorough import THOROUGH
from tests.world import NOW, World

EVERY = 1 if THOROUGH else 3
KEY = "the same for every attempt"
FAR = NOW + timedelta(days=36_500)

ANSWER = "effects { kind } replayed userErrors { code message }"
ORDER = f"order {{ id number status lines {{ nodes {{ id quantity }} }} }} {ANSWER}"
CREATE = f"""
mutation ($input: OrderCreateInput!, $meta: MutationMeta) {{
  orderCreate(input: $input, meta: $meta) {{ {ORDER} }}
}}
"""
PLACE = f"""
mutation ($id: ID!, $meta: MutationMeta) {{
  orderPlace(id: $id, meta: $meta) {{ {ORDER} }}
}}
"""
CANCEL = f"""
mutation ($id: ID!, $input: OrderCancelInput!, $meta: MutationMeta) {{
  orderCancel(id: $id, input: $input, meta: $meta) {{ {ORDER} }}
}}
"""
ADJUST = f"""
mutation ($input: StockAdjustInput!, $meta: MutationMeta) {{
  stockAdjust(input: $input, meta: $meta) {{
    levels {{ id onHand available }} movements {{ id quantity }} {ANSWER}
  }}
}}
"""

ADDRESS = {"recipient": "Ana", "lines": ["Rua Augusta 1"], "city": "São Paulo", "country": "BR"}


@dataclass(frozen=True, slots=True)
class Case:
    """One mutation: what it is asked with in a given shop, and what it is to come to.

    `effects` are the events that it causes, `reserved` is how many mugs are promised after it.
    """

    name: str
    document: str
    variables: Callable[[Shop], Mapping[str, Any]]
    effects: list[str]
    reserved: int


def a_new_order(shop: Shop) -> Mapping[str, Any]:
    return {
        "input": {
            "channel": {"code": "web"},
            "lines": [
                {"sku": "MUG", "quantity": 4},
                {"sku": "PEN", "quantity": 1},
                {"sku": "MUG", "quantity": 3},
            ],
            "discounts": [{"label": "Hello", "amount": {"amount": "1.00", "currency": "EUR"}}],
            "shippingAddress": ADDRESS,
            "externalIds": [{"system": "shop", "key": "1"}],
            "place": True,
        }
    }


def a_draft(shop: Shop) -> Mapping[str, Any]:
    return {"id": ids.text("ord", shop.create(goods("MUG", 7), goods("PEN"), POSTAGE))}


def a_reserved_draft(shop: Shop) -> Mapping[str, Any]:
    return {"id": ids.text("ord", shop.create(goods("MUG", 7), POSTAGE, reserve_until=FAR))}


def a_placed_order(shop: Shop) -> Mapping[str, Any]:
    id = shop.place(goods("MUG", 7), goods("PEN"), POSTAGE)
    return {"id": ids.text("ord", id), "input": {"reason": "CUSTOMER"}}


def a_count(shop: Shop) -> Mapping[str, Any]:
    north, south = (ids.text("loc", each) for each in shop.locations)
    cup = ids.text("sku", shop.variant("CUP", 1))
    return {
        "input": {
            "lines": [
                {"variantId": cup, "locationId": north, "delta": -1},
                {"variantId": cup, "locationId": south, "setTo": 5, "expectedOnHand": 0},
            ]
        }
    }


CASES = (
    Case(
        "orderCreate",
        CREATE,
        a_new_order,
        ["order.created", *["reservation.made"] * 4, "order.placed"],
        reserved=7,
    ),
    Case(
        "orderPlace",
        PLACE,
        a_draft,
        [*["reservation.made"] * 3, "order.placed"],
        reserved=7,
    ),
    Case(
        "orderPlace of a reserved draft",
        PLACE,
        a_reserved_draft,
        [*["reservation.hardened"] * 2, "order.placed"],
        reserved=7,
    ),
    Case(
        "orderCancel",
        CANCEL,
        a_placed_order,
        ["order.cancelled", "order.to_settle", *["reservation.released"] * 3],
        reserved=0,
    ),
    Case("stockAdjust", ADJUST, a_count, ["stock.adjusted"] * 2, reserved=0),
)


def ask(url: str, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one process answers, which ends after that."""
    database = open_database(url)
    threads = Threads(database, pool_size=4)
    world = World(database, threads)
    data = asyncio.run(world.graphql(document, **variables, meta={"idempotencyKey": KEY}))
    threads.shutdown()
    database.dispose()
    (answer,) = data.values()
    assert answer["userErrors"] == []
    found: Mapping[str, Any] = answer
    return found


Stored = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Witness:
    """Sees what is stored, all of which passes every check. What it has seen passes it again."""

    database: Database
    seen: list[Stored] = field(default_factory=list)

    def __call__(self) -> Stored:
        """All that is stored. Nobody has the database open after that."""
        kept = dump(self.database)
        if kept not in self.seen:
            assert broken(self.database, CHECKS) == []
            self.seen.append(kept)
        self.database.dispose()  # so that the next to open it recovers what the dead have left
        return kept


class SmallShop(Shop):
    """Nine mugs in two warehouses, and a pen."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.mug = self.variant("MUG", 5, 4)
        self.variant("PEN", 1)


@pytest.fixture
def shop(database_url: str, opens: Callable[..., Database]) -> Iterator[SmallShop]:
    """A shop in a database of its own."""
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield SmallShop(World(database, threads))
    threads.shutdown()


class TestKilledMutation:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    def test_is_done_once_or_not_at_all(
        self, shop: SmallShop, database_url: str, case: Case
    ) -> None:
        question = (database_url, case.document, case.variables(shop))
        stored = Witness(shop.world.database)
        events = shop.events()
        before = stored()
        first = min(EVERY, 1 if shop.world.database.dialect == "sqlite" else 2)
        steps = partial(killed_at_each_step, ask, *question, first=first, every=EVERY)

        left = [stored() for _step in steps()]

        after = stored()
        undone = left.count(before)
        assert left == [before] * undone + [after] * (len(left) - undone)
        assert undone * EVERY > 10, "Some died before the commit."
        assert undone < len(left), "Some died before they answered."
        assert shop.events() == events + case.effects
        assert shop.reserved(shop.mug) == case.reserved

        replayed = [stored() for _step in steps()]
        one, other = ask(*question), ask(*question)

        assert [*replayed, stored()] == [after] * (len(replayed) + 1)
        assert one == other
        assert one["replayed"] is True
        assert [each["kind"] for each in one["effects"]] == case.effects
