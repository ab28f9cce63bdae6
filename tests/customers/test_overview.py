"""All that a customer is to the shop, on one screen, and at the same price for a list of them."""

from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.customers.people import create
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.plans import all_indexed
from tests.receivables.debts import Debts
from tests.returns.desk import Desk
from tests.world import World, caller

ALL = """
fragment All on Customer {
  name
  orders(first: 3) { nodes { number } }
  lifetime { currency orderCount value { amount } average { amount } firstPlacedAt lastPlacedAt }
  returns(first: 3) { nodes { number } }
  returnRate { shipped returned basisPoints }
  owed { open { amount } count oldestDueOn }
  storeCredits { balance { amount } }
  creditStatus { used { amount } }
  margins { revenue { amount } contribution { amount } }
  consents { channel status }
  contacts { name } groups { name } duplicates { score } merges { id } mergedInto { id }
  notes(first: 3) { nodes { body } }
}
"""
LIST = "query { customers(first: 50) { nodes { ...All } } }" + ALL
LINKS = """
{ customers(first: 50) { nodes {
  lifetime { orderCount } returnRate { shipped } owed { count } margins { percent }
  consents { channel } contacts { name } locations { name } groups { name }
  duplicates { score } merges { moved { count } } mergedInto { id }
} } }
"""
ONE = "query ($id: ID!) { customer(by: {id: $id}) { ...All } }" + ALL


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class TestOverview:
    async def test_tells_worth_returns_and_margin(self, desk: Desk) -> None:
        desk.refund(desk.back(desk.bought(4), 1))
        desk.bought(2)
        desk.place(goods("MUG", 1), customer_id=None)

        found = (await desk.world.graphql(ONE, id=ids.text("cus", desk.ana)))["customer"]

        assert found["lifetime"] == [
            {
                "currency": "EUR",
                "orderCount": 2,
                "value": {"amount": "50.00"},
                "average": {"amount": "25.00"},
                "firstPlacedAt": "2025-03-01T09:30:00Z",
                "lastPlacedAt": "2025-03-01T09:30:00Z",
            }
        ]
        assert found["returnRate"] == {"shipped": "6", "returned": "1", "basisPoints": 1667}
        assert len(found["orders"]["nodes"]) == 2

    async def test_tells_what_is_open(self, world: World) -> None:
        debts = Debts(world)
        order, _ = debts.on_terms(10, (30, 60))
        (owner,) = {each.customer_id for each in debts.of(order) if each.customer_id}

        found = (await world.graphql(ONE, id=ids.text("cus", owner)))["customer"]

        assert found["owed"] == [
            {"open": {"amount": "100.00"}, "count": 2, "oldestDueOn": "2025-03-31"}
        ]

    async def test_costs_the_same_for_many(self, desk: Desk) -> None:
        def busy(name: str) -> UUID:
            id = create(desk.world, name=name)
            desk.refund(desk.back(desk.bought(2, customer_id=id)))
            return id

        desk.refund(desk.back(desk.bought(2)))
        with count_statements(desk.world.database) as few:
            await desk.world.graphql(LIST)
        for number in range(3):
            busy(f"Customer {number}")
        with count_statements(desk.world.database) as many:
            found = await desk.world.graphql(LIST)
        with all_indexed(desk.world.database.reading, sorts=True):
            await desk.world.graphql(LINKS)

        assert len(found["customers"]["nodes"]) == 4
        assert len(many) == len(few)

    async def test_hides_margins_from_who_may_not_see_costs(self, desk: Desk) -> None:
        document = "{ customers { nodes { margins { revenue { amount } } } } }"
        answer = await desk.world.ask(document, caller=caller(*(ALL_SCOPES - {Scope.COSTS_READ})))
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
