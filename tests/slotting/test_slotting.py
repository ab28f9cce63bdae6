"""Where goods are put away, how places to pick from are filled, what fits. On both databases."""

from dataclasses import replace

import pytest

from backoffice_api.domain.catalog.commands.categories import (
    CreateCategory,
    SetProductCategories,
    create_category,
    set_product_categories,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.scanning.model.scans import ScanKind
from backoffice_api.domain.slotting import queries
from backoffice_api.domain.slotting.commands.rules import (
    CreatePutawayRule,
    RemovePickFace,
    RemovePutawayRule,
    SetPickFace,
    create_putaway_rule,
    remove_pick_face,
    remove_putaway_rule,
    set_pick_face,
)
from backoffice_api.domain.stock.commands.locations import ArchiveLocation, archive_location
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.commands.moves import MoveStock, move_stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.capacity import CapacityPolicy
from backoffice_api.domain.stock.model.levels import MoveLine
from backoffice_api.domain.stock.model.lots import LotDraft, Tracking
from tests.databases import count_statements
from tests.scanning.floor import scan
from tests.stock.depot import line
from tests.world import NOW

PUT_AWAY, MOVE, INSPECT = ScanKind.PUT_AWAY, ScanKind.MOVE, ScanKind.INSPECT
RECEIVE = ScanKind.RECEIVE_PURCHASE


def moved(yard, to, quantity, **values):
    ends = {"from_location_id": yard.north, "to_location_id": to}
    return MoveLine(variant_id=yard.a, quantity=quantity, **ends, **values)


class TestPuttingAway:
    async def test_follows_the_first_rule_that_fits_and_has_room(self, yard):
        yard.depot.put(yard.a, 30)
        yard.depot.put(yard.b, 4)
        yard.rule(yard.a1, priority=1, variant_id=yard.a)
        yard.rule(yard.a2, priority=2)
        yard.holds(yard.a1, pieces_max=20)

        assert await yard.tasks("PUT_AWAY") == [
            ("PUT_AWAY", 20, "A", "NORTH", "A1", "SELLABLE", None),
            ("PUT_AWAY", 10, "A", "NORTH", "A2", "SELLABLE", None),
            ("PUT_AWAY", 4, "B", "NORTH", "A2", "SELLABLE", None),
        ]
        carried = (
            scan(1, PUT_AWAY, "A", 20, to_location="A1"),
            scan(2, PUT_AWAY, "B", 4, to_location="A2"),
        )
        assert yard.said(*carried, *map(replace, carried)) == ["accepted"] * 2 + ["duplicate"] * 2
        assert await yard.tasks("PUT_AWAY") == [
            ("PUT_AWAY", 10, "A", "NORTH", "A2", "SELLABLE", None)
        ]

    async def test_tells_categories_conditions_and_velocity_apart(self, yard):
        root = yard.world.run(create_category, CreateCategory(name="All", slug="all")).value
        below = CreateCategory(name="Glass", slug="glass", parent_id=root)
        glass = yard.world.run(create_category, below).value
        product_id = yard.world.read(products.variants_by_ids, [yard.a])[yard.a].product_id
        filing = SetProductCategories(id=product_id, category_ids=(glass,), primary_id=glass)
        yard.world.run(set_product_categories, filing)
        yard.depot.put(yard.a, 5)
        yard.rule(yard.p1, priority=1, shipped_min=1)
        yard.rule(yard.a1, priority=2, category_id=root)
        yard.rule(yard.cage, priority=3, bucket=Bucket.DAMAGED)
        yard.depot.move(
            moved(yard, yard.north, 2, to_bucket=Bucket.DAMAGED),
        )

        assert await yard.tasks("PUT_AWAY") == [
            ("PUT_AWAY", 3, "A", "NORTH", "A1", "SELLABLE", None),
            ("PUT_AWAY", 2, "A", "NORTH", "CAGE", "DAMAGED", None),
        ]
        broken = scan(1, PUT_AWAY, "A", 2, to_location="CAGE", bucket=Bucket.DAMAGED)
        assert yard.said(broken, replace(broken)) == ["accepted", "duplicate"]
        assert yard.there(yard.a) == {("NORTH", "SELLABLE"): 3, ("CAGE", "DAMAGED"): 2}
        assert yard.all_broken() == []

    async def test_says_which_lots_what_expires_first_first(self, yard):
        tracked = SetTracking(variant_id=yard.a, tracking=Tracking.LOT)
        yard.world.run(set_tracking, tracked)
        late, soon = (
            LotDraft(code=code, expires_on=NOW.date().replace(month=month))
            for code, month in (("LATE", 12), ("SOON", 5))
        )
        for lot in (late, soon):
            yard.depot.adjust(line(yard.a, yard.north, delta=3, lot=lot))
        yard.rule(yard.a1, tracking=Tracking.LOT)

        assert await yard.tasks("PUT_AWAY") == [
            ("PUT_AWAY", 3, "A", "NORTH", "A1", "SELLABLE", "SOON"),
            ("PUT_AWAY", 3, "A", "NORTH", "A1", "SELLABLE", "LATE"),
        ]

    def test_takes_as_many_statements_for_many(self, yard):
        yard.rule(yard.a1, shipped_min=0)
        yard.holds(yard.a1, pieces_max=5)

        def asked():
            with count_statements(yard.world.database) as made:
                yard.world.read(queries.to_put_away, NOW, 50)
            return len(made)

        yard.depot.put(yard.a, 3)
        few = asked()
        yard.depot.put(yard.b, 3)
        assert asked() == few

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"to_location_id": "north"}, ["PUTAWAY_STAYS"]),
            ({"priority": -1}, ["OUT_OF_RANGE"]),
        ],
    )
    def test_refuses_rules_that_make_no_sense(self, yard, wrong, codes):
        if "to_location_id" in wrong:
            wrong = {"to_location_id": yard.north}
        given = {"from_location_id": yard.north, "to_location_id": yard.a1, **wrong}

        with pytest.raises(DomainError) as refusal:
            yard.world.run(create_putaway_rule, CreatePutawayRule(**given))
        assert [each.code for each in refusal.value.reasons()] == codes

    def test_is_not_hidden_by_what_no_rule_is_for(self, yard):
        yard.depot.put(yard.a, 3)
        yard.depot.put(yard.b, 3)
        yard.rule(yard.a1, variant_id=yard.b)

        found = yard.world.read(queries.to_put_away, NOW, 1)
        assert [each.variant_id for each in found] == [yard.b]

    def test_takes_no_more_rules_than_are_asked(self, yard, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.slotting.commands.rules.RULES_MAX", 1)
        yard.rule(yard.a1)

        with pytest.raises(DomainError) as refusal:
            yard.rule(yard.a2)
        assert refusal.value.code == "TOO_MANY"

    async def test_stops_with_its_rule(self, yard):
        yard.depot.put(yard.a, 3)
        rule = yard.rule(yard.a1)
        yard.world.run(remove_putaway_rule, RemovePutawayRule(id=rule))

        assert await yard.tasks("PUT_AWAY") == []


class TestFilling:
    async def test_fetches_what_a_pick_face_lacks_from_where_there_is_some(self, yard):
        yard.depot.adjust(
            line(yard.a, yard.a1, set_to=4),
            line(yard.a, yard.a2, set_to=50),
            line(yard.a, yard.p1, set_to=2),
            line(yard.a, yard.depot.south, set_to=99),
        )
        face = yard.face(yard.p1, yard.a, 2, 10)

        assert await yard.tasks("REPLENISH") == [
            ("REPLENISH", 4, "A", "A1", "P1", "SELLABLE", None),
            ("REPLENISH", 4, "A", "A2", "P1", "SELLABLE", None),
        ]
        fetched = (
            scan(1, MOVE, "A", 4, location="A1", to_location="P1"),
            scan(2, MOVE, "A", 4, location="A2", to_location="P1"),
        )
        assert yard.said(*reversed(fetched)) == ["accepted", "accepted"]
        assert await yard.tasks("REPLENISH") == []
        yard.face(yard.p1, yard.a, 10, 12)
        assert [each[1] for each in await yard.tasks("REPLENISH")] == [2]
        yard.world.run(remove_pick_face, RemovePickFace(id=face))
        assert await yard.tasks("REPLENISH") == []

    def test_is_not_hidden_by_what_there_is_nowhere_else(self, yard):
        yard.face(yard.p1, yard.a, 2, 10)
        yard.face(yard.p1, yard.b, 2, 10)
        yard.depot.adjust(line(yard.b, yard.a1, set_to=4))

        found = yard.world.read(queries.to_fill, 1)
        assert [each.variant_id for each in found] == [yard.b]

    def test_ends_where_the_place_is_archived_as_putting_away_does(self, yard):
        yard.depot.put(yard.a, 3)
        yard.rule(yard.a1)
        yard.face(yard.p1, yard.a, 2, 10)
        for place in (yard.a1, yard.p1):
            yard.world.run(archive_location, ArchiveLocation(id=place))

        assert yard.world.read(queries.to_put_away, NOW, 9) == ()
        assert yard.world.read(queries.to_fill, 9) == ()

    def test_refuses_a_maximum_below_the_minimum(self, yard):
        command = SetPickFace(location_id=yard.p1, variant_id=yard.a, minimum=3, maximum=3)

        with pytest.raises(DomainError) as refusal:
            yard.world.run(set_pick_face, command)
        assert [each.code for each in refusal.value.reasons()] == ["PICK_FACE_NEVER_FILLED"]


class TestRoom:
    def test_refuses_what_does_not_fit_and_takes_what_fits_after_something_left(self, yard):
        yard.depot.put(yard.a, 30)
        yard.holds(yard.a1, pieces_max=10)
        full = scan(2, PUT_AWAY, "A", 6, to_location="A1")

        assert yard.said(scan(1, PUT_AWAY, "A", 6, to_location="A1"), full) == [
            "accepted",
            "LOCATION_FULL",
        ]
        left = scan(3, MOVE, "A", 4, location="A1", to_location="A2", at=1.5)
        assert yard.said(left) == ["accepted"]
        assert yard.said(full) == ["accepted"]
        assert yard.there(yard.a)["A1", "SELLABLE"] == 8

    def test_is_not_made_by_what_stays_as_it_does_not_fit_elsewhere(self, yard):
        yard.depot.put(yard.a, 30)
        yard.depot.adjust(line(yard.a, yard.a1, set_to=10))
        yard.holds(yard.a1, pieces_max=10)
        yard.holds(yard.a2, pieces_max=0)
        stays = scan(1, MOVE, "A", 4, location="A1", to_location="A2")
        comes = scan(2, PUT_AWAY, "A", 4, to_location="A1")

        assert yard.said(stays, comes) == ["LOCATION_FULL", "LOCATION_FULL"]

    def test_warns_where_it_is_told_to(self, yard):
        yard.depot.put(yard.a, 30)
        yard.holds(yard.a1, pieces_max=5, policy=CapacityPolicy.WARN)

        (outcome,) = yard.send(scan(1, PUT_AWAY, "A", 6, to_location="A1"))

        assert (outcome.status.value, outcome.warning) == ("accepted", "LOCATION_FULL")

    async def test_is_held_against_moves_by_hand_too(self, yard):
        yard.depot.put(yard.a, 30)
        yard.holds(yard.a1, pieces_max=5)
        document = """
        mutation ($id: ID!, $input: LocationSetCapacityInput!, $move: StockMoveInput!) {
          stockMove(input: $move) { userErrors { code path } }
          locationSetCapacity(id: $id, input: $input) {
            location { capacity { weightMaxG policy piecesMax } fill { pieces } }
            userErrors { code }
          }
        }
        """
        asked = {
            "variantId": ids.text("sku", yard.a),
            "fromLocationId": ids.text("loc", yard.north),
            "toLocationId": ids.text("loc", yard.a1),
            "quantity": 6,
        }

        answer = await yard.world.graphql(
            document,
            id=ids.text("loc", yard.north),
            input={"weightMaxG": 5, "policy": "WARN"},
            move={"lines": [asked]},
        )

        assert answer["stockMove"]["userErrors"] == [
            {"code": "LOCATION_FULL", "path": ["input", "lines", "0", "toLocationId"]}
        ]
        assert answer["locationSetCapacity"] == {
            "location": {
                "capacity": {"weightMaxG": 5, "policy": "WARN", "piecesMax": None},
                "fill": {"pieces": 30},
            },
            "userErrors": [],
        }
        sent = MoveStock(lines=(moved(yard, yard.a1, 5),))
        yard.world.run(move_stock, sent)
        yard.holds(yard.a1)
        yard.world.run(move_stock, sent)
        assert yard.there(yard.a)["A1", "SELLABLE"] == 10


class TestDock:
    async def test_takes_in_inspects_and_puts_away_in_one_batch_and_in_any_order(self, yard):
        order = yard.sent((yard.a, 10), (yard.b, 5))
        assert await yard.tasks("RECEIVE_PURCHASE") == [
            ("RECEIVE_PURCHASE", None, None, None, "NORTH", None, None)
        ]
        number = yard.order(order).number
        day = (
            scan(1, RECEIVE, "A", 10, purchase_order=number, bucket=Bucket.QUALITY_CHECK),
            scan(2, RECEIVE, "B", 5, purchase_order=yard.shown_order(order)),
            scan(3, INSPECT, "A", 7),
            scan(4, INSPECT, "A", 2, to_bucket=Bucket.DAMAGED),
            scan(5, PUT_AWAY, "A", 7, to_location="A1"),
            scan(6, MOVE, "A", 2, to_location="CAGE", bucket=Bucket.DAMAGED),
        )

        first = yard.said(*reversed(day[2:]))
        again = yard.said(*day, *map(replace, day))
        assert (set(first), again[:6], set(again[6:])) == (
            {"INSUFFICIENT_STOCK"},
            ["accepted"] * 6,
            {"duplicate"},
        )
        assert yard.there(yard.a) == {
            ("A1", "SELLABLE"): 7,
            ("CAGE", "DAMAGED"): 2,
            ("NORTH", "QUALITY_CHECK"): 1,
        }
        assert (yard.status(order), yard.on_hand(yard.b)) == ("RECEIVED", 5)
        assert await yard.tasks("RECEIVE_PURCHASE", "INSPECT") == [
            ("INSPECT", 1, "A", "NORTH", None, "QUALITY_CHECK", None)
        ]
        reused = replace(day[3], quantity=1)
        assert yard.said(reused) == ["SEQUENCE_REUSED"]
        assert yard.all_broken() == []

    def test_refuses_one_by_one(self, yard):
        order = yard.sent((yard.a, 10))
        number = yard.order(order).number
        given = (
            scan(1, RECEIVE, "A", 6, purchase_order=number),
            scan(2, RECEIVE, "B", 1, purchase_order=number),
            scan(3, RECEIVE, "A", 1, purchase_order="PO-NONE"),
            scan(4, INSPECT, "A", 1, to_bucket=Bucket.QUALITY_CHECK),
            scan(5, INSPECT, "A", 1),
            scan(6, MOVE, "A", 1, to_location="A1", bucket=Bucket.IN_TRANSIT),
            scan(7, RECEIVE, "A", 4, purchase_order=number),
        )

        assert yard.said(*given) == [
            "accepted",
            "CODE_NOT_ORDERED",
            "NO_SUCH_PURCHASE_ORDER",
            "NOT_AN_OUTCOME",
            "INSUFFICIENT_STOCK",
            "WRONG_BUCKET",
            "accepted",
        ]
        assert yard.there(yard.a) == {("NORTH", "SELLABLE"): 10}
