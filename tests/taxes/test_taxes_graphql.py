"""Taxes over GraphQL: rates, terms, what a sale would bear and why; lists; rights. The docs run."""

import re
from pathlib import Path

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.model.rates import TaxRateSortKey
from tests.databases import count_statements
from tests.orders.shop import euros, goods
from tests.plans import all_indexed
from tests.taxes.desk import GERMAN
from tests.world import caller

PAGE = Path(__file__).parent.parent.parent / "docs" / "taxes.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)
CREATE = """
mutation ($input: TaxRateCreateInput!, $meta: MutationMeta) {
  taxRateCreate(input: $input, meta: $meta) {
    taxRate { id name rate category }
    replayed
    userErrors { code path __typename ... on TaxRateOverlapsError { other } }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $input: TaxRateUpdateInput!) {
  taxRateUpdate(id: $id, input: $input) { taxRate { rate category } userErrors { code } }
}
"""
REMOVE = """
mutation ($id: ID!) { taxRateRemove(id: $id) { taxRate { isActive } userErrors { code } } }
"""
CALCULATE = """
query ($input: TaxCalculateInput!) {
  taxCalculate(input: $input) {
    country isBusiness pricesIncludeTax tax { amount }
    lines {
      net { amount } tax { amount } total { amount } rate category reason why taxRate { name }
    }
    shipping { tax { amount } why }
  }
}
"""


def money(amount):
    return {"amount": amount, "currency": "EUR"}


class TestRates:
    async def test_are_made_changed_and_removed(self, desk):
        given = {"name": "FR", "country": "FR", "rate": "5.5", "validFrom": "2025-01-01"}
        ask = desk.world.graphql

        dry = (await ask(CREATE, input=given, meta={"dryRun": True}))["taxRateCreate"]
        made = (await ask(CREATE, input=given, meta={"idempotencyKey": "one"}))["taxRateCreate"]
        again = (await ask(CREATE, input=given, meta={"idempotencyKey": "one"}))["taxRateCreate"]
        other = (await ask(CREATE, input=given, meta={"idempotencyKey": "two"}))["taxRateCreate"]

        assert dry["userErrors"] == []
        assert made["taxRate"]["rate"] == "5.5"
        assert (again["replayed"], again["taxRate"]) == (True, made["taxRate"])
        (error,) = other["userErrors"]
        assert (error["code"], error["other"]) == ("TAX_RATE_OVERLAPS", "FR")
        id = made["taxRate"]["id"]
        free = {"rate": "0", "category": "ZERO"}
        changed = (await ask(UPDATE, id=id, input=free))["taxRateUpdate"]
        assert changed == {"taxRate": {"rate": "0", "category": "ZERO"}, "userErrors": []}
        gone = (await ask(REMOVE, id=id))["taxRateRemove"]
        assert gone["taxRate"] == {"isActive": False}

    async def test_take_the_right_to_set_them(self, desk):
        given = {"name": "FR", "country": "FR", "rate": "5.5", "validFrom": "2025-01-01"}
        reader = caller(Scope.ORDERS_READ, Scope.ORDERS_WRITE)

        answer = await desk.world.ask(CREATE, caller=reader, input=given)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_listed_by_indexes_alone(self, desk):
        with all_indexed(desk.world.database.reading):
            for key in TaxRateSortKey:
                desk.world.read(queries.rate_list.page, PageRequest(size=10, sort=key))
        document = """{ taxRates(filter: {isActive: true, country: {eq: "AT"}}) {
            nodes { name } } taxRatesCount(filter: {taxClass: {eq: "books"}}) { value } }"""
        found = await desk.world.graphql(document)
        assert [each["name"] for each in found["taxRates"]["nodes"]] == ["AT", "AT B2B"]
        assert found["taxRatesCount"] == {"value": 1}


class TestCalculation:
    async def test_says_what_is_due_and_why(self, desk):
        sale = {
            "channelId": ids.text("chn", desk.channel_id),
            "lines": [
                {"variantId": ids.text("sku", desk.book), "amount": money("10.70")},
                {"amount": money("2.00"), "taxClass": "nothing of ours"},
            ],
            "shipping": money("1.00"),
            "pricesIncludeTax": True,
        }

        with count_statements(desk.world.database) as seen:
            found = (await desk.world.graphql(CALCULATE, input=sale))["taxCalculate"]

        book, other = found["lines"]
        assert (found["country"], found["tax"]["amount"]) == ("DE", "1.09")
        assert book == {
            "net": {"amount": "10.00"},
            "tax": {"amount": "0.70"},
            "total": {"amount": "10.70"},
            "rate": "7",
            "category": "STANDARD",
            "reason": None,
            "why": ["COUNTRY", "TAX_CLASS"],
            "taxRate": {"name": "USt 7"},
        }
        assert (other["rate"], other["why"]) == ("19", ["COUNTRY"])
        assert found["shipping"]["why"] == ["COUNTRY", "TAX_CLASS", "LIKE_GOODS"]
        # Once by each executor.
        assert len([each for each in seen if "tax_rates" in each]) <= 4
        abroad = {**sale, "country": "AT", "isBusiness": True}
        line = (await desk.world.graphql(CALCULATE, input=abroad))["taxCalculate"]["lines"][0]
        assert (line["category"], line["reason"]) == ("REVERSE_CHARGE", "Reverse charge")
        unknown = {**sale, "country": "JP"}
        line = (await desk.world.graphql(CALCULATE, input=unknown))["taxCalculate"]["lines"][0]
        assert (line["category"], line["why"], line["taxRate"]) == (None, ["NO_RATE"], None)
        nowhere = await desk.world.ask(CALCULATE, input={**sale, "country": "\0"})
        assert nowhere["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


class TestDocs:
    async def test_run(self, desk):
        order = desk.place(
            goods("BOOK", 1), goods("MUG", 1), shipping=euros(100), shipping_address=GERMAN
        )
        variables = {
            "channel": ids.text("chn", desk.channel_id),
            "book": ids.text("sku", desk.book),
            "order": ids.text("ord", order),
        }
        assert len(DOCUMENTS) == 5
        for document in DOCUMENTS:
            named = {name: id for name, id in variables.items() if f"${name}" in document}
            answer = await desk.world.graphql(document, **named)
            for each in answer.values():
                assert each.get("userErrors", []) == []
        assert [each["rate"] for each in answer["order"]["taxes"]["taxed"]] == ["7", "19", "19"]
