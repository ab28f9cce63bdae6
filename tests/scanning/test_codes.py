"""What a code is: barcodes, element strings, SKUs, locations, orders. On both databases."""

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products.model import Barcode, BarcodeKind
from backoffice_api.domain.scanning.queries import resolve_code
from backoffice_api.domain.stock.model.lots import Tracking
from tests.databases import count_statements
from tests.orders.shop import Shop, goods
from tests.plans import all_indexed
from tests.returns.desk import Desk as ReturnsDesk
from tests.scanning.floor import CASE_GTIN, MUG_GTIN, scan
from tests.stock.depot import shown
from tests.world import NOW, caller

RESOLVE = """
query ($code: String!) {
  codeResolve(code: $code) {
    code gtin lot serial count netWeightKg expiresOn bestBefore producedOn packedOn sscc gln
    elements { ai value }
    candidates {
      kind quantity level
      node {
        ... on Variant { sku } ... on Location { code } ... on Order { number }
        ... on Lot { code variant { sku } } ... on Return { returned: number }
      }
    }
  }
}
"""


async def candidates(world, code, **how):
    answer = await world.ask(RESOLVE, code=code, **how)
    assert "errors" not in answer, answer
    return answer["data"]["codeResolve"]["candidates"]


def pack(quantity, level="EACH", sku="MUG"):
    return {"kind": "BARCODE", "quantity": quantity, "level": level, "node": {"sku": sku}}


class TestCodeResolve:
    async def test_knows_packs_by_their_barcodes(self, floor):
        assert await candidates(floor.world, MUG_GTIN) == [pack(1)]
        assert await candidates(floor.world, f" 0{MUG_GTIN}\n") == [pack(1)]
        assert await candidates(floor.world, CASE_GTIN) == [pack(12, "CASE")]
        assert await candidates(floor.world, "SHELF-9") == [pack(1)]

    async def test_reads_what_an_element_string_says(self, floor):
        code = f"]C101{CASE_GTIN}17260430310300125010LOT-7\x1d21S-1\x1d373"

        answer = await floor.world.graphql(RESOLVE, code=code)

        assert answer["codeResolve"] == {
            "code": code,
            "gtin": CASE_GTIN,
            "lot": "LOT-7",
            "serial": "S-1",
            "count": 3,
            "netWeightKg": "1.250",
            "expiresOn": "2026-04-30",
            "bestBefore": None,
            "producedOn": None,
            "packedOn": None,
            "sscc": None,
            "gln": None,
            "elements": [
                {"ai": "01", "value": CASE_GTIN},
                {"ai": "17", "value": "260430"},
                {"ai": "3103", "value": "001250"},
                {"ai": "10", "value": "LOT-7"},
                {"ai": "21", "value": "S-1"},
                {"ai": "37", "value": "3"},
            ],
            "candidates": [pack(36, "CASE")],
        }

    async def test_reads_links(self, floor):
        code = f"https://id.gs1.org/01/0{MUG_GTIN}/10/A1"

        answer = await floor.world.graphql(RESOLVE, code=code)

        assert answer["codeResolve"]["lot"] == "A1"
        assert answer["codeResolve"]["candidates"] == [pack(1)]

    async def test_knows_skus_places_and_our_own_ids(self, floor):
        variant = {"kind": "VARIANT", "quantity": 1, "level": None, "node": {"sku": "MUG"}}
        place = {"kind": "LOCATION", "quantity": 1, "level": None, "node": {"code": "NORTH"}}

        assert await candidates(floor.world, "MUG") == [variant]
        assert await candidates(floor.world, shown("sku", floor.mug)) == [variant]
        assert await candidates(floor.world, "NORTH") == [place]
        assert await candidates(floor.world, shown("loc", floor.north)) == [place]

    async def test_knows_orders_by_number(self, world):
        shop = Shop(world)
        shop.variant("CUP", 5)
        order_id = shop.place(goods("CUP"))
        order = {"kind": "ORDER", "quantity": 1, "level": None, "node": {"number": "W-1"}}

        assert await candidates(world, "W-1") == [order]
        assert await candidates(world, shown("ord", order_id)) == [order]

    async def test_knows_lots_and_serial_numbers(self, floor):
        floor.track(floor.mug, Tracking.LOT)
        floor.track(floor.coded("CUP"), Tracking.SERIAL)
        floor.send(scan(1, lot="A-1"), scan(2, code="CUP", lot="A-1"))

        kinds = [each["kind"] for each in await candidates(floor.world, "A-1")]
        printed = await candidates(floor.world, f"(01)0{MUG_GTIN}(10)A-1")

        assert kinds == ["LOT", "LOT"]
        assert [(each["kind"], each["node"]) for each in printed] == [
            ("BARCODE", {"sku": "MUG"}),
            ("LOT", {"code": "A-1", "variant": {"sku": "MUG"}}),
        ]

    async def test_knows_returns_by_number(self, world):
        desk = ReturnsDesk(world)
        asked = desk.request(desk.line(desk.bought()))
        number = desk.return_(asked).number

        for code in (number, shown("ret", asked)):
            (found,) = await candidates(world, code)
            assert (found["kind"], found["node"]) == ("RETURN", {"returned": number})

    async def test_names_all_that_it_may_be_the_likeliest_first(self, floor):
        floor.coded("NORTH", Barcode("MUG", BarcodeKind.OTHER, 1))

        found = await candidates(floor.world, "NORTH")
        assert [each["kind"] for each in found] == ["VARIANT", "LOCATION"]
        found = await candidates(floor.world, "MUG")
        assert [(each["kind"], each["node"]["sku"]) for each in found] == [
            ("BARCODE", "NORTH"),
            ("VARIANT", "MUG"),
        ]

    async def test_knows_nothing_of_other_codes(self, floor):
        for code in ("", "x" * 1_000, "a\0b", "\ud800", "loc_" + "0" * 32, "(01)"):
            answer = await floor.world.graphql(RESOLVE, code=code)
            assert answer["codeResolve"]["candidates"] == []
            assert answer["codeResolve"]["gtin"] is None

    async def test_shows_what_the_caller_may_see(self, floor):
        kinds = "query ($code: String!) { codeResolve(code: $code) { candidates { kind } } }"
        shown = []
        for code in ("NORTH", "MUG"):
            answer = await floor.world.ask(kinds, code=code, caller=caller(Scope.PRODUCTS_READ))
            shown.append(answer["data"]["codeResolve"]["candidates"])

        assert shown == [[], [{"kind": "VARIANT"}]]
        answer = await floor.world.ask(RESOLVE, code="MUG", caller=caller(Scope.STOCK_READ))
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    def test_takes_one_statement_for_each_kind_through_an_index(self, floor):
        database = floor.world.database
        for code in ("MUG", f"01{CASE_GTIN}10A", shown("sku", floor.mug), shown("ord", floor.mug)):
            with (
                all_indexed(database.reading, sorts=True),
                count_statements(database) as statements,
            ):
                floor.world.read(
                    lambda db, code=code: resolve_code(
                        db, code, today=NOW.date(), may=lambda scope: True
                    )
                )
            assert len([each for each in statements if each.startswith("SELECT")]) == 8


