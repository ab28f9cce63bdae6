"""Stock over GraphQL, on both databases."""

import pytest

from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.movements import Cause
from tests.databases import count_statements
from tests.stock.depot import line_id, shown

ADJUST = """
mutation ($input: StockAdjustInput!, $meta: MutationMeta) {
  stockAdjust(input: $input, meta: $meta) {
    levels { variant { sku } location { code } onHand reserved safety available version }
    movements {
      sequence kind quantity reason variant { sku } fromLocation { code } toLocation { code }
      cause { id } actor { kind id }
    }
    userErrors {
      code message path
      ... on StockNotAsExpectedError { expected actual }
      ... on InsufficientStockError { shortages { requested available sku variant { sku } } }
    }
    effects { kind summary subject { ... on StockLevel { onHand } } }
    replayed
  }
}
"""
POSITION = """
query ($id: ID!) {
  variant(by: {id: $id}) {
    stock {
      onHand reserved safety available
      byLocation { nodes { location { code } onHand reserved safety available } }
    }
  }
}
"""


def adjustment(variant_id, location_id, **values):
    return {
        "variantId": shown("sku", variant_id),
        "locationId": shown("loc", location_id),
        **values,
    }


class TestStockAdjust:
    async def test_answers_levels_and_movements(self, depot):
        variant = depot.variant("A")
        given = {
            "kind": "RECEIPT",
            "lines": [
                adjustment(variant, depot.south, delta=2),
                adjustment(variant, depot.north, setTo=5, expectedOnHand=0),
            ],
        }

        answer = (await depot.world.graphql(ADJUST, input=given, meta={"reason": "delivery 17"}))[
            "stockAdjust"
        ]

        level = {"variant": {"sku": "A"}, "reserved": 0, "safety": 0, "version": 2}
        assert answer["levels"] == [
            {**level, "location": {"code": "SOUTH"}, "onHand": 2, "available": 2},
            {**level, "location": {"code": "NORTH"}, "onHand": 5, "available": 5},
        ]
        movement = {
            "kind": "RECEIPT",
            "reason": "delivery 17",
            "variant": {"sku": "A"},
            "fromLocation": {"code": "SUPPLIER"},
            "cause": None,
            "actor": {"kind": "TOKEN", "id": "tok_00000000000000000000000000000007"},
        }
        assert answer["movements"] == [
            {**movement, "sequence": "1", "quantity": 2, "toLocation": {"code": "SOUTH"}},
            {**movement, "sequence": "2", "quantity": 5, "toLocation": {"code": "NORTH"}},
        ]
        assert answer["userErrors"] == []
        assert answer["effects"] == [
            {
                "kind": "stock.adjusted",
                "summary": "Stock was adjusted by +2 to 2 (receipt).",
                "subject": {"onHand": 2},
            },
            {
                "kind": "stock.adjusted",
                "summary": "Stock was adjusted by +5 to 5 (receipt).",
                "subject": {"onHand": 5},
            },
        ]

    async def test_answers_refusals_with_their_data(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 5)
        given = {
            "lines": [
                adjustment(first, depot.north, delta=1, expectedOnHand=4),
                adjustment(second, depot.north, delta=-1),
                adjustment(second, depot.south, delta=1, setTo=1),
            ]
        }

        refused = (await depot.world.graphql(ADJUST, input=given))["stockAdjust"]
        del given["lines"][2]
        answer = (await depot.world.graphql(ADJUST, input=given))["stockAdjust"]

        assert refused["userErrors"] == [
            {
                "code": "DELTA_OR_TOTAL",
                "message": "Give either a difference or a total.",
                "path": ["input", "lines", "2"],
            }
        ]
        assert answer["userErrors"] == [
            {
                "code": "STOCK_NOT_AS_EXPECTED",
                "message": "There are 5 pieces on hand, not 4.",
                "path": ["input", "lines", "0"],
                "expected": 4,
                "actual": 5,
            },
            {
                "code": "INSUFFICIENT_STOCK",
                "message": "There is not enough stock.",
                "path": ["input", "lines", "1"],
                "shortages": [
                    {"requested": 1, "available": 0, "sku": "B", "variant": {"sku": "B"}}
                ],
            },
        ]
        assert (answer["levels"], answer["movements"]) == ([], [])

    async def test_a_dry_run_shows_what_would_be(self, depot):
        variant = depot.variant("A", 5)
        given = {"lines": [adjustment(variant, depot.north, delta=2)]}
        before = depot.everything()

        answer = await depot.world.graphql(ADJUST, input=given, meta={"dryRun": True})

        assert [each["onHand"] for each in answer["stockAdjust"]["levels"]] == [7]
        assert [each["quantity"] for each in answer["stockAdjust"]["movements"]] == [2]
        assert depot.everything() == before

    async def test_a_repeated_key_answers_what_the_first_did(self, depot):
        variant = depot.variant("A")
        given = {"lines": [adjustment(variant, depot.north, delta=2)]}
        meta = {"idempotencyKey": "one"}

        first = (await depot.world.graphql(ADJUST, input=given, meta=meta))["stockAdjust"]
        second = (await depot.world.graphql(ADJUST, input=given, meta=meta))["stockAdjust"]

        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert second == first

    @pytest.mark.parametrize("wrong", ["loc_1", "sku_" + "0" * 32, ""])
    async def test_refuses_what_is_no_id_of_a_location(self, depot, wrong):
        variant = depot.variant("A")
        given = {"lines": [{"variantId": shown("sku", variant), "locationId": wrong, "delta": 1}]}

        answer = await depot.world.ask(ADJUST, input=given)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]
        assert depot.movements() == []


