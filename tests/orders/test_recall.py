"""From a lot to those who got pieces of it, in one query. On both databases."""

import pytest

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.domain.stock.model.lots import LotDraft, Tracking
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.world import caller

RECALL = """
query ($of: String!) {
  lots(filter: {code: {eq: $of}}) {
    nodes { id code customers { name } movements { nodes { quantity cause { id } } } }
  }
}
"""


@pytest.fixture
def sold(shop):
    """Ana and Ben got pieces of L1, a guest one of L2."""
    shop.milk = shop.variant("MILK")
    shop.world.run(set_tracking, SetTracking(variant_id=shop.milk, tracking=Tracking.LOT))
    place = shop.locations[0]
    for code, pieces in (("L1", 4), ("L2", 1)):
        line = AdjustLine(
            variant_id=shop.milk, location_id=place, delta=pieces, lot=LotDraft(code=code)
        )
        shop.world.run(adjust_stock, AdjustStock(lines=(line,)))
    for name, quantity in (("Ana", 1), ("Ben", 3), (None, 1)):
        customer_id = (
            shop.world.run(
                create_customer,
                CreateCustomer(draft=CustomerDraft(kind=CustomerKind.PERSON, name=name)),
            ).value
            if name
            else None
        )
        order = shop.place(goods("MILK", quantity), customer_id=customer_id)
        shop.ship(order, quantity)
    return shop


class TestRecall:
    async def test_leads_from_a_lot_to_its_customers(self, sold):
        with count_statements(sold.world.database) as seen:
            answer = await sold.world.graphql(RECALL, of="L1")

        (lot,) = answer["lots"]["nodes"]
        assert sorted(each["name"] for each in lot["customers"]) == ["Ana", "Ben"]
        assert sorted(each["quantity"] for each in lot["movements"]["nodes"]) == [1, 3, 4]
        assert len([each for each in seen if each.startswith("SELECT")]) <= 5

    async def test_lists_the_orders_of_guests_too(self, sold):
        (lot,) = (await sold.world.graphql(RECALL, of="L2"))["lots"]["nodes"]
        document = """query ($lot: ID!) {
          orders(filter: {lotId: {eq: $lot}}) { nodes { number customer { name } } }
          ordersCount(filter: {lotId: {eq: $lot}}) { value }
        }"""

        answer = await sold.world.graphql(document, lot=lot["id"])

        assert lot["customers"] == []
        assert [each["customer"] for each in answer["orders"]["nodes"]] == [None]
        assert answer["ordersCount"] == {"value": 1}

    async def test_takes_the_right_to_see_customers_and_stock(self, sold):
        nobody = caller(*ALL_SCOPES - {Scope.CUSTOMERS_READ})
        answer = await sold.world.ask(RECALL, caller=nobody, of="L1")
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

        document = f'{{ orders(filter: {{lotId: {{eq: "lot_{0:032}"}}}}) {{ nodes {{ id }} }} }}'
        nobody = caller(*ALL_SCOPES - {Scope.STOCK_READ})
        answer = await sold.world.ask(document, caller=nobody)
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
