"""Which way an order is sent, and why."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.fulfillment.model.routing import (
    ABROAD,
    SAME_COUNTRY,
    SAME_REGION,
    SAME_ZONE,
    Origin,
    Place,
    Weights,
    Wish,
    route,
)

LINE, OTHER = UUID(int=1), UUID(int=2)
A, B = UUID(int=11), UUID(int=12)
HOME = Place("BR", "SP", "01304-001")
NEAR = Origin(UUID(int=21), "NEAR", 5, Place("BR", "SP", "01310-100"), 900, 10)
FAR = Origin(UUID(int=22), "FAR", 1, Place("DE", None, None), 100, 0)
ONE_OF_EACH = [Wish(LINE, "A", 1, {A: 1}), Wish(OTHER, "B", 1, {B: 1})]


def chosen(wishes, stock, weights=None, origins=(NEAR, FAR)):
    found = route(wishes, origins, stock, HOME, weights or Weights(), {})
    return {leg.origin.code: dict(leg.units) for leg in found.chosen.legs}, found


class TestSteps:
    def test_grow_with_what_differs(self):
        places = [
            Place("BR", "SP", "01399"),
            Place("BR", "SP", "99999"),
            Place("BR", "RJ"),
            Place("DE"),
        ]

        assert [HOME.steps_to(each) for each in places] == [
            SAME_ZONE,
            SAME_REGION,
            SAME_COUNTRY,
            ABROAD,
        ]
        assert Place().steps_to(Place()) == ABROAD


class TestRoute:
    def test_sends_all_from_one_place_rather_than_from_the_nearest_two(self):
        stock = {(NEAR.id, A): 1, (FAR.id, A): 1, (FAR.id, B): 1}

        legs, found = chosen(ONE_OF_EACH, stock)

        assert legs == {"FAR": {LINE: 1, OTHER: 1}}
        assert found.chosen.name == "all from FAR"

    def test_takes_the_nearest_where_both_have_all(self):
        stock = {(site.id, id): 5 for site in (NEAR, FAR) for id in (A, B)}

        assert chosen(ONE_OF_EACH, stock, Weights(cost=0))[0] == {"NEAR": {LINE: 1, OTHER: 1}}

    def test_takes_the_cheapest_where_only_costs_count(self):
        stock = {(site.id, id): 5 for site in (NEAR, FAR) for id in (A, B)}

        legs, found = chosen(ONE_OF_EACH, stock, Weights(split=0, distance=0, cost=1, priority=0))

        assert legs == {"FAR": {LINE: 1, OTHER: 1}}
        assert (found.chosen.score, found.candidates[1].score) == (100, 920)

    def test_says_why_it_splits(self):
        stock = {(NEAR.id, A): 1, (FAR.id, B): 1}

        legs, found = chosen(ONE_OF_EACH, stock)

        assert legs == {"NEAR": {LINE: 1}, "FAR": {OTHER: 1}}
        assert "It is split, as no one location has all: FAR lacks A; NEAR lacks B." in (
            found.reasons
        )

    def test_keeps_kits_whole(self):
        kits = [Wish(LINE, "KIT", 2, {A: 1, B: 2})]

        legs, found = chosen(kits, {(NEAR.id, A): 9, (NEAR.id, B): 3, (FAR.id, A): 9})

        assert legs == {"NEAR": {LINE: 1}}
        assert found.chosen.missing == {LINE: 1}
        assert found.reasons[-1].startswith("1 of KIT cannot be sent now")

    @given(
        stock=st.dictionaries(
            st.tuples(st.sampled_from([NEAR.id, FAR.id]), st.sampled_from([A, B])),
            st.integers(0, 6),
        ),
        wanted=st.tuples(st.integers(1, 6), st.integers(1, 6)),
        per=st.integers(1, 3),
    )
    def test_sends_no_more_than_there_is_and_all_that_can_be(self, stock, wanted, per):
        wishes = [Wish(LINE, "A", wanted[0], {A: 1}), Wish(OTHER, "K", wanted[1], {A: 1, B: per})]

        found = route(wishes, [FAR, NEAR], stock, HOME, Weights(), {})

        for each in found.candidates:
            for leg in each.legs:
                of_a = leg.units.get(LINE, 0) + leg.units.get(OTHER, 0)
                assert of_a <= stock.get((leg.origin.id, A), 0)
                assert leg.units.get(OTHER, 0) * per <= stock.get((leg.origin.id, B), 0)
            for wish in wishes:
                sent = sum(leg.units.get(wish.line_id, 0) for leg in each.legs)
                assert sent + each.missing.get(wish.line_id, 0) == wish.quantity
        assert found == route(wishes, [NEAR, FAR], stock, HOME, Weights(), {})