class TestStockSetSafety:
    async def test_answers_the_levels(self, depot):
        variant = depot.variant("A", 5)
        document = """
        mutation ($input: StockSetSafetyInput!) {
          stockSetSafety(input: $input) {
            levels { onHand safety available } movements { id } userErrors { code path }
          }
        }
        """
        given = {"lines": [adjustment(variant, depot.north, safety=2)]}

        answer = (await depot.world.graphql(document, input=given))["stockSetSafety"]

        assert answer == {
            "levels": [{"onHand": 5, "safety": 2, "available": 3}],
            "movements": [],
            "userErrors": [],
        }


class TestLocationMutations:
    async def test_make_change_archive_and_restore(self, depot):
        made = await depot.world.graphql(
            """
            mutation { locationCreate(input: {
              code: "SHOP", name: "Shop", kind: STORE, priority: 3, negativeAllowed: true
            }) { location { id code kind priority negativeAllowed status version } } }
            """
        )
        location = made["locationCreate"]["location"]
        id = location.pop("id")
        assert location == {
            "code": "SHOP",
            "kind": "STORE",
            "priority": 3,
            "negativeAllowed": True,
            "status": "ACTIVE",
            "version": 1,
        }

        done = await depot.world.graphql(
            """
            mutation ($id: ID!) {
              locationUpdate(id: $id, input: {name: "The shop", negativeAllowed: false}) {
                location { name negativeAllowed }
              }
              locationArchive(id: $id) { location { status actions { name allowed } } }
              locationRestore(id: $id) { location { status version timeline { nodes { type } } } }
            }
            """,
            id=id,
        )

        assert done["locationUpdate"]["location"] == {"name": "The shop", "negativeAllowed": False}
        assert done["locationArchive"]["location"] == {
            "status": "ARCHIVED",
            "actions": [
                {"name": "update", "allowed": False},
                {"name": "archive", "allowed": False},
                {"name": "restore", "allowed": True},
            ],
        }
        assert done["locationRestore"]["location"] == {
            "status": "ACTIVE",
            "version": 4,
            "timeline": {
                "nodes": [
                    {"type": "location.restored"},
                    {"type": "location.archived"},
                    {"type": "location.updated"},
                    {"type": "location.created"},
                ]
            },
        }

    async def test_point_at_what_is_wrong(self, depot):
        answer = await depot.world.graphql(
            """
            mutation { locationCreate(input: {code: "", name: "x", kind: SUPPLIER}) {
              location { id } userErrors { code path }
            } }
            """
        )

        assert answer["locationCreate"] == {
            "location": None,
            "userErrors": [
                {"code": "VIRTUAL_LOCATION", "path": ["input", "kind"]},
                {"code": "INVALID_TEXT", "path": ["input", "code"]},
            ],
        }


