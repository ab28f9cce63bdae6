"""Rows about custom fields, standard costs and prices of lists. On both databases."""

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.pricing.commands.lists import CreatePriceList, create_price_list
from backoffice_api.domain.products.queries import variants_by_skus
from tests.bulk.desk import table
from tests.custom_fields.documents import define
from tests.world import CLERK

FIELDS = """
query ($id: ID!) { node(id: $id) {
  ... on Variant { customFields { key value } }
  ... on Product { customFields { key value } }
  ... on Customer { customFields { key value } }
} }
"""


@pytest.fixture
async def stocked(desk):
    await desk.imported("products", "sku,title\nMUG,Mug\nCUP,Cup\n")
    return desk


def variant(desk, sku):
    return desk.world.read(variants_by_skus, [sku])[sku]


def counts(done):
    names = ("Created", "Changed", "Unchanged", "Rejected")
    return [done[f"rows{name}"] for name in names]


async def fields(desk, id):
    found = (await desk.world.graphql(FIELDS, id=id))["node"]["customFields"]
    return {each["key"]: each["value"] for each in found}


class TestCustomFields:
    @pytest.mark.parametrize("owner", ["PRODUCT", "VARIANT", "CUSTOMER"])
    async def test_go_out_and_come_in_again(self, stocked, owner):
        desk = stocked
        rules = {"choices": ["oak", "ash"]}
        await define(desk.world, "wood", "MULTI_CHOICE", ownerType=owner, **rules)
        await define(desk.world, "safe", "BOOLEAN", ownerType=owner)
        await define(desk.world, "year", "INTEGER", ownerType=owner)
        if owner == "CUSTOMER":
            await desk.imported("customers", "email,name\nada@shop.example,Ada\n")
        mug = variant(desk, "MUG")
        shown = "{ customers(first: 1) { nodes { id } } }"
        customer = (await desk.world.graphql(shown))["customers"]["nodes"]
        id = {
            "PRODUCT": ids.text("prd", mug.product_id),
            "VARIANT": ids.text("sku", mug.id),
            "CUSTOMER": customer[0]["id"] if customer else "",
        }[owner]
        column = {"PRODUCT": "product_id", "VARIANT": "variant_id", "CUSTOMER": "customer_id"}
        kind = f"{owner.lower()}_fields"
        rows = f"{column[owner]},field,value\n{id},wood,ash|oak\n{id},safe,true\n{id},year,x\n"
        rows += f"{id},year,1984\n{id},nothing,1\n"

        tried = await desk.imported(kind, rows, dryRun=True)
        assert (counts(tried), await fields(desk, id)) == ([0, 3, 0, 2], {})
        done = await desk.imported(kind, rows)

        assert counts(done) == [0, 3, 0, 2]
        assert {each["code"] for each in desk.report(done["id"])} == {
            "INVALID_CUSTOM_FIELD_VALUE",
            "UNKNOWN_CUSTOM_FIELD",
        }
        assert await fields(desk, id) == {"wood": ["oak", "ash"], "safe": True, "year": 1984}
        sheet = await desk.exported(kind)
        again = await desk.imported(kind, sheet)
        assert counts(again) == [0, 0, 3, 0]
        cleared = await desk.imported(kind, f"{column[owner]},field,value\n{id},year,\n")
        assert counts(cleared) == [0, 1, 0, 0]
        assert "year" not in await fields(desk, id)


class TestCosts:
    ROWS = "sku,cost\nMUG,2.50\nCUP,0.0375\nTIN,1\n"

    async def test_go_out_and_come_in_again(self, stocked):
        tried = await stocked.imported("costs", self.ROWS, currency="EUR", dryRun=True)
        done = await stocked.imported("costs", self.ROWS, currency="EUR")

        assert counts(tried) == counts(done) == [0, 2, 0, 1]
        sheet = await stocked.exported("costs")
        assert [(each["sku"], each["unit_cost"]) for each in table(sheet)] == [
            ("MUG", "2.50"),
            ("CUP", "0.0375"),
        ]
        assert counts(await stocked.imported("costs", sheet)) == [0, 0, 2, 0]
        cleared = await stocked.imported("costs", "sku,cost\nMUG,\n")
        assert counts(cleared) == [0, 1, 0, 0]
        assert [each["sku"] for each in table(await stocked.exported("costs"))] == ["CUP"]
        stocked.assert_sound()

    async def test_take_the_right_to_set_costs(self, stocked):
        stocked.let_in(CLERK.actor.id, *(ALL_SCOPES - {Scope.COSTS_WRITE}))
        done = await stocked.imported("costs", self.ROWS, currency="EUR")

        assert done["status"] == "FAILED"


class TestListPrices:
    async def test_go_out_and_come_in_again(self, stocked):
        made = CreatePriceList(code="SALE", name="Sale", currency="EUR")
        stocked.world.run(create_price_list, made)
        rows = (
            "price_list,sku,minimum_quantity,price,valid_from,valid_to\n"
            "SALE,MUG,1,8.00,,\n"
            "SALE,MUG,10,7.50,2025-04-01T00:00:00Z,2025-05-01T00:00:00Z\n"
            "SALE,CUP,1,3,2020-01-01T00:00:00Z,\n"
            "NONE,CUP,1,3,,\n"
        )

        tried = await stocked.imported("list_prices", rows, dryRun=True)
        done = await stocked.imported("list_prices", rows)

        assert counts(tried) == counts(done) == [0, 2, 0, 2]
        assert [each["code"] for each in stocked.report(done["id"])] == [
            "PAST_PRICE",
            "UNKNOWN_PRICE_LIST_CODE",
        ]
        sheet = await stocked.exported("list_prices")
        kept = [(each["minimum_quantity"], each["price"]) for each in table(sheet)]
        assert kept == [("1", "8.00"), ("10", "7.50")]
        assert counts(await stocked.imported("list_prices", sheet)) == [0, 0, 2, 0]
        assert counts(await stocked.imported("list_prices", rows)) == [0, 0, 2, 2]
        stocked.assert_sound()

    async def test_of_rows_about_the_same_price_the_last_one_counts(self, stocked):
        made = CreatePriceList(code="SALE", name="Sale", currency="EUR")
        stocked.world.run(create_price_list, made)
        head = "price_list,sku,price\n"
        await stocked.imported("list_prices", head + "SALE,MUG,8\n")

        done = await stocked.imported("list_prices", head + "SALE,MUG,9\nSALE,MUG,8\n")

        assert counts(done) == [0, 2, 0, 0]
        sheet = table(await stocked.exported("list_prices"))
        assert [each["price"] for each in sheet if not each["valid_to"]] == ["8.00"]
