"""C7: random lives of a whole shop. After each step, everything that can be recomputed is right.

Orders, stock, fulfillment, payments, refunds, returns and the ledger, on both databases. What a
step refuses is as good as what it does: it changes nothing. Those of single contexts are longer and
know more (`tests/**/test_*_machine.py`). 500 lives of 50 steps, or as many as one has time for:

    BACKOFFICE_THOROUGH=1 pytest tests/trust/test_c7_whole_domain.py --timeout 36000
    BACKOFFICE_THOROUGH=1 BACKOFFICE_LIVES=40 pytest tests/trust/test_c7_whole_domain.py
"""

import os
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.payments.commands.refunding import CreateRefund, create_refund
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests.bookkeeping.counting_house import opened
from tests.orders.shop import goods
from tests.returns.desk import Desk, euros
from tests.soundness import broken
from tests.thorough import THOROUGH
from tests.world import World

LIVES, STEPS = (int(os.environ.get("BACKOFFICE_LIVES", "500")), 50) if THOROUGH else (1, 12)

few = st.integers(1, 4)
which = st.integers(0, 4)


class Life(RuleBasedStateMachine):
    """A shop with open books, whose orders are in every state."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.orders: list[UUID] = [desk.bought(4), desk.place(goods("MUG", 2))]
        self.returns: list[UUID] = [desk.request(desk.line(self.orders[0], 2))]

    def attempt(self, act: Any, *given: Any, **more: Any) -> Any:
        try:
            return act(*given, **more)
        except DomainError:
            return None

    def some(self, of: list[UUID], number: int) -> UUID:
        """The latest ones first."""
        return of[-1 - number % len(of)]

    @rule(mugs=few)
    def order(self, mugs: int) -> None:
        made = self.attempt(self.desk.place, goods("MUG", mugs), customer_id=self.desk.ana)
        self.orders += [made] if made else []

    @rule(number=which, minor=st.integers(1, 5_000))
    def pay(self, number: int, minor: int) -> None:
        self.attempt(self.desk.pay, self.some(self.orders, number), minor)

    @rule(number=which)
    def send(self, number: int) -> None:
        for id in self.attempt(self.desk.plan, self.some(self.orders, number)) or ():
            for act in (self.desk.release, self.desk.pick, self.desk.pack, self.desk.send):
                self.attempt(act, id)

    @rule(number=which, pieces=few)
    def call_off(self, number: int, pieces: int) -> None:
        id = self.some(self.orders, number)
        lines = (LineQuantity(self.desk.lines(id)[0].id, pieces),)
        command = CancelOrder(id=id, lines=lines, reason=CancelReason.CUSTOMER)
        self.attempt(self.desk.world.run, cancel_order, command)

    @rule(number=which, minor=st.integers(1, 2_000))
    def pay_back(self, number: int, minor: int) -> None:
        id = self.some(self.orders, number)
        command = CreateRefund(order_id=id, amount=euros(minor), reason=RefundReason.GOODWILL)
        self.attempt(self.desk.world.run, create_refund, command)

    @rule(number=which, pieces=few)
    def ask_to_return(self, number: int, pieces: int) -> None:
        line = self.desk.line(self.some(self.orders, number), pieces)
        made = self.attempt(self.desk.request, line)
        self.returns += [made] if made else []

    @rule(number=which, disposition=st.sampled_from(Disposition))
    def take_back(self, number: int, disposition: Disposition) -> None:
        id = self.some(self.returns, number)
        self.attempt(self.desk.receive, id)
        self.attempt(self.desk.inspect, id, None, disposition, Resolution.REFUND)
        self.attempt(self.desk.refund, id)

    @rule(delta=st.integers(-30, 30))
    def adjust(self, delta: int) -> None:
        line = AdjustLine(variant_id=self.desk.mug, location_id=self.desk.north, delta=delta)
        self.attempt(self.desk.world.run, adjust_stock, AdjustStock(lines=(line,)))

    @invariant()
    def is_sound(self) -> None:
        assert broken(self.desk.world.database, CHECKS) == []


def test_is_sound_after_each_step(world: World) -> None:
    opened(world)
    desk = Desk(world)
    run_state_machine_as_test(
        lambda: Life(desk),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