class TestLocation:
    async def test_is_found_by_id_or_code(self, depot):
        document = """
        query ($id: ID!) {
          byId: location(by: {id: $id}) { code }
          byCode: location(by: {code: "SOUTH"}) { code }
          none: location(by: {code: "EAST"}) { code }
        }
        """

        assert await depot.world.graphql(document, id=shown("loc", depot.north)) == {
            "byId": {"code": "NORTH"},
            "byCode": {"code": "SOUTH"},
            "none": None,
        }

    async def test_shows_what_is_kept_there(self, depot):
        depot.variant("A", 5)
        depot.variant("B", 2)
        document = (
            '{ location(by: {code: "NORTH"}) { levels { nodes { variant { sku } onHand } } } }'
        )

        answer = await depot.world.graphql(document)

        assert answer["location"]["levels"]["nodes"] == [
            {"variant": {"sku": "B"}, "onHand": 2},
            {"variant": {"sku": "A"}, "onHand": 5},
        ]


class TestStockOfVariant:
    async def test_sums_up_all_locations(self, depot):
        variant = depot.variant("A", 5, 4)
        depot.reserve((1, variant, 3))

        answer = await depot.world.graphql(POSITION, id=shown("sku", variant))

        stock = answer["variant"]["stock"]
        by_location = stock.pop("byLocation")["nodes"]
        assert stock == {"onHand": 9, "reserved": 3, "safety": 0, "available": 6}
        assert {each["location"]["code"]: each["available"] for each in by_location} == {
            "NORTH": 2,
            "SOUTH": 4,
        }

    async def test_is_zero_for_what_is_kept_nowhere(self, depot):
        variant = depot.variant("A")

        answer = await depot.world.graphql(POSITION, id=shown("sku", variant))

        assert answer["variant"]["stock"] == {
            "onHand": 0,
            "reserved": 0,
            "safety": 0,
            "available": 0,
            "byLocation": {"nodes": []},
        }

    async def test_takes_as_many_statements_for_fifty_as_for_one(self, depot):
        for variant in depot.variants(*(f"V{number}" for number in range(50))):
            depot.put(variant, 3, 4)
        document = """
        query ($first: Int) { variants(first: $first) { nodes {
          sku stock { available byLocation { nodes { onHand location { code } } } }
        } } }
        """

        counts = []
        for first in (1, 50):
            with count_statements(depot.world.database) as seen:
                answer = await depot.world.graphql(document, first=first)
            assert {each["stock"]["available"] for each in answer["variants"]["nodes"]} == {7}
            counts.append(len([each for each in seen if each.startswith("SELECT")]))

        assert counts == [4, 4]


class TestNodes:
    async def test_are_found_by_their_ids(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 2))
        ids = [
            shown("loc", depot.north),
            shown("lvl", depot.levels()[variant, depot.north].id),
            shown("mov", depot.movements()[0].id),
            shown("rsv", depot.reservations()[0].id),
        ]

        answer = await depot.world.graphql(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids
        )

        assert answer["nodes"] == [
            {"__typename": kind, "id": id}
            for kind, id in zip(
                ("Location", "StockLevel", "StockMovement", "Reservation"), ids, strict=True
            )
        ]

    async def test_show_what_a_movement_was_for(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 2))
        # Whatever has an id of ours can be a cause; here it is a variant.
        depot.call(consume, {line_id(1): 2}, cause=Cause("sku", variant))

        answer = await depot.world.graphql(
            "{ movements(first: 1) { nodes { kind cause { ... on Variant { sku } } } } }"
        )

        assert answer["movements"]["nodes"] == [{"kind": "SHIPMENT", "cause": {"sku": "A"}}]

    async def test_show_the_life_of_a_reservation(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 2))

        answer = await depot.world.graphql(
            """
            { reservations { nodes {
              quantity status expiresAt owner { id } line { id }
              variant { sku } location { code } level { reserved }
              actions { name allowed } timeline { nodes { type } }
            } } }
            """
        )

        assert answer["reservations"]["nodes"] == [
            {
                "quantity": 2,
                "status": "ALLOCATED",
                "expiresAt": None,
                "owner": None,
                "line": None,
                "variant": {"sku": "A"},
                "location": {"code": "NORTH"},
                "level": {"reserved": 2},
                "actions": [
                    {"name": "extend", "allowed": False},
                    {"name": "harden", "allowed": False},
                    {"name": "expire", "allowed": False},
                    {"name": "release", "allowed": True},
                    {"name": "consume", "allowed": True},
                ],
                "timeline": {"nodes": [{"type": "reservation.made"}]},
            }
        ]
