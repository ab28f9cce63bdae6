"""From which shelves pieces are promised. Pure functions, no database."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.stock.model.levels import Allocation, Shelf, allocate
from backoffice_api.domain.stock.model.reservations import Demand, dealt_out

HAT, COAT = UUID(int=1), UUID(int=2)
NORTH, SOUTH, EAST = UUID(int=11), UUID(int=12), UUID(int=13)
PLACES = (NORTH, SOUTH, EAST)


def shelf(variant: UUID, location: UUID, available: int, limit: int | None = None) -> Shelf:
    level = UUID(int=variant.int << 32 | location.int)
    return Shelf(level, variant, location, available, available if limit is None else limit)


def taken(allocation: Allocation, variant: UUID) -> list[tuple[UUID, int]]:
    return [(each.shelf.location_id, each.quantity) for each in allocation.shares[variant]]


class TestAllocate:
    def test_takes_from_the_preferred_location(self):
        allocation = allocate({HAT: 3}, [shelf(HAT, NORTH, 5), shelf(HAT, SOUTH, 9)])

        assert taken(allocation, HAT) == [(NORTH, 3)]
        assert allocation.short == {}

    def test_prefers_one_location_that_has_everything(self):
        shelves = [
            shelf(HAT, NORTH, 5),
            shelf(COAT, NORTH, 0),
            shelf(HAT, SOUTH, 2),
            shelf(COAT, SOUTH, 2),
        ]

        allocation = allocate({HAT: 2, COAT: 2}, shelves)

        assert taken(allocation, HAT) == [(SOUTH, 2)]
        assert taken(allocation, COAT) == [(SOUTH, 2)]

    def test_else_takes_each_variant_where_there_is_enough_of_it(self):
        shelves = [
            shelf(HAT, NORTH, 1),
            shelf(COAT, NORTH, 2),
            shelf(HAT, SOUTH, 2),
            shelf(COAT, SOUTH, 1),
        ]

        allocation = allocate({HAT: 2, COAT: 2}, shelves)

        assert taken(allocation, HAT) == [(SOUTH, 2)]
        assert taken(allocation, COAT) == [(NORTH, 2)]

    def test_else_takes_from_one_location_after_the_other(self):
        shelves = [shelf(HAT, NORTH, 2), shelf(HAT, SOUTH, -1), shelf(HAT, EAST, 2)]

        allocation = allocate({HAT: 3}, shelves)

        assert taken(allocation, HAT) == [(NORTH, 2), (EAST, 1)]

    def test_promises_more_than_there_is_only_when_nothing_else_helps(self):
        shelves = [shelf(HAT, NORTH, 1, limit=100), shelf(HAT, SOUTH, 2)]

        assert taken(allocate({HAT: 2}, shelves), HAT) == [(SOUTH, 2)]
        assert taken(allocate({HAT: 3}, shelves), HAT) == [(NORTH, 1), (SOUTH, 2)]
        assert taken(allocate({HAT: 10}, shelves), HAT) == [(NORTH, 8), (SOUTH, 2)]

    def test_tells_how_much_there_is_of_what_falls_short(self):
        shelves = [shelf(HAT, NORTH, 2), shelf(HAT, SOUTH, 1), shelf(COAT, NORTH, 1)]

        allocation = allocate({HAT: 4, COAT: 1}, shelves)

        assert allocation.short == {HAT: 3}

    def test_has_nothing_of_what_is_kept_nowhere(self):
        assert allocate({HAT: 4}, []).short == {HAT: 0}

    @given(
        st.dictionaries(st.sampled_from((HAT, COAT)), st.integers(1, 20), min_size=1),
        st.dictionaries(
            st.tuples(st.sampled_from((HAT, COAT)), st.sampled_from(PLACES)),
            st.tuples(st.integers(-5, 15), st.integers(0, 10)),
        ),
    )
    def test_takes_all_that_is_wanted_or_all_there_is(self, wanted, there):
        shelves = [
            shelf(variant, place, available, max(available, 0) + more)
            for (variant, place), (available, more) in sorted(there.items(), key=lambda e: e[0][1])
            if variant in wanted
        ]

        allocation = allocate(wanted, shelves)

        for variant, pieces in wanted.items():
            limits = {each: max(each.limit, 0) for each in shelves if each.variant_id == variant}
            shares = {each.shelf: each.quantity for each in allocation.shares[variant]}
            assert len(shares) == len(allocation.shares[variant])
            assert all(0 < count <= limits[each] for each, count in shares.items())
            assert sum(shares.values()) == min(pieces, sum(limits.values()))
            assert (variant in allocation.short) == (sum(limits.values()) < pieces)


class TestDealtOut:
    @pytest.mark.parametrize("quantities", [(1, 4), (2, 3), (5,), (1, 1, 1, 1, 1)])
    def test_gives_every_line_what_it_wants(self, quantities):
        demands = [
            Demand(UUID(int=number), UUID(int=99), HAT, quantity)
            for number, quantity in enumerate(quantities)
        ]
        allocation = allocate({HAT: 5}, [shelf(HAT, NORTH, 2), shelf(HAT, SOUTH, 3, limit=9)])

        dealt = list(dealt_out(demands, allocation.shares))

        of_lines = dict.fromkeys(demands, 0)
        of_places = {NORTH: 0, SOUTH: 0}
        for demand, from_shelf, pieces in dealt:
            of_lines[demand] += pieces
            of_places[from_shelf.location_id] += pieces
        assert list(of_lines.values()) == list(quantities)
        assert of_places == {NORTH: 2, SOUTH: 3}
