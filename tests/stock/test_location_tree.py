"""Sites, zones and bins: a tree whose sums can be asked for. On both databases."""

import contextlib
import threading

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.locations import (
    ArchiveLocation,
    RestoreLocation,
    UpdateLocation,
    archive_location,
    restore_location,
    update_location,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationKind
from tests.databases import count_statements
from tests.stock.depot import line, shown

ZONE, BIN = LocationKind.ZONE, LocationKind.BIN


@pytest.fixture
def hall(depot):
    """NORTH has the zone A with the bin A1, and the zone B."""
    depot.a = depot.location("A", kind=ZONE, parent_id=depot.north)
    depot.a1 = depot.location("A1", kind=BIN, parent_id=depot.a)
    depot.b = depot.location("B", kind=ZONE, parent_id=depot.north)
    return depot


def tree(depot):
    """Each location in use with its parent and depth, site by site."""
    found = depot.world.read(queries.locations_by_codes, ["NORTH", "SOUTH", "A", "A1", "B"])
    names = {each.id: code for code, each in found.items()}
    return {
        code: (names.get(each.parent_id), each.depth)
        for code, each in sorted(found.items(), key=lambda known: known[1].path)
    }


class TestTree:
    def test_is_kept_as_paths(self, hall):
        assert tree(hall) == {
            "NORTH": (None, 1),
            "A": ("NORTH", 2),
            "A1": ("A", 3),
            "B": ("NORTH", 2),
            "SOUTH": (None, 1),
        }
        assert hall.broken() == []

    def test_moves_a_location_with_all_its_parts(self, hall):
        hall.world.run(update_location, UpdateLocation(id=hall.a, parent_id=hall.b))
        assert tree(hall)["A1"] == ("A", 4)

        hall.world.run(update_location, UpdateLocation(id=hall.a, parent_id=hall.south))

        assert tree(hall) == {
            "NORTH": (None, 1),
            "B": ("NORTH", 2),
            "SOUTH": (None, 1),
            "A": ("SOUTH", 2),
            "A1": ("A", 3),
        }
        assert hall.broken() == []

    @pytest.mark.parametrize(
        ("kind", "parent"),
        [(ZONE, None), (BIN, None), (LocationKind.STORE, "north"), (ZONE, "a1"), (BIN, "a1")],
    )
    def test_refuses_what_cannot_stand_there(self, hall, kind, parent):
        parent_id = getattr(hall, parent) if parent else None

        (fault,) = hall.refusals(lambda: hall.location("X", kind=kind, parent_id=parent_id))

        assert (fault.code, fault.path) == ("WRONG_PARENT", ("parent_id",))

    def test_refuses_a_circle(self, hall):
        inner = hall.location("A2", kind=ZONE, parent_id=hall.a)
        command = UpdateLocation(id=hall.a, parent_id=inner)

        (fault,) = hall.refusals(lambda: hall.world.run(update_location, command))

        assert fault.code == "LOCATION_CYCLE"

    def test_is_at_most_five_deep(self, hall):
        third = hall.location("C", kind=ZONE, parent_id=hall.b)
        fourth = hall.location("D", kind=ZONE, parent_id=third)
        hall.location("E", kind=BIN, parent_id=fourth)

        too_deep = UpdateLocation(id=hall.a, parent_id=fourth)
        (fault,) = hall.refusals(lambda: hall.world.run(update_location, too_deep))

        assert (fault.code, fault.maximum) == ("LOCATION_TOO_DEEP", 5)

    def test_is_archived_from_its_ends(self, hall):
        def archive(id):
            hall.world.run(archive_location, ArchiveLocation(id=id))

        (fault,) = hall.refusals(lambda: archive(hall.a))
        assert fault.code == "LOCATION_HAS_PARTS"
        archive(hall.a1)
        archive(hall.a)
        restore = RestoreLocation(id=hall.a1)
        (fault,) = hall.refusals(lambda: hall.world.run(restore_location, restore))
        assert fault.code == "ARCHIVED_LOCATION"

    def test_stays_a_tree_when_two_move_at_once(self, hall):
        moves = [
            UpdateLocation(id=hall.a, parent_id=hall.b),
            UpdateLocation(id=hall.b, parent_id=hall.a),
        ]
        start = threading.Barrier(2)

        def run(command):
            start.wait()
            with contextlib.suppress(DomainError):
                hall.world.run(update_location, command)

        threads = [threading.Thread(target=run, args=(each,)) for each in moves]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        depths = sorted(depth for _, depth in tree(hall).values())
        assert depths in ([1, 1, 2, 3, 4], [1, 1, 2, 3, 3])
        assert hall.broken() == []


class TestSums:
    @pytest.fixture
    def filled(self, hall):
        hall.first, hall.second = hall.variants("V", "W")
        hall.adjust(
            line(hall.first, hall.north, delta=1),
            line(hall.first, hall.a, delta=2),
            line(hall.first, hall.a1, delta=4),
            line(hall.first, hall.a1, delta=8, bucket=Bucket.DAMAGED),
            line(hall.second, hall.b, delta=16),
            line(hall.first, hall.south, delta=32),
        )
        return hall

    async def test_are_of_a_location_and_its_parts(self, filled):
        document = """{
          locations(filter: {kind: [WAREHOUSE, ZONE, BIN]}, sort: {key: CODE, direction: ASC}) {
            nodes {
              code contents { onHand damaged owned } parent { code } parts { nodes { code } }
            }
          }
        }"""

        with count_statements(filled.world.database) as seen:
            answer = await filled.world.graphql(document)

        assert [
            (each["code"], *each["contents"].values()) for each in answer["locations"]["nodes"]
        ] == [
            ("A", 6, 8, 14),
            ("A1", 4, 8, 12),
            ("B", 16, 0, 16),
            ("NORTH", 23, 8, 31),
            ("SOUTH", 32, 0, 32),
        ]
        assert len([each for each in seen if each.startswith("SELECT")]) == 4

    async def test_are_of_one_variant_where_it_is_asked_for(self, filled):
        document = """query ($of: ID!, $in: ID) {
          stockPosition(variantId: $of, withinId: $in) { onHand damaged available }
        }"""
        of = shown("sku", filled.first)

        inside = await filled.world.graphql(document, **{"of": of, "in": shown("loc", filled.a)})
        everywhere = await filled.world.graphql(document, of=of)

        assert inside["stockPosition"] == {"onHand": 6, "damaged": 8, "available": 6}
        assert everywhere["stockPosition"] == {"onHand": 39, "damaged": 8, "available": 39}

    async def test_filter_levels_and_locations_by_a_part_of_the_tree(self, filled):
        document = """query ($in: ID!) {
          stockLevels(filter: {withinId: {eq: $in}, bucket: [SELLABLE]}) { nodes { onHand } }
          locations(filter: {withinId: {in: [$in]}}) { nodes { code } }
          parts: locations(filter: {parentId: {eq: $in}}) { nodes { code } }
        }"""

        answer = await filled.world.graphql(document, **{"in": shown("loc", filled.a)})

        assert sorted(each["onHand"] for each in answer["stockLevels"]["nodes"]) == [2, 4]
        assert sorted(each["code"] for each in answer["locations"]["nodes"]) == ["A", "A1"]
        assert answer["parts"]["nodes"] == [{"code": "A1"}]
