"""The books of the shop over GraphQL: an order from its placing to a refund. On both databases."""

import re
from pathlib import Path
from typing import Any

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.bookkeeping.counting_house import CountingHouse
from tests.world import caller

DOCS = Path(__file__).parent.parent.parent / "docs" / "bookkeeping.md"

OPEN = """
mutation ($on: Date, $dry: Boolean!) {
  booksOpen(input: {on: $on}, meta: {dryRun: $dry}) {
    opening { id bookedOn createdAt }
    userErrors { code path ... on BooksAreOpenError { openedOn } }
    effects { kind summary }
  }
}
"""
OPENING = "{ booksOpening { id bookedOn } }"
PLACE = """
mutation ($customer: ID!) {
  orderCreate(input: {
    channel: {code: "web"}, customerId: $customer, place: true, taxIncluded: true,
    lines: [{sku: "MUG", quantity: 3, tax: {amount: "5.70", currency: "EUR"}}],
    discounts: [{label: "Hello", amount: {amount: "2.00", currency: "EUR"}}],
    shipping: {amount: "4.00", currency: "EUR"}, shippingTax: {amount: "0.80", currency: "EUR"}
  }) { order { id current { total { amount } } } userErrors { code path } }
}
"""
PAY = """
mutation ($order: ID!) {
  paymentCreate(input: {orderId: $order, method: BANK_TRANSFER}) {
    payment { id } userErrors { code path }
  }
}
"""
RECORD = """
mutation ($id: ID!) { paymentRecord(id: $id, input: {}) { userErrors { code path } } }
"""
SHIP = "mutation ($id: ID!) { fulfillmentShip(id: $id) { userErrors { code path } } }"
REFUND = """
mutation ($order: ID!) {
  refundCreate(input: {
    orderId: $order, amount: {amount: "6.00", currency: "EUR"}, reason: DAMAGED
  }) { refunds { status } userErrors { code path } }
}
"""
TRIAL = """
{
  trialBalance(from: "2025-03-01", to: "2099-01-01") {
    rows { account { role } closing { amount } } totals { debit { amount } credit { amount } }
  }
}
"""


async def done(house: CountingHouse, document: str, **variables: Any) -> Any:
    """What a mutation answers that was done."""
    data = await house.world.graphql(document, **variables)
    (answer,) = data.values()
    assert answer["userErrors"] == []
    return answer


class TestBooks:
    async def test_follow_an_order_from_its_placing_to_a_refund(self, house: CountingHouse) -> None:
        tried = await done(house, OPEN, on=None, dry=True)
        assert [each["kind"] for each in tried["effects"]] == ["books.opened"]
        assert await house.world.graphql(OPENING) == {"booksOpening": None}
        opened = await done(house, OPEN, on="2025-02-28", dry=False)
        assert opened["opening"]["bookedOn"] == "2025-02-28"
        again = await house.world.graphql(OPEN, on=None, dry=False)
        assert again["booksOpen"]["userErrors"] == [
            {"code": "BOOKS_ARE_OPEN", "path": None, "openedOn": "2025-02-28"}
        ]
        found = await house.world.graphql(OPENING)
        assert found["booksOpening"]["id"] == opened["opening"]["id"]

        placed = await done(house, PLACE, customer=ids.text("cus", house.ana))
        assert placed["order"]["current"]["total"]["amount"] == "32.00"
        assert house.since() == {}
        order = placed["order"]["id"]
        payment = (await done(house, PAY, order=order))["payment"]["id"]
        await done(house, RECORD, id=payment)
        assert house.since() == {"bank": 3_200, "customer_deposits": -3_200}
        (fulfillment,) = house.hall.plan(ids.parse("ord", order))
        house.hall.packed(fulfillment)
        await done(house, SHIP, id=ids.text("ful", fulfillment))
        shipped = {
            "cost_of_sales": 1_200,
            "discounts": 200,
            "inventory": -1_200,
            "output_tax": -570 - 80,
            "sales": -3_000 + 570,
            "shipping_income": -400 + 80,
        }
        assert house.since() == {"bank": 3_200, **shipped}
        await done(house, REFUND, order=order)
        assert house.since() == {"bank": 2_600, "returns": 600, **shipped}
        trial = (await house.world.graphql(TRIAL))["trialBalance"]
        assert {
            row["account"]["role"]: row["closing"]["amount"]
            for row in trial["rows"]
            if float(row["closing"]["amount"])
        } == {
            "BANK": "26.00",
            "COST_OF_SALES": "12.00",
            "DISCOUNTS": "2.00",
            "INVENTORY": "3988.00",
            "OPENING": "-4000.00",
            "OUTPUT_TAX": "-6.50",
            "RETURNS": "6.00",
            "SALES": "-24.30",
            "SHIPPING_INCOME": "-3.20",
        }
        assert [each["debit"] == each["credit"] for each in trial["totals"]] == [True]
        assert house.sources() == [
            "opening",
            "payment_transaction",
            "shipment",
            "payment_transaction",
        ]

    @pytest.mark.parametrize("document", [OPENING, OPEN], ids=["asking", "opening"])
    async def test_are_for_who_may_see_and_close_them(
        self, house: CountingHouse, document: str
    ) -> None:
        variables = {"dry": False} if document == OPEN else {}
        answer = await house.world.ask(document, caller=caller(Scope.ORDERS_READ), **variables)

        assert {each["extensions"]["code"] for each in answer["errors"]} == {"FORBIDDEN"}


class TestDocs:
    @pytest.mark.parametrize(
        "document",
        re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE),
    )
    async def test_can_be_asked(self, house: CountingHouse, document: str) -> None:
        known = {
            "from": "2025-01-01",
            "to": "2025-12-31",
            "id": ids.text("ord", house.order(1)),
        }
        wanted = set(re.findall(r"\$(\w+):", document))

        data = await house.world.graphql(document, **{name: known[name] for name in wanted})

        assert data
