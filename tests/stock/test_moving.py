"""Pieces that go to another place or into another condition. On both databases."""

import pytest

from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import MoveLine, Shortage
from backoffice_api.domain.stock.model.locations import IN_TRANSIT_ID, SCRAP_ID
from backoffice_api.domain.stock.model.movements import MovementKind
from tests.databases import count_statements
from tests.stock.depot import line, line_id, shown

QUARANTINE, DAMAGED, SELLABLE = Bucket.QUARANTINE, Bucket.DAMAGED, Bucket.SELLABLE

MOVE = """
mutation ($input: StockMoveInput!) {
  stockMove(input: $input) {
    levels { bucket onHand available }
    movements { kind quantity fromBucket toBucket }
    userErrors { code path }
  }
}
"""


def aside(depot, variant, quantity, **more):
    """So many pieces in NORTH are set aside."""
    values = {"from_location_id": depot.north, "to_location_id": depot.north, **more}
    return MoveLine(variant_id=variant, quantity=quantity, **{"to_bucket": QUARANTINE, **values})


class TestMoveStock:
    def test_changes_bucket_and_place(self, depot):
        variant = depot.variant("A", 9)

        depot.move(
            aside(depot, variant, 4),
            aside(depot, variant, 1, from_bucket=QUARANTINE, to_bucket=DAMAGED),
            MoveLine(
                variant_id=variant,
                from_location_id=depot.north,
                to_location_id=depot.south,
                quantity=2,
            ),
        )

        assert depot.pieces(variant) == {
            (depot.north, SELLABLE): 3,
            (depot.north, QUARANTINE): 3,
            (depot.north, DAMAGED): 1,
            (depot.south, SELLABLE): 2,
        }
        kinds = [each.kind for each in depot.movements()[1:]]
        assert kinds == [MovementKind.INSPECTION, MovementKind.INSPECTION, MovementKind.TRANSFER]
        assert depot.broken() == []

    def test_makes_pieces_unavailable_and_available_again(self, depot):
        variant = depot.variant("A", 5)

        depot.move(aside(depot, variant, 5))
        places = depot.places()
        assert places[variant, depot.north, SELLABLE].available == 0
        assert places[variant, depot.north, QUARANTINE].available == 0
        (fault,) = depot.refusals(lambda: depot.reserve((1, variant, 1)))
        assert fault.code == "INSUFFICIENT_STOCK"

        depot.move(aside(depot, variant, 2, from_bucket=QUARANTINE, to_bucket=SELLABLE))
        depot.reserve((1, variant, 2))
        assert depot.broken() == []

    def test_leaves_what_is_promised(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 3))

        (fault,) = depot.refusals(lambda: depot.move(aside(depot, variant, 3)))

        assert (fault.code, fault.path) == ("INSUFFICIENT_STOCK", ("lines", 0))
        assert fault.shortages == (Shortage(variant, "A", 3, 2),)

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"to_bucket": SELLABLE}, "GOES_NOWHERE"),
            ({"quantity": 0}, "OUT_OF_RANGE"),
            ({"to_bucket": Bucket.IN_TRANSIT}, "WRONG_BUCKET"),
            ({"to_location_id": IN_TRANSIT_ID, "to_bucket": SELLABLE}, "VIRTUAL_LOCATION"),
            ({"to_location_id": SCRAP_ID}, "VIRTUAL_LOCATION"),
            ({"to_location_id": line_id(1)}, "UNKNOWN_LOCATION"),
            ({"variant_id": line_id(1)}, "UNKNOWN_VARIANT"),
            ({"lot_id": line_id(1)}, "UNKNOWN_LOT"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, depot, values, code):
        variant = depot.variant("A", 5)
        given = {"variant_id": variant, "quantity": 1, "from_location_id": depot.north}
        given |= {"to_location_id": depot.north, "to_bucket": QUARANTINE, **values}

        (fault,) = depot.refusals(lambda: depot.move(MoveLine(**given)))

        assert fault.code == code

    def test_takes_as_many_statements_for_many_lines_as_for_one(self, depot):
        first, *others = depot.variants(*(f"V{number}" for number in range(9)))
        for each in (first, *others):
            depot.put(each, 5)

        with count_statements(depot.world.database) as one:
            depot.move(aside(depot, first, 1))
        with count_statements(depot.world.database) as many:
            depot.move(*(aside(depot, each, 1) for each in others))

        assert len(many) == len(one)

    async def test_answers_levels_and_movements(self, depot):
        variant = depot.variant("A", 5)
        place = {"fromLocationId": shown("loc", depot.north)}
        place["toLocationId"] = place["fromLocationId"]
        lines = [
            {"variantId": shown("sku", variant), "quantity": 2, "toBucket": "DAMAGED", **place}
        ]

        answer = await depot.world.graphql(MOVE, input={"lines": lines})

        assert answer["stockMove"] == {
            "levels": [{"bucket": "SELLABLE", "onHand": 3, "available": 3}],
            "movements": [
                {
                    "kind": "INSPECTION",
                    "quantity": 2,
                    "fromBucket": "SELLABLE",
                    "toBucket": "DAMAGED",
                }
            ],
            "userErrors": [],
        }
        document = "{ variants { nodes { stock { onHand damaged owned inTransit } } } }"
        shown_stock = (await depot.world.graphql(document))["variants"]["nodes"][0]["stock"]
        assert shown_stock == {"onHand": 3, "damaged": 2, "owned": 5, "inTransit": 0}


class TestOtherBuckets:
    def test_are_adjusted_by_themselves(self, depot):
        variant = depot.variant("A", 5)

        depot.adjust(line(variant, depot.north, set_to=2, bucket=DAMAGED))
        depot.adjust(line(variant, depot.north, delta=-1, bucket=DAMAGED))

        assert depot.pieces(variant) == {(depot.north, SELLABLE): 5, (depot.north, DAMAGED): 1}
        assert depot.broken() == []

    def test_never_go_below_zero(self, depot):
        free = depot.location("FREE", negative_allowed=True)
        variant = depot.variant("A")

        depot.adjust(line(variant, free, delta=-1))
        below = line(variant, free, delta=-1, bucket=DAMAGED)
        (fault,) = depot.refusals(lambda: depot.adjust(below))

        assert fault.code == "INSUFFICIENT_STOCK"
        assert depot.broken() == []

    def test_in_transit_is_for_transfers(self, depot):
        variant = depot.variant("A")
        wrong = line(variant, depot.north, delta=1, bucket=Bucket.IN_TRANSIT)

        (fault,) = depot.refusals(lambda: depot.adjust(wrong))

        assert (fault.code, fault.path) == ("WRONG_BUCKET", ("lines", 0, "bucket"))
