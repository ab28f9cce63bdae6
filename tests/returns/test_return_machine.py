"""Random lives of orders, payments, shipments and returns together: whatever is done in whatever
order, what must hold holds, and `verify` finds nothing wrong. On both databases.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from backoffice_api.domain.approvals.commands.deciding import (
    DeclineApproval,
    GrantApproval,
    decline_approval,
    grant_approval,
)
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.commands.refunding import (
    CancelRefund,
    CreateRefund,
    cancel_refund,
    create_refund,
)
from backoffice_api.domain.payments.model.refunds import (
    RefundDestination,
    RefundReason,
    RefundStatus,
)
from backoffice_api.domain.returns.commands.deciding import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    ExpireReturns,
    approve_return,
    cancel_return,
    decline_return,
    expire_returns,
)
from backoffice_api.domain.returns.commands.exchanging import (
    CreateExchange,
    OutgoingLine,
    SettleExchange,
    create_exchange,
    settle_exchange,
)
from backoffice_api.domain.returns.commands.inspecting import WaiveReturn, waive_return
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.refunding import GiveGoodwill, give_goodwill
from backoffice_api.domain.returns.commands.resolving import ReopenReturn, reopen_return
from backoffice_api.domain.returns.model.drafts import ScannedPieces
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from tests.orders.kits import kit
from tests.orders.shop import goods
from tests.returns.desk import euros
from tests.returns.test_reversals import BOSS, Refuse, refuse
from tests.thorough import THOROUGH
from tests.world import NOW

few = st.integers(1, 3)
which = st.integers(0, 3)
OPEN = {RefundStatus.PENDING_APPROVAL, RefundStatus.FAILED}


class ReturnMachine(RuleBasedStateMachine):
    """A refusal is as good as an answer: it changes nothing."""

    def __init__(self, desk) -> None:
        super().__init__()
        self.desk = desk
        self.exchanges: list = []
        self.orders: list = []
        self.returns: list = []

    def attempt(self, act, *given, **more):
        try:
            return act(*given, **more)
        except DomainError:
            return None

    def run_(self, handler, command, **how):
        return self.attempt(self.desk.world.run, handler, command, **how)

    def some(self, of, number):
        """The latest ones first."""
        return of[-1 - number % len(of)]

    @initialize(mugs=st.integers(5, 9), sets=few, limit=st.sampled_from([0, 1_500, 100_000]))
    def buy(self, mugs, sets, limit):
        """An order that is sent, of mugs and sets, with a delivery to pay for.

        Above `limit`, a second person must agree to what is paid back.
        """
        rule = SetApprovalRule(kind=ApprovalKind.REFUND, limit=euros(limit))
        self.desk.world.run(set_approval_rule, rule)
        lines = (goods("MUG", mugs), goods("SET", sets))
        self.orders = [
            self.desk.place(goods("MUG", 3), customer_id=self.desk.ana),
            self.desk.sent(*lines, shipping=euros(333)),
        ]
        self.returns = [self.desk.request(self.desk.line(self.orders[1], 4))]
        self.desk.receive(self.returns[0], 3)

    @rule(number=which, pieces=few)
    def ask(self, number, pieces):
        drafts = [self.desk.line(self.some(self.orders, number), pieces)]
        lines = self.desk.lines(self.orders[1])
        if number == 3:
            drafts.append(self.desk.line(self.orders[1]))
        if number == 2:
            drafts = [replace(drafts[0], order_line_id=lines[1].id)]
        if made := self.attempt(self.desk.request, *drafts):
            self.returns.append(made)

    @rule(minor=st.integers(1, 4_000))
    def pay_and_send(self, minor):
        self.attempt(self.desk.pay, self.orders[0], minor)
        for id in self.attempt(self.desk.plan, self.orders[0]) or ():
            for act in (self.desk.release, self.desk.pick, self.desk.pack, self.desk.send):
                self.attempt(act, id)

    @rule(pieces=few)
    def call_off(self, pieces):
        lines = (LineQuantity(self.desk.lines(self.orders[0])[0].id, pieces),)
        command = CancelOrder(id=self.orders[0], lines=lines, reason=CancelReason.CUSTOMER)
        self.run_(cancel_order, command)

    @rule(number=which, minor=st.integers(1, 2_000))
    def pay_back_besides(self, number, minor):
        command = CreateRefund(
            order_id=self.some(self.orders, number),
            amount=euros(minor),
            reason=RefundReason.OTHER,
        )
        self.run_(create_refund, command)

    @rule(number=which, what=st.sampled_from(["decline", "grant", "cancel", "refuse"]))
    def settle_a_refund(self, number, what):
        """One that waits, or that its provider refused."""
        made = self.desk.world.read(on_payments.refunds_by_orders, self.orders)
        found = [each for of_order in made.values() for each in of_order]
        open_ones = [each for each in found if each.status in OPEN]
        if not open_ones:
            return
        one = self.some(open_ones, number)
        match what:
            case "decline":
                command = DeclineApproval(id=one.approval_id)
                self.run_(decline_approval, command, caller=BOSS)
            case "grant":
                self.run_(grant_approval, GrantApproval(id=one.approval_id), caller=BOSS)
            case "cancel":
                self.run_(cancel_refund, CancelRefund(id=one.id))
            case _:
                if one.status is RefundStatus.PENDING_APPROVAL:
                    self.run_(refuse, Refuse(id=one.id))

    @rule(number=which, pieces=few, settles=st.booleans())
    def exchange(self, number, pieces, settles):
        if settles and self.exchanges:
            self.run_(settle_exchange, SettleExchange(id=self.some(self.exchanges, number)))
            return
        lines = (OutgoingLine(variant_id=self.desk.mug, quantity=pieces),)
        command = CreateExchange(return_id=self.some(self.returns, number), lines=lines)
        if made := self.run_(create_exchange, command):
            self.exchanges.append(made.value)

    @rule(number=which, is_fine=st.booleans())
    def decide(self, number, is_fine):
        id = self.some(self.returns, number)
        if is_fine:
            self.run_(approve_return, ApproveReturn(id=id))
        else:
            self.run_(decline_return, DeclineReturn(id=id))

    @rule(number=which, pieces=few, scanned=st.sampled_from([None, "MUG", "LID"]))
    def receive(self, number, pieces, scanned):
        id = self.some(self.returns, number)
        if scanned:
            scans = (ScannedPieces(code=scanned, quantity=pieces),)
            self.run_(receive_return, ReceiveReturn(id=id, scans=scans))
        else:
            self.attempt(self.desk.receive, id)

    @rule(
        number=which,
        pieces=few,
        at=which,
        disposition=st.sampled_from(Disposition),
        resolution=st.sampled_from(Resolution),
    )
    def inspect(self, number, pieces, at, disposition, resolution):
        id = self.some(self.returns, number)
        at %= len(self.desk.of_return(id))
        self.attempt(self.desk.inspect, id, pieces, disposition, resolution, at)

    @rule(number=which, credit=st.booleans())
    def pay_back(self, number, credit):
        if self.returns:
            destination = RefundDestination.STORE_CREDIT if credit else None
            self.attempt(self.desk.refund, self.some(self.returns, number), destination=destination)

    @rule(number=which, what=st.sampled_from(["waive", "goodwill", "resolve", "reopen", "cancel"]))
    def go_on(self, number, what):
        id = self.some(self.returns, number)
        match what:
            case "waive":
                self.run_(waive_return, WaiveReturn(id=id))
            case "goodwill":
                command = GiveGoodwill(
                    id=id, amount=euros(77), note="Sorry.", order_id=self.orders[1]
                )
                self.run_(give_goodwill, command)
            case "resolve":
                self.attempt(self.desk.resolve, id)
            case "reopen":
                self.run_(reopen_return, ReopenReturn(id=id))
            case _:
                self.run_(cancel_return, CancelReturn(id=id))

    @rule(days=st.integers(1, 33))
    def wait(self, days):
        """Approved returns wait for their goods for 30 days."""
        self.run_(expire_returns, ExpireReturns(), now=NOW + timedelta(days=days))

    def teardown(self):
        assert self.desk.wrong() == []


def test_returns_keep_what_must_hold(desk):
    lid = desk.stocked("LID", 5_000)
    kit(desk, "SET", (desk.mug, 2), (lid, 1), price=UnitPrice(24_990_000, "EUR"))
    run_state_machine_as_test(
        lambda: ReturnMachine(desk),
        settings=settings(
            max_examples=200 if THOROUGH else 8,
            stateful_step_count=40 if THOROUGH else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