class TestBarcodes:
    async def test_tell_their_level_and_their_format(self, floor):
        document = """
        query { variant(by: {sku: "MUG"}) { barcodes { code format level packQuantity } } }
        """

        answer = await floor.world.graphql(document)

        assert answer["variant"]["barcodes"] == [
            {"code": CASE_GTIN, "format": "GTIN_14", "level": "CASE", "packQuantity": 12},
            {"code": MUG_GTIN, "format": "GTIN_13", "level": "EACH", "packQuantity": 1},
            {"code": "SHELF-9", "format": "INTERNAL", "level": "EACH", "packQuantity": 1},
        ]

    async def test_are_on_a_case_where_they_count_several_and_nobody_says_otherwise(self, floor):
        document = """
        mutation ($id: ID!, $barcodes: [BarcodeInput!]) {
          variantUpdate(id: $id, input: {barcodes: $barcodes}) {
            variant { barcodes { code level packQuantity } }
          }
        }
        """
        barcodes = [
            {"code": "A", "kind": "OTHER"},
            {"code": "B", "kind": "OTHER", "packQuantity": 6},
            {"code": "C", "kind": "OTHER", "packQuantity": 480, "level": "PALLET"},
        ]

        answer = await floor.world.graphql(document, id=shown("sku", floor.mug), barcodes=barcodes)

        assert [each["level"] for each in answer["variantUpdate"]["variant"]["barcodes"]] == [
            "EACH",
            "CASE",
            "PALLET",
        ]
