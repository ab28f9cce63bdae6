"""Lists of locations, levels, movements and reservations, on both databases."""

from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.filters import All, AnyOf, Operator, Test
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.locations import ArchiveLocation, archive_location
from backoffice_api.domain.stock.commands.reservations import release
from backoffice_api.domain.stock.model.levels import AdjustmentKind
from backoffice_api.domain.stock.tables import movements
from tests.databases import count_statements
from tests.plans import all_indexed, assert_indexed
from tests.stock.depot import ORDER, Depot, line, line_id, shown
from tests.stock.test_stock_history import received, shipped
from tests.world import NOW

LOCATIONS = """
query ($filter: LocationFilter, $sort: LocationSort) {
  locations(filter: $filter, sort: $sort) { nodes { code } }
  locationsCount(filter: $filter) { value precision }
}
"""
LEVELS = """
query ($filter: StockLevelFilter, $sort: StockLevelSort) {
  stockLevels(filter: $filter, sort: $sort) { nodes { variant { sku } location { code } } }
  stockLevelsCount(filter: $filter) { value precision }
}
"""
MOVEMENTS = """
query ($filter: StockMovementFilter, $sort: StockMovementSort) {
  movements(filter: $filter, sort: $sort) { nodes { quantity } }
  movementsCount(filter: $filter) { value precision }
}
"""
RESERVATIONS = """
query ($filter: ReservationFilter, $sort: ReservationSort) {
  reservations(filter: $filter, sort: $sort) { nodes { quantity } }
  reservationsCount(filter: $filter) { value precision }
}
"""
HOURS = [NOW - timedelta(hours=hours) for hours in range(10)]


async def asked(depot, document, show, **variables):
    """What is shown of each row, in order; the count must say the same."""
    answer = await depot.world.graphql(document, **variables)
    page, number = answer.values()
    assert number == {"value": len(page["nodes"]), "precision": "EXACT"}
    return [show(each) for each in page["nodes"]]


def quantity(row):
    return row["quantity"]


class TestLocations:
    @pytest.mark.parametrize(
        ("filter", "codes"),
        [
            ({"kind": ["WAREHOUSE"]}, ["SOUTH", "NORTH"]),
            ({"kind": ["WAREHOUSE"], "status": ["ACTIVE"]}, ["NORTH"]),
            ({"status": ["ARCHIVED"]}, ["SOUTH"]),
            ({"code": {"eq": "SCRAP"}}, ["SCRAP"]),
            ({"code": {"startsWith": "S"}}, ["SOUTH", "SCRAP", "SUPPLIER"]),
            ({"createdAt": {"gte": NOW.isoformat()}}, ["SOUTH", "NORTH"]),
        ],
    )
    async def test_are_filtered(self, depot, filter, codes):
        depot.world.run(archive_location, ArchiveLocation(id=depot.south))

        found = await asked(depot, LOCATIONS, lambda row: row["code"], filter=filter)

        assert found == codes

    @pytest.mark.parametrize(
        ("key", "codes"),
        [
            ("CREATED_AT", ["EAST", "NORTH", "SOUTH"]),
            ("CODE", ["EAST", "NORTH", "SOUTH"]),
            ("PRIORITY", ["NORTH", "SOUTH", "EAST"]),
        ],
    )
    async def test_are_sorted_both_ways(self, depot, key, codes):
        depot.location("EAST", priority=3)
        if key == "CREATED_AT":
            codes = ["NORTH", "SOUTH", "EAST"]
        filter = {"kind": ["WAREHOUSE"]}

        for direction, expected in (("ASC", codes), ("DESC", codes[::-1])):
            sort = {"key": key, "direction": direction}
            found = await asked(depot, LOCATIONS, lambda row: row["code"], filter=filter, sort=sort)
            assert found == expected


