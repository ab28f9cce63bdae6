"""Rows about products, variants and prices. On both databases."""

import pytest

from tests.bulk.desk import IMPORT, table
from tests.databases import count_statements

HEADER = "Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode"
SHIRTS = f"""{HEADER}
shirt,Shirt,Ours,Size,M,SHIRT-M,19.90,4006381333931
shirt,,,,L,SHIRT-L,21.00,
mug,Mug,Ours,Title,Default Title,MUG,7.5,
"""
VARIANT = """
query ($sku: String!) { variant(by: {sku: $sku}) {
  id title status weightG prices { unitPrice { amount currency } }
  barcodes { code kind } product { title brand optionNames externalIds { system key } }
} }
"""


async def variant(desk, sku):
    return (await desk.world.graphql(VARIANT, sku=sku))["variant"]


class TestProducts:
    async def test_are_taken_from_a_file_of_shopify(self, desk):
        done = await desk.imported("products", SHIRTS, currency="EUR", system="shopify")

        assert (done["status"], done["rowsTotal"], done["rowsCreated"]) == ("FINISHED", 3, 3)
        assert done["remarks"] == []
        assert done["job"] == {"status": "SUCCEEDED", "progressDone": 3, "progressTotal": 3}
        large, mug = await variant(desk, "SHIRT-L"), await variant(desk, "MUG")
        assert large["title"] == "L"
        assert large["prices"] == [{"unitPrice": {"amount": "21.00", "currency": "EUR"}}]
        assert large["product"] == {
            "title": "Shirt",
            "brand": "Ours",
            "optionNames": ["Size"],
            "externalIds": [{"system": "shopify", "key": "shirt"}],
        }
        assert mug["product"]["optionNames"] == []
        assert desk.events() == [
            "product.created",
            "variant.created",
            "variant.created",
            "product.created",
            "variant.created",
        ]
        desk.assert_sound()

    async def test_are_not_changed_by_the_same_file(self, desk):
        await desk.imported("products", SHIRTS, currency="EUR")
        before = desk.events()

        again = await desk.imported("products", SHIRTS, currency="EUR")

        assert (again["rowsUnchanged"], again["rowsRead"]) == (3, 3)
        assert desk.events() == before

    async def test_that_are_refused_do_not_keep_the_others_out(self, desk):
        rows = SHIRTS + "hat,Hat,Ours,,,HAT,abc,\nbag,Bag,Ours,,,BAG,-1,\ncap,Cap,Ours,,,CAP,3,\n"

        done = await desk.imported("products", rows, currency="EUR")

        assert (done["rowsCreated"], done["rowsRejected"]) == (4, 2)
        assert await variant(desk, "CAP") is not None
        assert await variant(desk, "BAG") is None
        assert [
            (each["line"], each["column"], each["code"], each["value"], each["action"])
            for each in desk.report(done["id"])
        ] == [
            ("5", "Variant Price", "NOT_A_DECIMAL", "abc", "rejected"),
            ("6", "Variant Price", "NEGATIVE_PRICE", "'-1", "rejected"),
        ]
        failed = table(desk.failed_rows(done["id"]))
        assert [each["Handle"] for each in failed] == ["hat", "bag"]
        assert list(failed[0]) == HEADER.split(",")
        desk.assert_sound()

    async def test_that_are_there_take_a_constant_number_of_statements(self, desk):
        few = "".join(f"p{n},P,,,,SKU-{n},1,\n" for n in range(2))
        many = "".join(f"p{n},P,,,,SKU-{n},1,\n" for n in range(40))
        await desk.imported("products", f"{HEADER}\n{many}", currency="EUR")
        counts = []
        for rows in (few, many):
            await desk.begun("products", "rows.csv", f"{HEADER}\n{rows}", currency="EUR")
            with count_statements(desk.world.database) as statements:
                desk.work()
            counts.append(len(statements))

        assert counts[0] == counts[1]

    async def test_stay_as_they_are_where_the_file_is_silent(self, desk):
        await desk.imported("products", SHIRTS, currency="EUR")

        done = await desk.imported("variants", "sku,weight_kg\nMUG,0.35\nNONE,1\n")

        assert (done["rowsChanged"], done["rowsRejected"]) == (1, 1)
        mug = await variant(desk, "MUG")
        assert mug["weightG"] == 350
        assert mug["prices"] == [{"unitPrice": {"amount": "7.50", "currency": "EUR"}}]


class TestPrices:
    async def test_are_set_currency_by_currency(self, desk):
        await desk.imported("products", SHIRTS, currency="EUR")

        done = await desk.imported(
            "prices",
            "sku;currency;price\nMUG;USD;8,25\nSHIRT-M;EUR;\nMUG;EUR;7,50\nMUG;XXX;1\n",
            locale="de-DE",
        )

        assert (done["rowsChanged"], done["rowsUnchanged"], done["rowsRejected"]) == (2, 1, 1)
        assert (await variant(desk, "MUG"))["prices"] == [
            {"unitPrice": {"amount": "7.50", "currency": "EUR"}},
            {"unitPrice": {"amount": "8.25", "currency": "USD"}},
        ]
        assert (await variant(desk, "SHIRT-M"))["prices"] == []


class TestBarcodes:
    async def test_that_are_damaged_are_reported_by_kind(self, desk):
        codes = [
            "4006381333932",
            "036000291452",
            "36000291452",
            "1234",
            "4.00638E+12",
            "000004006381333931",
            "123456789012345678",
            "AB-1",
        ]
        rows = "".join(f"T{n},{code}\n" for n, code in enumerate(codes))

        done = await desk.imported("products", f"name,ean\n{rows}")

        assert {each["code"]: each["rows"] for each in done["remarks"]} == {
            "BARCODE_WRONG_CHECK_DIGIT": 1,
            "BARCODE_ZEROS_RESTORED": 2,
            "BARCODE_TOO_SHORT": 1,
            "BARCODE_SCIENTIFIC_NOTATION": 1,
            "BARCODE_TOO_LONG": 1,
            "BARCODE_NOT_DIGITS": 1,
            "BARCODE_TAKEN": 1,
        }
        assert done["rowsCreated"] == len(codes)
        assert (await variant(desk, "4006381333932"))["barcodes"] == [
            {"code": "4006381333932", "kind": "OTHER"}
        ]
        assert (await variant(desk, "36000291452"))["barcodes"] == []
        assert (await variant(desk, "000004006381333931"))["barcodes"] == [
            {"code": "4006381333931", "kind": "GTIN"}
        ]
        again = await desk.imported("products", f"name,ean\n{rows}")
        assert again["rowsUnchanged"] == len(codes)


@pytest.mark.parametrize("field", ["nonsense", "SKU"])
async def test_a_mapping_to_what_there_is_not_is_refused(desk, field):
    id = desk.upload("rows.csv", "sku\nA\n")
    given = {"kind": "PRODUCTS", "fileId": id, "mapping": [{"title": "sku", "field": field}]}
    answer = (await desk.world.graphql(IMPORT, input=given))["bulkImportCreate"]

    assert answer["userErrors"] == [{"code": "UNKNOWN_FIELD", "path": ["input", "mapping"]}]
