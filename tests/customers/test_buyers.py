"""Orders that a buyer places for a company: beyond its limit, somebody else has to agree."""

from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.customers.commands.contacts import (
    AddContact,
    RemoveContact,
    add_contact,
    remove_contact,
)
from backoffice_api.domain.customers.model import CustomerKind
from backoffice_api.domain.customers.model.accounts import BuyerRole, ContactDraft
from backoffice_api.domain.customers.queries.accounts import contacts_of
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import Money
from tests.customers.people import create
from tests.databases import count_statements
from tests.returns.desk import Desk, euros
from tests.world import World

PLACE = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) {
    order { id status buyer { name } }
    userErrors { code path }
  }
}
"""


class Firm(Desk):
    """A company that buys mugs at 10.00 euros."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.company = create(world, name="Works", kind=CustomerKind.COMPANY)

    def buyer(self, role: BuyerRole | None, limit: Money | None = None) -> UUID:
        draft = ContactDraft(name="Bo", buyer_role=role, spend_limit=limit)
        self.world.run(add_contact, AddContact(id=self.company, contact=draft))
        found: UUID = self.world.read(contacts_of, self.company)[-1].id
        return found

    async def ordered(self, buyer: UUID | None, mugs: int, customer: UUID | None = None) -> Any:
        input = {
            "channel": {"code": "web"},
            "customerId": ids.text("cus", customer or self.company),
            "lines": [{"sku": "MUG", "quantity": mugs}],
            "place": True,
        }
        if buyer:
            input["buyerId"] = ids.text("cco", buyer)
        return (await self.world.graphql(PLACE, input=input))["orderCreate"]


@pytest.fixture
def firm(world: World) -> Firm:
    return Firm(world)


class TestBuyers:
    @pytest.mark.parametrize(
        ("limit", "mugs", "status"),
        [
            (euros(5_000), 5, "OPEN"),
            (euros(5_000), 6, "PENDING_APPROVAL"),
            (Money(900_000, "USD"), 1, "PENDING_APPROVAL"),
            (None, 50, "OPEN"),
        ],
    )
    async def test_order_alone_up_to_their_limit(
        self, firm: Firm, limit: Money | None, mugs: int, status: str
    ) -> None:
        made = await firm.ordered(firm.buyer(BuyerRole.BUYER, limit), mugs)
        assert made["userErrors"] == []
        assert (made["order"]["status"], made["order"]["buyer"]) == (status, {"name": "Bo"})

    async def test_must_be_those_of_the_customer(self, firm: Firm) -> None:
        viewer, buyer = firm.buyer(BuyerRole.VIEWER), firm.buyer(BuyerRole.ADMIN)
        path = ["input", "buyerId"]
        refused = await firm.ordered(viewer, 1)
        assert refused["userErrors"] == [{"code": "NOT_A_BUYER", "path": path}]
        refused = await firm.ordered(buyer, 1, customer=firm.ana)
        assert refused["userErrors"] == [{"code": "UNKNOWN_BUYER", "path": path}]

    async def test_may_be_removed_afterwards(self, firm: Firm) -> None:
        buyer = firm.buyer(BuyerRole.BUYER)
        made = await firm.ordered(buyer, 1)
        firm.world.run(remove_contact, RemoveContact(id=firm.company, contact_id=buyer))
        document = "query ($id: ID!) { order(by: {id: $id}) { status buyer { name } } }"
        found = await firm.world.graphql(document, id=made["order"]["id"])
        assert found["order"] == {"status": "OPEN", "buyer": None}

    async def test_cost_nothing_where_there_is_none(self, firm: Firm) -> None:
        buyer = firm.buyer(BuyerRole.BUYER, euros(5_000))
        await firm.ordered(None, 1)
        with count_statements(firm.world.database) as without:
            await firm.ordered(None, 1)
        with count_statements(firm.world.database) as with_one:
            await firm.ordered(buyer, 1)
        assert not [each for each in without if "customer_contacts" in each]
        assert len([each for each in with_one if "FROM customer_contacts" in each]) <= 3