class TestStockLevels:
    @pytest.fixture
    def filled(self, depot):
        """A: 5 in NORTH and 1 in SOUTH; B: 2 in NORTH, both promised."""
        depot.first = depot.variant("A", 5, 1)
        depot.second = depot.variant("B", 2)
        depot.reserve((1, depot.second, 2))
        return depot

    @staticmethod
    def place(row):
        return row["variant"]["sku"] + "-" + row["location"]["code"]

    @pytest.mark.parametrize(
        ("filter", "places"),
        [
            ({}, ["B-NORTH", "A-SOUTH", "A-NORTH"]),
            ({"onHand": {"gte": 2}}, ["B-NORTH", "A-NORTH"]),
            ({"onHand": {"eq": 1}}, ["A-SOUTH"]),
            ({"available": {"lte": 1}}, ["B-NORTH", "A-SOUTH"]),
            ({"available": {"lte": 1}, "onHand": {"gte": 2}}, ["B-NORTH"]),
        ],
    )
    async def test_are_filtered_by_what_is_there(self, filled, filter, places):
        assert await asked(filled, LEVELS, self.place, filter=filter) == places

    async def test_are_filtered_by_variant_and_location(self, filled):
        variant, location = shown("sku", filled.first), shown("loc", filled.north)

        of_variant = {"variantId": {"eq": variant}}
        assert await asked(filled, LEVELS, self.place, filter=of_variant) == ["A-SOUTH", "A-NORTH"]
        at_location = {"locationId": {"in": [location]}}
        assert await asked(filled, LEVELS, self.place, filter=at_location) == ["B-NORTH", "A-NORTH"]
        both = {**of_variant, **at_location}
        assert await asked(filled, LEVELS, self.place, filter=both) == ["A-NORTH"]

    @pytest.mark.parametrize(
        ("key", "places"),
        [
            ("CREATED_AT", ["A-NORTH", "A-SOUTH", "B-NORTH"]),
            ("ON_HAND", ["A-SOUTH", "B-NORTH", "A-NORTH"]),
            ("AVAILABLE", ["B-NORTH", "A-SOUTH", "A-NORTH"]),
        ],
    )
    async def test_are_sorted_both_ways(self, filled, key, places):
        for direction, expected in (("ASC", places), ("DESC", places[::-1])):
            sort = {"key": key, "direction": direction}
            assert await asked(filled, LEVELS, self.place, sort=sort) == expected


class TestMovements:
    @pytest.fixture
    def moved(self, depot):
        """Movements of 1, 2, 3, ... pieces, of which each happened before the one recorded next."""
        depot.first, depot.second = depot.variants("A", "B")
        quantities = count(1)
        for variant, place in ((depot.first, depot.north), (depot.second, depot.south)):
            depot.adjust(line(variant, place, delta=next(quantities)), kind=AdjustmentKind.OPENING)
        history = [
            received(depot.first, depot.north, next(quantities)),
            received(depot.first, depot.south, next(quantities)),
            shipped(depot.first, depot.south, 1, cause_kind="ord", cause_id=ORDER),
        ]
        depot.call(record_movements, history)
        return depot

    async def test_come_newest_first(self, moved):
        assert await asked(moved, MOVEMENTS, quantity) == [2, 1, 1, 4, 3]

    @pytest.mark.parametrize(
        ("sort", "quantities"),
        [
            ({"key": "OCCURRED_AT", "direction": "ASC"}, [3, 4, 1, 1, 2]),
            ({"key": "OCCURRED_AT"}, [2, 1, 1, 4, 3]),
        ],
    )
    async def test_are_sorted(self, moved, sort, quantities):
        assert await asked(moved, MOVEMENTS, quantity, sort=sort) == quantities

    @pytest.mark.parametrize(
        ("filter", "quantities"),
        [
            ({"kind": ["OPENING"]}, [2, 1]),
            ({"kind": ["SHIPMENT", "RECEIPT"]}, [1, 4, 3]),
            ({"occurredAt": {"gte": NOW.isoformat()}}, [2, 1]),
            ({"occurredAt": {"lt": NOW.isoformat()}}, [1, 4, 3]),
            ({"causeId": {"eq": shown("ord", ORDER)}}, [1]),
            ({"causeId": {"isNull": True}}, [2, 1, 4, 3]),
        ],
    )
    async def test_are_filtered(self, moved, filter, quantities):
        assert await asked(moved, MOVEMENTS, quantity, filter=filter) == quantities

    async def test_are_filtered_by_variant_and_by_either_end(self, moved):
        variant = {"variantId": {"eq": shown("sku", moved.first)}}
        north, south = (shown("loc", each) for each in (moved.north, moved.south))

        async def found(**filter):
            return await asked(moved, MOVEMENTS, quantity, filter=filter)

        assert await found(**variant) == [1, 1, 4, 3]
        assert await found(locationId={"eq": south}) == [2, 1, 4]
        assert await found(locationId={"eq": south}, **variant) == [1, 4]
        assert await found(locationId={"eq": north}, kind=["RECEIPT"]) == [3]
        assert await found(locationId={"in": [north, south]}) == [2, 1, 1, 4, 3]
        assert await found(**{"not": {"locationId": {"eq": south}}}) == [1, 3]
        assert await found(**{"or": [{"locationId": {"eq": north}}, {"kind": ["SHIPMENT"]}]}) == [
            1,
            1,
            3,
        ]
        assert (
            await found(
                **{
                    "and": [
                        {"locationId": {"eq": south}},
                        {"locationId": {"eq": shown("loc", ORDER)}},
                    ]
                }
            )
            == []
        )

    @pytest.mark.parametrize("direction", ["ASC", "DESC"])
    async def test_of_a_location_are_paged_both_ways(self, moved, direction):
        document = """
        query ($at: ID!, $sort: StockMovementSort, $after: String, $before: String,
               $first: Int, $last: Int) {
          movements(filter: {locationId: {eq: $at}}, sort: $sort,
                    first: $first, last: $last, after: $after, before: $before) {
            nodes { id }
            pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
          }
        }
        """
        how = {
            "at": shown("loc", moved.south),
            "sort": {"key": "OCCURRED_AT", "direction": direction},
        }

        async def page(**which):
            return (await moved.world.graphql(document, **how, **which))["movements"]

        whole = (await page(first=10))["nodes"]
        first = await page(first=2)
        second = await page(first=2, after=first["pageInfo"]["endCursor"])
        back = await page(last=2, before=second["pageInfo"]["startCursor"])

        assert len(whole) == 3
        assert first["nodes"] + second["nodes"] == whole
        assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (
            True,
            False,
        )
        assert back["nodes"] == first["nodes"]


