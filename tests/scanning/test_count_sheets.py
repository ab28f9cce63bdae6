"""Counting under the right of a scanner: codes in, no levels out. On both databases."""

import pytest

from backoffice_api.domain.counts.commands.planning import PlanCount, plan_count
from backoffice_api.domain.counts.queries import line_list
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.scanning.commands.counting import ScanCount, scan_count
from backoffice_api.domain.scanning.model.sheets import CodeEntry
from backoffice_api.domain.stock.model.lots import LotDraft, Tracking
from tests.scanning.floor import CASE_GTIN
from tests.stock.depot import line
from tests.world import NOW, caller

COUNTER = caller(Scope.PRODUCTS_READ, Scope.DEVICES_USE)
SHEET = """
query ($id: ID!) {
  deviceTasks { kind title subjectId }
  countSheet(id: $id) { sku location bucket lot status counted }
}
"""
SCAN = """
mutation ($id: ID!, $input: CountScanInput!, $meta: MutationMeta) {
  countScan(id: $id, input: $input, meta: $meta) {
    countId userErrors { code path } effects { kind } replayed
  }
}
"""


def planned(floor):
    floor.put(floor.mug, 30)
    command = PlanCount(location_id=floor.north, name="North", blind=True)
    return floor.world.run(plan_count, command).value


def counted(floor):
    rows = floor.world.read(line_list.page, PageRequest(size=9)).rows
    return [(each.counted, each.expected) for each in rows]


class TestCountScan:
    async def test_writes_down_what_was_found_by_codes(self, floor):
        count = ids.text("cnt", planned(floor))
        world = floor.world
        before = (await world.ask(SHEET, caller=COUNTER, id=count))["data"]
        assert before == {
            "deviceTasks": [{"kind": "COUNT", "title": "North", "subjectId": count}],
            "countSheet": [
                {
                    "sku": "MUG",
                    "location": "NORTH",
                    "bucket": "SELLABLE",
                    "lot": None,
                    "status": "OPEN",
                    "counted": None,
                }
            ],
        }
        input = {"entries": [{"code": CASE_GTIN, "location": "NORTH", "quantity": 2}]}
        meta = {"idempotencyKey": "k", "dryRun": False}
        for replayed in (False, True):
            answer = await world.ask(SCAN, caller=COUNTER, id=count, input=input, meta=meta)
            assert answer["data"]["countScan"] == {
                "countId": count,
                "userErrors": [],
                "effects": [{"kind": "count.started"}, {"kind": "count.entered"}],
                "replayed": replayed,
            }
        assert counted(floor) == [(24, 30)]

    def test_names_lots_by_their_codes(self, floor):
        floor.track(floor.mug, Tracking.LOT)
        floor.adjust(line(floor.mug, floor.north, delta=3, lot=LotDraft(code="L")))
        count = floor.world.run(plan_count, PlanCount(location_id=floor.north)).value
        given = {"code": "MUG", "location": "NORTH", "scanned": 2}
        scanning = ScanCount(id=count, entries=(CodeEntry(lot="L", **given),))
        floor.world.run(scan_count, scanning, caller=COUNTER, now=NOW)

        assert counted(floor) == [(2, 3)]

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"code": "NONE"}, ["UNKNOWN_CODE"]),
            ({"location": "NOWHERE"}, ["UNKNOWN_PLACE"]),
            ({"location": "NO\0RTH"}, ["FORBIDDEN_CHARACTER"]),
            ({"code": "M" * 501, "lot": ""}, ["INVALID_TEXT", "INVALID_TEXT"]),
            ({"lot": "L"}, ["LOT_NOT_TRACKED"]),
            ({"quantity": None}, ["TOTAL_OR_SCANNED"]),
        ],
    )
    def test_refuses(self, floor, wrong, codes):
        given = {"code": "MUG", "location": "NORTH", "quantity": 1, **wrong}
        command = ScanCount(id=planned(floor), entries=(CodeEntry(**given),))

        with pytest.raises(DomainError) as refusal:
            floor.world.run(scan_count, command, caller=COUNTER)
        assert [each.code for each in refusal.value.reasons()] == codes


class TestRights:
    @pytest.mark.parametrize(
        "document",
        [
            "{ stockLevels(first: 1) { nodes { onHand } } }",
            "{ movements(first: 1) { nodes { quantity } } }",
            "{ locations(first: 1) { nodes { contents { onHand } } } }",
            "{ tasks { quantity } }",
            "{ countTasks(first: 1) { nodes { progress { counted } } } }",
            '{ variant(by: {sku: "MUG"}) { stock { available } } }',
            "mutation { stockAdjust(input: {lines: []}) { userErrors { code } } }",
        ],
    )
    async def test_of_a_scanner_show_no_level(self, floor, document):
        planned(floor)

        answer = await floor.world.ask(document, caller=COUNTER)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_needed(self, floor):
        count = ids.text("cnt", planned(floor))

        answer = await floor.world.ask(SHEET, caller=caller(Scope.STOCK_READ), id=count)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
