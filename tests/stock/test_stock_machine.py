"""Random lives of stock, compared with a model after each step. On both databases."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.levels import SetSafety, set_safety
from backoffice_api.domain.stock.commands.reservations import (
    ExpireReservations,
    consume,
    expire_reservations,
    extend,
    harden,
    release,
)
from backoffice_api.domain.stock.model.levels import SafetyLine, StockLevel
from tests.stock.depot import CAUSE, Depot, line, line_id
from tests.stock.test_stock_history import received, shipped
from tests.world import NOW

# A machine is made anew for every example, and the database stays: nothing may be named twice.
_NUMBERS = count(1)

which = st.integers(0, 1)
pieces = st.integers(1, 6)
a_line = st.integers(0, 4)
minutes = st.integers(1, 30)


@dataclass(slots=True)
class Held:
    """What a line holds of its variant. `expires_at` None: it is allocated."""

    quantity: int
    expires_at: datetime | None


class StockMachine(RuleBasedStateMachine):
    """Two variants in two warehouses, of which SOUTH may go below zero, and five lines."""

    def __init__(self, depot: Depot, south: UUID) -> None:
        super().__init__()
        self.depot = depot
        self.places = (depot.north, south)
        number = next(_NUMBERS)
        self.variants = [*depot.variants(f"{number}-A", f"{number}-B")]
        self.lines = [10 * number + each for each in range(5)]
        self.now = NOW
        self.on_hand = Counter[tuple[UUID, UUID]]()
        self.safety = Counter[tuple[UUID, UUID]]()
        self.held: dict[int, list[Held]] = {each: [] for each in self.lines}

    # What is done.

    @rule(variant=which, place=which, delta=st.integers(-6, 12).filter(bool))
    def adjust(self, variant: int, place: int, delta: int) -> None:
        at = self.at(variant, place)
        possible = self.may_change(at, delta)

        self.attempt(possible, lambda: self.depot.adjust(line(*at, delta=delta)))

        if possible:
            self.on_hand[at] += delta

    @rule(variant=which, place=which, total=st.integers(0, 20), guess=st.integers(0, 12))
    def count_again(self, variant: int, place: int, total: int, guess: int) -> None:
        at = self.at(variant, place)
        expected = self.on_hand[at] == guess
        possible = expected and self.may_change(at, total - self.on_hand[at])

        self.attempt(
            possible, lambda: self.depot.adjust(line(*at, set_to=total, expected_on_hand=guess))
        )

        if possible:
            self.on_hand[at] = total

    @rule(variant=which, place=which, safety=st.integers(0, 5))
    def keep_safe(self, variant: int, place: int, safety: int) -> None:
        at = self.at(variant, place)
        lines = (SafetyLine(variant_id=at[0], location_id=at[1], safety=safety),)

        self.depot.world.run(set_safety, SetSafety(lines=lines), now=self.now)

        self.safety[at] = safety

    @rule(variant=which, place=which, came=pieces, went=pieces)
    def remember(self, variant: int, place: int, came: int, went: int) -> None:
        at = self.at(variant, place)
        history = [shipped(*at, went), received(*at, came)]
        possible = self.may_change(at, came - went)

        self.attempt(possible, lambda: self.depot.call(record_movements, history))

        if possible:
            self.on_hand[at] += came - went

    @rule(
        wanted=st.lists(st.tuples(a_line, pieces), min_size=1, max_size=4),
        held_for=st.none() | minutes,
    )
    def reserve(self, wanted: list[tuple[int, int]], held_for: int | None) -> None:
        expires_at = None if held_for is None else self.now + timedelta(minutes=held_for)
        sums = Counter[UUID]()
        for each, quantity in wanted:
            sums[self.variant_of(self.lines[each])] += quantity
        possible = all(self.can_promise(variant, total) for variant, total in sums.items())
        demands = [
            (self.lines[each], self.variant_of(self.lines[each]), quantity)
            for each, quantity in wanted
        ]

        self.attempt(
            possible,
            lambda: self.depot.reserve(*demands, expires_at=expires_at, now=self.now),
        )

        if possible:
            for number, _, quantity in demands:
                self.held[number].append(Held(quantity, expires_at))

    @rule(each=a_line)
    def harden(self, each: int) -> None:
        number = self.lines[each]

        answer = self.call(harden, [line_id(number)])

        for held in self.held[number]:
            held.expires_at = None
        assert answer == {line_id(number): self.total(number)}

    @rule(each=a_line, later=minutes)
    def extend(self, each: int, later: int) -> None:
        number, until = self.lines[each], self.now + timedelta(minutes=later)

        self.call(extend, [line_id(number)], until)

        for held in self.held[number]:
            held.expires_at = held.expires_at and until

    @rule(each=a_line, quantity=st.none() | pieces)
    def release(self, each: int, quantity: int | None) -> None:
        number = self.lines[each]
        total = self.total(number)
        expected = total if quantity is None else min(quantity, total)

        answer = self.call(release, {line_id(number): quantity})

        assert answer == {line_id(number): expected}
        self.take(number, expected, lambda held: True, newest_first=True)

    @rule(each=a_line, quantity=pieces)
    def consume(self, each: int, quantity: int) -> None:
        number = self.lines[each]
        allocated = sum(held.quantity for held in self.held[number] if held.expires_at is None)
        before = self.stored()

        self.attempt(
            allocated >= quantity,
            lambda: self.call(consume, {line_id(number): quantity}, cause=CAUSE),
        )

        if allocated >= quantity:
            self.take(number, quantity, lambda held: held.expires_at is None)
            # Which warehouse it leaves is not for the model to say, only how much leaves.
            for at, level in self.stored().items():
                self.on_hand[at] -= before[at].on_hand - level.on_hand

    @rule(passed=minutes)
    def let_time_pass(self, passed: int) -> None:
        self.now += timedelta(minutes=passed)

        self.depot.world.run(expire_reservations, ExpireReservations(), now=self.now)

        for number in self.lines:
            self.held[number] = [
                held
                for held in self.held[number]
                if held.expires_at is None or held.expires_at > self.now
            ]

    # What must hold after each of these.

    @invariant()
    def everything_adds_up(self) -> None:
        assert self.depot.broken() == []
        levels = self.stored()
        for at, level in levels.items():
            assert level.on_hand == self.on_hand[at]
            assert level.safety == self.safety[at]
        for variant in self.variants:
            stored = sum(level.reserved for at, level in levels.items() if at[0] == variant)
            promised = sum(
                self.total(number) for number in self.lines if self.variant_of(number) == variant
            )
            assert stored == promised

    # What the model knows.

    def at(self, variant: int, place: int) -> tuple[UUID, UUID]:
        return self.variants[variant], self.places[place]

    def variant_of(self, number: int) -> UUID:
        """The first three lines are of the first variant."""
        return self.variants[number - self.lines[0] > 2]

    def total(self, number: int) -> int:
        return sum(held.quantity for held in self.held[number])

    def stored(self) -> dict[tuple[UUID, UUID], StockLevel]:
        levels = self.depot.levels()
        return {at: level for at, level in levels.items() if at[0] in self.variants}

    def may_change(self, at: tuple[UUID, UUID], delta: int) -> bool:
        """Only what is not promised can be taken away from NORTH."""
        level = self.stored().get(at)
        reserved = level.reserved if level else 0
        is_free = at[1] != self.depot.north
        return is_free or delta >= 0 or self.on_hand[at] + delta >= reserved

    def can_promise(self, variant: UUID, quantity: int) -> bool:
        levels = [level for at, level in self.stored().items() if at[0] == variant]
        if any(level.location_id != self.depot.north for level in levels):
            return True
        return quantity <= sum(
            max(0, level.on_hand - level.reserved - level.safety) for level in levels
        )

    def take(
        self,
        number: int,
        quantity: int,
        fits: Callable[[Held], bool],
        *,
        newest_first: bool = False,
    ) -> None:
        held = self.held[number]
        for each in reversed(held) if newest_first else held:
            if fits(each):
                pieces = min(quantity, each.quantity)
                each.quantity -= pieces
                quantity -= pieces
        self.held[number] = [each for each in held if each.quantity]

    def attempt(self, possible: bool, act: Callable[[], Any]) -> None:
        """Do what must be possible, or must be refused and change nothing."""
        if possible:
            act()
        else:
            assert len(self.depot.refusals(act)) >= 1

    def call(self, verb: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return self.depot.call(verb, *given, now=self.now, **named)


class TestStock:
    def test_agrees_with_the_model(self, depot: Depot) -> None:
        south = depot.location("FREE", priority=9, negative_allowed=True)

        run_state_machine_as_test(
            lambda: StockMachine(depot, south),
            settings=settings(
                max_examples=8,
                derandomize=True,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