class TestReservations:
    @pytest.fixture
    def promised(self, depot):
        """1 and 2 pieces for line 1, the latter from SOUTH and soft; 3 for line 2, given back."""
        depot.first, depot.second = depot.variants("A", "B")
        depot.put(depot.first, 1, 2)
        depot.put(depot.second, 3)
        depot.reserve((1, depot.first, 1))
        depot.reserve((1, depot.first, 2), expires_at=NOW + timedelta(hours=1))
        depot.reserve((2, depot.second, 3))
        depot.call(release, {line_id(2): None})
        return depot

    @pytest.mark.parametrize(
        ("filter", "quantities"),
        [
            ({}, [3, 2, 1]),
            ({"status": ["SOFT"]}, [2]),
            ({"status": ["ALLOCATED", "RELEASED"]}, [3, 1]),
            ({"ownerId": {"eq": shown("ord", ORDER)}}, [3, 2, 1]),
            ({"lineId": {"eq": shown("oln", line_id(1))}}, [2, 1]),
            ({"createdAt": {"lt": NOW.isoformat()}}, []),
        ],
    )
    async def test_are_filtered(self, promised, filter, quantities):
        assert await asked(promised, RESERVATIONS, quantity, filter=filter) == quantities

    async def test_are_filtered_by_variant_and_location(self, promised):
        variant = {"variantId": {"eq": shown("sku", promised.first)}}
        south = {"locationId": {"eq": shown("loc", promised.south)}}

        assert await asked(promised, RESERVATIONS, quantity, filter=variant) == [2, 1]
        assert await asked(promised, RESERVATIONS, quantity, filter=south) == [2]

    async def test_are_sorted(self, promised):
        sort = {"key": "CREATED_AT", "direction": "ASC"}

        assert await asked(promised, RESERVATIONS, quantity, sort=sort) == [1, 2, 3]


class TestStatements:
    @pytest.mark.parametrize(
        ("field", "statements"),
        [
            ("locations { nodes { code levels { nodes { onHand } } } }", 2),
            ("stockLevels { nodes { onHand variant { sku } location { code } } }", 3),
            ("movements { nodes { variant { sku } fromLocation { code } toLocation { id } } }", 3),
            ("reservations { nodes { variant { sku } location { code } level { id } } }", 4),
        ],
    )
    async def test_do_not_depend_on_the_number_of_rows(self, depot: Depot, field, statements):
        variants = depot.variants(*(f"V{number}" for number in range(20)))
        for number, variant in enumerate(variants):
            depot.put(variant, 3, 4)
            depot.reserve((number, variant, 1))

        with count_statements(depot.world.database) as seen:
            answer = await depot.world.graphql(f"{{ {field} }}")

        (page,) = answer.values()
        assert len(page["nodes"]) >= 7
        assert len([each for each in seen if each.startswith("SELECT")]) == statements


class TestPlans:
    """What the general test of lists does not see: the ledger of one location."""

    @pytest.mark.parametrize("end", ["from_location_id", "to_location_id"])
    @pytest.mark.parametrize("descending", [True, False])
    def test_either_end_of_a_location_is_walked_along_an_index(self, world, end, descending):
        at = Test("location_id", Operator.EQ, UUID(int=1))
        request = PageRequest(filter=All((at,)), descending=descending)
        columns = list(movements.c)

        # The two pages that the page is made of; it then sorts no more than these.
        page = Listing.select_page(queries.movement_list, columns, request, None, 10)
        with world.database.reading.connect() as db:
            assert_indexed(db, page.where(movements.c[end] == UUID(int=1)))

    @pytest.mark.parametrize(
        "filter",
        [
            Test("location_id", Operator.EQ, UUID(int=1)),
            AnyOf((Test("location_id", Operator.EQ, UUID(int=1)),)),
        ],
    )
    def test_a_location_is_counted_from_its_indexes(self, world, filter):
        with all_indexed(world.database.reading, walks={"anon_1"}):
            world.read(queries.movement_list.count, PageRequest(filter=filter), 10)

    def test_what_falls_due_is_found_by_an_index(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 1), expires_at=NOW + timedelta(hours=1))
        reading = depot.world.database.reading

        with all_indexed(reading):
            depot.world.read(queries.due_reservations, NOW + timedelta(hours=2), 10)
