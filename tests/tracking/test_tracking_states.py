"""The state of a parcel, whatever the order in which things are told."""

from datetime import timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as some

from backoffice_api.domain.tracking.model.states import (
    ENDS,
    MACHINE,
    RANKS,
    Standing,
    TrackingState,
    strongest,
)
from tests.world import NOW

STANDINGS = some.builds(
    Standing,
    state=some.sampled_from(TrackingState),
    at=some.integers(0, 5).map(lambda hours: NOW + timedelta(hours=hours)),
    key=some.sampled_from("abcdef"),
    cause=some.none(),
    party=some.none(),
)


def standing(state, hours=0):
    return Standing(state, NOW + timedelta(hours=hours), "", None, None)


class TestStrongest:
    @given(some.lists(STANDINGS, min_size=1, max_size=5), some.randoms())
    @settings(max_examples=50)
    def test_does_not_depend_on_order_and_repetition(self, told, random):
        again = [*told, *random.choices(told, k=3)]
        random.shuffle(again)

        assert strongest(again).weight == strongest(told).weight

    @given(some.lists(STANDINGS, max_size=5), STANDINGS)
    @settings(max_examples=50)
    def test_never_goes_back_when_more_is_told(self, told, more):
        before, after = strongest(told), strongest([*told, more])

        assert before is None or RANKS[after.state] >= RANKS[before.state]
        if before is not None and after.state is not before.state:
            assert after.state in {
                move.to for move in MACHINE.moves.values() if before.state in move.present
            }

    def test_is_the_later_one_while_the_parcel_is_under_way(self):
        told = [
            standing(TrackingState.OUT_FOR_DELIVERY, 1),
            standing(TrackingState.ATTEMPT_FAILED, 2),
            standing(TrackingState.IN_TRANSIT, 3),
        ]

        assert {strongest(each).state for each in permutations(told)} == {TrackingState.IN_TRANSIT}

    def test_is_an_end_whatever_is_told_to_have_happened_later(self):
        told = [standing(TrackingState.DELIVERED, 1), standing(TrackingState.IN_TRANSIT, 9)]

        assert strongest(told).state is TrackingState.DELIVERED

    def test_is_an_arrival_when_what_was_lost_turns_up(self):
        told = [standing(TrackingState.DELIVERED, 1), standing(TrackingState.LOST, 9)]

        assert {strongest(each).state for each in permutations(told)} == {TrackingState.DELIVERED}

    def test_is_nothing_when_nothing_was_told(self):
        assert strongest([]) is None


class TestMachine:
    def test_has_the_fourteen_states_and_four_ends(self):
        assert len(TrackingState) == 14
        assert len(RANKS) == 14
        assert sorted(ENDS) == ["cancelled", "delivered", "lost", "returned"]

    def test_lets_what_was_delivered_become_nothing_else(self):
        assert MACHINE.allowed(TrackingState.DELIVERED) == ["deliver"]
