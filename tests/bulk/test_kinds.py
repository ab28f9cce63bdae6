"""Rows about stock, customers and orders. On both databases."""

import pytest

from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.products.queries import variants_by_skus
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.model.locations import LocationKind
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.queries.costs import costs_by_variants
from tests.bulk.desk import lines, table

PRODUCTS = "sku,title\nMUG,Mug\nCUP,Cup\n"
LEVELS = "{ stockLevels(first: 9) { nodes { onHand safety variant { sku } location { code } } } }"
CUSTOMERS = """
{ customers(first: 9) { nodes {
  name email kind tags country addresses { lines city isDefaultShipping }
  externalIds { system key }
} } }
"""
ORDERS = """
{ orders(first: 9) { nodes {
  number status fulfillmentStatus total { amount currency }
  lines(first: 9) { nodes { sku quantity } }
} } }
"""


@pytest.fixture
async def stocked(desk):
    """Two things to sell, and two places."""
    for code in ("MAIN", "SHOP"):
        command = CreateLocation(code=code, name=code, kind=LocationKind.WAREHOUSE)
        desk.world.run(create_location, command)
    await desk.imported("products", PRODUCTS)
    return desk


class TestStock:
    ROWS = (
        "SKU,Location,Quantity,Safety\n"
        "MUG,MAIN,5,1\nCUP,MAIN,7,\nMUG,SHOP,-1,\nMUG,HELL,1,\nMUG,MAIN,9,\n"
    )

    async def test_is_set_to_what_was_counted(self, stocked):
        done = await stocked.imported("stock", self.ROWS)

        assert (done["rowsChanged"], done["rowsRejected"]) == (2, 3)
        assert [(each["line"], each["code"]) for each in stocked.report(done["id"])] == [
            ("5", "UNKNOWN_LOCATION_CODE"),
            ("6", "REPEATED_ROW"),
            ("4", "INSUFFICIENT_STOCK"),
        ]
        found = (await stocked.world.graphql(LEVELS))["stockLevels"]["nodes"]
        assert {
            (each["variant"]["sku"], each["location"]["code"], each["onHand"], each["safety"])
            for each in found
        } == {("MUG", "MAIN", 5, 1), ("CUP", "MAIN", 7, 0)}
        stocked.assert_sound()

    async def test_is_set_lot_by_lot_at_a_cost(self, stocked):
        mug = stocked.world.read(variants_by_skus, ["MUG"])["MUG"].id
        stocked.world.run(set_tracking, SetTracking(variant_id=mug, tracking=Tracking.LOT))
        rows = "sku,location,lot,expiry,on hand,cost\nMUG,MAIN,A,2027-01-31,3,2.50\n"
        rows += "MUG,MAIN,B,,2,4.00\nMUG,MAIN,,,5,\n"

        done = await stocked.imported("stock", rows, currency="EUR")

        assert (done["rowsChanged"], done["rowsRejected"]) == (2, 1)
        assert [each["code"] for each in stocked.report(done["id"])] == ["LOT_NEEDED"]
        worth = stocked.world.read(costs_by_variants, [mug])[mug]
        assert (worth.quantity, worth.value_micro) == (5, 15_500_000)
        again = await stocked.imported("stock", rows.rsplit("MUG", 1)[0], currency="EUR")
        assert (again["rowsChanged"], again["rowsUnchanged"]) == (0, 2)
        stocked.assert_sound()

    async def test_goes_out_lot_by_lot_in_portions(self, stocked, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.stock.queries.lots.PORTION_MAX", 1)
        monkeypatch.setattr("backoffice_api.domain.bulk.queries.sheets.ROWS_MAX", 2)
        mug = stocked.world.read(variants_by_skus, ["MUG"])["MUG"].id
        stocked.world.run(set_tracking, SetTracking(variant_id=mug, tracking=Tracking.LOT))
        rows = "sku,location,lot,on hand\nMUG,MAIN,A,3\nMUG,MAIN,B,2\nMUG,SHOP,A,1\nCUP,MAIN,,4\n"
        await stocked.imported("stock", rows)

        sheet = await stocked.exported("stock")

        shown = [(x["sku"], x["location"], x["lot"], x["on_hand"]) for x in table(sheet)]
        assert sorted(shown) == [
            ("CUP", "MAIN", "", "4"),
            ("MUG", "MAIN", "A", "3"),
            ("MUG", "MAIN", "B", "2"),
            ("MUG", "SHOP", "A", "1"),
        ]
        assert (await stocked.imported("stock", sheet))["rowsUnchanged"] == 4

    async def test_is_not_changed_by_the_same_file(self, stocked):
        await stocked.imported("stock", self.ROWS)
        before = stocked.events()

        again = await stocked.imported("stock", self.ROWS)

        assert (again["rowsUnchanged"], again["rowsRejected"]) == (2, 3)
        assert stocked.events() == before

    async def test_is_left_alone_where_it_is_not_what_was_expected(self, stocked):
        await stocked.imported("stock", self.ROWS)

        done = await stocked.imported(
            "stock", "sku,location,on_hand,expected_on_hand\nMUG,MAIN,8,4\nCUP,MAIN,8,7\n"
        )

        assert (done["rowsChanged"], done["rowsRejected"]) == (1, 1)
        assert [each["code"] for each in done["remarks"]] == ["STOCK_NOT_AS_EXPECTED"]


class TestCustomers:
    ROWS = (
        "Customer ID,First Name,Last Name,Email,Tags,Default Address Address1,"
        "Default Address City,Default Address Country Code\n"
        '7,Ada,Lovelace,ada@shop.example,"vip, old",1 Street,London,GB\n'
        "8,Bob,,bob@,,,,\n"
        ",,,eve@shop.example,,,,\n"
    )

    async def test_are_taken_from_a_file_of_shopify(self, desk):
        done = await desk.imported("customers", self.ROWS, system="shopify")

        assert (done["rowsCreated"], done["rowsRejected"]) == (2, 1)
        eve, ada = (await desk.world.graphql(CUSTOMERS))["customers"]["nodes"]
        assert ada == {
            "name": "Ada Lovelace",
            "email": "ada@shop.example",
            "kind": "PERSON",
            "tags": ["old", "vip"],
            "country": None,
            "addresses": [{"lines": ["1 Street"], "city": "London", "isDefaultShipping": True}],
            "externalIds": [{"system": "shopify", "key": "7"}],
        }
        assert eve["externalIds"] == [{"system": "shopify", "key": "eve@shop.example"}]
        again = await desk.imported("customers", self.ROWS, system="shopify")
        assert (again["rowsUnchanged"], again["rowsRejected"]) == (2, 1)
        desk.assert_sound()

    async def test_are_changed_where_the_file_says_otherwise(self, desk):
        await desk.imported("customers", self.ROWS, system="shopify")

        done = await desk.imported(
            "customers",
            '{"customer_key": "7", "name": "Ada", "tags": ["new"]}\n{"customer_key": "9"}\n[]\n',
            "people.jsonl",
            system="shopify",
        )

        assert (done["rowsChanged"], done["rowsRejected"]) == (1, 2)
        assert [each["code"] for each in done["remarks"]] == ["BROKEN_ROW", "FIELD_NEEDED"]
        _, ada = (await desk.world.graphql(CUSTOMERS))["customers"]["nodes"]
        assert (ada["name"], ada["tags"], ada["email"]) == ("Ada", ["new"], "ada@shop.example")
        assert lines(desk.failed_rows(done["id"]))[0] == {"customer_key": "9"}


class TestOrders:
    ROWS = (
        "channel,number,placed_at,sku,quantity,unit_price,line_kind,line_title\n"
        "web,W-1,2025-01-05T10:00:00Z,MUG,2,7.50,,\n"
        "web,W-1,2025-01-05T10:00:00Z,POST,1,4.90,charge,Postage\n"
        "web,W-2,2025-01-06,NONE,1,1,,\n"
        "web,W-2,2025-01-06,MUG,1,1,,\n"
        "shop,S-1,2025-01-06,MUG,1,1,,\n"
    )

    async def test_are_taken_over_whole_or_not_at_all(self, stocked):
        stocked.world.run(
            create_channel,
            CreateChannel(code="web", name="Web", currency="EUR", number_prefix="W-"),
        )

        done = await stocked.imported("orders", self.ROWS)
        again = await stocked.imported("orders", self.ROWS)

        assert (done["rowsCreated"], done["rowsRejected"]) == (2, 3)
        assert (again["rowsUnchanged"], again["rowsRejected"]) == (2, 3)
        assert (await stocked.world.graphql(ORDERS))["orders"]["nodes"] == [
            {
                "number": "W-1",
                "status": "CLOSED",
                "fulfillmentStatus": "SHIPPED",
                "total": {"amount": "19.90", "currency": "EUR"},
                "lines": {"nodes": [{"sku": "MUG", "quantity": 2}, {"sku": "POST", "quantity": 1}]},
            }
        ]
        report = stocked.report(done["id"])
        assert [(each["line"], each["code"]) for each in report] == [
            ("4", "UNKNOWN_VARIANT"),
            ("6", "UNKNOWN_CHANNEL"),
        ]
        assert len(table(stocked.failed_rows(done["id"]))) == 3
        stocked.assert_sound()
