"""Picks and packs of a device that was offline: in any order, and each once. On both databases."""

import random
from datetime import timedelta

import pytest

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.scanning.commands.devices import RegisterDevice, register_device
from backoffice_api.domain.scanning.model.scans import ScanKind
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.scanning.crew import Crew
from tests.scanning.floor import scan
from tests.trust.callers import within
from tests.world import NOW

PICK, PACK = ScanKind.PICK, ScanKind.PACK
S = FulfillmentState

BATCH = """
mutation ($id: ID!, $input: ScanBatchInput!, $meta: MutationMeta) {
  scanBatch(id: $id, input: $input, meta: $meta) {
    results { sequence status refusal }
    userErrors { code path }
  }
}
"""


@pytest.fixture
def crew(world):
    return Crew(world)


def both(number, parcel="BOX-1"):
    """Two mugs and a cup, picked and packed."""
    return [
        scan(1, PICK, "MUG", fulfillment=number),
        scan(2, PICK, "CUP", fulfillment=number),
        scan(3, PICK, "MUG", fulfillment=number),
        scan(4, PACK, "MUG", 2, fulfillment=number, parcel=parcel),
        scan(5, PACK, "CUP", fulfillment=number, parcel=parcel),
    ]


class TestPicksAndPacks:
    async def test_of_an_offline_phone_are_done_once_over_graphql(self, crew):
        number, id = crew.ready(goods("MUG", 2), goods("CUP", 1))
        at = (NOW - timedelta(hours=1)).isoformat()
        scans = [
            {
                "sequence": each.sequence,
                "kind": each.kind.name,
                "code": each.code,
                "quantity": each.quantity,
                "fulfillment": ids.text("ful", id) if each.sequence == 1 else number,
                "parcel": each.parcel,
                "scannedAt": at,
            }
            for each in both(number)
        ]
        given = {"id": ids.text("dev", crew.device_id), "input": {"scans": scans}}
        who = Caller(crew.actor, ALL_SCOPES)

        first = await crew.world.ask(BATCH, caller=who, **given)
        again = await crew.world.ask(BATCH, caller=who, **given)

        said = [
            [each["status"] for each in answer["data"]["scanBatch"]["results"]]
            for answer in (first, again)
        ]
        assert said == [["ACCEPTED"] * 5, ["DUPLICATE"] * 5]
        assert crew.of(id).status is S.PACKED
        assert [each.code for each in crew.parcels(id)] == ["BOX-1"]
        assert crew.broken() == []

    @pytest.mark.parametrize("seed", range(4))
    def test_come_to_the_same_in_any_order_and_cut(self, crew, seed):
        chance = random.Random(seed)
        (one, first), (two, second) = (
            crew.ready(goods("MUG", 2), goods("CUP", 1)),
            crew.ready(goods("CUP", 3)),
        )
        left = [
            *both(one),
            scan(6, PICK, "CUP", 2, fulfillment=two),
            scan(7, PICK, "CUP", 1, fulfillment=two),
            scan(8, PACK, "CUP", 3, fulfillment=two, parcel="BOX-2"),
        ]
        for _ in range(20):
            part = chance.sample(left, chance.randint(1, len(left)))
            crew.said(*part)  # The answer gets lost.
            said = crew.said(*part)
            left = [
                each
                for each in left
                if each not in part or said[part.index(each)] not in ("accepted", "duplicate")
            ]
            if not left:
                break
        assert left == []
        assert [crew.counts(each) for each in (first, second)] == [
            [(2, 2, 2, 0), (1, 1, 1, 0)],
            [(3, 3, 3, 0)],
        ]
        assert crew.broken() == []

    def test_are_refused_one_by_one(self, crew):
        number, id = crew.ready(goods("MUG", 2))
        crew.variant("LAMP", 1)

        assert crew.said(
            scan(1, PICK, "MUG", 1, fulfillment=number),
            scan(2, PICK, "MUG", 2, fulfillment=number),
            scan(3, PICK, "LAMP", fulfillment=number),
            scan(4, PICK, "NOTHING", fulfillment=number),
            scan(5, PICK, "MUG", fulfillment="W-9-9"),
            scan(6, PICK, "MUG"),
            scan(7, PICK, "MUG", fulfillment=number, location="NOWHERE"),
            scan(8, PACK, "MUG", fulfillment=number, parcel="BOX"),
            scan(9, PACK, "MUG", fulfillment=number),
        ) == [
            "accepted",
            "TOO_MUCH_PICKED",
            "WRONG_ITEM",
            "UNKNOWN_CODE",
            "NO_SUCH_FULFILLMENT",
            "NO_SUCH_FULFILLMENT",
            "UNKNOWN_PLACE",
            "INVALID_TRANSITION",
            "NO_PARCEL",
        ]
        assert crew.counts(id) == [(2, 1, 0, 0)]
        assert crew.parcels(id) == ()
        # What was refused may be sent again, or something else under its number.
        assert crew.said(scan(2, PICK, "MUG", 1, fulfillment=number)) == ["accepted"]
        assert crew.said(scan(2, PICK, "MUG", 2, fulfillment=number)) == ["SEQUENCE_REUSED"]
        assert crew.broken() == []

    def test_cost_little_where_few_of_many_are_refused(self, crew):
        crew.variant("NUT", 99)
        number, id = crew.ready(goods("NUT", 64))
        picks = [scan(each, PICK, "NUT", fulfillment=number) for each in range(2, 66)]
        picks.insert(40, scan(1, PICK, "MUG", fulfillment=number))

        with count_statements(crew.world.database) as seen:
            said = crew.said(*picks)

        assert (said.count("accepted"), said[40]) == (64, "WRONG_ITEM")
        # Each by itself, it would be more than a thousand.
        assert len(seen) < 400
        assert crew.counts(id) == [(64, 64, 0, 0)]

    def test_take_pieces_that_came_in_the_same_batch(self, crew):
        place = crew.bin("N-1")
        number, id = crew.ready(goods("MUG", 2))

        said = crew.said(
            scan(1, PICK, "MUG", 2, fulfillment=number, location="N-1"),
            scan(2, ScanKind.RECEIVE, "MUG", 2, location=ids.text("loc", place)),
        )

        assert said == ["accepted", "accepted"]
        (order_id,) = {crew.of(id).order_id}
        assert crew.held(order_id) == {("MUG", place): 2}

    def test_take_no_parcel_of_another_fulfillment(self, crew):
        one, _ = crew.ready(goods("MUG", 1))
        two, _ = crew.ready(goods("MUG", 1))
        done = [
            scan(1, PICK, "MUG", fulfillment=one),
            scan(2, PICK, "MUG", fulfillment=two),
            scan(3, PACK, "MUG", fulfillment=one, parcel="BOX"),
        ]
        assert crew.said(*done, scan(4, PACK, "MUG", fulfillment=two, parcel="BOX")) == [
            *["accepted"] * 3,
            "PARCEL_CODE_TAKEN",
        ]

    def test_take_the_right_and_its_reach(self, crew):
        number, id = crew.ready(goods("MUG", 1))
        pick = scan(1, PICK, "MUG", fulfillment=number)
        elsewhere = within(locations=[crew.south]).reach

        with pytest.raises(Exception, match="fulfillment:write"):
            crew.said(pick, scopes=ALL_SCOPES - {Scope.FULFILLMENT_WRITE})
        device = RegisterDevice(
            code="TABLET", name="Tablet", token_id=crew.actor.id, location_id=crew.south
        )
        crew.device_id = crew.world.run(register_device, device).value
        assert crew.said(pick, reach=elsewhere) == ["NO_SUCH_FULFILLMENT"]
        assert crew.counts(id) == [(1, 0, 0, 0)]
