"""State machines: what the table says, and which tables are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.states import Action, InvalidTransition, Machine, move


class Light(Choice):
    RED = "red", "Stop."
    GREEN = "green", "Go."
    OFF = "off", "Broken."


MACHINE = Machine(
    Light.RED,
    move("go", {Light.RED}, Light.GREEN),
    move("stop", {Light.GREEN}, Light.RED),
    move("blink", {Light.RED, Light.GREEN}),
    move("fail", {Light.RED, Light.GREEN}, Light.OFF),
)


class TestMachine:
    def test_refuses_two_actions_of_one_name(self) -> None:
        with pytest.raises(ValueError, match="an action is named twice"):
            Machine(
                Light.RED,
                move("go", {Light.RED}, Light.GREEN),
                move("go", {Light.GREEN}, Light.OFF),
            )

    def test_refuses_a_state_that_cannot_be_reached(self) -> None:
        with pytest.raises(ValueError, match=r"^no way from red to off$"):
            Machine(
                Light.RED, move("go", {Light.RED}, Light.GREEN), move("end", {Light.OFF}, Light.OFF)
            )


class TestCheck:
    def test_tells_where_the_action_leads(self) -> None:
        assert MACHINE.check("go", Light.RED) is Light.GREEN

    def test_tells_that_an_action_stays_where_it_is(self) -> None:
        assert MACHINE.check("blink", Light.GREEN) is Light.GREEN

    def test_refuses_with_what_is_possible_instead(self) -> None:
        with pytest.raises(InvalidTransition) as refusal:
            MACHINE.check("go", Light.GREEN)

        assert (refusal.value.action, refusal.value.present) == ("go", "GREEN")
        assert refusal.value.allowed == ("stop", "blink", "fail")
        assert str(refusal.value) == "In the state GREEN, go is not possible."

    @given(st.lists(st.sampled_from(sorted(MACHINE.moves)), max_size=20))
    def test_walks_only_along_the_table(self, actions: list[str]) -> None:
        state = MACHINE.start
        for action in actions:
            possible = action in MACHINE.allowed(state)
            if possible:
                state = MACHINE.check(action, state)
            else:
                with pytest.raises(InvalidTransition):
                    MACHINE.check(action, state)

        assert state in Light


class TestActions:
    def test_are_all_in_the_order_of_the_table(self) -> None:
        assert MACHINE.actions(Light.RED) == [
            Action("go", True, ()),
            Action("stop", False, ("state is RED",)),
            Action("blink", True, ()),
            Action("fail", True, ()),
        ]

    def test_tell_what_else_is_in_the_way(self) -> None:
        actions = MACHINE.actions(Light.RED, {"go": ["somebody crosses"], "stop": ["no brakes"]})

        assert actions[:2] == [
            Action("go", False, ("somebody crosses",)),
            Action("stop", False, ("state is RED", "no brakes")),
        ]


class TestChoice:
    def test_is_its_word_and_knows_its_meaning(self) -> None:
        assert str(Light.RED) == "red"
        assert Light("green").description == "Go."
